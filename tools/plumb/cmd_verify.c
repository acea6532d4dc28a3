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

static struct pl_node *
fetch(const struct verify *v, const char *file, const char *run)
{
    struct pl_buf path = { .arena = v->arena };

    pl_buf_str(&path, rest_path(v->arena, "/status/%s/%s", v->api, file));
    rest_query(&path, "run", run);
    return rest_get(pl_buf_text(&path), v->arena);
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

/* Walk from the newest run to the first one: every set must verify and must be the one that its
 * successor names. */
static int
check_chain(const struct verify *v, int *sets)
{
    struct pl_node *runs =
        rest_pages(rest_path(v->arena, "/api/v1/apis/%s/runs", v->api, NULL), "runs", 0, v->arena);
    const struct pl_node *list = pl_node_get(runs, "runs");
    const char *expected = NULL; // the aggregate that the newer set names

    if (runs == NULL)
        return EXIT_TROUBLE;
    for (uint32_t i = 0; i < list->count; i++) {
        const char *run = pl_node_text(pl_node_get(pl_node_at(list, i), "id"), "");
        struct pl_node *checksums, *signature;
        const char *aggregate;

        if (pl_node_true(pl_node_get(pl_node_at(list, i), "preview"), false))
            continue;
        checksums = fetch(v, "checksums.json", run);
        signature = checksums ? fetch(v, "checksums-signature.json", run) : NULL;
        if (signature == NULL)
            return EXIT_TROUBLE;
        aggregate = pl_node_text(pl_node_get(checksums, "aggregate_sha256"), "");
        if (*sets > 0 && (expected == NULL || strcmp(expected, aggregate) != 0))
            return refuse(pl_arena_printf(v->arena, "the set after run %s does not name it", run));
        if (check_link(checksums, signature, v, &expected))
            return EXIT_NO;
        (*sets)++;
    }
    if (*sets > 0 && expected)
        return refuse("the oldest set names one before it that is not there");
    return EXIT_FINE;
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
        status = check_chain(v, &sets);
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
