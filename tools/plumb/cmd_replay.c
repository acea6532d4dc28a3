/* plumb replay -- a whole history, in order, with progress. */
#include "push.h"
#include "run_view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGEST_INDEX (16u << 20)
#define MAX_COLUMNS   16

/* index.tsv, taken apart: which column is what, and the lines. */
struct history {
    const char *dir;
    char **lines;
    int count;
    int file, sha, committed_at, placeholder_reason, version; // columns; -1: absent
};

static int
split(char *line, char **fields)
{
    int n = 0;

    while (n < MAX_COLUMNS) {
        fields[n++] = line;
        line += strcspn(line, "\t");
        if (*line == '\0')
            break;
        *line++ = '\0';
    }
    return n;
}

static int
column(char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static int
read_index(const char *dir, struct pl_arena *arena, struct history *out)
{
    char *text, *names[MAX_COLUMNS], *line, *save = NULL;
    const char *path = pl_arena_printf(arena, "%s/index.tsv", dir);
    struct pl_err err = { 0 };
    size_t length;
    int count;

    if (read_file(path, LARGEST_INDEX, arena, &text, &length, &err))
        return trouble("%s", err.text);
    out->dir = dir;
    out->lines = pl_arena_alloc(arena, (length + 1) * sizeof *out->lines);
    for (line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save))
        out->lines[out->count++] = line;
    if (out->count < 2)
        return trouble("\"%s\" names no document", path);
    count = split(out->lines[0], names);
    out->file = column(names, count, "file");
    out->sha = column(names, count, "sha");
    out->committed_at = column(names, count, "committed_at");
    out->placeholder_reason = column(names, count, "placeholder_reason");
    out->version = column(names, count, "version");
    if (out->file < 0 || out->sha < 0)
        return trouble("the first line of \"%s\" must name the columns file and sha", path);
    return EXIT_FINE;
}

static const char *
field(char *const *fields, int count, int at)
{
    return at >= 0 && at < count && *fields[at] ? fields[at] : NULL;
}

/* One line of the index; "-" for a file means that this commit had no document. */
static int
fill_push(const struct history *history, int row, struct push *push, struct pl_arena *arena)
{
    char *fields[MAX_COLUMNS];
    int count = split(pl_arena_strdup(arena, history->lines[row]), fields);
    const char *file = field(fields, count, history->file);

    push->sha = field(fields, count, history->sha);
    push->committed_at = field(fields, count, history->committed_at);
    push->version = field(fields, count, history->version);
    push->placeholder = NULL;
    push->file = NULL;
    if (file == NULL || push->sha == NULL)
        return trouble("index.tsv:%d has no file or no sha", row + 1);
    if (strcmp(file, "-") != 0) {
        push->file = pl_arena_printf(arena, "%s/%s", history->dir, file);
        return EXIT_FINE;
    }
    push->placeholder = field(fields, count, history->placeholder_reason);
    if (push->placeholder == NULL)
        push->placeholder = "no document in this commit";
    return EXIT_FINE;
}

static int
create_api(const char *api, struct pl_arena *arena)
{
    struct request request = { .method = "PUT",
                               .path = pl_arena_printf(arena, "/api/v1/apis/%s",
                                                       url_escape(arena, api)),
                               .body = "{}",
                               .body_length = 2,
                               .content_type = "application/json",
                               .retry = true };
    struct answer answer;

    return http_must(&request, arena, &answer);
}

struct tally {
    int runs, failed, breaking;
};

static void
show(const struct pl_node *run, const char *format, int row, int total, struct tally *tally,
     struct pl_arena *arena)
{
    struct pl_buf line = { .arena = arena };

    tally->runs++;
    tally->failed += run_exit(run) == EXIT_NO;
    tally->breaking += strcmp(pl_node_text(pl_node_get(run, "verdict"), ""), "breaking") == 0;
    if (strcmp(format, "json") == 0) {
        pl_node_write(&line, run, PL_COMPACT);
        puts(pl_buf_text(&line));
    } else {
        printf("%s[%*d/%d]%s", style_dim(), total > 99 ? 3 : 2, row, total, style_off());
        run_line(run);
    }
    fflush(stdout);
}

static int
replay(const struct history *history, struct push *push, const char *format, struct tally *tally)
{
    struct pl_arena *arena = pl_arena_new();
    int status = EXIT_FINE;

    for (int row = 1; row < history->count && status == EXIT_FINE; row++) {
        struct pl_node *run;

        status = fill_push(history, row, push, arena);
        if (status == EXIT_FINE)
            status = push_send(push, arena, &run);
        if (status == EXIT_FINE)
            show(run, format, row, history->count - 1, tally, arena);
        else
            fprintf(stderr, "stopped at %s, line %d of index.tsv; what came before is recorded\n",
                    push->sha ? push->sha : "?", row + 1);
        pl_arena_reset(arena);
    }
    pl_arena_destroy(&arena);
    return status;
}

int
cmd_replay(int argc, char **argv)
{
    struct push push = { 0 };
    struct history history = { 0 };
    struct tally tally = { 0 };
    const char *dir = NULL, *format = "text", *fail_on = "never";
    bool create = false;
    const struct option options[] = {
        TEXT_OPTION("--api", push.api),    TEXT_OPTION("--branch", push.branch),
        FLAG_OPTION("--create", create),   TEXT_OPTION("--format", format),
        TEXT_OPTION("--fail-on", fail_on), { 0 }
    };
    struct pl_arena *arena;
    int words, status;

    if (!parse_options(argc, argv, options, &dir, 1, &words) ||
        !check_choice("--format", format, "text|json") ||
        !check_choice("--fail-on", fail_on, "policy|never"))
        return EXIT_TROUBLE;
    if (dir == NULL || push.api == NULL)
        return usage_error("which folder and which api? (plumb replay DIR --api NAME)");
    arena = pl_arena_new();
    status = read_index(dir, arena, &history);
    if (status == EXIT_FINE && create)
        status = create_api(push.api, arena);
    if (status == EXIT_FINE)
        status = replay(&history, &push, format, &tally);
    if (strcmp(format, "text") == 0 && tally.runs)
        printf("%d runs recorded, %d breaking, %d against the policy\n", tally.runs, tally.breaking,
               tally.failed);
    if (status == EXIT_FINE && tally.failed && strcmp(fail_on, "policy") == 0)
        status = EXIT_NO;
    pl_arena_destroy(&arena);
    return status;
}
