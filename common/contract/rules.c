#include "rules.h"

#include <string.h>

// clang-format off
const struct pl_rule pl_rules[] = {
#define PL_RULE(name, id, level, migration, adds, summary, hint) \
    { id, PL_LEVEL_##level, migration, summary, hint, adds },
#include "rules.def"
#undef PL_RULE
    { 0 },
};
// clang-format on

static const char *const LEVELS[] = { "none", "info", "warn", "error" };

const struct pl_rule *
pl_rule_find(const char *id)
{
    for (const struct pl_rule *rule = pl_rules; rule->id; rule++)
        if (id && strcmp(rule->id, id) == 0)
            return rule;
    return NULL;
}

const char *
pl_level_name(enum pl_finding_level level)
{
    return LEVELS[level];
}

bool
pl_level_parse(const char *name, enum pl_finding_level *out)
{
    for (int i = PL_LEVEL_NONE; i <= PL_LEVEL_ERROR; i++) {
        if (name && strcmp(name, LEVELS[i]) == 0) {
            *out = (enum pl_finding_level)i;
            return true;
        }
    }
    return false;
}

int
pl_overrides_check(const struct pl_node *overrides, struct pl_err *err)
{
    enum pl_finding_level level;

    if (overrides == NULL)
        return 0;
    if (!pl_node_is(overrides, PL_OBJECT))
        return pl_fail(err, INVALID, "severity overrides must be an object, rule id to level");
    for (uint32_t i = 0; i < overrides->count; i++) {
        const struct pl_member *row = &overrides->members[i];

        if (pl_rule_find(row->key) == NULL)
            return pl_fail(err, INVALID, "there is no rule \"%.80s\"", row->key);
        if (!pl_level_parse(pl_node_text(row->value, NULL), &level))
            return pl_fail(err, INVALID, "the level of \"%.80s\" must be error, warn, info or none",
                           row->key);
    }
    return 0;
}
