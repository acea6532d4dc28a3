/* research-bridge -- research inputs and the experiments that they become.  Wiring only; README.md
 * maps the folder. */
#include "bridge.h"

int
main(int argc, char *argv[])
{
    const struct pl_service service = {
        .name = "research-bridge",
        .schema = "bridge",
        .settings = bridge_settings,
        .endpoints = bridge_endpoints,
        .timers = bridge_timers,
        .migrations = bridge_migrations,
    };
    return pl_app_main(&service, argc, argv);
}
