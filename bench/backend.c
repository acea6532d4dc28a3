/* bench_backend -- stands in for a service where the gateway and the Call are measured: it answers
 * from memory, so that what is left is the way there and back.  BENCH_SERVICE says for which:
 * governance-engine or auth. */
#include "pl_app.h"

#include "auth.pb-c.h"
#include "governance.pb-c.h"

#include <stdlib.h>

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

static int
verify_token(struct pl_call *call)
{
    static char *scopes[] = { (char *)"runs:read" };
    Auth__VerifyTokenReply *reply = call->reply;
    Pl__Principal *principal = pl_arena_alloc(call->arena, sizeof *principal);

    pl__principal__init(principal);
    principal->subject = (char *)"bench";
    principal->n_scopes = 1;
    principal->scopes = scopes;
    reply->principal = principal;
    reply->token = (char *)"00000000-0000-4000-8000-000000000000";
    return 0;
}

static const struct pl_endpoint endpoints[] = {
    PL_CALL_AT_ONCE("governance.GetApi", get_api, governance__get_api, "an api, from memory"),
    PL_CALL_AT_ONCE("auth.VerifyToken", verify_token, auth__verify_token, "always good"),
    { 0 },
};

int
main(int argc, char *argv[])
{
    const char *name = getenv("BENCH_SERVICE");
    const struct pl_service service = { .name = name ? name : "governance-engine",
                                        .endpoints = endpoints };

    return pl_app_main(&service, argc, argv);
}
