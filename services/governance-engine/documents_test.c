#include "pl_check.h"

#include "documents.h"

/* A document of about ${bytes}, as if it had been read. */
static struct document *
make(const char *sha256, size_t bytes)
{
    struct document *document = document_new(sha256);

    document->read = pl_arena_alloc(document->arena, sizeof *document->read);
    document->bytes = pl_arena_alloc(document->arena, bytes);
    document->length = bytes;
    return document;
}

static void
give(struct documents *documents, const char *sha256, size_t bytes)
{
    struct document *document = make(sha256, bytes);

    documents_give(documents, &document);
}

TEST(who_takes_a_document_has_it_alone)
{
    struct documents *documents = documents_new(1 << 20);
    struct document *taken;

    give(documents, "a", 100);
    taken = documents_take(documents, "a");
    CHECK(taken != NULL);
    CHECK_STR(taken->sha256, "a");
    CHECK(documents_take(documents, "a") == NULL);
    documents_give(documents, &taken);
    CHECK(taken == NULL);
    taken = documents_take(documents, "a");
    CHECK(taken != NULL);
    document_destroy(&taken);
    documents_destroy(&documents);
}

TEST(the_oldest_go_when_all_together_are_too_large)
{
    struct documents *documents = documents_new(1 << 20);
    struct document *taken;

    give(documents, "a", 400 << 10);
    give(documents, "b", 400 << 10);
    give(documents, "c", 400 << 10);
    CHECK(documents_take(documents, "a") == NULL);
    taken = documents_take(documents, "b");
    CHECK(taken != NULL);
    document_destroy(&taken);
    taken = documents_take(documents, "c");
    CHECK(taken != NULL);
    document_destroy(&taken);
    documents_destroy(&documents);
}

TEST(a_document_above_the_limit_is_not_kept)
{
    struct documents *documents = documents_new(1 << 10);

    give(documents, "a", 4 << 10);
    CHECK(documents_take(documents, "a") == NULL);
    documents_destroy(&documents);
}

TEST(the_same_document_is_kept_once_and_one_that_cannot_be_read_not_at_all)
{
    struct documents *documents = documents_new(1 << 20);
    struct document *bad = document_new("bad"), *taken;

    give(documents, "a", 10);
    give(documents, "a", 20);
    taken = documents_take(documents, "a");
    CHECK_INT(taken->length, ==, 20);
    CHECK(documents_take(documents, "a") == NULL);
    document_destroy(&taken);
    documents_give(documents, &bad);
    CHECK(documents_take(documents, "bad") == NULL);
    documents_destroy(&documents);
}
