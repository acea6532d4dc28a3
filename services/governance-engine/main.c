/* governance-engine -- judges what is pushed and keeps the record.  Wiring only; README.md maps
 * the folder. */
#include "governance.h"

int
main(int argc, char *argv[])
{
    const struct pl_service service = {
        .name = "governance-engine",
        .schema = "governance",
        .settings = governance_settings,
        .endpoints = governance_endpoints,
        .migrations = governance_engine_migrations,
        .start = governance_start,
        .open_worker = governance_open_worker,
        .close_worker = governance_close_worker,
    };
    return pl_app_main(&service, argc, argv);
}
