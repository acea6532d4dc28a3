#include "pl_check.h"
#include "pl_compare.h"

#include <stdio.h>

TEST(the_page_of_rules_is_the_table)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf written = { .arena = arena }, kept = { .arena = arena };
    FILE *page = fopen("docs/RULES.md", "re"); // tests run in the project's folder
    char part[4096];
    size_t got;

    CHECK(page != NULL);
    while ((got = fread(part, 1, sizeof part, page)) > 0)
        pl_buf_add(&kept, part, got);
    fclose(page);
    pl_rules_markdown(&written);
    CHECK(strcmp(pl_buf_text(&kept), pl_buf_text(&written)) == 0);
    pl_arena_destroy(&arena);
}

TEST(every_rule_has_an_id_of_its_own_and_says_what_to_do)
{
    for (const struct pl_rule *rule = pl_rules; rule->id; rule++) {
        CHECK(pl_rule_find(rule->id) == rule);
        CHECK_INT(strspn(rule->id, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen(rule->id));
        CHECK(*rule->summary && *rule->hint);
        CHECK(rule->level != PL_LEVEL_NONE);
        CHECK(strcmp(rule->migration, "none") == 0 || strcmp(rule->migration, "manual") == 0 ||
              strcmp(rule->migration, "automatic") == 0);
    }
}
