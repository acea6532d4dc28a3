/* plumb artifacts -- fetch what was published. */
#include "rest.h"

#include "pl_checksum.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_TRIES 150 // 30 seconds

struct file {
    const char *name;
    const char *bytes;
    size_t length;
};

struct pull {
    const char *api, *run, *out;
    struct file *files;
    uint32_t count;
    struct pl_arena *arena;
};

/* Published names are relative and plain; a server that says otherwise is not believed. */
static bool
safe_name(const char *path)
{
    return *path && *path != '/' && *path != '.' && strstr(path, "..") == NULL &&
           strchr(path, '\\') == NULL;
}

static int
fetch(const struct pull *pull, const struct pl_node *artifact, struct file *out)
{
    const char *wanted = pl_node_text(pl_node_get(artifact, "sha256"), "");
    struct request request = { .method = "GET", .retry = true };
    struct pl_buf path = { .arena = pull->arena };
    char hash[PL_SHA256_HEX];
    struct answer answer;

    out->name = pl_node_text(pl_node_get(artifact, "path"), "");
    if (!safe_name(out->name))
        return trouble("the server names an artifact \"%s\", which is no plain file name",
                       out->name);
    pl_buf_str(&path, rest_path(pull->arena, "/status/%s/%s", pull->api, out->name));
    rest_query(&path, "run", pull->run);
    request.path = pl_buf_text(&path);
    if (http_must(&request, pull->arena, &answer))
        return EXIT_TROUBLE;
    pl_sha256_hex(answer.bytes, answer.length, hash);
    if (strcmp(hash, wanted) != 0)
        return trouble("%s came with the hash %s, listed is %s", out->name, hash, wanted);
    out->bytes = answer.bytes;
    out->length = answer.length;
    return EXIT_FINE;
}

/* The current set, all of the run that is listed: a newer one may be published meanwhile. */
static int
fetch_set(struct pull *pull, struct pl_node **set)
{
    struct pl_node *artifacts;

    *set =
        rest_get(rest_path(pull->arena, "/api/v1/apis/%s/artifacts", pull->api, NULL), pull->arena);
    if (*set == NULL)
        return EXIT_TROUBLE;
    artifacts = pl_node_get(*set, "artifacts");
    pull->run = pl_node_text(pl_node_get(*set, "run"), NULL);
    pull->count = artifacts ? artifacts->count : 0;
    pull->files = pl_arena_alloc(pull->arena, (pull->count + 1) * sizeof *pull->files);
    for (uint32_t i = 0; i < pull->count; i++)
        if (fetch(pull, pl_node_at(artifacts, i), &pull->files[i]))
            return EXIT_TROUBLE;
    return EXIT_FINE;
}

static int
write_set(const struct pull *pull)
{
    struct pl_err err = { 0 };

    for (uint32_t i = 0; i < pull->count; i++) {
        char *file = pl_arena_printf(pull->arena, "%s/%s", pull->out, pull->files[i].name);
        char *slash = strrchr(file, '/');

        *slash = '\0';
        if (make_folder(file, &err))
            return trouble("%s", err.text);
        *slash = '/';
        if (write_file(file, pull->files[i].bytes, pull->files[i].length, 0644, &err))
            return trouble("%s", err.text);
    }
    return EXIT_FINE;
}

/* Publishing follows a push within a moment; who pulls right after it means that run.  Waits
 * until the set is at least as new as the newest run of the record, or says that it is not. */
static void
wait_for_newest(const struct pull *pull)
{
    const struct timespec pause = { .tv_nsec = 200000000 };
    struct pl_arena *arena = pl_arena_new();
    int64_t newest = 0, published = 0;

    for (int i = 0; i < WAIT_TRIES; i++) {
        struct request api = { .method = "GET",
                               .path = rest_path(arena, "/api/v1/apis/%s", pull->api, NULL) };
        struct request set = { .method = "GET",
                               .path =
                                   rest_path(arena, "/api/v1/apis/%s/artifacts", pull->api, NULL) };
        struct pl_err ignored = { 0 }; // the pull itself will say what is wrong
        struct answer answer;

        if (http_ask(&api, arena, &answer, &ignored) || answer.status != 200)
            break;
        newest = pl_node_int(pl_node_pointer(answer.json, "/last_run/seq"), 0);
        if (http_ask(&set, arena, &answer, &ignored))
            break;
        published = pl_node_int(pl_node_get(answer.json, "seq"), 0);
        if (published >= newest)
            break;
        nanosleep(&pause, NULL);
        pl_arena_reset(arena);
    }
    if (published < newest)
        fprintf(stderr,
                "plumb: run %lld is not published yet; these are the files of an older one\n",
                (long long)newest);
    pl_arena_destroy(&arena);
}

