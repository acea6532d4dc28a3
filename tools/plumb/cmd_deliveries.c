/* plumb deliveries -- what became of the notices. */
#include "rest.h"

#include <string.h>

#define USUAL_LIMIT 50

static int
list(int argc, char **argv)
{
    static const char *const columns[] = { "ID:id",
                                           "ENDPOINT:endpoint_name",
                                           "API:api",
                                           "REASONS:reasons",
                                           "STATE:state",
                                           "TRIES:attempts",
                                           "NEXT:next_attempt_at",
                                           "ERROR:last_error",
                                           NULL };
    const char *endpoint = NULL, *state = NULL, *api = NULL, *format = "text";
    int64_t limit = USUAL_LIMIT;
    const struct option options[] = {
        TEXT_OPTION("--endpoint", endpoint), TEXT_OPTION("--state", state),
        TEXT_OPTION("--api", api),           NUMBER_OPTION("--limit", limit),
        TEXT_OPTION("--format", format),     { 0 }
    };
    struct pl_arena *arena;
    struct pl_buf path;
    struct pl_node *deliveries;
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    path = (struct pl_buf){ .arena = arena };
    pl_buf_str(&path, "/api/v1/notify/deliveries");
    rest_query(&path, "endpoint", endpoint);
    rest_query(&path, "state", state);
    rest_query(&path, "api", api);
    deliveries = rest_pages(pl_buf_text(&path), "deliveries", limit, arena);
    status = rest_show_list(deliveries, "deliveries", columns, format, arena);
    pl_arena_destroy(&arena);
    return status;
}

static void
print_detail(const struct pl_node *node, struct pl_arena *arena)
{
    static const char *const columns[] = { "TRY:number",    "AT:at",       "TRIGGER:trigger",
                                           "STATUS:status", "MS:total_ms", "CLASS:error_class",
                                           "ANSWER:answer", NULL };
    const struct pl_node *attempts = pl_node_get(node, "attempts");

    rest_object(pl_node_get(node, "delivery"), arena);
    if (attempts && attempts->count) {
        putchar('\n');
        rest_table(attempts, columns, arena);
    }
    if (pl_node_get(node, "payload")) {
        putchar('\n');
        print_json(pl_node_get(node, "payload"), arena);
    }
}

static int
show(int argc, char **argv)
{
    const char *id = NULL, *format = "text";
    const struct option options[] = { TEXT_OPTION("--format", format), { 0 } };
    struct pl_arena *arena;
    struct pl_node *node;
    int words;

    if (!parse_options(argc, argv, options, &id, 1, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    if (id == NULL)
        return usage_error("which delivery? (its id, see `plumb deliveries list`)");
    arena = pl_arena_new();
    node = rest_get(rest_path(arena, "/api/v1/notify/deliveries/%s", id, NULL), arena);
    if (node && strcmp(format, "json") == 0)
        print_json(node, arena);
    else if (node)
        print_detail(node, arena);
    pl_arena_destroy(&arena);
    return node ? EXIT_FINE : EXIT_TROUBLE;
}

static int
replay_since(const char *since, const char *endpoint, const char *state, struct pl_arena *arena)
{
    struct pl_node *body = pl_node_object(arena), *node = NULL;

    rest_set_text(body, "since", since, arena);
    rest_set_text(body, "endpoint", endpoint, arena);
    rest_set_text(body, "state", state, arena);
    if (rest_send("POST", "/api/v1/notify/deliveries/replay", body, arena, &node))
        return EXIT_TROUBLE;
    printf("%s deliveries will be sent again\n", rest_text(node, "count", arena));
    return EXIT_FINE;
}

static int
replay(int argc, char **argv)
{
    const char *id = NULL, *since = NULL, *endpoint = NULL, *state = NULL;
    const struct option options[] = { TEXT_OPTION("--since", since),
                                      TEXT_OPTION("--endpoint", endpoint),
                                      TEXT_OPTION("--state", state),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_node *node = NULL;
    int words, status;

    if (!parse_options(argc, argv, options, &id, 1, &words))
        return EXIT_TROUBLE;
    if ((id == NULL) == (since == NULL))
        return usage_error("which delivery? (an id, or all dead ones with --since TIME)");
    arena = pl_arena_new();
    if (since) {
        status = replay_since(since, endpoint, state, arena);
    } else {
        status =
            rest_send("POST", rest_path(arena, "/api/v1/notify/deliveries/%s/replay", id, NULL),
                      NULL, arena, &node);
        if (status == EXIT_FINE)
            rest_object(node, arena);
    }
    pl_arena_destroy(&arena);
    return status;
}

static const struct command deliveries_commands[] = {
    { "list", list, "deliveries, newest first",
      "usage: plumb deliveries list [--endpoint ID] [--api NAME] [--limit N]\n"
      "           [--state pending|sending|delivered|retry|dead|suppressed] [--format text|json]\n" },
    { "show", show, "one delivery with every attempt and the payload",
      "usage: plumb deliveries show ID [--format text|json]\n" },
    { "replay", replay, "send one again, or all dead ones since a time",
      "usage: plumb deliveries replay ID\n"
      "       plumb deliveries replay --since TIME [--endpoint ID] [--state dead]\n\n"
      "  plumb deliveries replay --since 2026-11-20T00:00:00Z\n" },
    { 0 },
};

int
cmd_deliveries(int argc, char **argv)
{
    return run_command(deliveries_commands, "plumb deliveries", argc, argv);
}
