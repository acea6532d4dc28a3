/* plumb token -- look at one access token, offline, by the verifier that the gateway uses. */
#include "plumb.h"

#include "pl_jwt.h"

#include <string.h>
#include <time.h>

#define LARGEST_KEY_SET (1 << 20)
#define LARGEST_TOKEN   (1 << 20)

/* The token itself, or the first line of standard input for "-". */
static int
read_token(const char *word, struct pl_arena *arena, const char **token, size_t *length)
{
    struct pl_err err = { 0 };
    char *text;

    *token = word;
    *length = strlen(word);
    if (strcmp(word, "-") != 0)
        return 0;
    if (read_file("-", LARGEST_TOKEN, arena, &text, length, &err))
        return trouble_err("token verify", &err);
    if (*length && text[*length - 1] == '\n')
        (*length)--;
    *token = text;
    return 0;
}

static void
print_claims(const struct pl_claims *claims, struct pl_arena *arena)
{
    struct pl_node *node = pl_node_object(arena);

    pl_node_set(arena, node, "iss", pl_node_string(arena, claims->issuer));
    pl_node_set(arena, node, "aud", pl_node_string(arena, claims->audience));
    pl_node_set(arena, node, "sub", pl_node_string(arena, claims->subject));
    pl_node_set(arena, node, "sid", pl_node_string(arena, claims->session));
    pl_node_set(arena, node, "scope", pl_node_string(arena, claims->scope));
    pl_node_set(arena, node, "iat", pl_node_integer(arena, claims->issued_at));
    pl_node_set(arena, node, "exp", pl_node_integer(arena, claims->expires_at));
    pl_node_set(arena, node, "jti", pl_node_string(arena, claims->id));
    print_json(node, arena);
}

static int
verify_with(const char *key_file, const struct pl_jwt_rules *rules, const char *word,
            struct pl_arena *arena)
{
    struct pl_claims claims;
    struct pl_err err = { 0 };
    struct pl_jwks keys;
    const char *token, *why;
    char *text;
    size_t length;

    if (read_file(key_file, LARGEST_KEY_SET, arena, &text, &length, &err) ||
        pl_jwks_parse(&keys, text, length, &err))
        return trouble_err("token verify", &err);
    if (read_token(word, arena, &token, &length))
        return EXIT_TROUBLE;
    why = pl_jwt_verify(token, length, &keys, rules, arena, &claims);
    if (why) {
        fprintf(stderr, "plumb: the token is refused: %s\n", why);
        return EXIT_NO;
    }
    print_claims(&claims, arena);
    return EXIT_FINE;
}

static int
verify(int argc, char **argv)
{
    const char *keys = NULL, *issuer = NULL, *audience = NULL, *word = NULL;
    int64_t now = time(NULL);
    const struct option options[] = { TEXT_OPTION("--jwks", keys),
                                      TEXT_OPTION("--iss", issuer),
                                      TEXT_OPTION("--aud", audience),
                                      NUMBER_OPTION("--now", now),
                                      { 0 } };
    struct pl_jwt_rules rules;
    struct pl_arena *arena;
    int words, status;

    if (!parse_options(argc, argv, options, &word, 1, &words))
        return EXIT_TROUBLE;
    if (word == NULL || keys == NULL || issuer == NULL || audience == NULL)
        return usage_error("--jwks, --iss, --aud and a token (or -) are needed");
    rules = (struct pl_jwt_rules){ issuer, audience, now };
    arena = pl_arena_new();
    status = verify_with(keys, &rules, word, arena);
    pl_arena_destroy(&arena);
    return status;
}

static const struct command token_commands[] = {
    { "verify", verify, "is it a good access token? offline",
      "usage: plumb token verify --jwks FILE --iss ISSUER --aud AUDIENCE [--now UNIX] TOKEN|-\n\n"
      "Runs the gateway's own verifier. Exit status: 0 accepted, and its claims are printed as JSON;\n"
      "1 refused, with the reason on standard error; 2 usage, or the key set cannot be used. What\n"
      "only a gateway knows, that a session was revoked, is not looked at.\n\n"
      "  curl -s localhost:8000/.well-known/jwks.json > jwks.json\n"
      "  plumb token verify --jwks jwks.json --iss plumbline --aud plumbline - < access-token\n" },
    { 0 },
};

int
cmd_token(int argc, char **argv)
{
    return run_command(token_commands, "plumb token", argc, argv);
}
