/* contain_batch -- questions of containment, one JSON object a line:
 * {"old":schema,"new":schema,"dialect":"2020-12|4","reply":bool} gets
 * {"verdict":"contained|not contained|unknown","witness":value,"keyword":text,"cause":text}. */
#include "pl_contain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pl_document *
document_of(struct pl_node *root, enum pl_dialect dialect, struct pl_arena *arena)
{
    struct pl_document *document = pl_arena_alloc(arena, sizeof *document);

    *document = (struct pl_document){
        .arena = arena, .root = root, .file = "line", .spec = PL_OPENAPI_31, .dialect = dialect
    };
    return document;
}

static void
answer(const char *line, size_t length)
{
    static const char *const VERDICTS[] = { "contained", "not contained", "unknown" };
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    struct pl_node *question = pl_json_parse(arena, line, length, NULL, &err), *old, *new;
    struct pl_node *out = pl_node_object(arena);
    struct pl_buf text = { .arena = arena };
    struct pl_contain *contain;
    struct pl_contain_answer found;
    enum pl_dialect dialect;

    if (question == NULL) {
        fprintf(stderr, "contain_batch: %s\n", err.text);
        exit(2);
    }
    old = pl_node_get(question, "old");
    new = pl_node_get(question, "new");
    dialect = strcmp(pl_node_text(pl_node_get(question, "dialect"), "2020-12"), "4") == 0
                  ? PL_DIALECT_4
                  : PL_DIALECT_2020_12;
    contain = pl_contain_new(document_of(old, dialect, arena), document_of(new, dialect, arena),
                             NULL, arena);
    found = pl_contain_ask(contain, old, new, pl_node_true(pl_node_get(question, "reply"), false));
    pl_node_set(arena, out, "verdict", pl_node_string(arena, VERDICTS[found.verdict]));
    if (found.witness)
        pl_node_set(arena, out, "witness", found.witness);
    if (found.keyword)
        pl_node_set(arena, out, "keyword", pl_node_string(arena, found.keyword));
    if (found.cause)
        pl_node_set(arena, out, "cause", pl_node_string(arena, found.cause));
    pl_node_write(&text, out, PL_COMPACT);
    puts(pl_buf_text(&text));
    pl_contain_free(&contain);
    pl_arena_destroy(&arena);
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    while ((length = getline(&line, &room, stdin)) > 0)
        answer(line, (size_t)length);
    free(line);
    return 0;
}
