/* The contract loader: bytes into a document, or a reason with a place (JSON and YAML). */
#include "fuzz.h"

#include "pl_document.h"

#include <string.h>

static const struct pl_limits LIMITS = { .bytes = 1 << 20, .nodes = 100000, .aliases = 10000 };

static struct pl_buf
written(const struct pl_document *document)
{
    struct pl_buf out = { .arena = document->arena };

    pl_document_write(document, &out);
    return out;
}

/* What was written is read again as the same, and written again as the same. */
static void
check_round_trip(const struct pl_document *document)
{
    struct pl_buf once = written(document), twice;
    struct pl_document *again;
    struct pl_err err = { 0 };

    HOLDS(pl_document_load(&again, document->arena, "again", once.data, once.length, &LIMITS,
                           &err) == 0,
          "what was written is refused: %s", err.text);
    twice = written(again);
    HOLDS(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0,
          "written twice, it differs");
    HOLDS(pl_node_equal(document->root, again->root), "read again, it differs");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *document;
    struct pl_err err = { 0 };

    if (pl_document_load(&document, arena, "document", (const char *)data, size, &LIMITS, &err)) {
        HOLDS(err.code == PL_MALFORMED || err.code == PL_INVALID || err.code == PL_TOO_LARGE,
              "code %d", (int)err.code);
        HOLDS(*err.text, "refused without a reason");
    } else {
        HOLDS(document->problem_count == 0, "a good document has problems");
        check_round_trip(document);
    }
    pl_arena_destroy(&arena);
    return 0;
}
