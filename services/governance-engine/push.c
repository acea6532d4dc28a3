#include "push.h"

#include "pl_gzip.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_policy.h"

#include "governance.h"
#include "params.h"

#include <string.h>

#define MOST_BYTES      (32u << 20) // of a document, inflated
#define MOST_VERSION    200
#define MOST_VIOLATIONS 100

PL_HISTOGRAM(compare_seconds, "governance_compare_seconds", "reading the base and comparing", "");
PL_COUNTER(document_bytes, "governance_document_bytes_total", "bytes of documents pushed, inflated",
           "");
PL_COUNTER(bases_total, "governance_bases_total", "documents compared with, by where they were",
           "from");

static bool
has_body(const Governance__CreateRunRequest *request)
{
    return request->body && request->body->has_data && request->body->data.len > 0;
}

/* A text parameter that is absent is good. */
static bool
check_text(struct pl_call *call, const char *name, const char *text, size_t most)
{
    if (text == NULL || text_ok(text, 1, most))
        return true;
    pl_call_violation(call, pl_arena_printf(call->arena, "query/%s", name), 0, 0,
                      "%s must be 1 to %zu bytes of UTF-8 without control characters", name, most);
    return false;
}

int
push_check(struct pl_call *call, struct push *push)
{
    const Governance__CreateRunRequest *request = push->request = call->request;
    bool good = check_slug(call, request->api);

    good = check_sha(call, request->sha) && good;
    good = check_text(call, "branch", request->branch, 200) && good;
    good = check_text(call, "version", request->version, MOST_VERSION) && good;
    good = check_text(call, "placeholder_reason", request->placeholder_reason, 500) && good;
    if (request->committed_at && !timestamp_ok(request->committed_at)) {
        pl_call_violation(call, "query/committed_at", 0, 0,
                          "committed_at must be a time like 2025-01-31T23:59:59Z (RFC 3339)");
        good = false;
    }
    if (!good)
        return pl_fail(&call->err, MALFORMED, "the parameters of the push are not valid");

    push->placeholder = request->placeholder_reason != NULL;
    push->version = request->version ? request->version : "";
    if (push->placeholder && has_body(request))
        return pl_fail(&call->err, INVALID, "send a document or a placeholder_reason, not both");
    if (!push->placeholder && !has_body(request))
        return pl_fail(&call->err, INVALID,
                       "the body is empty: send a document, or say in placeholder_reason why there "
                       "is none");
    return 0;
}

static int
inflate_body(struct pl_call *call, const Pl__HttpBody *body, struct pl_arena *arena, char **bytes,
             size_t *length)
{
    const char *encoding = body->content_encoding ? body->content_encoding : "";

    if (strcasecmp(encoding, "gzip") == 0 || strcasecmp(encoding, "x-gzip") == 0)
        return pl_gunzip(body->data.data, body->data.len, MOST_BYTES, arena, bytes, length,
                         &call->err);
    if (*encoding && strcasecmp(encoding, "identity") != 0)
        return pl_fail(&call->err, UNSUPPORTED,
                       "the Content-Encoding \"%.40s\" is not accepted: send gzip or none",
                       encoding);
    if (body->data.len > MOST_BYTES)
        return pl_fail(&call->err, TOO_LARGE, "the document is larger than %u bytes", MOST_BYTES);
    *bytes = pl_arena_memdup(arena, body->data.data, body->data.len);
    *length = body->data.len;
    return 0;
}

/* The bytes live in the document's own arena, since the document may point into them and
 * outlive the call. */
int
push_read(struct pl_call *call, struct push *push)
{
    struct governance *self = call->self;
    struct document *fresh, *kept;
    char *bytes;
    size_t length;

    if (push->placeholder)
        return 0;
    fresh = push->head = document_new("");
    if (inflate_body(call, push->request->body, fresh->arena, &bytes, &length))
        return -1;
    if (length == 0)
        return pl_fail(&call->err, INVALID, "the document is empty");
    pl_sha256_hex(bytes, length, push->sha256);
    snprintf(fresh->sha256, sizeof fresh->sha256, "%s", push->sha256);
    fresh->bytes = bytes;
    fresh->length = push->size = length;
    push->gzip = pl_gzip(bytes, length, call->arena, &push->gzip_size);
    pl_count(&document_bytes, (double)length);
    kept = documents_take(self->documents, push->sha256);
    if (kept) {
        document_destroy(&push->head);
        push->head = kept;
    }
    return 0;
}

static int
refuse(struct pl_call *call, const struct pl_document *document)
{
    for (int i = 0; i < document->problem_count && i < MOST_VIOLATIONS; i++) {
        const struct pl_problem *p = &document->problems[i];
        const char *pointer = pl_arena_strdup(call->arena, p->pointer);

        pl_call_violation(call, pointer, (int)p->line, (int)p->column, "%s", p->text);
    }
    return -1;
}

