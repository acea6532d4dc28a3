/* plumb flatten -- a document of several files as one that needs no other. */
#include "comparison.h"

#include <string.h>

static bool
is_json(const struct source *source)
{
    const struct pl_document_file *file = &source->document->files[0];

    return pl_is_json(file->bytes, file->length);
}

int
cmd_flatten(int argc, char **argv)
{
    const char *name, *format = NULL, *output = NULL;
    bool sorted = false;
    const struct option options[] = { TEXT_OPTION("--format", format),
                                      TEXT_OPTION("--output", output),
                                      FLAG_OPTION("--sorted", sorted),
                                      { 0 } };
    struct source source = { 0 };
    struct pl_buf out = { 0 };
    int count, status;

    if (!parse_options(argc, argv, options, &name, 1, &count) ||
        (format && !check_choice("--format", format, "json|yaml")))
        return EXIT_TROUBLE;
    if (count != 1)
        return usage_error("which document? (plumb flatten FILE)");
    out.arena = pl_arena_new();
    status = source_load(name, NULL, NULL, out.arena, &source);
    if (status == EXIT_FINE) {
        if (sorted)
            pl_document_write(source.document, &out);
        else
            pl_node_write(&out, source.document->root, PL_PRETTY);
        if (format ? strcmp(format, "yaml") == 0 : !is_json(&source)) {
            struct pl_err err = { 0 };
            const struct pl_limits limits = { .bytes = LARGEST_DOCUMENT };
            struct pl_node *tree =
                sorted ? pl_json_parse(out.arena, out.data, out.length, &limits, &err)
                       : source.document->root;

            out = (struct pl_buf){ .arena = out.arena };
            pl_node_write_yaml(&out, tree);
        } else if (!sorted) {
            pl_buf_char(&out, '\n');
        }
        status = write_output(&out, output);
    }
    pl_arena_destroy(&out.arena);
    return status;
}
