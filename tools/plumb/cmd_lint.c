/* plumb lint -- what keeps a document from being compared, all of it at once. */
#include "source.h"

#include "pl_report.h"

#include <string.h>

static struct pl_node *
problem_node(const struct pl_problem *problem, struct pl_arena *arena)
{
    struct pl_node *out = pl_node_object(arena);

    pl_node_set(arena, out, "file", pl_node_string(arena, problem->file));
    pl_node_set(arena, out, "line", pl_node_integer(arena, problem->line));
    pl_node_set(arena, out, "column", pl_node_integer(arena, problem->column));
    pl_node_set(arena, out, "pointer", pl_node_string(arena, problem->pointer));
    pl_node_set(arena, out, "text", pl_node_string(arena, problem->text));
    return out;
}

static void
print_as_json(const struct pl_document *document, bool comparable, struct pl_arena *arena)
{
    struct pl_node *root = pl_node_object(arena), *list = pl_node_array(arena);

    pl_node_set(arena, root, "comparable", pl_node_bool(arena, comparable));
    pl_node_set(arena, root, "note",
                document->note ? pl_node_string(arena, document->note) : pl_node_null(arena));
    pl_node_set(arena, root, "problems", list);
    for (int i = 0; i < document->problem_count; i++)
        pl_node_push(arena, list, problem_node(&document->problems[i], arena));
    print_json(root, arena);
}

static void
print_annotations(const struct pl_document *document, bool comparable, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < document->problem_count; i++) {
        const struct pl_problem *p = &document->problems[i];

        pl_report_github_line(&out, PL_LEVEL_ERROR, p->file, p->line, p->column,
                              comparable ? "schema-not-valid" : "not-comparable", p->text);
    }
    fputs(pl_buf_text(&out), stdout);
}

static void
print_text(const struct pl_document *document, bool comparable)
{
    const char *verdict = comparable ? "can be compared" : "not comparable";

    printf("%s: %s%s%s", document->file, comparable ? style_green() : style_red(), verdict,
           style_off());
    if (comparable && document->problem_count)
        printf(", but %s%d %s not valid%s", style_yellow(), document->problem_count,
               document->problem_count == 1 ? "schema is" : "schemas are", style_off());
    putchar('\n');
    source_complain(document, stdout);
    if (document->note)
        printf("  note: %s\n", document->note);
}

int
cmd_lint(int argc, char **argv)
{
    const char *name, *format = "text";
    struct limit_wishes wishes = { 0 };
    struct pl_limits limits;
    const struct option options[] = { TEXT_OPTION("--format", format),
                                      LIMIT_OPTIONS(wishes),
                                      { 0 } };
    struct source source = { 0 };
    struct pl_arena *arena;
    bool comparable;
    int count, status;

    if (!parse_options(argc, argv, options, &name, 1, &count) ||
        !check_choice("--format", format, "text|json|github"))
        return EXIT_TROUBLE;
    if (count != 1)
        return usage_error("which document? (plumb lint FILE)");
    if (source_limits(&wishes, &limits))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    status = source_read(name, NULL, &limits, arena, &source);
    if (status == EXIT_FINE) {
        comparable = source.document->problem_count == 0;
        pl_document_lint(source.document);
        if (strcmp(format, "json") == 0)
            print_as_json(source.document, comparable, arena);
        else if (strcmp(format, "github") == 0)
            print_annotations(source.document, comparable, arena);
        else
            print_text(source.document, comparable);
        status = source.document->problem_count ? EXIT_NO : EXIT_FINE;
    }
    pl_arena_destroy(&arena);
    return status;
}
