/* contain_case -- questions about containment for tests: two schemas as JSON, and the answer as a
 * text.
 */
#ifndef CONTAIN_CASE_H
#define CONTAIN_CASE_H

#include "pl_check.h"
#include "pl_contain.h"

#include <string.h>

static inline struct pl_document *
document_of(const char *json, enum pl_dialect dialect, struct pl_arena *arena)
{
    struct pl_document *document = pl_arena_alloc(arena, sizeof *document);
    struct pl_err err = { 0 };

    document->arena = arena;
    document->root = pl_json_parse(arena, json, strlen(json), NULL, &err);
    if (document->root == NULL) {
        fprintf(stderr, "%s: %s\n", json, err.text);
        abort();
    }
    document->file = "test";
    document->spec = dialect == PL_DIALECT_OAS30 ? PL_OPENAPI_30 : PL_OPENAPI_31;
    document->dialect = dialect;
    return document;
}

/* "contained", "unknown: why", or the witness and what is wrong with it. */
static inline const char *
asked(const char *old, const char *new, enum pl_dialect dialect, bool reply, struct pl_arena *arena)
{
    struct pl_document *base = document_of(old, dialect, arena);
    struct pl_document *head = document_of(new, dialect, arena);
    struct pl_contain *contain = pl_contain_new(base, head, NULL, arena);
    struct pl_contain_answer answer = pl_contain_ask(contain, base->root, head->root, reply);
    struct pl_buf out = { .arena = arena };

    if (answer.verdict == PL_CONTAINED)
        pl_buf_str(&out, "contained");
    if (answer.verdict == PL_UNDECIDED)
        pl_buf_printf(&out, "unknown: %s", answer.cause);
    if (answer.verdict == PL_NOT_CONTAINED) {
        pl_node_write(&out, answer.witness, PL_COMPACT);
        pl_buf_printf(&out, " %s %s", answer.pointer, answer.keyword);
    }
    pl_contain_free(&contain);
    return pl_buf_text(&out);
}

struct question {
    const char *old, *new, *answer;
};

static inline void
ask_all(const struct question *questions, enum pl_dialect dialect, bool reply)
{
    for (; questions->old; questions++) {
        struct pl_arena *arena = pl_arena_new();
        const char *answer = asked(questions->old, questions->new, dialect, reply, arena);

        if (strcmp(answer, questions->answer) != 0)
            fprintf(stderr, "  %s -> %s\n", questions->old, questions->new);
        CHECK_STR(answer, questions->answer);
        pl_arena_destroy(&arena);
    }
}

#endif
