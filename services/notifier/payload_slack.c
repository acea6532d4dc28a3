/* A Slack message: blocks, and the plain `text` that notifications and old clients show.
 *
 * Slack's limits: 50 blocks; header 150, section 3000, field 2000, button 75, url 3000
 * characters; and, undocumented, about 13 200 characters over all blocks together.  The budgets
 * below stay under each of them, and count bytes, of which there are never fewer.  Texts that
 * come from documents are escaped, so that they make neither mentions nor links. */
#include "payload.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define HEADER_MAX   150
#define TEXT_MAX     600
#define FIELD_MAX    200
#define FINDING_MAX  400
#define FINDINGS_MAX 6
#define URL_MAX      2000

static struct pl_node *
text_object(struct pl_arena *arena, const char *type, const char *text)
{
    struct pl_node *object = pl_node_object(arena);

    pl_node_set(arena, object, "type", pl_node_string(arena, type));
    pl_node_set(arena, object, "text", pl_node_string(arena, text));
    return object;
}

static struct pl_node *
block(struct pl_arena *arena, struct pl_node *blocks, const char *type)
{
    struct pl_node *one = pl_node_object(arena);

    pl_node_set(arena, one, "type", pl_node_string(arena, type));
    return pl_node_push(arena, blocks, one);
}

static void
section(struct pl_arena *arena, struct pl_node *blocks, const char *text)
{
    pl_node_set(arena, block(arena, blocks, "section"), "text", text_object(arena, "mrkdwn", text));
}

static void
field(struct pl_arena *arena, struct pl_node *fields, const char *label, const char *value)
{
    char *safe = text_fit(arena, value, FIELD_MAX, TEXT_SLACK);

    pl_node_push(arena, fields,
                 text_object(arena, "mrkdwn", pl_arena_printf(arena, "*%s*\n%s", label, safe)));
}

/* The line everybody reads, whatever the client shows. */
static char *
headline(const Events__Notice *notice, bool test, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };
    const char *between = "";

    if (test)
        return pl_arena_strdup(arena, "a test message from Plumbline");
    for (const struct reason *reason = reasons; reason->name; reason++)
        if (payload_has(notice->reasons, notice->n_reasons, reason->name)) {
            pl_buf_printf(&out, "%s%s", between, reason->title);
            between = "; ";
        }
    return pl_arena_strdup(arena, pl_buf_text(&out));
}

static char *
reason_lines(const Events__Notice *notice, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (const struct reason *reason = reasons; reason->name; reason++)
        if (payload_has(notice->reasons, notice->n_reasons, reason->name))
            pl_buf_printf(&out, "%s%s %s (`%s`)%s", out.length ? "\n" : "",
                          reason->failure ? ":red_circle:" : ":large_green_circle:", reason->title,
                          reason->name,
                          payload_has(notice->changed, notice->n_changed, reason->name) ? " *new*"
                                                                                        : "");
    return pl_arena_strdup(arena, pl_buf_text(&out));
}

static void
facts(const Events__Notice *notice, struct pl_node *blocks, struct pl_arena *arena)
{
    struct pl_node *fields = pl_node_array(arena);

    field(arena, fields, "Commit", notice->sha);
    if (notice->version && *notice->version)
        field(
            arena, fields, "Version",
            notice->previous_version && *notice->previous_version
                ? pl_arena_printf(arena, "%.80s → %.80s", notice->previous_version, notice->version)
                : notice->version);
    field(arena, fields, "SemVer", notice->semver_status);
    if (notice->severity && *notice->severity)
        field(arena, fields, "Severity", notice->severity);
    field(arena, fields, "Stability ratio",
          pl_arena_printf(arena, "%.3g", notice->stability_ratio));
    field(arena, fields, "Operations",
          pl_arena_printf(arena, "+%" PRId64 " −%" PRId64, notice->operations_added,
                          notice->operations_removed));
    if (notice->placeholder_streak > 0)
        field(arena, fields, "Runs without a document",
              pl_arena_printf(arena, "%" PRId64, notice->placeholder_streak));
    pl_node_set(arena, block(arena, blocks, "section"), "fields", fields);
}

static void
findings(const Events__Notice *notice, struct pl_node *blocks, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };
    size_t shown = notice->n_findings < FINDINGS_MAX ? notice->n_findings : FINDINGS_MAX;
    int64_t all = notice->breaking > (int64_t)notice->n_findings ? notice->breaking
                                                                 : (int64_t)notice->n_findings;

    if (shown == 0)
        return;
    pl_buf_printf(&out, "*Breaking changes (%" PRId64 ")*", all);
    for (size_t i = 0; i < shown; i++)
        pl_buf_printf(&out, "\n• %s",
                      text_fit(arena, notice->findings[i], FINDING_MAX, TEXT_SLACK));
    if (all > (int64_t)shown)
        pl_buf_printf(&out, "\n… %" PRId64 " more", all - (int64_t)shown);
    section(arena, blocks, pl_buf_text(&out));
}

static void
button(const char *url, struct pl_node *blocks, struct pl_arena *arena)
{
    struct pl_node *elements, *one = pl_node_object(arena);

    if (*url == '\0' || strlen(url) > URL_MAX)
        return;
    elements =
        pl_node_set(arena, block(arena, blocks, "actions"), "elements", pl_node_array(arena));
    pl_node_set(arena, one, "type", pl_node_string(arena, "button"));
    pl_node_set(arena, one, "text", text_object(arena, "plain_text", "Open the status page"));
    pl_node_set(arena, one, "url", pl_node_string(arena, url));
    pl_node_push(arena, elements, one);
}

struct pl_node *
payload_slack(const Events__Notice *notice, const char *url, bool test, struct pl_arena *arena)
{
    struct pl_node *body = pl_node_object(arena), *blocks = pl_node_array(arena);
    char *says = headline(notice, test, arena);
    char *title = text_fit(arena, payload_title(notice), HEADER_MAX, TEXT_PLAIN);

    pl_node_set(
        arena, body, "text",
        pl_node_string(arena, pl_arena_printf(arena, "%s: %s",
                                              text_fit(arena, title, TEXT_MAX, TEXT_SLACK), says)));
    pl_node_set(arena, block(arena, blocks, "header"), "text",
                text_object(arena, "plain_text", title));
    section(arena, blocks, test ? says : reason_lines(notice, arena));
    if (!test) {
        facts(notice, blocks, arena);
        findings(notice, blocks, arena);
    }
    button(url, blocks, arena);
    pl_node_set(arena, body, "blocks", blocks);
    return body;
}
