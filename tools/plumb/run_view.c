#include "run_view.h"

#include "pl_report.h"

#include <string.h>

#define SHOWN_OPERATIONS 12

static const char *
text_of(const struct pl_node *node, const char *key)
{
    return pl_node_text(pl_node_get(node, key), "");
}

static int64_t
int_of(const struct pl_node *node, const char *key)
{
    return pl_node_int(pl_node_get(node, key), 0);
}

static uint32_t
count_of(const struct pl_node *node, const char *key)
{
    const struct pl_node *list = pl_node_get(node, key);

    return list ? list->count : 0;
}

static bool
failed(const struct pl_node *run)
{
    return strcmp(text_of(run, "policy"), "fail") == 0;
}

int
run_exit(const struct pl_node *run)
{
    return failed(run) ? EXIT_NO : EXIT_FINE;
}

static void
print_word(const char *word, int width)
{
    printf("%s%-*s%s", style_of(word), width, word, *style_of(word) ? style_off() : "");
}

void
run_line(const struct pl_node *run)
{
    const struct pl_node *ratio = pl_node_get(run, "stability_ratio");
    const char *semver = text_of(run, "semver_status");

    if (ratio == NULL)
        ratio = pl_node_get(pl_node_get(run, "metrics"), "window_stability_ratio");
    if (*semver == '\0')
        semver = text_of(pl_node_get(run, "semver"), "status");
    printf("%5lld  %-12.12s ", (long long)int_of(run, "seq"), text_of(run, "sha"));
    print_word(text_of(run, "verdict"), 12);
    printf(" policy ");
    print_word(text_of(run, "policy"), 5);
    printf(" version ");
    print_word(semver, 8);
    printf(" %-14.14s", text_of(run, "version"));
    if (ratio)
        printf(" ratio %.2f", pl_node_double(ratio, 0));
    if (pl_node_true(pl_node_get(run, "preview"), false))
        printf(" (preview of %s)", text_of(run, "branch"));
    putchar('\n');
}

/* ---- Text --------------------------------------------------------------------------------- */

static void
print_head(const struct pl_node *run)
{
    const struct pl_node *semver = pl_node_get(run, "semver");
    const char *previous = text_of(semver, "previous_version");
    const char *current = text_of(run, "version");

    printf("%s%s%s  run %lld  %s on %s", style_bold(), text_of(run, "api"), style_off(),
           (long long)int_of(run, "seq"), text_of(run, "sha"), text_of(run, "branch"));
    if (*previous && *current && strcmp(previous, current) != 0)
        printf("  %s -> %s", previous, current);
    else if (*current)
        printf("  %s", current);
    if (pl_node_true(pl_node_get(run, "preview"), false))
        printf("  (preview: the record is untouched)");
    if (!pl_node_true(pl_node_get(run, "created"), true))
        printf("  (already recorded)");
    printf("\n\n  verdict    ");
    print_word(text_of(run, "verdict"), 0);
    printf("   %lld breaking, %lld warnings, %lld notes", (long long)int_of(run, "breaking"),
           (long long)int_of(run, "warnings"), (long long)int_of(run, "infos"));
    if (int_of(run, "accepted"))
        printf(" (%lld accepted)", (long long)int_of(run, "accepted"));
    printf("\n  policy     ");
    print_word(text_of(run, "policy"), 0);
    putchar('\n');
}

static void
print_items(const struct pl_node *list, const char *lead)
{
    for (uint32_t i = 0; list && i < list->count; i++)
        printf("%s%s\n", lead, pl_node_text(pl_node_at(list, i), ""));
}

static void
print_policy(const struct pl_node *run)
{
    const struct pl_node *semver = pl_node_get(run, "semver");

    print_items(pl_node_get(run, "policy_reasons"), "               - ");
    printf("  version    ");
    print_word(text_of(semver, "status"), 0);
    if (*text_of(semver, "required"))
        printf("   this change asks for: %s", text_of(semver, "required"));
    putchar('\n');
    print_items(pl_node_get(semver, "messages"), "               ");
    print_items(pl_node_get(semver, "recommendations"), "               try: ");
}

static void
print_stability(const struct pl_node *run)
{
    const struct pl_node *m = pl_node_get(run, "metrics");

    if (m == NULL)
        return;
    printf("  stability  %.2f   %lld of %lld run%s stable, streak %lld (longest %lld)\n",
           pl_node_double(pl_node_get(m, "window_stability_ratio"), 0),
           (long long)int_of(m, "window_stable_count"), (long long)int_of(m, "window_total_count"),
           int_of(m, "window_total_count") == 1 ? "" : "s",
           (long long)int_of(m, "current_stable_streak"),
           (long long)int_of(m, "longest_stable_streak"));
    if (count_of(run, "changed_reasons"))
        print_items(pl_node_get(run, "changed_reasons"), "  notice     ");
}

static void
print_operations(const struct pl_node *run, const char *key, const char *label, const char *style)
{
    const struct pl_node *list = pl_node_get(run, key);

    for (uint32_t i = 0; list && i < list->count && i < SHOWN_OPERATIONS; i++) {
        const struct pl_node *operation = pl_node_at(list, i);

        printf("  %s%s%s  %-6s %s\n", style, label, style_off(), text_of(operation, "method"),
               text_of(operation, "path"));
    }
    if (list && list->count > SHOWN_OPERATIONS)
        printf("  %s... and %u more%s\n", style_dim(), list->count - SHOWN_OPERATIONS, style_off());
}

