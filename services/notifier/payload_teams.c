/* A Microsoft Teams message for a Workflows URL: one Adaptive Card 1.4, the newest that every
 * client shows.
 *
 * A flow answers 202 before it has looked, and fails later if the card is over 28 kB in its own
 * counting, so the card stays below 20 kB here.  Words from documents go into text runs, which
 * know no Markdown, or into facts without brackets. */
#include "payload.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define TITLE_MAX    200
#define VALUE_MAX    120
#define FINDING_MAX  400
#define FINDINGS_MAX 8
#define URL_MAX      2000

static struct pl_node *
element(struct pl_arena *arena, struct pl_node *list, const char *type)
{
    struct pl_node *one = pl_node_object(arena);

    pl_node_set(arena, one, "type", pl_node_string(arena, type));
    return pl_node_push(arena, list, one);
}

static void
set_text(struct pl_arena *arena, struct pl_node *object, const char *key, const char *value)
{
    pl_node_set(arena, object, key, pl_node_string(arena, value));
}

/* A line of words that may come from anywhere. */
static struct pl_node *
run(struct pl_arena *arena, struct pl_node *list, const char *text)
{
    struct pl_node *rich = element(arena, list, "RichTextBlock");
    struct pl_node *inlines = pl_node_set(arena, rich, "inlines", pl_node_array(arena));
    struct pl_node *one = element(arena, inlines, "TextRun");

    set_text(arena, one, "text", text);
    return one;
}

static void
fact(struct pl_arena *arena, struct pl_node *facts, const char *title, const char *value)
{
    struct pl_node *one = pl_node_push(arena, facts, pl_node_object(arena));

    set_text(arena, one, "title", title);
    set_text(arena, one, "value", text_fit(arena, value, VALUE_MAX, TEXT_TEAMS));
}

static void
reason_lines(const Events__Notice *notice, struct pl_node *list, struct pl_arena *arena)
{
    for (const struct reason *reason = reasons; reason->name; reason++) {
        struct pl_node *line;

        if (!payload_has(notice->reasons, notice->n_reasons, reason->name))
            continue;
        line = element(arena, list, "TextBlock");
        set_text(arena, line, "text",
                 pl_arena_printf(arena, "%s%s", reason->title,
                                 payload_has(notice->changed, notice->n_changed, reason->name)
                                     ? " (new)"
                                     : ""));
        set_text(arena, line, "color", reason->failure ? "Attention" : "Good");
        pl_node_set(arena, line, "wrap", pl_node_bool(arena, true));
    }
}

static void
facts(const Events__Notice *notice, struct pl_node *list, struct pl_arena *arena)
{
    struct pl_node *set = element(arena, list, "FactSet");
    struct pl_node *rows = pl_node_set(arena, set, "facts", pl_node_array(arena));

    fact(arena, rows, "Commit", notice->sha);
    if (notice->version && *notice->version)
        fact(arena, rows, "Version", notice->version);
    if (notice->previous_version && *notice->previous_version)
        fact(arena, rows, "Before", notice->previous_version);
    fact(arena, rows, "SemVer", notice->semver_status);
    if (notice->severity && *notice->severity)
        fact(arena, rows, "Severity", notice->severity);
    fact(arena, rows, "Stability ratio", pl_arena_printf(arena, "%.3g", notice->stability_ratio));
    fact(arena, rows, "Operations",
         pl_arena_printf(arena, "+%" PRId64 " −%" PRId64, notice->operations_added,
                         notice->operations_removed));
    if (notice->placeholder_streak > 0)
        fact(arena, rows, "Runs without a document",
             pl_arena_printf(arena, "%" PRId64, notice->placeholder_streak));
}

static void
findings(const Events__Notice *notice, struct pl_node *list, struct pl_arena *arena)
{
    size_t shown = notice->n_findings < FINDINGS_MAX ? notice->n_findings : FINDINGS_MAX;
    int64_t all = notice->breaking > (int64_t)notice->n_findings ? notice->breaking
                                                                 : (int64_t)notice->n_findings;
    struct pl_node *head;

    if (shown == 0)
        return;
    head = element(arena, list, "TextBlock");
    set_text(arena, head, "text", pl_arena_printf(arena, "Breaking changes (%" PRId64 ")", all));
    set_text(arena, head, "weight", "Bolder");
    for (size_t i = 0; i < shown; i++)
        run(arena, list,
            pl_arena_printf(arena, "• %s",
                            text_fit(arena, notice->findings[i], FINDING_MAX, TEXT_PLAIN)));
    if (all > (int64_t)shown)
        run(arena, list, pl_arena_printf(arena, "… %" PRId64 " more", all - (int64_t)shown));
}

static void
heading(const Events__Notice *notice, bool test, struct pl_node *list, struct pl_arena *arena)
{
    struct pl_node *title =
        run(arena, list, text_fit(arena, payload_title(notice), TITLE_MAX, TEXT_PLAIN));

    set_text(arena, title, "size", "Large");
    set_text(arena, title, "weight", "Bolder");
    if (test)
        run(arena, list, "A test message from Plumbline.");
}

static void
link_action(const char *url, struct pl_node *card, struct pl_arena *arena)
{
    struct pl_node *action;

    if (*url == '\0' || strlen(url) > URL_MAX)
        return;
    action =
        element(arena, pl_node_set(arena, card, "actions", pl_node_array(arena)), "Action.OpenUrl");
    set_text(arena, action, "title", "Open the status page");
    set_text(arena, action, "url", url);
}

static struct pl_node *
make_card(const Events__Notice *notice, const char *url, bool test, struct pl_arena *arena)
{
    struct pl_node *card = pl_node_object(arena), *list, *teams;

    set_text(arena, card, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
    set_text(arena, card, "type", "AdaptiveCard");
    set_text(arena, card, "version", "1.4");
    set_text(arena, card, "fallbackText",
             text_fit(arena, payload_title(notice), TITLE_MAX, TEXT_PLAIN));
    teams = pl_node_set(arena, card, "msteams", pl_node_object(arena));
    set_text(arena, teams, "width", "Full");
    list = pl_node_set(arena, card, "body", pl_node_array(arena));
    heading(notice, test, list, arena);
    if (!test) {
        reason_lines(notice, list, arena);
        facts(notice, list, arena);
        findings(notice, list, arena);
    }
    link_action(url, card, arena);
    return card;
}

struct pl_node *
payload_teams(const Events__Notice *notice, const char *url, bool test, struct pl_arena *arena)
{
    struct pl_node *body = pl_node_object(arena), *attachments, *one;

    set_text(arena, body, "type", "message");
    attachments = pl_node_set(arena, body, "attachments", pl_node_array(arena));
    one = pl_node_push(arena, attachments, pl_node_object(arena));
    set_text(arena, one, "contentType", "application/vnd.microsoft.card.adaptive");
    pl_node_set(arena, one, "contentUrl", pl_node_null(arena));
    pl_node_set(arena, one, "content", make_card(notice, url, test, arena));
    return body;
}
