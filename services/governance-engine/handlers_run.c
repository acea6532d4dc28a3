/* Runs: list, show, what was found, the document. */
#include "pl_gzip.h"

#include "governance.h"
#include "params.h"
#include "reply.h"
#include "store.h"

#include <inttypes.h>
#include <string.h>

#define REPLY_FINDINGS 100
#define MOST_BYTES     (32u << 20)

static int
check_names(struct pl_call *call, const char *api, const char *run)
{
    if (!check_slug(call, api))
        return pl_fail(&call->err, MALFORMED, "the api's name is not valid");
    if (run == NULL || !text_ok(run, 1, 64)) {
        pl_call_violation(call, "path/run", 0, 0,
                          "a run is named by its id, its sha, or \"latest\"");
        return pl_fail(&call->err, MALFORMED, "the run's name is not valid");
    }
    return 0;
}

int
list_runs(struct pl_call *call)
{
    const Governance__ListRunsRequest *request = call->request;
    Governance__ListRunsReply *reply = call->reply;
    struct api_state *state;
    struct page page;

    if (check_names(call, request->api, "latest") ||
        check_page(call, request->cursor, request->has_limit, request->limit, INT64_MAX, &page) ||
        store_get_api(call->db, request->api, call->arena, &state, &call->err))
        return -1;
    if (request->branch && !text_ok(request->branch, 0, 200))
        return pl_fail(&call->err, MALFORMED, "the branch's name is not valid");
    if (store_list_runs(call->db, request->api, request->branch ? request->branch : "", false,
                        page.cursor, page.limit + 1, call->arena, &reply->runs, &reply->n_runs,
                        &call->err))
        return -1;
    if (reply->n_runs > (size_t)page.limit) {
        reply->n_runs = (size_t)page.limit;
        reply->next_cursor =
            pl_arena_printf(call->arena, "%" PRId64, reply->runs[page.limit - 1]->seq);
    }
    return reply_headers(call, request->api);
}

int
get_run(struct pl_call *call)
{
    const Governance__GetRunRequest *request = call->request;
    Governance__GetRunReply *reply = call->reply;
    struct api_state *state;

    if (check_names(call, request->api, request->run) ||
        store_get_api(call->db, request->api, call->arena, &state, &call->err))
        return -1;
    return reply_run(call, request->api, request->run, REPLY_FINDINGS, &reply->run, NULL) ||
                   reply_headers(call, request->api)
               ? -1
               : 0;
}

int
list_findings(struct pl_call *call)
{
    const Governance__ListFindingsRequest *request = call->request;
    Governance__ListFindingsReply *reply = call->reply;
    const char *level = request->level ? request->level : "";
    Governance__Finding **findings;
    Governance__Run *run;
    struct page page;
    int64_t next;
    size_t count;

    if (check_names(call, request->api, request->run) ||
        check_page(call, request->cursor, request->has_limit, request->limit, 0, &page) ||
        store_get_run(call->db, request->api, request->run, call->arena, &run, NULL, &call->err) ||
        store_list_findings(call->db, run->id, level, page.cursor, page.limit, call->arena,
                            &reply->findings, &reply->n_findings, &next, &call->err) ||
        store_list_findings(call->db, run->id, level, next, 1, call->arena, &findings, &count,
                            &(int64_t){ 0 }, &call->err))
        return -1;
    if (count > 0)
        reply->next_cursor = pl_arena_printf(call->arena, "%" PRId64, next);
    return reply_headers(call, request->api);
}

/* What is not JSON was accepted as YAML. */
static char *
content_type(const char *bytes)
{
    return pl_is_json(bytes, strlen(bytes)) ? "application/json" : "application/yaml";
}

int
get_document(struct pl_call *call)
{
    const Governance__GetDocumentRequest *request = call->request;
    Governance__GetDocumentReply *reply = call->reply;
    Pl__HttpBody *body = pl_arena_alloc(call->arena, sizeof *body);
    Governance__Run *run;
    char *gzip, *bytes;
    size_t gzip_size, length;

    if (check_names(call, request->api, request->run) ||
        store_get_run(call->db, request->api, request->run, call->arena, &run, NULL, &call->err))
        return -1;
    if (run->placeholder)
        return pl_fail(&call->err, NOT_FOUND, "the run \"%s\" is a placeholder, without a document",
                       run->id);
    if (store_get_document(call->db, run->document_sha256, call->arena, &gzip, &gzip_size,
                           &call->err) ||
        pl_gunzip(gzip, gzip_size, MOST_BYTES, call->arena, &bytes, &length, &call->err))
        return -1;
    pl__http_body__init(body);
    body->content_type = content_type(bytes);
    PUT(body, data, ((ProtobufCBinaryData){ length, (uint8_t *)bytes }));
    reply->body = body;
    call->http.etag = pl_arena_printf(call->arena, "\"%s\"", run->document_sha256);
    return reply_headers(call, request->api);
}
