/* plumb verify -- do checksums and signature hold, and does the chain? (F-05, F-11) */
#include "rest.h"

#include "pl_checksum.h"

#include <string.h>

#define LARGEST_LIST (16u << 20)
#define LARGEST_FILE (256u << 20)

struct verify {
    const char *checksums, *signature, *dir, *public_key, *api;
    bool chain;
    struct pl_arena *arena;
};

static struct pl_node *
load(const char *path, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    struct pl_node *node;
    char *bytes;
    size_t length;

    if (read_file(path, LARGEST_LIST, arena, &bytes, &length, &err)) {
        trouble("%s", err.text);
        return NULL;
    }
    node = pl_json_parse(arena, bytes, length, NULL, &err);
    if (node == NULL)
        trouble("%s: %s", path, err.text);
    return node;
}

static int
refuse(const char *why)
{
    fprintf(stderr, "plumb: not verified: %s\n", why);
    return EXIT_NO;
}

/* The files beside the list are the ones that were hashed. */
static int
check_files(const struct pl_node *checksums, const struct verify *v)
{
    const struct pl_node *list = pl_node_get(checksums, "artifacts");
    int status = EXIT_FINE;

    for (uint32_t i = 0; list && i < list->count; i++) {
        struct pl_arena *arena = pl_arena_new();
        const char *path = pl_node_text(pl_node_get(pl_node_at(list, i), "path"), "");
        const char *wanted = pl_node_text(pl_node_get(pl_node_at(list, i), "sha256"), "");
        char hash[PL_SHA256_HEX], *bytes;
        struct pl_err err = { 0 };
        size_t length;

        if (read_file(pl_arena_printf(arena, "%s/%s", v->dir, path), LARGEST_FILE, arena, &bytes,
                      &length, &err)) {
            status = refuse(err.text);
        } else {
            pl_sha256_hex(bytes, length, hash);
            if (strcmp(hash, wanted) != 0)
                status = refuse(
                    pl_arena_printf(arena, "%s has the hash %s, listed is %s", path, hash, wanted));
        }
        pl_arena_destroy(&arena);
    }
    return status;
}

/* ---- The chain: each published set names the aggregate of the one before --------------------- */

/* One file of one run's set.  *missing: that run has none (not yet published, or given up); NULL
 * without it is trouble, which was said. */
static struct pl_node *
fetch(const struct verify *v, const char *file, const char *run, bool *missing)
{
    struct request request = { .method = "GET", .retry = true };
    struct pl_buf path = { .arena = v->arena };
    struct pl_err err = { 0 };
    struct answer answer;

    pl_buf_str(&path, rest_path(v->arena, "/status/%s/%s", v->api, file));
    rest_query(&path, "run", run);
    request.path = pl_buf_text(&path);
    *missing = false;
    if (http_ask(&request, v->arena, &answer, &err)) {
        trouble("%s", err.text);
        return NULL;
    }
    *missing = answer.status == 404;
    if (answer.status != 200 && !*missing)
        trouble("%s: the server answered %ld", request.path, answer.status);
    return answer.status == 200 ? answer.json : NULL;
}

static int
check_link(const struct pl_node *checksums, const struct pl_node *signature, const struct verify *v,
           const char **previous)
{
    struct pl_err err = { 0 };

    if (pl_signature_verify(checksums, signature, v->public_key, v->arena, &err))
        return refuse(err.text);
    *previous = pl_signature_previous(signature);
    return EXIT_FINE;
}

/* How far the walk has come. */
struct walk {
    const char *wanted;   // the aggregate that was verified here
    const char *expected; // the aggregate that the newer set names
    int sets;
    bool met; // the wanted one was among them
};

/* The set of one run.  A run without one is passed over: if a set was taken away, the newer one
 * names an aggregate that never comes. */
