#include "run_view.h"

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
    if (*previous && strcmp(previous, current) != 0)
        printf("  %s -> %s", previous, current);
    else if (*current)
        printf("  %s", current);
    if (pl_node_true(pl_node_get(run, "preview"), false))
        printf("  (preview: the record is untouched)");
    if (!pl_node_true(pl_node_get(run, "created"), true))
        printf("  (already recorded)");
    printf("\n\n  verdict    ");
    print_word(text_of(run, "verdict"), 0);
    printf("   %lld breaking, %lld warnings, %lld notes\n", (long long)int_of(run, "breaking"),
           (long long)int_of(run, "warnings"), (long long)int_of(run, "infos"));
    printf("  policy     ");
    print_word(text_of(run, "policy"), 0);
    putchar('\n');
}

static void
print_list(const struct pl_node *list, const char *lead)
{
    for (uint32_t i = 0; list && i < list->count; i++)
        printf("  %s%s\n", lead, pl_node_text(pl_node_at(list, i), ""));
}

static void
print_policy(const struct pl_node *run)
{
    const struct pl_node *semver = pl_node_get(run, "semver");

    print_list(pl_node_get(run, "policy_reasons"), "             - ");
    printf("  version    ");
    print_word(text_of(semver, "status"), 0);
    if (*text_of(semver, "required"))
        printf("   this change asks for: %s", text_of(semver, "required"));
    putchar('\n');
    print_list(pl_node_get(semver, "messages"), "             ");
    print_list(pl_node_get(semver, "recommendations"), "             try: ");
}

static void
print_stability(const struct pl_node *run)
{
    const struct pl_node *m = pl_node_get(run, "metrics");

    if (m == NULL)
        return;
    printf("  stability  %.2f   %lld of the last %lld runs stable, streak %lld (longest %lld)\n",
           pl_node_double(pl_node_get(m, "window_stability_ratio"), 0),
           (long long)int_of(m, "window_stable_count"), (long long)int_of(m, "window_total_count"),
           (long long)int_of(m, "current_stable_streak"),
           (long long)int_of(m, "longest_stable_streak"));
    if (count_of(run, "changed_reasons"))
        print_list(pl_node_get(run, "changed_reasons"), "notice     ");
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

static int64_t
line_of(const struct pl_node *finding, const char **side)
{
    const struct pl_node *place = pl_node_get(pl_node_get(finding, "location"), "head");

    *side = "";
    if (place == NULL) {
        place = pl_node_get(pl_node_get(finding, "location"), "base");
        *side = "before: ";
    }
    return int_of(place, "line");
}

static void
print_finding(const struct pl_node *finding, const char *file)
{
    const struct pl_node *operation = pl_node_get(finding, "operation");
    const char *side;
    int64_t line = line_of(finding, &side);

    printf("  ");
    print_word(text_of(finding, "level"), 6);
    if (operation)
        printf("%s%s %s%s  ", style_bold(), text_of(operation, "method"),
               text_of(operation, "path"), style_off());
    printf("%s\n        %s[%s]", text_of(finding, "text"), style_dim(), text_of(finding, "id"));
    if (line)
        printf("  %s%s:%lld", side, file, (long long)line);
    printf("%s\n", style_off());
    if (*text_of(finding, "hint") && strcmp(text_of(finding, "level"), "error") == 0)
        printf("        %s\n", text_of(finding, "hint"));
}

static void
view_text(const struct pl_node *run, const char *file)
{
    const struct pl_node *findings = pl_node_get(run, "findings");
    const char *server;
    struct pl_arena *arena = pl_arena_new();

    print_head(run);
    if (pl_node_true(pl_node_get(run, "placeholder"), false))
        printf("             no document: %s\n", text_of(run, "placeholder_reason"));
    print_policy(run);
    print_stability(run);
    if (count_of(run, "operations_added") || count_of(run, "operations_removed"))
        putchar('\n');
    print_operations(run, "operations_added", "+", style_green());
    print_operations(run, "operations_removed", "-", style_red());
    if (findings && findings->count)
        putchar('\n');
    for (uint32_t i = 0; findings && i < findings->count; i++)
        print_finding(pl_node_at(findings, i), file);
    if (pl_node_true(pl_node_get(run, "findings_truncated"), false))
        printf("  %s... more: plumb runs show %s --api %s --findings%s\n", style_dim(),
               text_of(run, "id"), text_of(run, "api"), style_off());
    server = server_url(arena);
    if (server)
        printf("\n  status page  %s/status/%s/\n  this run     %s/api/v1/apis/%s/runs/%s\n", server,
               text_of(run, "api"), server, text_of(run, "api"), text_of(run, "id"));
    pl_arena_destroy(&arena);
}

/* ---- Markdown, for a pull request's comment -------------------------------------------------- */

static void
print_escaped(const char *text)
{
    for (; *text; text++) {
        if (strchr("|<>*_`[]\\", *text))
            putchar('\\');
        putchar(*text == '\n' ? ' ' : *text);
    }
}

static void
view_markdown(const struct pl_node *run)
{
    const struct pl_node *findings = pl_node_get(run, "findings");
    const struct pl_node *semver = pl_node_get(run, "semver");

    printf("### %s: %s, policy %s\n\n", text_of(run, "api"), text_of(run, "verdict"),
           text_of(run, "policy"));
    printf("| | |\n|---|---|\n| commit | `%s` on `%s` |\n", text_of(run, "sha"),
           text_of(run, "branch"));
    printf("| version | %s -> %s: %s (asks for %s) |\n", text_of(semver, "previous_version"),
           text_of(run, "version"), text_of(semver, "status"), text_of(semver, "required"));
    printf("| findings | %lld breaking, %lld warnings, %lld notes |\n",
           (long long)int_of(run, "breaking"), (long long)int_of(run, "warnings"),
           (long long)int_of(run, "infos"));
    printf("| operations | %u added, %u removed, %u changed |\n", count_of(run, "operations_added"),
           count_of(run, "operations_removed"), count_of(run, "operations_changed"));
    printf("| stability | %.2f |\n",
           pl_node_double(pl_node_get(pl_node_get(run, "metrics"), "window_stability_ratio"), 0));
    if (findings == NULL || findings->count == 0)
        return;
    printf("\n| level | operation | what |\n|---|---|---|\n");
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct pl_node *f = pl_node_at(findings, i), *o = pl_node_get(f, "operation");

        printf("| %s | ", text_of(f, "level"));
        if (o) {
            printf("%s ", text_of(o, "method"));
            print_escaped(text_of(o, "path"));
        }
        printf(" | ");
        print_escaped(text_of(f, "text"));
        printf(" |\n");
    }
}

