/* plumb issues -- what a bad record opened. */
#include "rest.h"

#include <string.h>

static int
list(int argc, char **argv)
{
    static const char *const columns[] = { "ID:id",       "KIND:kind",     "STATE:state",
                                           "TITLE:title", "LABELS:labels", "OPENED:opened_at",
                                           NULL };
    const char *api = NULL, *state = NULL, *format = "text";
    const struct option options[] = { TEXT_OPTION("--api", api),
                                      TEXT_OPTION("--state", state),
                                      TEXT_OPTION("--format", format),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_buf path;
    struct pl_node *issues;
    int words, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    if (api == NULL)
        return usage_error("which api? (--api NAME)");
    arena = pl_arena_new();
    path = (struct pl_buf){ .arena = arena };
    pl_buf_str(&path, rest_path(arena, "/api/v1/apis/%s/issues", api, NULL));
    rest_query(&path, "state", state);
    issues = rest_pages(pl_buf_text(&path), "issues", 0, arena);
    status = rest_show_list(issues, "issues", columns, format, arena);
    pl_arena_destroy(&arena);
    return status;
}

static int
label(int argc, char **argv)
{
    const char *api = NULL, *id = NULL;
    struct text_list labels = { .count = 0 };
    const struct option options[] = { TEXT_OPTION("--api", api),
                                      LIST_OPTION("--label", labels),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_node *body, *array, *issue = NULL;
    int words, status;

    if (!parse_options(argc, argv, options, &id, 1, &words))
        return EXIT_TROUBLE;
    if (api == NULL || id == NULL)
        return usage_error("which issue of which api? (plumb issues label ID --api NAME)");
    arena = pl_arena_new();
    body = pl_node_object(arena);
    array = pl_node_set(arena, body, "labels", pl_node_array(arena));
    for (int i = 0; i < labels.count; i++)
        pl_node_push(arena, array, pl_node_string(arena, labels.texts[i]));
    status = rest_send("PUT", rest_path(arena, "/api/v1/apis/%s/issues/%s/labels", api, id), body,
                       arena, &issue);
    if (status == EXIT_FINE)
        rest_object(issue, arena);
    pl_arena_destroy(&arena);
    return status;
}

static const struct command issues_commands[] = {
    { "list", list, "issues of an api, newest first",
      "usage: plumb issues list --api NAME [--state open|closed] [--format text|json]\n" },
    { "label", label, "set the labels of an issue",
      "usage: plumb issues label ID --api NAME [--label L ...]\n\n"
      "The labels given replace those there. `governance-hold` keeps an issue from closing by\n"
      "itself.\n\n"
      "  plumb issues label iss_1 --api museum --label governance-hold\n" },
    { 0 },
};

int
cmd_issues(int argc, char **argv)
{
    return run_command(issues_commands, "plumb issues", argc, argv);
}