static int
check_set(const struct verify *v, const char *run, struct walk *walk)
{
    struct pl_node *checksums, *signature = NULL;
    const char *aggregate;
    bool missing;

    checksums = fetch(v, "checksums.json", run, &missing);
    if (checksums)
        signature = fetch(v, "checksums-signature.json", run, &missing);
    if (signature == NULL)
        return missing ? EXIT_FINE : EXIT_TROUBLE;
    aggregate = pl_node_text(pl_node_get(checksums, "aggregate_sha256"), "");
    if (walk->sets > 0 && (walk->expected == NULL || strcmp(walk->expected, aggregate) != 0))
        return refuse(pl_arena_printf(v->arena, "the set after run %s does not name it", run));
    walk->sets++;
    walk->met |= strcmp(walk->wanted, aggregate) == 0;
    return check_link(checksums, signature, v, &walk->expected);
}

/* Walk from the newest run to the first one: every set must verify and must be the one that its
 * successor names. */
static int
check_chain(const struct verify *v, const struct pl_node *checksums, int *sets)
{
    struct pl_node *runs =
        rest_pages(rest_path(v->arena, "/api/v1/apis/%s/runs", v->api, NULL), "runs", 0, v->arena);
    const struct pl_node *list = pl_node_get(runs, "runs");
    struct walk walk = { .wanted = pl_node_text(pl_node_get(checksums, "aggregate_sha256"), "") };
    int status = runs ? EXIT_FINE : EXIT_TROUBLE;

    for (uint32_t i = 0; status == EXIT_FINE && i < list->count; i++)
        if (!pl_node_true(pl_node_get(pl_node_at(list, i), "preview"), false))
            status = check_set(v, pl_node_text(pl_node_get(pl_node_at(list, i), "id"), ""), &walk);
    *sets = walk.sets;
    if (status == EXIT_FINE && walk.expected)
        return refuse("the oldest set names one before it that is not there");
    if (status == EXIT_FINE && !walk.met)
        return refuse("these checksums are none of the published sets");
    return status;
}

static int
verify(const struct verify *v)
{
    struct pl_node *checksums = load(v->checksums, v->arena);
    struct pl_node *signature = checksums ? load(v->signature, v->arena) : NULL;
    struct pl_err err = { 0 };
    int sets = 0, status = EXIT_FINE;

    if (signature == NULL)
        return EXIT_TROUBLE;
    if (pl_signature_verify(checksums, signature, v->public_key, v->arena, &err))
        return refuse(err.text);
    if (v->dir)
        status = check_files(checksums, v);
    if (status == EXIT_FINE && v->chain)
        status = check_chain(v, checksums, &sets);
    if (status == EXIT_FINE)
        printf("VERIFY_OK\n");
    if (status == EXIT_FINE && v->chain)
        fprintf(stderr, "%d sets form one chain\n", sets);
    return status;
}

int
cmd_verify(int argc, char **argv)
{
    struct verify v = { 0 };
    const struct option options[] = { TEXT_OPTION("--checksums", v.checksums),
                                      TEXT_OPTION("--signature", v.signature),
                                      TEXT_OPTION("--dir", v.dir),
                                      TEXT_OPTION("--public-key", v.public_key),
                                      TEXT_OPTION("--api", v.api),
                                      FLAG_OPTION("--chain", v.chain),
                                      { 0 } };
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    if (v.checksums == NULL || v.signature == NULL)
        return usage_error("--checksums FILE and --signature FILE are needed");
    v.arena = pl_arena_new();
    if (v.chain && v.api == NULL) {
        /* The signed metadata says whose artifacts they are. */
        struct pl_node *signature = load(v.signature, v.arena);

        v.api = pl_node_text(pl_node_get(pl_node_get(signature, "metadata"), "api"), NULL);
        if (v.api == NULL) {
            pl_arena_destroy(&v.arena);
            return usage_error("whose chain? (--api NAME)");
        }
    }
    status = verify(&v);
    pl_arena_destroy(&v.arena);
    return status;
}
