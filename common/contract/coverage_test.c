/* Every change that users of other tools are used to see, in coverage/: a base, a head, and what is
 * found between them. */
#include "compare_case.h"

#define OBJECT(text) pl_json_parse(arena, text, sizeof(text) - 1, NULL, &err)

static struct pl_node *
read_rows(const char *path, struct pl_arena *arena)
{
    struct pl_buf text = { .arena = arena };
    struct pl_err err = { 0 };
    struct pl_node *rows;
    char part[4096];
    size_t got;
    FILE *file = fopen(path, "re"); // tests run in the project's folder

    if (file == NULL)
        abort();
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        pl_buf_add(&text, part, got);
    fclose(file);
    rows = pl_yaml_parse(arena, pl_buf_text(&text), text.length, NULL, &err);
    if (rows == NULL) {
        fprintf(stderr, "%s: %s\n", path, err.text);
        abort();
    }
    return rows;
}

static void
add_members(struct pl_arena *arena, struct pl_node *to, const struct pl_node *from)
{
    for (uint32_t i = 0; i < from->count; i++)
        pl_node_set(arena, to, from->members[i].key, from->members[i].value);
}

/* {"content": {"application/json": {"schema": ...}}} */
static struct pl_node *
content(struct pl_arena *arena, struct pl_node *to, struct pl_node *schema)
{
    struct pl_node *types = pl_node_set(arena, to, "content", pl_node_object(arena));

    pl_node_set(arena, pl_node_set(arena, types, "application/json", pl_node_object(arena)),
                "schema", schema);
    return to;
}

static struct pl_node *
property(struct pl_arena *arena, struct pl_node *schema)
{
    struct pl_node *object = pl_node_object(arena);

    pl_node_set(arena, object, "type", pl_node_string(arena, "object"));
    pl_node_set(arena, pl_node_set(arena, object, "properties", pl_node_object(arena)), "p",
                schema);
    return object;
}

/* Put ${piece} into its place of an operation. */
static void
place(struct pl_arena *arena, struct pl_node *operation, const char *in, struct pl_node *piece)
{
    struct pl_node *reply = pl_node_pointer(operation, "/responses/200");
    struct pl_err err = { 0 };

    if (strcmp(in, "operation") == 0)
        add_members(arena, operation, piece);
    else if (strncmp(in, "request-", 8) == 0 && strcmp(in, "request-parameter") != 0)
        pl_node_set(
            arena, operation, "requestBody",
            content(arena, pl_node_object(arena), in[8] == 'b' ? piece : property(arena, piece)));
    else if (strcmp(in, "request-parameter") == 0)
        pl_node_set(arena,
                    pl_node_push(arena,
                                 pl_node_set(arena, operation, "parameters", pl_node_array(arena)),
                                 OBJECT("{\"name\":\"q\",\"in\":\"query\"}")),
                    "schema", piece);
    else if (strcmp(in, "response-header") == 0)
        pl_node_set(arena,
                    pl_node_set(arena, pl_node_set(arena, reply, "headers", pl_node_object(arena)),
                                "X-A", pl_node_object(arena)),
                    "schema", piece);
    else
        content(arena, reply, strcmp(in, "response-body") == 0 ? piece : property(arena, piece));
}

enum style { ONE_LINE, JSON, YAML, STYLES };

static struct pl_document *
document(struct pl_arena *arena, const char *in, struct pl_node *piece, enum style style)
{
    struct pl_err err = { 0 };
    struct pl_node *root = OBJECT("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"case\","
                                  "\"version\":\"1.0.0\"}}");
    struct pl_buf text = { .arena = arena };
    struct pl_node *operation;

    pl_node_set(arena, root, "components",
                OBJECT("{\"schemas\":{\"C\":{\"type\":\"object\",\"required\":[\"kind\"],"
                       "\"properties\":{\"kind\":{\"const\":\"c\"}}},\"D\":{\"type\":\"object\","
                       "\"required\":[\"kind\"],\"properties\":{\"kind\":{\"const\":\"d\"}}}},"
                       "\"securitySchemes\":{\"key\":{\"type\":\"apiKey\",\"in\":\"header\","
                       "\"name\":\"X-Key\"},\"oauth\":{\"type\":\"oauth2\",\"flows\":{"
                       "\"clientCredentials\":{\"tokenUrl\":\"http://a\",\"scopes\":{}}}}}}"));
    if (strcmp(in, "document") == 0) {
        add_members(arena, root, piece);
    } else {
        pl_node_set(arena, root, "paths",
                    OBJECT("{\"/t\":{\"post\":{\"responses\":{\"200\":{"
                           "\"description\":\"x\"}}}}}"));
        operation = pl_node_pointer(root, "/paths/~1t/post");
        place(arena, operation, in, piece);
    }
    if (style == YAML)
        pl_node_write_yaml(&text, root);
    else
        pl_node_write(&text, root, style == JSON ? PL_PRETTY : PL_COMPACT);
    return load_case(pl_buf_text(&text), in, arena);
}

