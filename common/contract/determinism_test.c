/* The same pair gives the same bytes, whatever a process's hash key and addresses are.
 *
 * Each run is a process of its own, forked before anything was hashed (the key of node_index.c is
 * made at its first use) and with other memory taken before. */
#include "compare_case.h"

#include "pl_checksum.h"
#include "pl_report.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 100

static const char CYCLIC[] =
    "openapi: 3.0.3\n"
    "info: { title: circles, version: 1.0.%d }\n"
    "paths:\n"
    "  /trees/{id}:\n"
    "    parameters: [ { name: id, in: path, required: true, schema: { type: %s } } ]\n"
    "    put:\n"
    "      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Node' } } } }\n"
    "      responses: { '200': { description: it, content: { application/json: { schema: { $ref: "
    "'#/components/schemas/Forest' } } } } }\n"
    "  /forests:\n"
    "    post:\n"
    "      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Forest' } } } }\n"
    "      responses: { '200': { description: it, content: { application/json: { schema: { $ref: "
    "'#/components/schemas/Node' } } } } }\n"
    "components:\n"
    "  schemas:\n"
    "    Node:\n"
    "      type: object\n"
    "      required: [ name%s ]\n"
    "      properties:\n"
    "        name: { type: string, maxLength: %d }\n"
    "        kind: { type: string, enum: [ %s ] }\n"
    "        left: { $ref: '#/components/schemas/Node' }\n"
    "        right: { $ref: '#/components/schemas/Leaf' }\n"
    "        home: { $ref: '#/components/schemas/Forest' }\n"
    "    Leaf:\n"
    "      allOf: [ { $ref: '#/components/schemas/Node' }, { type: object, properties: { green: { type: %s } } } ]\n"
    "    Forest:\n"
    "      type: object\n"
    "      properties:\n"
    "        any: { oneOf: [ { $ref: '#/components/schemas/Node' }, { $ref: '#/components/schemas/Forest' }, { type: %s } ] }\n"
    "        trees: { type: array, items: { $ref: '#/components/schemas/Leaf' }, maxItems: %d }\n"
    "      additionalProperties: { $ref: '#/components/schemas/Node' }\n";

/* The digest of all reports of a pair. */
static void
report_all(const struct pl_document *base, const struct pl_document *head, struct pl_arena *arena,
           char out[PL_SHA256_HEX])
{
    const struct pl_diff *diff = pl_compare(base, head, NULL, arena);
    const struct pl_semver semver = { .status = "fail", .required = diff->required_bump };
    const struct pl_report report = { .base = base,
                                      .head = head,
                                      .base_sha256 = "b",
                                      .head_sha256 = "h",
                                      .diff = diff,
                                      .semver = &semver };
    struct pl_buf text = { .arena = arena };

    for (int format = PL_FORMAT_TEXT; format <= PL_FORMAT_SARIF; format++)
        pl_report_diff(&text, &report, (enum pl_format)format);
    pl_sha256_hex(text.data, text.length, out);
}

static void
load_cyclic(struct pl_arena *arena, struct pl_document **base, struct pl_document **head)
{
    const char *values = "elm, oak, ash, fir, yew, '1', '2', '3', '4', '5', '6', '7', '8', '9'";

    *base = load_case(
        pl_arena_printf(arena, CYCLIC, 0, "string", "", 40, values, "boolean", "integer", 9),
        "base.yaml", arena);
    *head = load_case(pl_arena_printf(arena, CYCLIC, 1, "integer", ", kind", 30,
                                      "elm, oak, pine, '9'", "string", "number", 5),
                      "head.yaml", arena);
}

/* What a run of its own says. */
static void
run_apart(int number, char out[PL_SHA256_HEX])
{
    int ends[2];
    pid_t child;

    CHECK_INT(pipe(ends), ==, 0);
    child = fork();
    if (child == 0) {
        void *elsewhere = malloc((size_t)number * 1361 + 1);
        struct pl_arena *arena = pl_arena_new();
        struct pl_document *base, *head;

        load_cyclic(arena, &base, &head);
        report_all(base, head, arena, out);
        _exit(elsewhere == NULL || write(ends[1], out, PL_SHA256_HEX) != PL_SHA256_HEX);
    }
    close(ends[1]);
    CHECK_INT(read(ends[0], out, PL_SHA256_HEX), ==, PL_SHA256_HEX);
    close(ends[0]);
    CHECK_INT(waitpid(child, &number, 0), ==, child);
    CHECK_INT(number, ==, 0);
}

TEST(cyclic_documents_give_the_same_bytes_in_every_format_and_run)
{
    char first[PL_SHA256_HEX], again[PL_SHA256_HEX];

    run_apart(0, first);
    for (int i = 1; i < RUNS; i++) {
        run_apart(i, again);
        CHECK_STR(again, first);
    }
}

TEST(the_cyclic_documents_differ_in_more_than_one_way)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *base, *head;

    load_cyclic(arena, &base, &head);
    CHECK_INT(pl_compare(base, head, NULL, arena)->finding_count, >, 5);
    pl_arena_destroy(&arena);
}
