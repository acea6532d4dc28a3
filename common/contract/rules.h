/* rules -- the rows of rules.def by name, for the comparer; everybody else uses pl_rules[]. */
#ifndef CMP_RULES_H
#define CMP_RULES_H

#include "pl_compare.h"

enum cmp_rule {
#define PL_RULE(name, id, level, migration, adds, summary, hint) CMP_##name,
#include "rules.def"
#undef PL_RULE
    CMP_RULE_COUNT
};

#endif
