/* plumb api -- the apis that are watched. */
#include "rest.h"

#include <string.h>

/* Settings as the command line takes them; "" and lists of the contract's ApiSettings. */
struct settings {
    const char *title, *visibility, *default_branch, *threshold, *window, *streak_alert, *max_runs;
    const char *scheme, *strict_zero, *notice_policy, *overrides, *milestones, *format;
    const char *name;
};

#define LARGEST_SETTINGS_FILE (1u << 20)

static bool
parse_settings(int argc, char **argv, struct settings *s)
{
    const struct option options[] = { TEXT_OPTION("--title", s->title),
                                      TEXT_OPTION("--visibility", s->visibility),
                                      TEXT_OPTION("--default-branch", s->default_branch),
                                      TEXT_OPTION("--stability-threshold", s->threshold),
                                      TEXT_OPTION("--window", s->window),
                                      TEXT_OPTION("--placeholder-streak-alert-threshold",
                                                  s->streak_alert),
                                      TEXT_OPTION("--placeholder-max-runs", s->max_runs),
                                      TEXT_OPTION("--version-scheme", s->scheme),
                                      TEXT_OPTION("--strict-zero", s->strict_zero),
                                      TEXT_OPTION("--notice-policy", s->notice_policy),
                                      TEXT_OPTION("--severity-overrides", s->overrides),
                                      TEXT_OPTION("--milestones", s->milestones),
                                      TEXT_OPTION("--format", s->format),
                                      { 0 } };
    int words;

    s->format = "text";
    if (!parse_options(argc, argv, options, &s->name, 1, &words) ||
        !check_choice("--format", s->format, "text|json"))
        return false;
    if (words == 0)
        usage_error("which api? (its slug: lower-case letters, digits, dashes)");
    return words == 1;
}

static void
set_number(struct pl_node *body, const char *key, const char *value, struct pl_arena *arena)
{
    if (value)
        pl_node_set(arena, body, key, pl_node_number(arena, value));
}

/* A number that is none would make the body unreadable; say it here, by the option's name. */
static bool
check_number(const char *option, const char *value)
{
    if (value == NULL || (*value && strspn(value, "0123456789.") == strlen(value)))
        return true;
    usage_error("%s takes a number, not \"%s\"", option, value);
    return false;
}

static int
set_file(struct pl_node *body, const char *key, const char *path, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    struct pl_node *value;
    char *bytes;
    size_t length;

    if (path == NULL)
        return EXIT_FINE;
    if (read_file(path, LARGEST_SETTINGS_FILE, arena, &bytes, &length, &err))
        return trouble("%s", err.text);
    value = pl_document_parse(arena, bytes, length, NULL, &err);
    if (value == NULL)
        return trouble("%s: %s", path, err.text);
    pl_node_set(arena, body, key, value);
    return EXIT_FINE;
}

static int
put(const struct settings *s, struct pl_arena *arena)
{
    struct pl_node *body = pl_node_object(arena), *api = NULL;

    if (!check_number("--stability-threshold", s->threshold) ||
        !check_number("--window", s->window) ||
        !check_number("--placeholder-streak-alert-threshold", s->streak_alert) ||
        !check_number("--placeholder-max-runs", s->max_runs) ||
        (s->strict_zero && !check_choice("--strict-zero", s->strict_zero, "true|false")))
        return EXIT_TROUBLE;
    rest_set_text(body, "title", s->title, arena);
    rest_set_text(body, "visibility", s->visibility, arena);
    rest_set_text(body, "default_branch", s->default_branch, arena);
    rest_set_text(body, "version_scheme", s->scheme, arena);
    rest_set_text(body, "notice_policy", s->notice_policy, arena);
    set_number(body, "stability_threshold", s->threshold, arena);
    set_number(body, "window", s->window, arena);
    set_number(body, "placeholder_streak_alert_threshold", s->streak_alert, arena);
    set_number(body, "placeholder_max_runs", s->max_runs, arena);
    if (s->strict_zero)
        pl_node_set(arena, body, "strict_zero",
                    pl_node_bool(arena, strcmp(s->strict_zero, "true") == 0));
    if (set_file(body, "severity_overrides", s->overrides, arena) ||
        set_file(body, "milestones", s->milestones, arena) ||
        rest_send("PUT", rest_path(arena, "/api/v1/apis/%s", s->name, NULL), body, arena, &api))
        return EXIT_TROUBLE;
    if (strcmp(s->format, "json") == 0)
        print_json(api, arena);
    else
        rest_object(api, arena);
    return EXIT_FINE;
}

