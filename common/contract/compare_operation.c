#include "match.h"

#include <stdlib.h>
#include <string.h>

/* Statuses and names are short: their first eight bytes tell pairs of one node apart. */
static uint64_t
packed(const char *text)
{
    uint64_t out = 0;

    for (int i = 0; text && *text && i < 7; i++)
        out = out << 8 | (unsigned char)*text++;
    return out;
}

static const struct cmp_parameter *
find_parameter(const struct cmp_operation *operation, const char *key)
{
    for (int i = 0; i < operation->parameter_count; i++)
        if (strcmp(operation->parameters[i].key, key) == 0)
            return &operation->parameters[i];
    return NULL;
}

static void
compare_parameters(struct cmp *self, struct cmp_pair *pair, const struct cmp_operation *base,
                   const struct cmp_operation *head)
{
    for (int i = 0; i < base->parameter_count; i++) {
        const struct cmp_parameter *b = &base->parameters[i];
        const struct cmp_parameter *h = find_parameter(head, b->key);

        cmp_pair(self, pair,
                 (struct cmp_pair){ .kind = CMP_PAIR_PARAMETER,
                                    .reply = pair->reply,
                                    .base = b->spot,
                                    .head = h ? h->spot : (struct cmp_spot){ 0 },
                                    .base_item = b,
                                    .head_item = h },
                 0);
    }
    for (int i = 0; i < head->parameter_count; i++) {
        const struct cmp_parameter *h = &head->parameters[i];

        if (find_parameter(base, h->key) == NULL)
            cmp_pair(self, pair,
                     (struct cmp_pair){ .kind = CMP_PAIR_PARAMETER,
                                        .reply = pair->reply,
                                        .head = h->spot,
                                        .head_item = h },
                     0);
    }
}

static void
compare_body(struct cmp *self, struct cmp_pair *pair, const struct cmp_operation *base,
             const struct cmp_operation *head)
{
    if (base->body || head->body)
        cmp_pair(self, pair,
                 (struct cmp_pair){ .kind = CMP_PAIR_BODY,
                                    .reply = pair->reply,
                                    .base = base->body ? base->body->spot : base->spot,
                                    .head = head->body ? head->body->spot : head->spot,
                                    .base_item = base->body,
                                    .head_item = head->body },
                 0);
}

/* The response of that status, else of its range, else the default one. */
static const struct cmp_response *
find_response(const struct cmp_operation *operation, const char *status)
{
    const char *wanted[] = { status, NULL, "default" };
    char range[4] = { *status, 'X', 'X', 0 };

    wanted[1] = range;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < operation->response_count; i++)
            if (strcmp(operation->responses[i].status, wanted[k]) == 0)
                return &operation->responses[i];
    return NULL;
}

static void
pair_responses(struct cmp *self, struct cmp_pair *pair, const struct cmp_response *b,
               const struct cmp_response *h)
{
    cmp_pair(self, pair,
             (struct cmp_pair){ .kind = CMP_PAIR_RESPONSE,
                                .reply = !pair->reply,
                                .base = b ? b->spot : (struct cmp_spot){ 0 },
                                .head = h ? h->spot : (struct cmp_spot){ 0 },
                                .base_item = b,
                                .head_item = h },
             packed(b ? b->status : h->status));
}

/* A success status that only `default` covers now is still gone as a promise. */
static bool
covers(const struct cmp_response *there, const char *status)
{
    return strcmp(there->status, "default") != 0 || *status != '2' ||
           strcmp(status, "default") == 0;
}

/* Is ${range} ("2XX") one, and does the operation answer with a status in it? */
static bool
has_status_of(const struct cmp_operation *operation, const char *range)
{
    for (int i = 0;
         strcmp(range + strcspn(range, "Xx"), "XX") == 0 && i < operation->response_count; i++)
        if (operation->responses[i].status[0] == *range)
            return true;
    return false;
}

static void
compare_responses(struct cmp *self, struct cmp_pair *pair, const struct cmp_operation *base,
                  const struct cmp_operation *head)
{
    for (int i = 0; i < base->response_count; i++) {
        const struct cmp_response *b = &base->responses[i];
        const struct cmp_response *h = find_response(head, b->status);

        if (h == NULL && has_status_of(head, b->status))
            continue; // a range of which single ones are left: paired below
        pair_responses(self, pair, b, h && covers(h, b->status) ? h : NULL);
    }
    for (int i = 0; i < head->response_count; i++) {
        const struct cmp_response *h = &head->responses[i];
        const struct cmp_response *b = find_response(base, h->status);

        if (b == NULL || !covers(b, h->status))
            pair_responses(self, pair, NULL, h);
        else if (strcmp(b->status, h->status) != 0)
            pair_responses(self, pair, b, h);
    }
}

