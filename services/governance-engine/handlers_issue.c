/* Issues: list, label. */
#include "pl_log.h"

#include "governance.h"
#include "params.h"
#include "reply.h"
#include "store.h"

#include <inttypes.h>
#include <string.h>

#define MOST_LABELS 20

int
list_issues(struct pl_call *call)
{
    const Governance__ListIssuesRequest *request = call->request;
    Governance__ListIssuesReply *reply = call->reply;
    const char *state = request->state ? request->state : "";
    struct api_state *api;
    struct page page;
    int64_t next;

    if (!check_slug(call, request->api))
        return pl_fail(&call->err, MALFORMED, "the api's name is not valid");
    if (check_page(call, request->cursor, request->has_limit, request->limit, INT64_MAX, &page) ||
        store_get_api(call->db, request->api, call->arena, &api, &call->err) ||
        store_list_issues(call->db, request->api, state, page.cursor, page.limit + 1, call->arena,
                          &reply->issues, &reply->n_issues, &next, &call->err))
        return -1;
    if (reply->n_issues > (size_t)page.limit) {
        reply->n_issues = (size_t)page.limit;
        reply->next_cursor = pl_arena_printf(call->arena, "%" PRId64, next + 1);
    }
    return reply_headers(call, request->api);
}

static int
check_labels(struct pl_call *call, size_t count, char *const *labels)
{
    bool good = count <= MOST_LABELS;

    if (!good)
        pl_call_violation(call, "/labels", 0, 0, "at most %d labels", MOST_LABELS);
    for (size_t i = 0; good && i < count; i++) {
        char *pointer = pl_arena_printf(call->arena, "/labels/%zu", i);

        if (!text_ok(labels[i], 1, 200)) {
            pl_call_violation(call, pointer, 0, 0, "a label is 1 to 200 bytes of UTF-8");
            good = false;
        }
        for (size_t j = 0; good && j < i; j++)
            if (strcmp(labels[i], labels[j]) == 0) {
                pl_call_violation(call, pointer, 0, 0, "\"%s\" is there twice", labels[i]);
                good = false;
            }
    }
    return good ? 0 : pl_fail(&call->err, INVALID, "the labels are not valid");
}

int
put_issue_labels(struct pl_call *call)
{
    const Governance__PutIssueLabelsRequest *request = call->request;
    Governance__PutIssueLabelsReply *reply = call->reply;

    if (!check_slug(call, request->api))
        return pl_fail(&call->err, MALFORMED, "the api's name is not valid");
    if (check_labels(call, request->n_labels, request->labels))
        return -1;
    if (store_label_issue(call->db, request->api, request->id ? request->id : "", request->n_labels,
                          request->labels, call->arena, &reply->issue, &call->err))
        return -1;
    pl_info("issue.labelled", PL_S("api", request->api), PL_S("issue", request->id),
            PL_I("labels", request->n_labels));
    return reply_headers(call, request->api);
}
