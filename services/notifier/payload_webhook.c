/* Payload v1 (G-10...G-16, RULINGS 53): the seven keys that were promised, and what came later
 * as keys of its own.  docs/governance_webhook.schema.json is its schema; a key may be added
 * without a new version, none may go or change its meaning. */
#include "payload.h"
#include "text.h"

#include <string.h>

static const char *const STATUSES[] = { "ok", "warn", "fail", "unknown", NULL };

/* What validation said; "unknown" where it said nothing (AMB-04). */
static const char *
semver_status(const char *status)
{
    for (int i = 0; status && STATUSES[i]; i++)
        if (strcmp(STATUSES[i], status) == 0)
            return status;
    return "unknown";
}

/* Those of ${names} that the schema knows, each once (AMB-05). */
static struct pl_node *
known(char *const *names, size_t count, struct pl_arena *arena)
{
    struct pl_node *list = pl_node_array(arena);

    for (const struct reason *reason = reasons; reason->name; reason++)
        if (payload_has(names, count, reason->name))
            pl_node_push(arena, list, pl_node_string(arena, reason->name));
    return list;
}

/* A count is never negative, whatever the event says. */
static struct pl_node *
count_node(int64_t n, struct pl_arena *arena)
{
    return pl_node_integer(arena, n < 0 ? 0 : n);
}

static void
set_if(struct pl_node *object, const char *key, const char *text, struct pl_arena *arena)
{
    if (text && *text)
        pl_node_set(arena, object, key,
                    pl_node_string(arena, text_fit(arena, text, 500, TEXT_PLAIN)));
}

struct pl_node *
payload_webhook(const Events__Notice *notice, const char *url, bool test, struct pl_arena *arena)
{
    struct pl_node *body = pl_node_object(arena), *operations = pl_node_object(arena);
    double ratio = notice->stability_ratio;
    const char *sha = notice->sha ? notice->sha : "";

    pl_node_set(arena, body, "event", pl_node_string(arena, "governance_notice"));
    pl_node_set(arena, body, "version", pl_node_integer(arena, 1));
    pl_node_set(arena, body, "sha", pl_node_string(arena, text_fit(arena, sha, 40, TEXT_PLAIN)));
    pl_node_set(arena, body, "semver_status",
                pl_node_string(arena, semver_status(notice->semver_status)));
    pl_node_set(arena, body, "stability_ratio", pl_node_real(arena, ratio > 0 ? ratio : 0));
    pl_node_set(arena, body, "reasons", known(notice->reasons, notice->n_reasons, arena));
    pl_node_set(arena, operations, "added", count_node(notice->operations_added, arena));
    pl_node_set(arena, operations, "removed", count_node(notice->operations_removed, arena));
    pl_node_set(arena, body, "operations", operations);

    set_if(body, "api", notice->api, arena);
    set_if(body, "run", notice->run, arena);
    set_if(body, "url", url, arena);
    pl_node_set(arena, body, "changed", known(notice->changed, notice->n_changed, arena));
    set_if(body, "severity", notice->severity, arena);
    if (test)
        pl_node_set(arena, body, "test", pl_node_bool(arena, true));
    return body;
}
