/* plumb endpoints -- where notices go. */
#include "rest.h"

#include <string.h>

struct settings {
    const char *word, *name, *url, *kind, *policy, *format;
    struct text_list apis, events, clear;
    int64_t rate;
    bool allow_private, enable, disable;
};

static bool
parse(int argc, char **argv, struct settings *s)
{
    const struct option options[] = { TEXT_OPTION("--name", s->name),
                                      TEXT_OPTION("--url", s->url),
                                      TEXT_OPTION("--kind", s->kind),
                                      TEXT_OPTION("--policy", s->policy),
                                      LIST_OPTION("--api", s->apis),
                                      LIST_OPTION("--event", s->events),
                                      LIST_OPTION("--clear", s->clear),
                                      NUMBER_OPTION("--rate-per-minute", s->rate),
                                      FLAG_OPTION("--allow-private", s->allow_private),
                                      FLAG_OPTION("--enable", s->enable),
                                      FLAG_OPTION("--disable", s->disable),
                                      TEXT_OPTION("--format", s->format),
                                      { 0 } };
    int words;

    s->rate = -1;
    s->format = "text";
    return parse_options(argc, argv, options, &s->word, 1, &words) &&
           check_choice("--format", s->format, "text|json");
}

static struct pl_node *
make_body(const struct settings *s, struct pl_arena *arena)
{
    struct pl_node *body = pl_node_object(arena);

    rest_set_text(body, "name", s->name, arena);
    rest_set_text(body, "url", s->url, arena);
    rest_set_text(body, "kind", s->kind, arena);
    rest_set_text(body, "policy", s->policy, arena);
    rest_set_list(body, "apis", &s->apis, arena);
    rest_set_list(body, "events", &s->events, arena);
    rest_set_list(body, "clear", &s->clear, arena);
    if (s->rate >= 0)
        pl_node_set(arena, body, "rate_per_minute", pl_node_integer(arena, s->rate));
    if (s->allow_private)
        pl_node_set(arena, body, "allow_private", pl_node_bool(arena, true));
    if (s->enable || s->disable)
        pl_node_set(arena, body, "enabled", pl_node_bool(arena, s->enable));
    return body;
}

static int
show_node(const struct pl_node *node, const char *format, struct pl_arena *arena)
{
    if (node && strcmp(format, "json") == 0)
        print_json(node, arena);
    else if (node)
        rest_object(node, arena);
    return EXIT_FINE;
}

static int
create(int argc, char **argv)
{
    struct settings s = { 0 };
    struct pl_arena *arena;
    struct pl_node *made = NULL;
    int status;

    if (!parse(argc, argv, &s))
        return EXIT_TROUBLE;
    if (s.name == NULL)
        s.name = s.word;
    if (s.name == NULL || s.url == NULL)
        return usage_error("an endpoint needs a name and a --url");
    if (s.kind == NULL)
        s.kind = "webhook";
    arena = pl_arena_new();
    status = rest_send("POST", "/api/v1/notify/endpoints", make_body(&s, arena), arena, &made);
    if (status == EXIT_FINE && strcmp(s.format, "json") == 0) {
        print_json(made, arena);
    } else if (status == EXIT_FINE) {
        rest_object(pl_node_get(made, "endpoint"), arena);
        if (pl_node_get(made, "secret"))
            printf("\nsecret (shown this once): %s\n", rest_text(made, "secret", arena));
    }
    pl_arena_destroy(&arena);
    return status;
}

static int
list(int argc, char **argv)
{
    static const char *const columns[] = { "ID:id",
                                           "NAME:name",
                                           "KIND:kind",
                                           "TO:url_hint",
                                           "POLICY:policy",
                                           "APIS:apis",
                                           "ENABLED:enabled",
                                           "FAILURES:consecutive_failures",
                                           "WHY NOT:disabled_reason",
                                           NULL };
    struct settings s = { 0 };
    struct pl_arena *arena;
    struct pl_node *endpoints;
    int status;

    if (!parse(argc, argv, &s))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    endpoints = rest_pages("/api/v1/notify/endpoints", "endpoints", 0, arena);
    status = rest_show_list(endpoints, "endpoints", columns, s.format, arena);
    pl_arena_destroy(&arena);
    return status;
}

