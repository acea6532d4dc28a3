/* plumb validate --batch -- one question a line, one answer a line. */
#include "plumb.h"

#include "validate.h"

#include <stdlib.h>
#include <string.h>

/* What is wrong with the question itself. */
static struct pl_node *
unusable(struct pl_node *answer, const char *text, struct pl_arena *arena)
{
    const struct pl_violation wrong = { .pointer = "", .keyword = "", .text = text };

    pl_node_set(arena, answer, "valid", pl_node_bool(arena, false));
    pl_node_set(arena, answer, "unusable", pl_node_bool(arena, true));
    pl_node_set(arena, answer, "errors", validate_errors(&wrong, 1, arena));
    return answer;
}

/* Violations without lines: the value has no file. */
static void
forget_places(struct pl_violation *list, int count)
{
    for (int i = 0; i < count; i++)
        list[i].line = 0;
}

static struct pl_node *
answer_line(const char *line, size_t length, const struct validate_options *defaults,
            struct pl_arena *arena, bool *usable)
{
    struct pl_node *answer = pl_node_object(arena), *question, *node, *value;
    struct pl_violation violations[VALIDATE_VIOLATIONS];
    struct validate_options how = *defaults;
    struct pl_err err = { 0 };
    struct pl_schema *schema;
    int count;

    *usable = false;
    question = pl_json_parse(arena, line, length, NULL, &err);
    if (question == NULL)
        return unusable(answer, err.text, arena);
    node = pl_node_get(question, "schema");
    value = pl_node_get(question, "data");
    if (node == NULL || value == NULL)
        return unusable(answer, "the line needs the members \"schema\" and \"data\"", arena);
    how.dialect = pl_node_text(pl_node_get(question, "dialect"), how.dialect);
    how.formats = pl_node_text(pl_node_get(question, "formats"), how.formats);
    if (validate_compile(&schema, node, node, &how, arena, &err))
        return unusable(answer, err.text, arena);
    *usable = true;
    count = pl_schema_check(schema, value, arena, violations, VALIDATE_VIOLATIONS);
    forget_places(violations, count);
    pl_node_set(arena, answer, "valid", pl_node_bool(arena, count == 0));
    pl_node_set(arena, answer, "errors", validate_errors(violations, count, arena));
    return answer;
}

int
validate_batch(const struct validate_options *options)
{
    struct pl_arena *arena = pl_arena_new();
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    int status = EXIT_FINE;

    while ((length = getline(&line, &room, stdin)) >= 0) {
        struct pl_buf out = { .arena = arena };
        bool usable;

        if (line[strspn(line, " \t\r\n")] == '\0')
            continue;
        pl_node_write(&out, answer_line(line, (size_t)length, options, arena, &usable), PL_COMPACT);
        puts(pl_buf_text(&out));
        fflush(stdout); // who asks over a pipe waits for it
        if (!usable)
            status = EXIT_TROUBLE;
        pl_arena_reset(arena);
    }
    free(line);
    pl_arena_destroy(&arena);
    return status;
}
