#include "reply.h"

#include "governance.h"
#include "store.h"

static Governance__Links *
links_of(const Governance__Run *run, struct pl_arena *arena)
{
    Governance__Links *out = pl_arena_alloc(arena, sizeof *out);

    governance__links__init(out);
    out->self = pl_arena_printf(arena, "/api/v1/apis/%s/runs/%s", run->api, run->id);
    out->findings = pl_arena_printf(arena, "%s/findings", out->self);
    out->status = pl_arena_printf(arena, "/status/%s/", run->api);
    if (!run->placeholder)
        out->document = pl_arena_printf(arena, "%s/document", out->self);
    return out;
}

int
reply_run(struct pl_call *call, const char *api, const char *which, int64_t findings,
          Governance__Run **out, int64_t *record_runs)
{
    Governance__Run *run;
    int64_t next;

    if (store_get_run(call->db, api, which, call->arena, &run, record_runs, &call->err) ||
        store_list_findings(call->db, run->id, "", 0, findings + 1, call->arena, &run->findings,
                            &run->n_findings, &next, &call->err))
        return -1;
    PUT(run, findings_truncated, run->n_findings > (size_t)findings);
    if (run->findings_truncated)
        run->n_findings = (size_t)findings;
    run->links = links_of(run, call->arena);
    *out = run;
    return 0;
}

int
reply_headers(struct pl_call *call, const char *api)
{
    const Governance__RunSummary *last;
    struct api_state *state;

    if (store_get_api(call->db, api, call->arena, &state, &call->err))
        return -1;
    last = state->api->last_run;
    call->http.header_count = 0;
    pl_call_header(call, "X-Governance-Status", last && last->verdict ? last->verdict : "none");
    pl_call_header(call, "X-API-Version", state->base_version);
    pl_call_header(call, "X-Schema-SHA256", state->base_sha256);
    return 0;
}
