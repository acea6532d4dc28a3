/* plumb diff -- compare two documents, offline. */
#include "plumb.h"

#include "pl_checksum.h"
#include "pl_report.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define LARGEST_DOCUMENT (256u << 20)

struct side {
    struct pl_document *document;
    char sha256[PL_SHA256_HEX];
};

static int
load(const char *path, struct side *out, struct pl_arena *arena)
{
    struct pl_limits limits = { .bytes = LARGEST_DOCUMENT };
    struct pl_err err = { 0 };
    char *bytes;
    size_t length;

    if (read_file(path, LARGEST_DOCUMENT, arena, &bytes, &length, &err))
        return trouble("%s", err.text);
    pl_sha256_hex(bytes, length, out->sha256);
    if (pl_document_load(&out->document, arena, path, bytes, length, &limits, &err) == 0)
        return EXIT_FINE;
    trouble("%s: %s", path, err.text);
    for (int i = 0; i < out->document->problem_count; i++) {
        const struct pl_problem *p = &out->document->problems[i];

        fprintf(stderr, "  %s:%u:%u %s: %s\n", path, p->line, p->column, p->pointer, p->text);
    }
    return EXIT_TROUBLE;
}

static struct pl_node *
operation_list(struct pl_arena *arena, const struct pl_operation_ref *list, int count)
{
    struct pl_node *out = pl_node_array(arena);

    for (int i = 0; i < count; i++) {
        struct pl_node *one = pl_node_push(arena, out, pl_node_object(arena));

        pl_node_set(arena, one, "method", pl_node_string(arena, list[i].method));
        pl_node_set(arena, one, "path", pl_node_string(arena, list[i].path));
    }
    return out;
}

/* operations-classification alone (E-03). */
static void
print_operations(const struct pl_diff *diff, struct pl_arena *arena)
{
    struct pl_node *out = pl_node_object(arena);

    pl_node_set(arena, out, "added", operation_list(arena, diff->added, diff->added_count));
    pl_node_set(arena, out, "removed", operation_list(arena, diff->removed, diff->removed_count));
    pl_node_set(arena, out, "changed", operation_list(arena, diff->changed, diff->changed_count));
    print_json(out, arena);
}

static void
print_report(const struct side *base, const struct side *head, const struct pl_diff *diff,
             const char *format, struct pl_arena *arena)
{
    struct pl_semver_input input = { .previous = base->document->version,
                                     .current = head->document->version,
                                     .breaking = diff->breaking > 0,
                                     .additive = diff->additive,
                                     .changed = diff->finding_count > 0,
                                     .scheme = "semver" };
    struct pl_semver semver = { 0 };
    struct pl_report report = { .base = base->document,
                                .head = head->document,
                                .base_sha256 = base->sha256,
                                .head_sha256 = head->sha256,
                                .diff = diff,
                                .semver = &semver,
                                .colour = *style_off() != '\0' };
    struct pl_buf text = { .arena = arena };
    enum pl_format parsed = PL_FORMAT_TEXT;

    pl_format_parse(format, &parsed);
    pl_semver_judge(&input, arena, &semver);
    pl_report_diff(&text, &report, parsed);
    fputs(pl_buf_text(&text), stdout);
    if (text.length && text.data[text.length - 1] != '\n')
        putchar('\n');
}

static int
judge(const struct pl_diff *diff, const char *fail_on)
{
    if (strcmp(fail_on, "never") == 0)
        return EXIT_FINE;
    if (diff->breaking > 0 || (strcmp(fail_on, "warn") == 0 && diff->warnings > 0))
        return EXIT_NO;
    return EXIT_FINE;
}

/* Sunsets and acceptances end by the calendar of UTC. */
static const char *
today(char out[11])
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(out, 11, "%Y-%m-%d", &utc);
    return out;
}

int
cmd_diff(int argc, char **argv)
{
    const char *words[2], *format = "text", *fail_on = "error";
    const struct option options[] = { TEXT_OPTION("--format", format),
                                      TEXT_OPTION("--fail-on", fail_on),
                                      { 0 } };
    struct side base = { 0 }, head = { 0 };
    char day[11];
    const struct pl_compare_options how = { .today = today(day) };
    struct pl_arena *arena;
    struct pl_diff *diff;
    int count, status;

    if (!parse_options(argc, argv, options, words, 2, &count) ||
        !check_choice("--format", format, "text|json|markdown|github|operations") ||
        !check_choice("--fail-on", fail_on, "error|warn|never"))
        return EXIT_TROUBLE;
    if (count != 2)
        return usage_error("which two documents? (plumb diff BASE HEAD)");
    arena = pl_arena_new();
    status = load(words[0], &base, arena);
    if (status == EXIT_FINE)
        status = load(words[1], &head, arena);
    if (status == EXIT_FINE) {
        diff = pl_compare_with(base.document, head.document, &how, arena);
        if (strcmp(format, "operations") == 0)
            print_operations(diff, arena);
        else
            print_report(&base, &head, diff, format, arena);
        status = judge(diff, fail_on);
    }
    pl_arena_destroy(&arena);
    return status;
}
