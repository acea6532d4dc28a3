/* notifier -- tells people and programs outside what was found.  Wiring only; README.md maps
 * the folder. */
#include "notifier.h"

extern const struct pl_embedded notifier_migrations[];

int
main(int argc, char *argv[])
{
    const struct pl_service service = {
        .name = "notifier",
        .schema = "notifier",
        .settings = notifier_settings,
        .endpoints = notifier_endpoints,
        .listeners = notifier_listeners,
        .timers = notifier_timers,
        .migrations = notifier_migrations,
        .start = notifier_start,
        .open_worker = notifier_open,
        .close_worker = notifier_close,
    };
    return pl_app_main(&service, argc, argv);
}
