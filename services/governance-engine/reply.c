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

static void
add_header(struct pl_http *http, const char *name, const char *value)
{
    http->headers[http->header_count++] = (char *)name;
    http->headers[http->header_count++] = (char *)value;
}

/* A version is what a document says it is: only what a header field can carry. */
static bool
fits_header(const char *text)
{
    size_t length = 0;

    for (; text[length]; length++)
        if (text[length] <= 0x20 || text[length] >= 0x7f)
            return false;
    return length > 0 && length <= 100;
}

int
reply_headers(struct pl_call *call, const char *api)
{
    struct pl_http *http = &call->http;
    const Governance__RunSummary *last;
    struct api_state *state;

    if (store_get_api(call->db, api, call->arena, &state, &call->err))
        return -1;
    last = state->api->last_run;
    http->headers = pl_arena_alloc(call->arena, 6 * sizeof *http->headers);
    http->header_count = 0;
    add_header(http, "X-Governance-Status", last && last->verdict ? last->verdict : "none");
    if (state->base_version && fits_header(state->base_version))
        add_header(http, "X-API-Version", state->base_version);
    if (state->base_sha256 && *state->base_sha256)
        add_header(http, "X-Schema-SHA256", state->base_sha256);
    return 0;
}
