/* plumb keys -- signing keys for artifacts, and the key pairs of the bus. */
#include "plumb.h"

#include "pl_curve.h"

#include <sodium.h>
#include <string.h>

#define SEED_BYTES  crypto_sign_SEEDBYTES
#define BASE64_ROOM 64

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
    struct pl_err err = { 0 };
    struct pl_arena *arena;
    struct pl_node *node;
    int words;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    sodium_bin2base64(private_text, sizeof private_text, seed, sizeof seed,
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(public_text, sizeof public_text, public_key, sizeof public_key,
                      sodium_base64_VARIANT_ORIGINAL);
    if (out) {
        if (write_file(out, private_text, strlen(private_text), 0600, &err))
            return trouble_err("keys generate", &err);
        printf("private key: %s (keep it secret)\npublic key:  %s\n", out, public_text);
        return EXIT_FINE;
    }
    if (!json) {
        printf("GOV_SIGNING_PRIVATE_KEY=%s\npublic key: %s\n", private_text, public_text);
        return EXIT_FINE;
    }
    arena = pl_arena_new();
    node = pl_node_object(arena);
    pl_node_set(arena, node, "algorithm", pl_node_string(arena, "ed25519"));
    pl_node_set(arena, node, "private_key", pl_node_string(arena, private_text));
    pl_node_set(arena, node, "public_key", pl_node_string(arena, public_text));
    print_json(node, arena);
    pl_arena_destroy(&arena);
    return EXIT_FINE;
}

static int
bus(int argc, char **argv)
{
    static const char *const names[] = { "api-gateway",        "auth",     "governance-engine",
                                         "artifact-publisher", "notifier", "plumb" };
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

static const struct command keys_commands[] = {
    { "generate", generate, "make an Ed25519 key pair that signs artifacts",
      "usage: plumb keys generate [--json] [--out FILE]\n\n"
      "Makes an Ed25519 key pair. The private key is the base64 of its 32-byte seed, as\n"
      "GOV_SIGNING_PRIVATE_KEY takes it; --out writes it to FILE (mode 0600) instead.\n\n"
      "  plumb keys generate\n"
      "  plumb keys generate --json > new_keypair.json\n"
      "  plumb keys generate --out .run/signing-key\n" },
    { "bus", bus, "make the services' missing CURVE key pairs",
      "usage: plumb keys bus [--dir DIR]\n\n"
      "Makes one CURVE key pair for each service in DIR (.run/keys); existing ones are kept.\n"
      "A service needs its own secret key and everybody's public ones.\n" },
    { 0 },
};

int
cmd_keys(int argc, char **argv)
{
    if (sodium_init() < 0)
        return trouble("the cryptographic library does not work here");
    return run_command(keys_commands, "plumb keys", argc, argv);
}
