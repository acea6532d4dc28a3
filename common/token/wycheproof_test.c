/* C2SP Wycheproof's Ed25519 vectors through our verifier; WYCHEPROOF names their folder. */
#include "pl_jwt.h"

#include "pl_node.h"

#include <sodium.h>

#include "pl_check.h"

NEEDS_ENV("WYCHEPROOF");

static struct pl_arena *arena;

static struct pl_node *
load(const char *name)
{
    char path[1000];
    FILE *file;
    char *bytes;
    size_t length;
    struct pl_err err = { 0 };

    snprintf(path, sizeof path, "%s/%s", getenv("WYCHEPROOF"), name);
    file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    bytes = pl_arena_alloc(arena, 8 << 20);
    length = fread(bytes, 1, 8 << 20, file);
    fclose(file);
    return pl_json_parse(arena, bytes, length, NULL, &err);
}

static unsigned char *
hex(const struct pl_node *object, const char *name, size_t *length)
{
    const char *text = pl_node_text(pl_node_get(object, name), "");
    unsigned char *bytes = pl_arena_alloc(arena, strlen(text) / 2 + 1);

    if (sodium_hex2bin(bytes, strlen(text) / 2 + 1, text, strlen(text), NULL, length, NULL))
        *length = 0;
    return bytes;
}

TEST(every_vector_is_judged_as_it_should_be)
{
    struct pl_node *groups, *root;
    int count = 0;

    arena = pl_arena_new();
    root = load("ed25519_test.json");
    groups = pl_node_get(root, "testGroups");
    CHECK(sodium_init() >= 0 && groups);
    for (uint32_t g = 0; g < groups->count; g++) {
        struct pl_node *tests = pl_node_get(groups->items[g], "tests");
        size_t key_length, message_length, signature_length;
        unsigned char *key = hex(pl_node_get(groups->items[g], "publicKey"), "pk", &key_length);

        CHECK_INT(key_length, ==, 32);
        for (uint32_t t = 0; t < tests->count; t++, count++) {
            struct pl_node *test = tests->items[t];
            bool valid = strcmp(pl_node_text(pl_node_get(test, "result"), ""), "valid") == 0;
            unsigned char *message = hex(test, "msg", &message_length);
            unsigned char *signature = hex(test, "sig", &signature_length);
            bool found =
                pl_jwt_signature(key, message, message_length, signature, signature_length);

            CHECK_THAT(found == valid, "vector %lld is %s",
                       (long long)pl_node_int(pl_node_get(test, "tcId"), 0),
                       found ? "accepted" : "refused");
        }
    }
    CHECK_INT(count, ==, pl_node_int(pl_node_get(root, "numberOfTests"), 0));
    printf("(%d) ", count);
    pl_arena_destroy(&arena);
}
