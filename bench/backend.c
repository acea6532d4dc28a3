/* bench_backend -- stands in for governance-engine where the gateway and the Call are measured: it
 * answers governance.GetApi from memory, so that what is left is the way there and back. */
#include "pl_app.h"

#include "governance.pb-c.h"

static int
get_api(struct pl_call *call)
{
    const Governance__GetApiRequest *request = call->request;
    Governance__GetApiReply *reply = call->reply;
    Governance__Api *api = pl_arena_alloc(call->arena, sizeof *api);

    governance__api__init(api);
    api->api = request->api;
    api->title = (char *)"The museum's tickets and opening hours";
    api->visibility = (char *)"public";
    api->default_branch = (char *)"main";
    api->has_window = api->has_archived = true;
    api->window = 20;
    api->created_at = (char *)"2026-01-01T00:00:00.000Z";
    api->updated_at = (char *)"2026-01-01T00:00:00.000Z";
    reply->api = api;
    return 0;
}

static const struct pl_endpoint endpoints[] = {
    PL_CALL("governance.GetApi", PL_READ, get_api, governance__get_api, "an api, from memory"),
    { 0 },
};

int
main(int argc, char *argv[])
{
    const struct pl_service service = { .name = "governance-engine", .endpoints = endpoints };

    return pl_app_main(&service, argc, argv);
}
