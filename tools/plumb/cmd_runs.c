/* plumb runs -- what was recorded. */
#include "rest.h"
#include "run_view.h"

#include <string.h>

#define USUAL_LIMIT  50
#define USUAL_STREAK 5

static int
list(int argc, char **argv)
{
    const char *api = NULL, *branch = NULL, *format = "text";
    int64_t limit = USUAL_LIMIT;
    const struct option options[] = { TEXT_OPTION("--api", api),
                                      TEXT_OPTION("--branch", branch),
                                      NUMBER_OPTION("--limit", limit),
                                      TEXT_OPTION("--format", format),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_buf path;
    struct pl_node *runs, *items;
    int words;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|json"))
        return EXIT_TROUBLE;
    if (api == NULL || limit < 0)
        return usage_error("which api? (--api NAME [--limit N, 0 for all])");
    arena = pl_arena_new();
    path = (struct pl_buf){ .arena = arena };
    pl_buf_str(&path, rest_path(arena, "/api/v1/apis/%s/runs", api, NULL));
    rest_query(&path, "branch", branch);
    runs = rest_pages(pl_buf_text(&path), "runs", limit, arena);
    items = pl_node_get(runs, "runs");
    if (runs && strcmp(format, "json") == 0)
        print_json(runs, arena);
    else
        for (uint32_t i = 0; items && i < items->count; i++)
            run_line(pl_node_at(items, i));
    pl_arena_destroy(&arena);
    return runs ? EXIT_FINE : EXIT_TROUBLE;
}

static int
show(int argc, char **argv)
{
    const char *api = NULL, *run = "latest", *format = "text";
    bool findings = false;
    const struct option options[] = { TEXT_OPTION("--api", api),
                                      TEXT_OPTION("--format", format),
                                      FLAG_OPTION("--findings", findings),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_node *node, *all;
    int words;

    if (!parse_options(argc, argv, options, &run, 1, &words) ||
        !check_choice("--format", format, "text|json|markdown|github"))
        return EXIT_TROUBLE;
    if (api == NULL)
        return usage_error("which api? (plumb runs show [RUN] --api NAME)");
    arena = pl_arena_new();
    node = rest_get(rest_path(arena, "/api/v1/apis/%s/runs/%s", api, run), arena);
    if (node && findings) {
        all = rest_pages(rest_path(arena, "/api/v1/apis/%s/runs/%s/findings", api, run), "findings",
                         0, arena);
        if (all) {
            pl_node_set(arena, node, "findings", pl_node_get(all, "findings"));
            pl_node_set(arena, node, "findings_truncated", pl_node_bool(arena, false));
        }
    }
    if (node)
        run_view(node, format, "document", arena);
    pl_arena_destroy(&arena);
    return node ? EXIT_FINE : EXIT_TROUBLE;
}

/* For a pipeline: has the record been without a document for too long? (E-33) */
static int
guard(int argc, char **argv)
{
    const char *api = NULL;
    int64_t most = USUAL_STREAK, streak = 0;
    const struct option options[] = { TEXT_OPTION("--api", api),
                                      NUMBER_OPTION("--max-streak", most),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_node *run;
    int words;

    if (!parse_options(argc, argv, options, NULL, 0, &words))
        return EXIT_TROUBLE;
    if (api == NULL)
        return usage_error("which api? (--api NAME)");
    arena = pl_arena_new();
    run = rest_get(rest_path(arena, "/api/v1/apis/%s/runs/latest", api, NULL), arena);
    streak = pl_node_int(pl_node_pointer(run, "/metrics/extensions/placeholder_streak"), 0);
    pl_arena_destroy(&arena);
    if (run == NULL)
        return EXIT_TROUBLE;
    printf("placeholder streak %lld, at most %lld\n", (long long)streak, (long long)most);
    return streak > most ? EXIT_NO : EXIT_FINE;
}

static const struct command runs_commands[] = {
    { "guard", guard, "exit 1 when the placeholder streak is too long",
      "usage: plumb runs guard --api NAME [--max-streak N]\n\n"
      "  plumb runs guard --api museum --max-streak 3\n" },
    { "list", list, "runs of an api, newest first",
      "usage: plumb runs list --api NAME [--branch B] [--limit N] [--format text|json]\n\n"
      "  plumb runs list --api museum\n"
      "  plumb runs list --api museum --limit 0 --format json     every run, {\"runs\":[...]}\n" },
    { "show", show, "one run with its verdict and findings",
      "usage: plumb runs show [RUN] --api NAME [--findings] [--format text|json|markdown|github]\n\n"
      "RUN is an id, a sha on the default branch, or latest (the default). --findings fetches\n"
      "all of them, not only the first hundred.\n\n"
      "  plumb runs show --api museum\n"
      "  plumb runs show 0624581 --api museum --format json\n" },
    { 0 },
};

int
cmd_runs(int argc, char **argv)
{
    return run_command(runs_commands, "plumb runs", argc, argv);
}
