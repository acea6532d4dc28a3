/* plumb tokens -- access tokens, through the gateway. */
#include "rest.h"

#include <string.h>

static int
create(int argc, char **argv)
{
    const char *name = NULL, *format = "text";
    struct text_list scopes = { .count = 0 }, apis = { .count = 0 };
    int64_t days = 0;
    const struct option options[] = { LIST_OPTION("--scope", scopes),
                                      LIST_OPTION("--api", apis),
                                      NUMBER_OPTION("--expires-in-days", days),
                                      TEXT_OPTION("--format", format),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_node *body, *made = NULL;
    int words, status;

    if (!parse_options(argc, argv, options, &name, 1, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    if (name == NULL || scopes.count == 0)
        return usage_error("a token needs a name and at least one --scope");
    arena = pl_arena_new();
    body = pl_node_object(arena);
    rest_set_text(body, "name", name, arena);
    rest_set_list(body, "scopes", &scopes, arena);
    rest_set_list(body, "apis", &apis, arena);
    if (days)
        pl_node_set(arena, body, "expires_in_days", pl_node_integer(arena, days));
    status = rest_send("POST", "/api/auth/tokens", body, arena, &made);
    if (status == EXIT_FINE && strcmp(format, "json") == 0)
        print_json(made, arena);
    else if (status == EXIT_FINE)
        printf("%s\n", rest_text(made, "secret", arena));
    pl_arena_destroy(&arena);
    return status;
}

static int
list(int argc, char **argv)
{
    static const char *const columns[] = { "ID:id",
                                           "NAME:name",
                                           "SCOPES:scopes",
                                           "APIS:apis",
                                           "LAST USED:last_used_at",
                                           "EXPIRES:expires_at",
                                           "REVOKED:revoked_at",
                                           NULL };
    const char *format = "text";
    const struct option options[] = { TEXT_OPTION("--format", format), { 0 } };
    struct pl_arena *arena;
    struct pl_node *tokens;
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    tokens = rest_pages("/api/auth/tokens", "tokens", 0, arena);
    status = rest_show_list(tokens, "tokens", columns, format, arena);
    pl_arena_destroy(&arena);
    return status;
}

static int
revoke(int argc, char **argv)
{
    const char *id = NULL;
    const struct option options[] = { { 0 } };
    struct pl_arena *arena;
    int words, status;

    if (!parse_options(argc, argv, options, &id, 1, &words))
        return EXIT_TROUBLE;
    if (id == NULL)
        return usage_error("which token? (its id, see `plumb tokens list`)");
    arena = pl_arena_new();
    status =
        rest_send("DELETE", rest_path(arena, "/api/auth/tokens/%s", id, NULL), NULL, arena, NULL);
    pl_arena_destroy(&arena);
    return status;
}

static const struct command tokens_commands[] = {
    { "create", create, "make a token; it is shown this once",
      "usage: plumb tokens create NAME --scope S [--scope S ...] [--api NAME ...]\n"
      "                           [--expires-in-days N] [--format text|json]\n\n"
      "Scopes: apis:write runs:write runs:read notify:admin tokens:admin ops:read ops:write\n"
      "bridge:read bridge:write bridge:approve latency:read latency:admin users:admin tokens:own account.\n"
      "--api limits the token to the apis named.\n\n"
      "  plumb tokens create museum-ci --scope runs:write --scope runs:read --api museum\n" },
    { "list", list, "tokens and when they were last used",
      "usage: plumb tokens list [--format text|json]\n" },
    { "revoke", revoke, "make a token useless, at once", "usage: plumb tokens revoke ID\n" },
    { 0 },
};

int
cmd_tokens(int argc, char **argv)
{
    return run_command(tokens_commands, "plumb tokens", argc, argv);
}