int
push_load(struct pl_call *call, struct push *push)
{
    const struct pl_limits limits = { .depth = (uint32_t)max_depth,
                                      .nodes = (uint32_t)max_nodes,
                                      .aliases = (uint32_t)max_aliases,
                                      .settable = true };
    struct document *head = push->head;

    if (push->placeholder)
        return 0;
    if (head->read == NULL && pl_document_load(&head->read, head->arena, "document", head->bytes,
                                               head->length, &limits, &call->err))
        return refuse(call, head->read);
    if (push->version[0] == '\0')
        push->version = pl_arena_strdup(call->arena, head->read->version);
    if (push->version[0] && !text_ok(push->version, 1, MOST_VERSION)) {
        pl_call_violation(call, "/info/version", 0, 0,
                          "a version has at most %d bytes and no "
                          "control characters",
                          MOST_VERSION);
        return pl_fail(&call->err, INVALID, "the version cannot be kept");
    }
    return 0;
}

/* The base, from memory or from the database. */
static int
load_base(struct pl_call *call, struct push *push, const char *sha256)
{
    // what was let in once stays readable when the settings become stricter
    const struct pl_limits lax = { .depth = 2000, .nodes = UINT32_MAX, .aliases = UINT32_MAX };
    struct governance *self = call->self;
    struct pl_err err = { 0 };
    struct document *base;
    char *gzip;
    size_t gzip_size;

    if (push->base && strcmp(push->base->sha256, sha256) == 0)
        return 0;
    documents_give(self->documents, &push->base);
    push->base = documents_take(self->documents, sha256);
    pl_inc(&bases_total, push->base ? "memory" : "database");
    if (push->base)
        return 0;
    base = push->base = document_new(sha256);
    if (store_get_document(call->db, sha256, call->arena, &gzip, &gzip_size, &call->err) ||
        pl_gunzip(gzip, gzip_size, MOST_BYTES, base->arena, &base->bytes, &base->length,
                  &call->err))
        return -1;
    if (pl_document_load(&base->read, base->arena, "document", base->bytes, base->length, &lax,
                         &err)) {
        pl_fail(&call->err, INTERNAL, "the last document, %.12s, cannot be read any more", sha256);
        return pl_err_detail(&call->err, "%s", err.text);
    }
    return 0;
}

static bool
same_bytes(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static int
read_overrides(struct pl_call *call, struct push *push, const Governance__Api *api)
{
    push->overrides = NULL;
    push->overrides_text = (ProtobufCBinaryData){ 0 };
    if (!api->has_severity_overrides || api->severity_overrides.len == 0)
        return 0;
    push->overrides_text = api->severity_overrides;
    push->overrides = pl_json_parse(call->arena, (const char *)push->overrides_text.data,
                                    push->overrides_text.len, NULL, &call->err);
    return push->overrides ? 0 : -1;
}

/* What is accepted for the api now; *text tells it from what was before. */
static int
read_accepted(struct pl_call *call, const char *api, struct pl_compare_options *how,
              const char **text)
{
    Governance__Acceptance **all;
    struct pl_acceptance *out;
    struct pl_buf said = { .arena = call->arena };
    size_t count;

    if (store_list_accepted(call->db, api, "", INT64_MAX, call->arena, &all, &count, &call->err))
        return -1;
    out = pl_arena_alloc(call->arena, (count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct pl_acceptance){ all[i]->fingerprint, all[i]->author, all[i]->reason,
                                         all[i]->expires };
        pl_buf_printf(&said, "%s %s %s\n", all[i]->fingerprint,
                      all[i]->expires ? all[i]->expires : "", all[i]->created_at);
    }
    how->accepted = out;
    how->accepted_count = (int)count;
    *text = pl_buf_text(&said);
    return 0;
}

int
push_compare(struct pl_call *call, struct push *push, const struct api_state *state)
{
    ProtobufCBinaryData wanted = state->api->has_severity_overrides ? state->api->severity_overrides
                                                                    : (ProtobufCBinaryData){ 0 };
    const struct pl_document *base = NULL;
    struct pl_compare_options how = { .budget = { max_steps, max_total_steps, max_memory } };
    const char *accepted;
    int64_t started = pl_now_ms();

    if (push->placeholder) {
        push->base_run = state->base_run;
        return 0;
    }
    if (read_accepted(call, state->api->api, &how, &accepted))
        return -1;
    if (push->diff && strcmp(push->base_run, state->base_run) == 0 &&
        same_bytes(push->overrides_text, wanted) && strcmp(push->accepted_text, accepted) == 0)
        return 0;
    if (read_overrides(call, push, state->api))
        return -1;
    if (strcmp(state->base_sha256, push->sha256) == 0) {
        base = push->head->read;
    } else if (state->base_sha256[0]) {
        if (load_base(call, push, state->base_sha256))
            return -1;
        base = push->base->read;
    }
    how.levels = push->overrides;
    how.today = pl_policy_today(call->arena);
    push->diff = pl_compare_with(base, push->head->read, &how, call->arena);
    push->base_run = state->base_run;
    push->accepted_text = accepted;
    pl_observe(&compare_seconds, (double)(pl_now_ms() - started) / 1000);
    return 0;
}

void
push_end(struct documents *documents, struct push *push)
{
    documents_give(documents, &push->base);
    documents_give(documents, &push->head); // last: it is the next one's base
}
