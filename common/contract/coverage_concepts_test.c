/* Each change that users of another tool know has a pair of documents in coverage/, and where it is
 * judged differently a reason in differences.def. */
#include "pl_check.h"
#include "pl_node.h"

#include <fnmatch.h>
#include <string.h>

#define FOLDER "common/contract/coverage/" // tests run in the project's folder

static char *
read_text(const char *path, struct pl_arena *arena, size_t *length)
{
    struct pl_buf text = { .arena = arena };
    char part[4096];
    size_t got;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        abort();
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        pl_buf_add(&text, part, got);
    fclose(file);
    *length = text.length;
    return text.data;
}

static struct pl_node *
read_rows(const char *path, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    size_t length;
    char *text = read_text(path, arena, &length);
    struct pl_node *rows = pl_yaml_parse(arena, text, length, NULL, &err);

    if (rows == NULL)
        abort();
    return rows;
}

static int
rank(const char *level, size_t length)
{
    static const char *const LEVELS[] = { "none", "info", "warn", "error" };

    for (int i = 0; i < 4; i++)
        if (strlen(LEVELS[i]) == length && strncmp(level, LEVELS[i], length) == 0)
            return i;
    return 0;
}

/* The gravest level in "error rule-id, info rule-id". */
static int
gravest(const char *finds)
{
    int most = 0;

    while (*finds) {
        int one = rank(finds, strcspn(finds, " "));

        most = one > most ? one : most;
        finds += strcspn(finds, ",");
        finds += strspn(finds, ", ");
    }
    return most;
}

/* What the pairs say of each name: an object name -> gravest level. */
static void
add_names(struct pl_node *known, const struct pl_node *rows, struct pl_arena *arena)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct pl_node *row = rows->items[i], *in = pl_node_get(row, "in");
        const char *name = pl_node_text(pl_node_get(row, "name"), "");
        int level = gravest(pl_node_text(pl_node_get(row, "finds"), ""));

        for (uint32_t k = 0; k < in->count; k++)
            pl_node_set(arena, known,
                        *name == '=' ? pl_arena_strdup(arena, name + 1)
                                     : pl_arena_printf(arena, "%s-%s", in->items[k]->text, name),
                        pl_node_integer(arena, level));
    }
}

/* Does a row of differences.def name the id, with `*` for any part of it? */
static bool
is_argued(const char *id, struct pl_arena *arena)
{
    static const char *const LISTS[] = {
#define PL_DIFFERENCE(what, theirs, ours, why, cases) theirs,
#include "differences.def"
#undef PL_DIFFERENCE
    };

    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++)
        for (const char *at = LISTS[i]; *at;) {
            const char *pattern = pl_arena_printf(arena, "%.*s", (int)strcspn(at, ", "), at);

            if (fnmatch(pattern, id, 0) == 0)
                return true;
            at += strcspn(at, ",");
            at += strspn(at, ", ");
        }
    return false;
}

TEST(each_change_that_users_know_has_a_pair_or_a_reason)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_node *known = pl_node_object(arena);
    size_t length;
    char *text = read_text(FOLDER "concepts.txt", arena, &length), *rest = text;
    int count = 0, differ = 0;

    add_names(known, read_rows(FOLDER "schemas.yaml", arena), arena);
    add_names(known, read_rows(FOLDER "operations.yaml", arena), arena);
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        size_t id_length = strcspn(line, " ");
        const char *id = pl_arena_printf(arena, "%.*s", (int)id_length, line);
        const struct pl_node *ours = pl_node_get(known, id);

        if (*line == '#' || *line == '\0')
            continue;
        count++;
        CHECK_THAT(ours, "%s has no pair", id);
        if (pl_node_int(ours, 0) == rank(line + id_length + 1, strlen(line + id_length + 1)))
            continue;
        differ++;
        CHECK_THAT(is_argued(id, arena), "%s is judged differently, without a reason", id);
    }
    CHECK_INT(count, ==, 509);
    CHECK_INT(differ, >, 0);
    pl_arena_destroy(&arena);
}
