/* plumb rules -- what a comparison can find, offline. */
#include "plumb.h"

#include "pl_compare.h"

#include <string.h>

static int
list(int argc, char **argv)
{
    const char *format = "text";
    const struct option options[] = { TEXT_OPTION("--format", format), { 0 } };
    struct pl_arena *arena;
    struct pl_buf page;
    int words;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|markdown"))
        return EXIT_TROUBLE;
    if (strcmp(format, "text") == 0) {
        for (const struct pl_rule *rule = pl_rules; rule->id; rule++)
            printf("%-44s %-5s %s\n", rule->id, pl_level_name(rule->level), rule->summary);
        return EXIT_FINE;
    }
    arena = pl_arena_new();
    page = (struct pl_buf){ .arena = arena };
    pl_rules_markdown(&page);
    fputs(pl_buf_text(&page), stdout);
    pl_arena_destroy(&arena);
    return EXIT_FINE;
}

static const struct command rules_commands[] = {
    { "list", list, "every rule with its usual level",
      "usage: plumb rules list [--format text|markdown]\n\n"
      "  plumb rules list --format markdown > docs/RULES.md\n" },
    { 0 },
};

int
cmd_rules(int argc, char **argv)
{
    return run_command(rules_commands, "plumb rules", argc, argv);
}
