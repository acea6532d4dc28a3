/* auth -- who may do what.  Wiring only; README.md maps the folder. */
#include "auth.h"

extern const struct pl_embedded auth_migrations[];

int
main(int argc, char *argv[])
{
    const struct pl_service service = {
        .name = "auth",
        .schema = "auth",
        .settings = auth_settings,
        .endpoints = auth_endpoints,
        .timers = auth_timers,
        .migrations = auth_migrations,
        .start = auth_start,
    };
    return pl_app_main(&service, argc, argv);
}