/* The findings as the contract library knows them, placed in the file that was pushed.  What is
 * only in the previous document has a line in no file of the reader's: an annotation then stands
 * at the pushed file as a whole. */
static void
print_findings(const struct pl_node *run, const char *file, enum pl_format format,
               struct pl_arena *arena)
{
    const struct pl_node *list = pl_node_get(run, "findings");
    uint32_t count = list ? list->count : 0;
    struct pl_finding *findings = pl_arena_alloc(arena, (count + 1) * sizeof *findings);
    struct pl_buf text = { .arena = arena };

    for (uint32_t i = 0; i < count; i++) {
        pl_finding_read(arena, pl_node_at(list, i), &findings[i]);
        if (findings[i].head.file)
            findings[i].head.file = file;
        if (findings[i].base.file)
            findings[i].base.file = format == PL_FORMAT_GITHUB ? file : "previous document";
    }
    if (count == 0)
        return;
    pl_report_findings(&text, findings, (int)count, format, *style_off() != '\0');
    printf("%s%s", format == PL_FORMAT_GITHUB ? "" : "\n", pl_buf_text(&text));
}

static void
view_text(const struct pl_node *run, const char *file, struct pl_arena *arena)
{
    const char *server = server_url(arena);

    print_head(run);
    if (pl_node_true(pl_node_get(run, "placeholder"), false))
        printf("             no document: %s\n", text_of(run, "placeholder_reason"));
    print_policy(run);
    print_stability(run);
    if (count_of(run, "operations_added") || count_of(run, "operations_removed"))
        putchar('\n');
    print_operations(run, "operations_added", "+", style_green());
    print_operations(run, "operations_removed", "-", style_red());
    print_findings(run, file, PL_FORMAT_TEXT, arena);
    if (pl_node_true(pl_node_get(run, "findings_truncated"), false))
        printf("  %s... more: plumb runs show %s --api %s --findings%s\n", style_dim(),
               text_of(run, "id"), text_of(run, "api"), style_off());
    if (server)
        printf("\n  status page  %s/status/%s/\n  this run     %s/api/v1/apis/%s/runs/%s\n", server,
               text_of(run, "api"), server, text_of(run, "api"), text_of(run, "id"));
}

/* ---- Markdown, for a pull request's comment -------------------------------------------------- */

static void
view_markdown(const struct pl_node *run, const char *file, struct pl_arena *arena)
{
    const struct pl_node *semver = pl_node_get(run, "semver");
    const char *server = server_url(arena);

    printf("### %s: %s, policy %s\n\n", text_of(run, "api"), text_of(run, "verdict"),
           text_of(run, "policy"));
    printf("| | |\n|---|---|\n| commit | `%s` on `%s` |\n", text_of(run, "sha"),
           text_of(run, "branch"));
    if (*text_of(run, "version"))
        printf("| version | %s%s%s: %s (asks for %s) |\n", text_of(semver, "previous_version"),
               *text_of(semver, "previous_version") ? " -> " : "", text_of(run, "version"),
               text_of(semver, "status"), text_of(semver, "required"));
    if (pl_node_true(pl_node_get(run, "placeholder"), false))
        printf("| no document | %s |\n", text_of(run, "placeholder_reason"));
    printf("| findings | %lld breaking, %lld warnings, %lld notes |\n",
           (long long)int_of(run, "breaking"), (long long)int_of(run, "warnings"),
           (long long)int_of(run, "infos"));
    if (int_of(run, "accepted"))
        printf("| accepted | %lld, and judged without |\n", (long long)int_of(run, "accepted"));
    printf("| operations | %u added, %u removed, %u changed |\n", count_of(run, "operations_added"),
           count_of(run, "operations_removed"), count_of(run, "operations_changed"));
    printf("| stability | %.2f |\n",
           pl_node_double(pl_node_get(pl_node_get(run, "metrics"), "window_stability_ratio"), 0));
    if (failed(run)) {
        printf("\n");
        print_items(pl_node_get(run, "policy_reasons"), "- ");
        print_items(pl_node_get(semver, "recommendations"), "- try: ");
    }
    print_findings(run, file, PL_FORMAT_MARKDOWN, arena);
    if (server)
        printf("\n[Status page](%s/status/%s/) · [this run](%s/api/v1/apis/%s/runs/%s)\n", server,
               text_of(run, "api"), server, text_of(run, "api"), text_of(run, "id"));
}

/* ---- GitHub annotations ---------------------------------------------------------------------- */

static void
view_github(const struct pl_node *run, const char *file, struct pl_arena *arena)
{
    const struct pl_node *why = pl_node_get(run, "policy_reasons");
    struct pl_buf text = { .arena = arena };

    print_findings(run, strcmp(file, "document") == 0 ? NULL : file, PL_FORMAT_GITHUB, arena);
    for (uint32_t i = 0; failed(run) && why && i < why->count; i++)
        pl_report_github_line(&text, PL_LEVEL_ERROR, NULL, 0, 0, "policy",
                              pl_node_text(pl_node_at(why, i), ""));
    fputs(pl_buf_text(&text), stdout);
}

void
run_view(const struct pl_node *run, const char *format, const char *file, struct pl_arena *arena)
{
    if (strcmp(format, "json") == 0)
        print_json(run, arena);
    else if (strcmp(format, "markdown") == 0)
        view_markdown(run, file, arena);
    else if (strcmp(format, "github") == 0)
        view_github(run, file, arena);
    else
        view_text(run, file, arena);
}
