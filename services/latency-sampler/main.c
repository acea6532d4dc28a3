/* latency-sampler -- probes services on time and remembers how long they took.  Wiring only;
 * README.md maps the folder. */
#include "sampler.h"

int
main(int argc, char *argv[])
{
    const struct pl_service service = {
        .name = "latency-sampler",
        .schema = "sampler",
        .settings = sampler_settings,
        .endpoints = sampler_endpoints,
        .timers = sampler_timers,
        .migrations = sampler_migrations,
        .start = sampler_start,
        .stop = sampler_leave,
    };
    return pl_app_main(&service, argc, argv);
}