/* ---- GitHub annotations ---------------------------------------------------------------------- */

static void
print_property(const char *text, const char *special)
{
    for (; *text; text++)
        if (strchr(special, *text))
            printf("%%%02X", (unsigned char)*text);
        else
            putchar(*text);
}

static void
view_github(const struct pl_node *run, const char *file)
{
    const struct pl_node *findings = pl_node_get(run, "findings");

    for (uint32_t i = 0; findings && i < findings->count; i++) {
        const struct pl_node *f = pl_node_at(findings, i);
        const char *level = text_of(f, "level"), *side;
        int64_t line = line_of(f, &side);

        printf("::%s file=", strcmp(level, "error") == 0  ? "error"
                             : strcmp(level, "warn") == 0 ? "warning"
                                                          : "notice");
        print_property(file, "%\r\n:,");
        if (line && *side == '\0')
            printf(",line=%lld", (long long)line);
        printf(",title=%s::", text_of(f, "id"));
        print_property(text_of(f, "text"), "%\r\n");
        putchar('\n');
    }
    if (failed(run)) {
        const struct pl_node *why = pl_node_get(run, "policy_reasons");

        for (uint32_t i = 0; why && i < why->count; i++) {
            printf("::error title=policy::");
            print_property(pl_node_text(pl_node_at(why, i), ""), "%\r\n");
            putchar('\n');
        }
    }
}

void
run_view(const struct pl_node *run, const char *format, const char *file, struct pl_arena *arena)
{
    if (strcmp(format, "json") == 0)
        print_json(run, arena);
    else if (strcmp(format, "markdown") == 0)
        view_markdown(run);
    else if (strcmp(format, "github") == 0)
        view_github(run, file);
    else
        view_text(run, file);
}
