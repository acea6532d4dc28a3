/* plumb witness -- what proves each breaking finding, for anyone to check.
 *
 * A witness is two questions to a validator: the value under the schema that must accept it, and
 * under the one that must refuse it.  The questions are lines as `plumb validate --batch` takes
 * them, so that any program that speaks them can judge. */
#include "comparison.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct question {
    const struct pl_finding *finding;
    const char *side; // "base" or "head"
    bool wanted;      // valid
};

struct questions {
    struct question *all;
    int count, unproven;
    struct pl_buf lines;
};

static const char *
dialect_name(enum pl_dialect dialect)
{
    static const char *const names[] = { [PL_DIALECT_2020_12] = "2020-12",
                                         [PL_DIALECT_4] = "4",
                                         [PL_DIALECT_OAS30] = "oas30",
                                         [PL_DIALECT_OAS31] = "oas31" };

    return names[dialect];
}

/* False if the schema is not to be had. */
static bool
ask(struct questions *self, const struct pl_finding *finding, const struct pl_document *document,
    const char *pointer, const char *side)
{
    struct pl_arena *arena = self->lines.arena;
    struct pl_node *schema = pl_document_extract(document, pointer), *line = pl_node_object(arena);
    const struct pl_witness *witness = &finding->witness;
    struct pl_err err = { 0 };
    struct pl_node *value =
        pl_json_parse(arena, witness->value, strlen(witness->value), NULL, &err);

    if (schema == NULL || value == NULL)
        return false;
    pl_node_set(arena, line, "schema", schema);
    pl_node_set(arena, line, "data", value);
    pl_node_set(arena, line, "dialect", pl_node_string(arena, dialect_name(document->dialect)));
    pl_node_set(arena, line, "finding", pl_node_string(arena, finding->rule->id));
    pl_node_set(arena, line, "side", pl_node_string(arena, side));
    pl_node_set(arena, line, "expected", pl_node_bool(arena, strcmp(witness->valid_in, side) == 0));
    pl_node_write(&self->lines, line, PL_COMPACT);
    pl_buf_char(&self->lines, '\n');
    self->all[self->count++] =
        (struct question){ finding, side, strcmp(witness->valid_in, side) == 0 };
    return true;
}

static void
collect(struct questions *self, const struct comparison *comparison)
{
    const struct pl_diff *diff = comparison->diff;

    self->all = pl_arena_alloc(self->lines.arena,
                               ((size_t)diff->finding_count * 2 + 1) * sizeof *self->all);
    for (int i = 0; i < diff->finding_count; i++) {
        const struct pl_finding *finding = &diff->findings[i];
        const struct pl_witness *witness = &finding->witness;

        if (witness->kind != PL_WITNESS_VALUE || !witness->base_schema || !witness->head_schema) {
            self->unproven += finding->level == PL_LEVEL_ERROR;
            continue;
        }
        if (!ask(self, finding, comparison->base.document, witness->base_schema, "base") ||
            !ask(self, finding, comparison->head.document, witness->head_schema, "head"))
            self->unproven++;
    }
}

/* The command's answers to the lines, which wait in a file, so that neither side can block. */
static int
run_command_line(const char *command, const struct pl_buf *lines, struct pl_buf *answers)
{
    char path[] = "/tmp/plumb-witness.XXXXXX", chunk[65536];
    int fd = mkstemp(path), saved = dup(STDIN_FILENO), status;
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+"), *pipe;
    size_t got;

    if (file)
        unlink(path);
    if (file == NULL || saved < 0)
        return trouble("could not make a temporary file: %s", strerror(errno));
    if (fwrite(pl_buf_text(lines), 1, lines->length, file) != lines->length || fflush(file))
        return trouble("could not write a temporary file");
    rewind(file);
    dup2(fileno(file), STDIN_FILENO); // of the command to be
    pipe = popen(command, "re");
    dup2(saved, STDIN_FILENO);
    close(saved);
    fclose(file);
    if (pipe == NULL)
        return trouble("could not start \"%s\"", command);
    while ((got = fread(chunk, 1, sizeof chunk, pipe)) > 0)
        pl_buf_add(answers, chunk, got);
    status = pclose(pipe);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        return trouble("\"%s\" failed", command);
    return EXIT_FINE;
}

static int
judge(const struct questions *self, const struct pl_buf *answers)
{
    struct pl_arena *arena = answers->arena;
    const char *at = pl_buf_text(answers);
    int refuted = 0;

    for (int i = 0; i < self->count; i++) {
        const struct question *question = &self->all[i];
        size_t length = strcspn(at, "\n");
        struct pl_err err = { 0 };
        struct pl_node *answer = length ? pl_json_parse(arena, at, length, NULL, &err) : NULL;
        struct pl_node *valid = pl_node_get(answer, "valid");

        if (!pl_node_is(valid, PL_BOOL) || pl_node_get(answer, "unusable"))
            return trouble("answer %d is not of the form {\"valid\":true|false}", i + 1);
        at += length + (at[length] == '\n');
        if (valid->truth == question->wanted)
            continue;
        refuted++;
        printf("%srefuted%s  %s: %s: the value is %s in %s: %s\n", style_red(), style_off(),
               question->finding->rule->id, question->finding->text,
               valid->truth ? "valid" : "not valid", question->side,
               question->finding->witness.value);
    }
    printf("%d witnesses, %d answers, %d refuted; %d breaking findings have no value to check\n",
           self->count / 2, self->count, refuted, self->unproven);
    return refuted ? EXIT_NO : EXIT_FINE;
}

int
cmd_witness(int argc, char **argv)
{
    const char *words[2], *command = NULL;
    struct wishes wishes = { 0 };
    const struct option options[] = { WISHES(wishes), TEXT_OPTION("--check-with", command), { 0 } };
    struct comparison comparison = { 0 };
    struct questions questions = { 0 };
    struct pl_buf answers = { 0 };
    int count, status;

    if (!parse_options(argc, argv, options, words, 2, &count))
        return EXIT_TROUBLE;
    if (count != 2)
        return usage_error("which two documents? (plumb witness BASE HEAD)");
    questions.lines.arena = answers.arena = pl_arena_new();
    status = compare_sources(words[0], words[1], &wishes, answers.arena, &comparison);
    if (status == EXIT_FINE) {
        collect(&questions, &comparison);
        if (command == NULL)
            status = write_output(&questions.lines, NULL);
        else
            status = run_command_line(command, &questions.lines, &answers);
        if (command && status == EXIT_FINE)
            status = judge(&questions, &answers);
    }
    pl_arena_destroy(&answers.arena);
    return status;
}
