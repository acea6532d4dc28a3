/* plumb validate -- check a value against a schema, with the gateway's own validator. */
#include "plumb.h"

#include "pl_document.h"
#include "validate.h"

#include <string.h>

#define LARGEST (256u << 20)

bool
validate_dialect(const char *name, enum pl_dialect *out)
{
    static const struct {
        const char *name;
        enum pl_dialect dialect;
    } table[] = { { "2020-12", PL_DIALECT_2020_12 },
                  { "4", PL_DIALECT_4 },
                  { "oas30", PL_DIALECT_OAS30 },
                  { "oas31", PL_DIALECT_OAS31 } };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        *out = table[i].dialect;
        if (strcmp(table[i].name, name) == 0)
            return true;
    }
    return false;
}

/* What an API description or `$schema` says; 2020-12 if neither is there. */
static enum pl_dialect
suggested_dialect(const struct pl_node *schema, const struct pl_node *root)
{
    const char *openapi = pl_node_text(pl_node_get(root, "openapi"), "");

    if (strncmp(openapi, "3.0.", 4) == 0)
        return PL_DIALECT_OAS30;
    if (*openapi)
        return PL_DIALECT_OAS31;
    if (pl_node_get(root, "swagger") ||
        strstr(pl_node_text(pl_node_get(schema, "$schema"), ""), "draft-04"))
        return PL_DIALECT_4;
    return PL_DIALECT_2020_12;
}

int
validate_compile(struct pl_schema **out, struct pl_node *schema, struct pl_node *root,
                 const struct validate_options *options, struct pl_arena *arena, struct pl_err *err)
{
    struct pl_schema_options how = { .known = options->known, .known_count = options->known_count };
    enum pl_dialect dialect = suggested_dialect(schema, root);

    if (options->dialect && !validate_dialect(options->dialect, &dialect))
        return pl_fail(err, INVALID, "there is no dialect \"%s\": 2020-12, 4, oas30 or oas31",
                       options->dialect);
    how.formats_say_nothing = dialect == PL_DIALECT_2020_12;
    if (options->formats && strcmp(options->formats, "assert") != 0 &&
        strcmp(options->formats, "annotate") != 0)
        return pl_fail(err, INVALID, "formats assert or annotate, not \"%s\"", options->formats);
    if (options->formats)
        how.formats_say_nothing = strcmp(options->formats, "annotate") == 0;
    return pl_schema_compile_with(out, schema, root, dialect, &how, arena, err);
}

struct pl_node *
validate_errors(const struct pl_violation *list, int count, struct pl_arena *arena)
{
    struct pl_node *out = pl_node_array(arena);

    for (int i = 0; i < count; i++) {
        struct pl_node *one = pl_node_push(arena, out, pl_node_object(arena));

        pl_node_set(arena, one, "pointer", pl_node_string(arena, list[i].pointer));
        pl_node_set(arena, one, "keyword", pl_node_string(arena, list[i].keyword));
        pl_node_set(arena, one, "text", pl_node_string(arena, list[i].text));
        if (list[i].line) {
            pl_node_set(arena, one, "line", pl_node_integer(arena, list[i].line));
            pl_node_set(arena, one, "column", pl_node_integer(arena, list[i].column));
        }
    }
    return out;
}

static struct pl_node *
read_document(const char *path, struct pl_arena *arena)
{
    struct pl_limits limits = { .bytes = LARGEST };
    struct pl_err err = { 0 };
    struct pl_node *root;
    char *bytes;
    size_t length;

    if (read_file(path, LARGEST, arena, &bytes, &length, &err)) {
        trouble("%s", err.text);
        return NULL;
    }
    root = pl_document_parse(arena, bytes, length, &limits, &err);
    if (root == NULL)
        trouble("%s: %s", path, err.text);
    return root;
}

/* The schema behind FILE or FILE#/POINTER; *root gets its document. */
static struct pl_node *
read_schema(const char *name, struct pl_node **root, struct pl_arena *arena)
{
    const char *hash = strstr(name, "#/");
    const char *pointer = hash ? hash + 1 : "";
    struct pl_node *schema;

    *root = read_document(hash ? pl_arena_printf(arena, "%.*s", (int)(hash - name), name) : name,
                          arena);
    if (*root == NULL)
        return NULL;
    schema = pl_node_pointer(*root, pointer);
    if (schema == NULL)
        trouble("%s: there is nothing at \"%s\"", name, pointer);
    return schema;
}

static void
print_answer(const char *file, const struct pl_violation *list, int count, const char *format,
             struct pl_arena *arena)
{
    struct pl_node *answer;

    if (strcmp(format, "json") == 0) {
        answer = pl_node_object(arena);
        pl_node_set(arena, answer, "valid", pl_node_bool(arena, count == 0));
        pl_node_set(arena, answer, "errors", validate_errors(list, count, arena));
        print_json(answer, arena);
        return;
    }
    if (count == 0)
        printf("%s%s: valid%s\n", style_green(), file, style_off());
    for (int i = 0; i < count; i++)
        printf("%s:%u:%u: %s%s%s%s: %s\n", file, list[i].line, list[i].column, list[i].pointer,
               *list[i].pointer ? " " : "", style_red(), list[i].keyword,
               pl_arena_printf(arena, "%s%s", style_off(), list[i].text));
}

static int
validate(const char *schema_name, const char *data, const struct validate_options *options,
         const char *format, struct pl_arena *arena)
{
    struct pl_violation violations[VALIDATE_VIOLATIONS];
    struct pl_node *root, *node = read_schema(schema_name, &root, arena), *value;
    struct pl_err err = { 0 };
    struct pl_schema *schema;
    int count;

    value = node ? read_document(data, arena) : NULL;
    if (value == NULL)
        return EXIT_TROUBLE;
    if (validate_compile(&schema, node, root, options, arena, &err))
        return trouble("%s: %s", schema_name, err.text);
    count = pl_schema_check(schema, value, arena, violations, VALIDATE_VIOLATIONS);
    print_answer(data, violations, count, format, arena);
    return count ? EXIT_NO : EXIT_FINE;
}

int
cmd_validate(int argc, char **argv)
{
    struct validate_options how = { 0 };
    struct text_list known = { 0 };
    const char *schema = NULL, *data = NULL, *format = "text";
    bool batch = false;
    const struct option options[] = {
        TEXT_OPTION("--schema", schema),       TEXT_OPTION("--data", data),
        TEXT_OPTION("--dialect", how.dialect), TEXT_OPTION("--formats", how.formats),
        TEXT_OPTION("--format", format),       LIST_OPTION("--known", known),
        FLAG_OPTION("--batch", batch),         { 0 }
    };
    struct pl_arena *arena;
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json") ||
        (how.dialect && !check_choice("--dialect", how.dialect, "2020-12|4|oas30|oas31")) ||
        (how.formats && !check_choice("--formats", how.formats, "assert|annotate")))
        return EXIT_TROUBLE;
    if (batch && (schema || data))
        return usage_error("--batch reads schemas and data from standard input");
    if (!batch && (schema == NULL || data == NULL))
        return usage_error("which schema, which value? (--schema FILE --data FILE)");
    arena = pl_arena_new();
    status = read_known(&known, arena, &how);
    if (status == EXIT_FINE)
        status = batch ? validate_batch(&how) : validate(schema, data, &how, format, arena);
    pl_arena_destroy(&arena);
    return status;
}