/* A test that the receiver did not take with a 2xx is the answer no. */
static int
judge_attempt(const struct pl_node *attempt)
{
    int64_t status = pl_node_int(pl_node_get(attempt, "status"), 0);

    return status >= 200 && status < 300 ? EXIT_FINE : EXIT_NO;
}

/* A request about one endpoint: ${method} ${path}, whose %s is its id. */
static int
about_one(int argc, char **argv, const char *method, const char *path, bool with_body,
          int (*judge)(const struct pl_node *answer))
{
    struct settings s = { 0 };
    struct pl_arena *arena;
    struct pl_node *node = NULL;
    int status;

    if (!parse(argc, argv, &s))
        return EXIT_TROUBLE;
    if (s.word == NULL)
        return usage_error("which endpoint? (its id, see `plumb endpoints list`)");
    arena = pl_arena_new();
    status = rest_send(method, rest_path(arena, path, s.word, NULL),
                       with_body ? make_body(&s, arena) : NULL, arena, &node);
    if (status == EXIT_FINE)
        show_node(node, s.format, arena);
    if (status == EXIT_FINE && judge)
        status = judge(node);
    pl_arena_destroy(&arena);
    return status;
}

static int
show(int argc, char **argv)
{
    return about_one(argc, argv, "GET", "/api/v1/notify/endpoints/%s", false, NULL);
}

static int
set(int argc, char **argv)
{
    return about_one(argc, argv, "PATCH", "/api/v1/notify/endpoints/%s", true, NULL);
}

static int
delete_one(int argc, char **argv)
{
    return about_one(argc, argv, "DELETE", "/api/v1/notify/endpoints/%s", false, NULL);
}

static int
test(int argc, char **argv)
{
    return about_one(argc, argv, "POST", "/api/v1/notify/endpoints/%s/test", false, judge_attempt);
}

static int
rotate(int argc, char **argv)
{
    return about_one(argc, argv, "POST", "/api/v1/notify/endpoints/%s/rotate-secret", false, NULL);
}

#define OPTIONS_HELP                                                              \
    "  --url URL\n"                                                               \
    "  --policy every_run|on_change   each run with a reason, or only when one\n" \
    "                                 appears or recovers\n"                      \
    "  --api NAME                     only of these apis (may be repeated)\n"     \
    "  --event REASON                 only these reasons (may be repeated)\n"     \
    "  --rate-per-minute N\n"                                                     \
    "  --allow-private                private addresses too, as far as the operator allows\n"

static const struct command endpoints_commands[] = {
    { "create", create, "add a webhook, a Slack or a Teams channel",
      "usage: plumb endpoints create NAME --url URL [--kind webhook|slack|teams] [options]\n\n" OPTIONS_HELP
      "\nThe signing secret of a webhook is shown this once.\n\n"
      "  plumb endpoints create ops --url https://hooks.example.com/plumb\n"
      "  plumb endpoints create team --kind slack --url https://hooks.slack.com/services/...\n" },
    { "list", list, "where notices go", "usage: plumb endpoints list [--format text|json]\n" },
    { "show", show, "one endpoint", "usage: plumb endpoints show ID [--format text|json]\n" },
    { "set", set, "change one",
      "usage: plumb endpoints set ID [--name NAME] [--enable | --disable] [--clear apis|events]\n"
      "                            [options]\n\n" OPTIONS_HELP },
    { "delete", delete_one, "remove one", "usage: plumb endpoints delete ID\n" },
    { "test", test, "send a test notice now and show the answer",
      "usage: plumb endpoints test ID [--format text|json]\n\n"
      "Exit status: 0 the receiver took it (2xx), 1 it did not, 2 it could not be tried.\n" },
    { "rotate-secret", rotate, "make a new signing secret; the old one signs along for 24 hours",
      "usage: plumb endpoints rotate-secret ID [--format text|json]\n" },
    { 0 },
};

int
cmd_endpoints(int argc, char **argv)
{
    return run_command(endpoints_commands, "plumb endpoints", argc, argv);
}
