/* plumb accept -- findings that somebody answers for: pushes are judged without them. */
#include "rest.h"

#include <string.h>

static int
add(int argc, char **argv)
{
    const char *api = NULL, *reason = NULL, *author = NULL, *expires = NULL, *fingerprint = NULL;
    const char *format = "text";
    const struct option options[] = {
        TEXT_OPTION("--api", api),       TEXT_OPTION("--reason", reason),
        TEXT_OPTION("--author", author), TEXT_OPTION("--expires", expires),
        TEXT_OPTION("--format", format), { 0 }
    };
    struct pl_arena *arena;
    struct pl_node *body, *acceptance = NULL;
    int words, status;

    if (!parse_options(argc, argv, options, &fingerprint, 1, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    if (api == NULL || fingerprint == NULL)
        return usage_error("which finding of which api? (plumb accept add FINGERPRINT --api NAME)");
    if (reason == NULL)
        return usage_error("why? (--reason TEXT)");
    arena = pl_arena_new();
    body = pl_node_object(arena);
    rest_set_text(body, "fingerprint", fingerprint, arena);
    rest_set_text(body, "reason", reason, arena);
    rest_set_text(body, "author", author, arena);
    rest_set_text(body, "expires", expires, arena);
    status = rest_send("POST", rest_path(arena, "/api/v1/apis/%s/accepted", api, NULL), body, arena,
                       &acceptance);
    if (status == EXIT_FINE && strcmp(format, "json") == 0)
        print_json(acceptance, arena);
    else if (status == EXIT_FINE)
        rest_object(acceptance, arena);
    pl_arena_destroy(&arena);
    return status;
}

static int
list(int argc, char **argv)
{
    static const char *const columns[] = { "FINGERPRINT:fingerprint",
                                           "AUTHOR:author",
                                           "EXPIRES:expires",
                                           "OVER:expired",
                                           "REASON:reason",
                                           "FINDING:text",
                                           NULL };
    const char *api = NULL, *format = "text";
    const struct option options[] = { TEXT_OPTION("--api", api),
                                      TEXT_OPTION("--format", format),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_node *accepted;
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    if (api == NULL)
        return usage_error("which api? (--api NAME)");
    arena = pl_arena_new();
    accepted =
        rest_pages(rest_path(arena, "/api/v1/apis/%s/accepted", api, NULL), "accepted", 0, arena);
    status = rest_show_list(accepted, "accepted", columns, format, arena);
    pl_arena_destroy(&arena);
    return status;
}

static int
withdraw(int argc, char **argv)
{
    const char *api = NULL, *fingerprint = NULL;
    const struct option options[] = { TEXT_OPTION("--api", api), { 0 } };
    struct pl_arena *arena;
    int words, status;

    if (!parse_options(argc, argv, options, &fingerprint, 1, &words))
        return EXIT_TROUBLE;
    if (api == NULL || fingerprint == NULL)
        return usage_error(
            "which finding of which api? (plumb accept withdraw FINGERPRINT --api NAME)");
    arena = pl_arena_new();
    status = rest_send("DELETE", rest_path(arena, "/api/v1/apis/%s/accepted/%s", api, fingerprint),
                       NULL, arena, NULL);
    pl_arena_destroy(&arena);
    return status;
}

static const struct command accept_commands[] = {
    { "add", add, "accept a finding of an api",
      "usage: plumb accept add FINGERPRINT --api NAME --reason TEXT [--author NAME]\n"
      "                        [--expires DAY] [--format text|json]\n\n"
      "Pushes from now on are judged without the finding, until its last day (by UTC); runs say how\n"
      "many they were judged without. `plumb diff --format json` and `plumb runs show --findings\n"
      "--format json` have the fingerprints. What is recorded already stays as it is. Accepting once\n"
      "more says anew why and until when.\n\n"
      "  plumb accept add dcb70ea63e028520 --api museum --expires 2027-06-30 \\\n"
      "      --reason \"nobody calls it any more, see the access log of May\"\n" },
    { "list", list, "what was accepted, what is over too",
      "usage: plumb accept list --api NAME [--format text|json]\n" },
    { "withdraw", withdraw, "let a finding count again",
      "usage: plumb accept withdraw FINGERPRINT --api NAME\n" },
    { 0 },
};

int
cmd_accept(int argc, char **argv)
{
    return run_command(accept_commands, "plumb accept", argc, argv);
}