/* Nothing is written before everything is there: a folder never mixes two runs. */
static int
pull_all(struct pull *pull)
{
    struct pl_node *set = NULL;

    wait_for_newest(pull);
    if (fetch_set(pull, &set) || write_set(pull))
        return EXIT_TROUBLE;
    printf("%u files of %s, run %s, in %s\n", pull->count, pull->api,
           rest_text(set, "seq", pull->arena), pull->out);
    return EXIT_FINE;
}

static int
cmd_pull(int argc, char **argv)
{
    struct pull pull = { .out = "status" };
    const struct option options[] = { TEXT_OPTION("--api", pull.api),
                                      TEXT_OPTION("--out", pull.out),
                                      { 0 } };
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    if (pull.api == NULL)
        return usage_error("which api? (plumb artifacts pull --api NAME --out DIR)");
    pull.arena = pl_arena_new();
    status = pull_all(&pull);
    pl_arena_destroy(&pull.arena);
    return status;
}

static int
list(int argc, char **argv)
{
    static const char *const columns[] = { "FILE:path", "SIZE:size", "SHA-256:sha256", NULL };
    const char *api = NULL, *run = NULL, *format = "text";
    const struct option options[] = {
        TEXT_OPTION("--api", api), TEXT_OPTION("--run", run), TEXT_OPTION("--format", format), { 0 }
    };
    struct pl_arena *arena;
    struct pl_buf path;
    struct pl_node *set;
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    if (api == NULL)
        return usage_error("which api? (--api NAME)");
    arena = pl_arena_new();
    path = (struct pl_buf){ .arena = arena };
    pl_buf_str(&path, rest_path(arena, "/api/v1/apis/%s/artifacts", api, NULL));
    rest_query(&path, "run", run);
    set = rest_get(pl_buf_text(&path), arena);
    status = rest_show_list(set, "artifacts", columns, format, arena);
    pl_arena_destroy(&arena);
    return status;
}

static int
get(int argc, char **argv)
{
    const char *api = NULL, *file = NULL, *run = NULL;
    const struct option options[] = { TEXT_OPTION("--api", api), TEXT_OPTION("--run", run), { 0 } };
    struct request request = { .method = "GET", .retry = true };
    struct answer answer;
    struct pl_arena *arena;
    struct pl_buf path;
    int words, status;

    if (!parse_options(argc, argv, options, &file, 1, &words))
        return EXIT_TROUBLE;
    if (api == NULL || file == NULL)
        return usage_error("which file of which api? (plumb artifacts get FILE --api NAME)");
    arena = pl_arena_new();
    path = (struct pl_buf){ .arena = arena };
    pl_buf_str(&path, rest_path(arena, "/status/%s/%s", api, file));
    rest_query(&path, "run", run);
    request.path = pl_buf_text(&path);
    status = http_must(&request, arena, &answer);
    if (status == EXIT_FINE && fwrite(answer.bytes, 1, answer.length, stdout) != answer.length)
        status = trouble("could not write to standard output");
    pl_arena_destroy(&arena);
    return status;
}

static const struct command artifacts_commands[] = {
    { "get", get, "print one published file",
      "usage: plumb artifacts get FILE --api NAME [--run ID]\n\n"
      "  plumb artifacts get stability-metrics.json --api museum\n" },
    { "list", list, "the published files with their hashes",
      "usage: plumb artifacts list --api NAME [--run ID] [--format text|json]\n" },
    { "pull", cmd_pull, "write them to a folder (what a CI job commits to a Pages branch)",
      "usage: plumb artifacts pull --api NAME [--out DIR]\n\n"
      "Writes every published file of the current set to DIR (status), each checked against its\n"
      "hash. Right after a push it waits, 30 seconds at most, until that run is published.\n\n"
      "  plumb artifacts pull --api museum --out status/\n"
      "  plumb verify --checksums status/checksums.json \\\n"
      "      --signature status/checksums-signature.json --dir status\n" },
    { 0 },
};

int
cmd_artifacts(int argc, char **argv)
{
    return run_command(artifacts_commands, "plumb artifacts", argc, argv);
}
