/* Documents with random damage: whatever comes in, the answer is a document or an error, and the
 * sanitizers have nothing to say.  The damage is the same at each run; PLUMB_MUTATIONS asks for
 * more of it, PLUMB_MUTATE for other documents (paths, separated by ':'). */
#include "pl_check.h"
#include "pl_document.h"

static const char yaml[] =
    "openapi: 3.1.0\ninfo: {title: T, version: '1.0'}\nx-a: &a [1, 2.5e3, \"\\u00e9\", null]\n"
    "paths:\n  /pets/{id}:\n    parameters:\n      - {name: id, in: path, required: true, schema: "
    "{type: string, format: uuid, pattern: '^[a-f0-9-]+$'}}\n    get:\n      responses:\n"
    "        '200':\n          description: |\n            long\n            text\n          "
    "content:\n            application/json:\n              schema: {$ref: "
    "'#/components/schemas/Pet'}\n              example: *a\ncomponents:\n  schemas:\n    Pet:\n"
    "      type: object\n      required: [id]\n      properties:\n        id: {type: integer, "
    "minimum: 1, multipleOf: 0.5}\n        tags: {type: array, items: {enum: [a, b]}, uniqueItems: "
    "true, contains: {const: a}}\n        parent: {anyOf: [{$ref: '#/components/schemas/Pet'}, "
    "{type: 'null'}]}\n      unevaluatedProperties: false\n";

static const char json[] =
    "{\"swagger\":\"2.0\",\"info\":{\"title\":\"T\\ud83d\\ude00\",\"version\":\"2\"},\"paths\":{"
    "\"/a~b\":{\"post\":{\"parameters\":[{\"in\":\"body\",\"name\":\"b\",\"schema\":{\"$ref\":"
    "\"#/definitions/A~1B%20c\"}}],\"responses\":{\"default\":{\"description\":\"d\"}}}}},"
    "\"definitions\":{\"A/B c\":{\"type\":\"object\",\"additionalProperties\":{\"type\":"
    "\"number\",\"maximum\":1e3,\"exclusiveMaximum\":true},\"x-n\":[-0.0,1E+2,true,{}]}}}";

static uint32_t
next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* Change, remove, repeat or insert a few bytes. */
static size_t
damage(char *text, size_t length, uint64_t *state)
{
    static const char *const pieces[] = { "{",      "}",
                                          "[",      "]",
                                          "\"",     ":",
                                          "*a",     "&a ",
                                          "- ",     "\n",
                                          "\\u",    "~",
                                          "#/",     "$ref",
                                          "\xc3",   "e99",
                                          "!!str ", "<<: ",
                                          "%",      "-",
                                          "| ",     "999999999999999999999",
                                          "type",   "null",
                                          "\t" };
    uint32_t rounds = 1 + next_random(state) % 4;

    while (rounds--) {
        size_t at = next_random(state) % (length + 1), size;
        const char *piece = pieces[next_random(state) % (sizeof pieces / sizeof pieces[0])];

        switch (next_random(state) % 4) {
        case 0:
            if (at < length)
                text[at] = (char)next_random(state);
            break;
        case 1:
            size = next_random(state) % 40;
            if (size > length - at)
                size = length - at;
            memmove(text + at, text + at + size, length - at - size);
            length -= size;
            break;
        case 2:
            size = strlen(piece);
            memmove(text + at + size, text + at, length - at);
            memcpy(text + at, piece, size);
            length += size;
            break;
        default:
            size = next_random(state) % 60;
            if (size > length - at)
                size = length - at;
            memmove(text + at + size, text + at, length - at);
            length += size;
        }
    }
    return length;
}

/* Do with a document what the product does, without looking at what comes out. */
static void
use(struct pl_document *document, struct pl_arena *arena)
{
    struct pl_node *named =
        pl_node_get(document->spec == PL_SWAGGER_20 ? document->root
                                                    : pl_node_get(document->root, "components"),
                    document->spec == PL_SWAGGER_20 ? "definitions" : "schemas");
    struct pl_buf out = { .arena = arena };

    pl_document_write(document, &out);
    for (uint32_t i = 0; pl_node_is(named, PL_OBJECT) && i < named->count; i++) {
        struct pl_violation violations[3];
        struct pl_schema *schema;
        struct pl_err err = { 0 };

        pl_document_resolve(document, named->members[i].value);
        if (pl_schema_compile(&schema, named->members[i].value, document->root, document->dialect,
                              arena, &err) == 0)
            pl_schema_check(schema, document->root, arena, violations, 3);
    }
}

/* Each damaged document either loads or says why not, with a place. */
static int
mutate(const char *original, size_t length, int count)
{
    uint64_t state = 42;
    int loaded = 0;

    for (int i = 0; i < count; i++) {
        struct pl_arena *arena = pl_arena_new();
        struct pl_document *document;
        struct pl_err err = { 0 };
        char *text = malloc(length + 400); // exactly sized below, so that overruns are seen
        char *exact;
        size_t left;

        memcpy(text, original, length);
        left = damage(text, length, &state);
        exact = malloc(left ? left : 1);
        memcpy(exact, text, left);
        if (pl_document_load(&document, arena, "damaged", exact, left, NULL, &err) == 0) {
            use(document, arena);
            loaded++;
        } else if (err.text[0] == '\0' || document->problem_count == 0) {
            loaded = -count;
        }
        free(exact);
        free(text);
        pl_arena_destroy(&arena);
    }
    return loaded;
}

static int
wanted(int otherwise)
{
    const char *more = getenv("PLUMB_MUTATIONS");

    return more ? atoi(more) : otherwise;
}

TEST(damaged_yaml_is_a_document_or_an_error)
{
    CHECK_INT(mutate(yaml, strlen(yaml), wanted(3000)), >, 0);
}

TEST(damaged_json_is_a_document_or_an_error)
{
    CHECK_INT(mutate(json, strlen(json), wanted(3000)), >, 0);
}

TEST(other_damaged_documents_are_documents_or_errors)
{
    char *paths = getenv("PLUMB_MUTATE"), *rest = NULL;

    paths = paths ? strdup(paths) : NULL;
    for (char *path = paths ? strtok_r(paths, ":", &rest) : NULL; path;
         path = strtok_r(NULL, ":", &rest)) {
        char *bytes = malloc(4 << 20);
        FILE *file = fopen(path, "rb");
        size_t length = file ? fread(bytes, 1, 4 << 20, file) : 0;

        if (file)
            fclose(file);
        printf("\n    %s: %d load ", path, mutate(bytes, length, wanted(100)));
        free(bytes);
    }
    free(paths);
}