static int
create(int argc, char **argv)
{
    struct settings s = { 0 };
    struct pl_arena *arena;
    int status;

    if (!parse_settings(argc, argv, &s))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    status = put(&s, arena);
    pl_arena_destroy(&arena);
    return status;
}

/* Like create, but a slip of the pen must not make a new api. */
static int
set(int argc, char **argv)
{
    struct settings s = { 0 };
    struct pl_arena *arena;
    int status = EXIT_TROUBLE;

    if (!parse_settings(argc, argv, &s))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    if (rest_get(rest_path(arena, "/api/v1/apis/%s", s.name, NULL), arena))
        status = put(&s, arena);
    pl_arena_destroy(&arena);
    return status;
}

static int
show(int argc, char **argv)
{
    struct settings s = { 0 };
    struct pl_arena *arena;
    struct pl_node *api;

    if (!parse_settings(argc, argv, &s))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    api = rest_get(rest_path(arena, "/api/v1/apis/%s", s.name, NULL), arena);
    if (api && strcmp(s.format, "json") == 0)
        print_json(api, arena);
    else if (api)
        rest_object(api, arena);
    pl_arena_destroy(&arena);
    return api ? EXIT_FINE : EXIT_TROUBLE;
}

static int
list(int argc, char **argv)
{
    static const char *const columns[] = {
        "API:api",           "TITLE:title", "VISIBILITY:visibility", "BRANCH:default_branch",
        "ARCHIVED:archived", NULL
    };
    const char *format = "text";
    const struct option options[] = { TEXT_OPTION("--format", format), { 0 } };
    struct pl_arena *arena;
    struct pl_node *apis;
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    apis = rest_pages("/api/v1/apis", "apis", 0, arena);
    status = rest_show_list(apis, "apis", columns, format, arena);
    pl_arena_destroy(&arena);
    return status;
}

static int
archive(int argc, char **argv)
{
    const char *name = NULL;
    const struct option options[] = { { 0 } };
    struct pl_arena *arena;
    int words, status;

    if (!parse_options(argc, argv, options, &name, 1, &words))
        return EXIT_TROUBLE;
    if (name == NULL)
        return usage_error("which api?");
    arena = pl_arena_new();
    status =
        rest_send("DELETE", rest_path(arena, "/api/v1/apis/%s", name, NULL), NULL, arena, NULL);
    pl_arena_destroy(&arena);
    return status;
}

#define SETTINGS_HELP                                                                       \
    "  --title TEXT                              for people\n"                              \
    "  --visibility private|badges|public        who sees status page and badges\n"         \
    "  --default-branch NAME                     whose runs are the record (main)\n"        \
    "  --stability-threshold 0..1                below it stability drops (0.85)\n"         \
    "  --window N                                runs that count (20)\n"                    \
    "  --placeholder-streak-alert-threshold N    0 = off (5)\n"                             \
    "  --placeholder-max-runs N                  a longer streak fails runs; 0 = off (0)\n" \
    "  --version-scheme semver|calendar\n"                                                  \
    "  --strict-zero true|false                  0.y.z: minor does not play the major\n"    \
    "  --notice-policy every_run|on_change\n"                                               \
    "  --severity-overrides FILE                 JSON: rule id -> error|warn|info|none\n"   \
    "  --milestones FILE                         project_milestones.json\n"                 \
    "  --format text|json\n"

static const struct command api_commands[] = {
    { "create", create, "watch a new api (or change its settings)",
      "usage: plumb api create NAME [options]\n\n" SETTINGS_HELP "\n"
      "  plumb api create museum --title \"Museum\" --visibility public\n" },
    { "list", list, "the apis there are", "usage: plumb api list [--format text|json]\n" },
    { "show", show, "one api with its settings",
      "usage: plumb api show NAME [--format text|json]\n" },
    { "set", set, "change settings; what is not named keeps its value",
      "usage: plumb api set NAME [options]\n\n" SETTINGS_HELP "\n"
      "  plumb api set museum --window 50 --severity-overrides levels.json\n" },
    { "archive", archive, "take no more pushes; runs stay readable",
      "usage: plumb api archive NAME\n" },
    { 0 },
};

int
cmd_api(int argc, char **argv)
{
    return run_command(api_commands, "plumb api", argc, argv);
}