static void
check_fingerprints(const struct pl_diff *diff)
{
    for (int i = 0; i < diff->finding_count; i++)
        for (int k = 0; k < i; k++)
            CHECK(strcmp(diff->findings[i].fingerprint, diff->findings[k].fingerprint) != 0);
}

/* The last step of the pointer, unescaped; NULL of the root and of a position in a list. */
static const char *
last_key(const char *pointer, struct pl_arena *arena)
{
    const char *slash = strrchr(pointer, '/');
    struct pl_buf out = { .arena = arena };

    if (slash == NULL || strspn(slash + 1, "0123456789") == strlen(slash + 1))
        return NULL;
    for (const char *at = slash + 1; *at; at++) {
        bool escaped = at[0] == '~' && (at[1] == '0' || at[1] == '1');

        pl_buf_char(&out, !escaped ? *at : at[1] == '0' ? '~' : '/');
        at += escaped;
    }
    return pl_buf_text(&out);
}

/* The line that is named has the key that the pointer ends with, and the column is in it. */
static void
check_place(const struct pl_document *document, const struct pl_place *place,
            struct pl_arena *arena)
{
    const char *text = document->files[0].bytes, *key, *line;

    if (place->pointer == NULL)
        return;
    CHECK_STR(place->file, document->file);
    CHECK_INT(place->line, >=, 1);
    for (uint32_t n = 1; n < place->line && text; n++)
        text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL;
    CHECK_THAT(text, "%s: there is no line %u", place->pointer, place->line);
    line = pl_arena_printf(arena, "%.*s", (int)strcspn(text, "\n"), text);
    CHECK_THAT(place->column >= 1 && place->column <= strlen(line) + 1, "%s: column %u of \"%s\"",
               place->pointer, place->column, line);
    key = last_key(place->pointer, arena);
    CHECK_THAT(key == NULL || strstr(line, key), "%s: line %u is \"%s\"", place->pointer,
               place->line, line);
}

/* The places of each finding, whatever the document is written in. */
static void
check_places(const struct pl_node *row, const char *frame, enum style style,
             const struct pl_compare_options *how, struct pl_arena *arena)
{
    struct pl_document *base = document(arena, frame, pl_node_get(row, "base"), style);
    struct pl_document *head = document(arena, frame, pl_node_get(row, "head"), style);
    const struct pl_diff *diff = pl_compare_with(base, head, how, arena);

    for (int i = 0; i < diff->finding_count; i++) {
        const struct pl_finding *finding = &diff->findings[i];

        CHECK(finding->base.pointer || finding->head.pointer);
        check_place(base, &finding->base, arena);
        check_place(head, &finding->head, arena);
    }
}

static void
check_row(struct pl_node *row, const char *path, struct pl_arena *arena)
{
    const struct pl_node *in = pl_node_get(row, "in");
    struct pl_compare_options how = { .today = "2026-11-20" };
    const char *wanted = pl_node_text(pl_node_get(row, "finds"), "?");

    how.notice_stable = (int)pl_node_int(pl_node_get(row, "notice"), 0);
    for (uint32_t i = 0; i < in->count; i++) {
        const char *frame = in->items[i]->text;
        const struct pl_diff *diff = pl_compare_with(
            document(arena, frame, pl_node_get(row, "base"), ONE_LINE),
            document(arena, frame, pl_node_get(row, "head"), ONE_LINE), &how, arena);
        const char *found = list_findings(diff, arena);

        if (strcmp(found, wanted) != 0)
            fprintf(stderr, "\n  %s:%u, in %s:\n", path, row->line, frame);
        CHECK_STR(found, wanted);
        check_fingerprints(diff);
        for (enum style style = JSON; style < STYLES; style++)
            check_places(row, frame, style, &how, arena);
    }
}

static void
check_file(const char *path, uint32_t *count)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_node *rows = read_rows(path, arena);

    *count = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        struct pl_arena *one = pl_arena_new();

        check_row(rows->items[i], path, one);
        *count += pl_node_get(rows->items[i], "in")->count;
        pl_arena_destroy(&one);
    }
    pl_arena_destroy(&arena);
}

TEST(each_known_change_of_a_schema_is_found_as_it_should)
{
    uint32_t count;

    check_file("common/contract/coverage/schemas.yaml", &count);
    CHECK_INT(count, >=, 340);
}

TEST(each_known_change_of_operations_and_documents_is_found_as_it_should)
{
    uint32_t count;

    check_file("common/contract/coverage/operations.yaml", &count);
    CHECK_INT(count, >=, 100);
}
