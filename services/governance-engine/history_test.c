/* The history in examples/ pushed through the engine gives what expected.tsv says: every column of
 * that table, by its name, for every run. */
#include "pl_check.h"

#include "engine_test.h"
#include "governance.h"

#include <errno.h>

NEEDS_ENV("PL_TEST_DB_URL");

#define FOLDER  "examples/history/"
#define COLUMNS 32
#define API     "history"

static char *
read_file(const char *name, struct pl_arena *arena, size_t *length)
{
    char *path = pl_arena_printf(arena, FOLDER "%s", name), *bytes;
    FILE *file = fopen(path, "r");
    long size;

    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    bytes = pl_arena_alloc(arena, (size_t)size + 1);
    *length = fread(bytes, 1, (size_t)size, file);
    fclose(file);
    return bytes;
}

/* The next line of *${at} split at its tabs; returns how many fields, 0 at the end. */
static int
next_row(char **at, char *fields[COLUMNS])
{
    char *line = strsep(at, "\n"), *field;
    int count = 0;

    if (line == NULL || *line == '\0')
        return 0;
    for (int i = 0; i < COLUMNS; i++)
        fields[i] = (char *)"";
    while (count < COLUMNS && (field = strsep(&line, "\t")))
        fields[count++] = field;
    return count;
}

static const char *
joined(struct pl_arena *arena, size_t count, char *const *texts)
{
    struct pl_buf out = { .arena = arena };

    for (size_t i = 0; i < count; i++)
        pl_buf_printf(&out, "%s%s", i ? "," : "", texts[i]);
    return count ? pl_buf_text(&out) : "-";
}

static const char *
whole(struct pl_arena *arena, int64_t value)
{
    return pl_arena_printf(arena, "%" PRId64, value);
}

/* What ${run} has in the column ${name}; NULL for a name that is not known. */
static const char *
value_of(const Governance__Run *run, const char *name, struct pl_arena *arena)
{
    const struct {
        const char *name, *value;
    } columns[] = {
        { "sha", run->sha },
        { "version", run->version ? run->version : "" },
        { "verdict", run->verdict },
        { "policy", run->policy },
        { "semver", run->semver->status },
        { "breaking", whole(arena, run->breaking) },
        { "warnings", whole(arena, run->warnings) },
        { "infos", whole(arena, run->infos) },
        { "added", whole(arena, (int64_t)run->n_operations_added) },
        { "removed", whole(arena, (int64_t)run->n_operations_removed) },
        { "changed", whole(arena, (int64_t)run->n_operations_changed) },
        { "ratio", pl_arena_printf(arena, "%.3f", run->metrics->window_stability_ratio) },
        { "streak", whole(arena, run->metrics->extensions->placeholder_streak) },
        { "reasons", joined(arena, run->n_reasons, run->reasons) },
        { "changed_reasons", joined(arena, run->n_changed_reasons, run->changed_reasons) },
    };

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(columns[i].name, name) == 0)
            return columns[i].value;
    return NULL;
}

static struct push_answer
push_row(struct engine *e, char *fields[COLUMNS])
{
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;

    request.api = API;
    request.sha = fields[1];
    request.committed_at = fields[2];
    if (strcmp(fields[0], "-") == 0) {
        request.placeholder_reason = fields[3];
    } else {
        body.has_data = 1;
        body.data.data = (uint8_t *)read_file(fields[0], e->worker.arena, &body.data.len);
        request.body = &body;
    }
    return engine_push_request(e, &request, NULL);
}

TEST(the_history_of_the_examples_is_judged_as_written_beside_it)
{
    struct engine e;
    char *names[COLUMNS], *row[COLUMNS], *want[COLUMNS], *index, *expected;
    int columns, runs = 0;
    size_t size;

    engine_open(&e);
    engine_api(&e, API);
    index = read_file("index.tsv", e.worker.arena, &size);
    expected = read_file("expected.tsv", e.worker.arena, &size);
    next_row(&index, row);
    columns = next_row(&expected, names);
    while (next_row(&index, row)) {
        struct push_answer a = push_row(&e, row);

        CHECK_THAT(a.code == PL_OK, "%s: %s", row[1], a.text);
        CHECK_INT(next_row(&expected, want), >, 0);
        for (int c = 0; c < columns; c++) {
            const char *got = value_of(a.run, names[c], e.worker.arena);

            CHECK_THAT(got, "expected.tsv has an unknown column \"%s\"", names[c]);
            CHECK_THAT(strcmp(got, want[c]) == 0, "%s: %s is \"%s\", wanted \"%s\"", row[1],
                       names[c], got, want[c]);
        }
        runs++;
    }
    CHECK_INT(next_row(&expected, want), ==, 0);
    CHECK_INT(runs, >=, 8);
    engine_close(&e);
}
