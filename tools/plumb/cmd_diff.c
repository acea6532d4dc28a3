/* plumb diff, plumb changelog -- compare two documents, offline. */
#include "comparison.h"

#include <string.h>

#define FORMATS "text|json|yaml|markdown|html|github|junit|sarif"

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
static struct pl_buf
operations_report(const struct pl_diff *diff, struct pl_arena *arena)
{
    struct pl_node *out = pl_node_object(arena);
    struct pl_buf text = { .arena = arena };

    pl_node_set(arena, out, "added", operation_list(arena, diff->added, diff->added_count));
    pl_node_set(arena, out, "removed", operation_list(arena, diff->removed, diff->removed_count));
    pl_node_set(arena, out, "changed", operation_list(arena, diff->changed, diff->changed_count));
    pl_node_write(&text, out, PL_PRETTY);
    pl_buf_char(&text, '\n');
    return text;
}

/* The findings of several baselines, one report after the other; the worst exit status. */
static int
compare_all(const char **names, int count, const struct wishes *wishes, const char *format,
            const char *fail_on, bool only_breaking, bool colour, struct pl_buf *out)
{
    struct pl_arena *arena = out->arena;
    int worst = EXIT_FINE;

    for (int i = 0; i + 1 < count; i++) {
        struct comparison comparison = { 0 };
        struct pl_buf text;
        int status = compare_sources(names[i], names[count - 1], wishes, arena, &comparison);

        if (status != EXIT_FINE)
            return status;
        text = strcmp(format, "operations") == 0
                   ? operations_report(comparison.diff, arena)
                   : comparison_report(&comparison, format, only_breaking, colour, arena);
        if (count > 2 && strcmp(format, "text") == 0)
            pl_buf_printf(out, "%s%sagainst %s%s\n", i ? "\n" : "", style_bold(), names[i],
                          style_off());
        pl_buf_add(out, text.data, text.length);
        status = comparison_exit(&comparison, fail_on);
        worst = status > worst ? status : worst;
    }
    return worst;
}

static int
run(int argc, char **argv, const char *format, const char *fail_on)
{
    const char *words[MAX_LIST], *only = NULL, *output = NULL;
    struct wishes wishes = { 0 };
    bool transitive = false;
    const struct option options[] = { WISHES(wishes),
                                      TEXT_OPTION("--format", format),
                                      TEXT_OPTION("--fail-on", fail_on),
                                      TEXT_OPTION("--only", only),
                                      TEXT_OPTION("--output", output),
                                      FLAG_OPTION("--transitive", transitive),
                                      { 0 } };
    struct pl_buf out = { 0 };
    int count, status, written;

    if (!parse_options(argc, argv, options, words, MAX_LIST, &count) ||
        !check_choice("--format", format, FORMATS "|operations") ||
        !check_choice("--fail-on", fail_on, "error|warn|never") ||
        (only && !check_choice("--only", only, "breaking")))
        return EXIT_TROUBLE;
    if (count < 2 || (count > 2 && !transitive))
        return usage_error("which two documents? (plumb %s BASE HEAD)", argv[0]);
    if (count > 2 && strstr("text|markdown|github", format) == NULL)
        return usage_error("several baselines are reported as text, markdown or github");
    out.arena = pl_arena_new();
    status = compare_all(words, count, &wishes, format, fail_on, only != NULL,
                         output == NULL && *style_off() != '\0', &out);
    if (status != EXIT_TROUBLE) {
        written = write_output(&out, output);
        status = written == EXIT_FINE ? status : written;
    }
    pl_arena_destroy(&out.arena);
    return status;
}

int
cmd_diff(int argc, char **argv)
{
    return run(argc, argv, "text", "error");
}

int
cmd_changelog(int argc, char **argv)
{
    return run(argc, argv, "markdown", "never");
}
