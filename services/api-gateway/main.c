/* api-gateway -- the only public door.  Wiring only; README.md maps the folder. */
#include "server.h"
#include "settings.h"

#include "pl_app.h"

int
main(int argc, char *argv[])
{
    const struct pl_service service = {
        .name = "api-gateway",
        .settings = gateway_settings,
        .start = settings_check,
    };
    int status = pl_app_begin(&service, argc, argv);

    if (status >= 0)
        return status;
    status = server_run();
    pl_app_end();
    return status;
}