/* Was it found by its operationId only? */
static bool
has_moved(const struct cmp_operation *base, const struct cmp_operation *head)
{
    if (strcmp(base->ref.method, head->ref.method) != 0)
        return true;
    return strcmp(base->key, head->key) != 0 && (base->full_key == NULL || head->full_key == NULL ||
                                                 strcmp(base->full_key, head->full_key) != 0);
}

static const char *
deprecation_words(struct cmp *self, const struct cmp_operation *base, enum cmp_end end,
                  const char *day)
{
    if (end == CMP_ENDS_LATER || end == CMP_ENDED)
        return pl_arena_printf(self->arena, " %s its sunset `%.40s`",
                               end == CMP_ENDED ? "after" : "before", day);
    return base->deprecated ? " (it had been deprecated, without x-sunset)" : "";
}

static void
removed_operation(struct cmp *self, struct cmp_pair *pair, const struct cmp_operation *base)
{
    const struct cmp_operation *there =
        cmp_operation_by_id(self->head_model, base->ref.operation_id);
    const char *day, *now = "";
    enum cmp_end end = cmp_sunset(self, base->spot.node, &day);
    enum cmp_rule rule = cmp_is_unstable(base->spot.node) ? CMP_OPERATION_REMOVED_UNSTABLE
                         : end == CMP_ENDED               ? CMP_OPERATION_REMOVED_AFTER_SUNSET
                                                          : CMP_OPERATION_REMOVED;

    if (there)
        now = pl_arena_printf(self->arena, "; `%s` is %s %s now", base->ref.operation_id,
                              there->ref.method, there->ref.path);
    cmp_found(self, pair, rule, "removed", pair->base, pair->head, "the %s was removed%s%s",
              base->what, deprecation_words(self, base, end, day), now);
}

static void
compare_itself(struct cmp *self, struct cmp_pair *pair, const struct cmp_operation *base,
               const struct cmp_operation *head)
{
    if (has_moved(base, head))
        cmp_changed(self, pair, CMP_OPERATION_MOVED, "the operation moved from %s `%s` to %s `%s`",
                    base->ref.method, base->ref.path, head->ref.method, head->ref.path);
    if (!base->deprecated && head->deprecated)
        cmp_changed(self, pair, CMP_OPERATION_DEPRECATED, "the operation is deprecated");
    if (base->deprecated && !head->deprecated)
        cmp_changed(self, pair, CMP_OPERATION_REACTIVATED, "the operation is no longer deprecated");
    cmp_announced(self, pair, "the operation");
    if (strcmp(base->ref.operation_id, head->ref.operation_id) != 0) {
        cmp_changed(self, pair, CMP_OPERATION_ID_CHANGED,
                    "the operationId changed from `%s` to `%s`", base->ref.operation_id,
                    head->ref.operation_id);
        cmp_detail(self, pair, "%s %s", base->ref.operation_id, head->ref.operation_id);
    }
    if (base->parent && (base->callbacks.node || head->callbacks.node) &&
        !cmp_same(self, base->callbacks, head->callbacks))
        cmp_changed(self, pair, CMP_CALLBACKS_CHANGED,
                    "callbacks of the callback changed; look at them by hand");
}

void
cmp_operation(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_operation *base = pair->base_item, *head = pair->head_item;
    const char *what = (base ? base : head)->what;

    if (head == NULL) {
        removed_operation(self, pair, base);
        return;
    }
    if (base == NULL) {
        cmp_found(self, pair, CMP_OPERATION_ADDED, "added", pair->base, pair->head,
                  "the %s was added", what);
        return;
    }
    compare_itself(self, pair, base, head);
    compare_parameters(self, pair, base, head);
    compare_body(self, pair, base, head);
    compare_responses(self, pair, base, head);
    if (base->security.node || head->security.node)
        cmp_pair(self, pair,
                 (struct cmp_pair){ .kind = CMP_PAIR_SECURITY,
                                    .base = base->security,
                                    .head = head->security,
                                    .base_item = base,
                                    .head_item = head },
                 0);
    cmp_pair_servers(self, pair, base, head);
}
