/* artifact-publisher -- builds, hashes, signs and serves the files of every run.  Wiring only;
 * README.md maps the folder. */
#include "publisher.h"

extern const struct pl_embedded artifact_publisher_migrations[];

int
main(int argc, char *argv[])
{
    const struct pl_service service = {
        .name = "artifact-publisher",
        .schema = "publisher",
        .settings = publisher_settings,
        .endpoints = publisher_endpoints,
        .listeners = publisher_listeners,
        .timers = publisher_timers,
        .migrations = artifact_publisher_migrations,
        .start = publisher_start,
    };
    return pl_app_main(&service, argc, argv);
}
