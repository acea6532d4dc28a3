/* Keywords that combine schemas for the same value. */
#include "schema_private.h"

bool
schema_check_all(struct schema_check *self, const struct schema_rule *rule,
                 const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < rule->count; i++) {
        if (schema_apply(self, rule->schemas[i], spot->value, spot->at, spot->seen))
            continue;
        valid = false;
        if (schema_enough(self))
            break;
    }
    return valid;
}

/* How many of the alternatives hold, up to ${enough}. */
static uint32_t
count_valid(struct schema_check *self, const struct schema_rule *rule,
            const struct schema_spot *spot, uint32_t enough)
{
    uint32_t count = 0;

    self->silent++;
    for (uint32_t i = 0; i < rule->count && count < enough; i++)
        count += schema_apply(self, rule->schemas[i], spot->value, spot->at, spot->seen);
    self->silent--;
    return count;
}

/* Is the value's type already wrong?  References are followed a few steps. */
static bool
has_type_failure(const struct pl_schema *schema, const struct pl_node *value, int steps)
{
    for (int i = 0; i < schema->rule_count; i++) {
        const struct schema_rule *rule = &schema->rules[i];

        if (rule->keyword->check == schema_check_ref)
            return steps && has_type_failure(rule->schema, value, steps - 1);
        if (rule->keyword->check == schema_check_type)
            return !(rule->kinds >> value->kind & 1) &&
                   !(rule->kinds & SCHEMA_INTEGER && value->kind == PL_NUMBER);
    }
    return schema->never;
}

/* None of the alternatives holds.  If only one is of the value's type, what is wrong with that
 * one helps more than the news that none fits. */
static bool
none_fits(struct schema_check *self, const struct schema_rule *rule, const struct schema_spot *spot)
{
    const struct pl_schema *only = NULL;
    uint32_t candidates = 0;

    if (schema_enough(self))
        return false;
    for (uint32_t i = 0; i < rule->count; i++)
        if (!has_type_failure(rule->schemas[i], spot->value, 8)) {
            only = rule->schemas[i];
            candidates++;
        }
    if (candidates == 1)
        return schema_apply(self, only, spot->value, spot->at, NULL);
    return schema_wrong(self, rule->keyword->name, spot,
                        "expected a value that fits one of %u alternatives, but it fits none",
                        rule->count);
}

bool
schema_check_any(struct schema_check *self, const struct schema_rule *rule,
                 const struct schema_spot *spot)
{
    // all of them, if somebody wants to know what they look at
    if (count_valid(self, rule, spot, spot->seen ? UINT32_MAX : 1))
        return true;
    return none_fits(self, rule, spot);
}

bool
schema_check_one(struct schema_check *self, const struct schema_rule *rule,
                 const struct schema_spot *spot)
{
    uint32_t count = count_valid(self, rule, spot, 2);

    if (count == 1)
        return true;
    if (count == 0)
        return none_fits(self, rule, spot);
    return schema_wrong(self, "oneOf", spot,
                        "expected a value that fits exactly one of %u alternatives, but it fits "
                        "more",
                        rule->count);
}

bool
schema_check_not(struct schema_check *self, const struct schema_rule *rule,
                 const struct schema_spot *spot)
{
    bool valid;

    self->silent++;
    valid = schema_apply(self, rule->schema, spot->value, spot->at, NULL);
    self->silent--;
    return !valid || schema_wrong(self, "not", spot,
                                  "expected a value that does not fit the schema of \"not\"");
}

bool
schema_check_if(struct schema_check *self, const struct schema_rule *rule,
                const struct schema_spot *spot)
{
    const struct pl_schema *branch;
    bool holds;

    self->silent++;
    holds = schema_apply(self, rule->schema, spot->value, spot->at, spot->seen);
    self->silent--;
    branch = rule->schemas[holds ? 0 : 1];
    return branch == NULL || schema_apply(self, branch, spot->value, spot->at, spot->seen);
}
