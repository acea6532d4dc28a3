/* plumb keys -- signing keys for artifacts, and the key pairs of the bus. */
#include "plumb.h"

#include "pl_curve.h"
#include "pl_keyring.h"

#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SEED_BYTES       crypto_sign_SEEDBYTES
#define BASE64_ROOM      64
#define LARGEST_REGISTRY 8192

/* The public half can be had again from the private one; a private key that was overwritten is
 * gone, and with it the continuity of what it signed. */
static int
write_key(const char *path, const char *text)
{
    struct pl_err err = { 0 };
    struct stat there;

    if (stat(path, &there) == 0 && there.st_size > 0)
        return trouble("\"%s\" is there already: move it away, or name another --out", path);
    return write_file(path, text, strlen(text), 0600, &err) ? trouble("%s", err.text) : EXIT_FINE;
}

/* ${private_text}, or where it lies if it was written to a file. */
static void
print_pair(const char *private_text, const char *public_text, const char *out)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_node *node = pl_node_object(arena);

    pl_node_set(arena, node, "algorithm", pl_node_string(arena, "ed25519"));
    pl_node_set(arena, node, out ? "private_key_file" : "private_key",
                pl_node_string(arena, out ? out : private_text));
    pl_node_set(arena, node, "public_key", pl_node_string(arena, public_text));
    print_json(node, arena);
    pl_arena_destroy(&arena);
}

static int
generate(int argc, char **argv)
{
    unsigned char seed[SEED_BYTES], public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
    char private_text[BASE64_ROOM], public_text[BASE64_ROOM];
    const char *out = NULL;
    bool json = false;
    const struct option options[] = { FLAG_OPTION("--json", json),
                                      TEXT_OPTION("--out", out),
                                      { 0 } };
    int words;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    sodium_bin2base64(private_text, sizeof private_text, seed, sizeof seed,
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(public_text, sizeof public_text, public_key, sizeof public_key,
                      sodium_base64_VARIANT_ORIGINAL);
    if (out && write_key(out, private_text))
        return EXIT_TROUBLE;
    if (json)
        print_pair(private_text, public_text, out);
    else if (out)
        printf("private key: %s (keep it secret)\npublic key:  %s\n", out, public_text);
    else
        printf("GOV_SIGNING_PRIVATE_KEY=%s\npublic key: %s\n", private_text, public_text);
    return EXIT_FINE;
}

static int
bus(int argc, char **argv)
{
    static const char *const names[] = { "api-gateway",        "auth",     "governance-engine",
                                         "artifact-publisher", "notifier", "research-bridge",
                                         "latency-sampler",    "plumb" };
    const char *dir = ".run/keys";
    const struct option options[] = { TEXT_OPTION("--dir", dir), { 0 } };
    struct pl_err err = { 0 };
    int words;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    if (make_folder(dir, &err) || pl_curve_make(dir, names, sizeof names / sizeof *names, &err))
        return trouble_err("keys bus", &err);
    printf("key pairs of the bus are in %s\n", dir);
    return EXIT_FINE;
}

/* Read the registry if there is one, add a key, write it back as a whole. */
static int
rotate_file(const char *path, int64_t lead, int64_t overlap, struct pl_arena *arena,
            struct pl_err *err)
{
    struct pl_buf text = { .arena = arena };
    struct pl_keyring ring = { .count = 0 };
    struct stat there;
    size_t length;
    char *old;

    if (stat(path, &there) == 0 && there.st_size > 0 &&
        (read_file(path, LARGEST_REGISTRY, arena, &old, &length, err) ||
         pl_keyring_parse(&ring, old, err)))
        return -1;
    if (pl_keyring_rotate(&ring, time(NULL), lead, overlap, err))
        return -1;
    pl_keyring_write(&text, &ring);
    sodium_memzero(&ring, sizeof ring);
    return write_file(path, text.data, text.length, 0600, err);
}

static int
rotate(int argc, char **argv)
{
    const char *file = ".run/auth-keys";
    int64_t lead = 60, overlap = 1920;
    bool at_once = false;
    const struct option options[] = { TEXT_OPTION("--file", file),
                                      NUMBER_OPTION("--lead", lead),
                                      NUMBER_OPTION("--overlap", overlap),
                                      FLAG_OPTION("--at-once", at_once),
                                      { 0 } };
    struct pl_err err = { 0 };
    struct pl_arena *arena;
    int words, failed;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    if (lead < 0 || overlap < 0)
        return usage_error("--lead and --overlap are seconds");
    if (at_once)
        lead = overlap = 0;
    arena = pl_arena_new();
    failed = rotate_file(file, lead, overlap, arena, &err);
    pl_arena_destroy(&arena);
    if (failed)
        return trouble_err("keys rotate", &err);
    printf("a new key is in %s; it signs in %lld seconds\n", file, (long long)lead);
    return EXIT_FINE;
}

static const struct command keys_commands[] = {
    { "generate", generate, "make an Ed25519 key pair that signs artifacts",
      "usage: plumb keys generate [--json] [--out FILE]\n\n"
      "Makes an Ed25519 key pair. The private key is the base64 of its 32-byte seed, as\n"
      "GOV_SIGNING_PRIVATE_KEY takes it; --out writes it to FILE (mode 0600) instead,\n"
      "never over a key that is there.\n\n"
      "  plumb keys generate\n"
      "  plumb keys generate --json > new_keypair.json\n"
      "  plumb keys generate --out .run/signing-key\n" },
    { "bus", bus, "make the services' missing CURVE key pairs",
      "usage: plumb keys bus [--dir DIR]\n\n"
      "Makes one CURVE key pair for each service in DIR (.run/keys); existing ones are kept.\n"
      "A service needs its own secret key and everybody's public ones.\n" },
    { "rotate", rotate, "a new key for access tokens; the old one goes on for a while",
      "usage: plumb keys rotate [--file FILE] [--lead SECONDS] [--overlap SECONDS] [--at-once]\n\n"
      "Adds a key to the registry FILE (.run/auth-keys, mode 0600) that auth reads as\n"
      "PLUMB_AUTH_KEYS_FILE, or makes the file. auth sees it within a second, without a restart, and\n"
      "tells the gateways. The new key signs after --lead seconds (60), when everybody knows it; the\n"
      "old ones verify for --overlap more (1920: the life of an access token and two minutes), then\n"
      "go. --at-once is for a key that leaked: no lead, no overlap, access tokens are worth nothing\n"
      "and every client refreshes.\n\n"
      "  plumb keys rotate --file /etc/plumbline/auth-keys\n" },
    { 0 },
};

int
cmd_keys(int argc, char **argv)
{
    if (sodium_init() < 0)
        return trouble("the cryptographic library does not work here");
    return run_command(keys_commands, "plumb keys", argc, argv);
}
