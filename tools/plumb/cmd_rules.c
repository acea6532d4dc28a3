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

static int
explain(int argc, char **argv)
{
    const struct option options[] = { { 0 } };
    const struct pl_rule *rule;
    const char *id;
    int words;

    if (!parse_options(argc, argv, options, &id, 1, &words))
        return EXIT_TROUBLE;
    if (words != 1)
        return usage_error("which rule? (see `plumb rules list`)");
    rule = pl_rule_find(id);
    if (rule == NULL)
        return trouble("there is no rule \"%s\" (see `plumb rules list`)", id);
    printf("%s%s%s\n\n", style_bold(), rule->id, style_off());
    printf("  what       %s\n", rule->summary);
    printf("  level      %s%s%s, unless .plumbline.yaml or the api says otherwise\n",
           style_of(pl_level_name(rule->level)), pl_level_name(rule->level), style_off());
    printf("  version    %s\n", rule->level == PL_LEVEL_ERROR ? "asks for a major version"
                                : rule->adds                  ? "asks for a minor version"
                                                              : "a patch version is enough");
    printf("  migration  %s\n", rule->migration);
    printf("  what to do %s\n\n", rule->hint);
    printf("To set its level here, in .plumbline.yaml:\n\n  rules:\n    %s: %s\n", rule->id,
           rule->level == PL_LEVEL_ERROR ? "warn" : "error");
    return EXIT_FINE;
}

static const struct command rules_commands[] = {
    { "explain", explain, "one rule: what it means and what to do",
      "usage: plumb rules explain ID\n\n"
      "  plumb rules explain request-type-narrowed\n" },
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
