/* Keywords about objects. */
#include "schema_private.h"

#include "node_private.h"

#include <inttypes.h>
#include <string.h>

#define SHOWN 12 // names that are listed at most

bool
schema_check_max_properties(struct schema_check *self, const struct schema_rule *rule,
                            const struct schema_spot *spot)
{
    return spot->value->count <= rule->size ||
           schema_wrong(self, "maxProperties", spot,
                        "expected at most %" PRIu64 " members, found %u", rule->size,
                        spot->value->count);
}

bool
schema_check_min_properties(struct schema_check *self, const struct schema_rule *rule,
                            const struct schema_spot *spot)
{
    return spot->value->count >= rule->size ||
           schema_wrong(self, "minProperties", spot,
                        "expected at least %" PRIu64 " members, found %u", rule->size,
                        spot->value->count);
}

/* All names must be there; ${because} names the member that asks for them. */
static bool
need(struct schema_check *self, const struct schema_rule *rule, const struct schema_spot *spot,
     const struct pl_node *names, const char *because)
{
    bool valid = true;

    for (uint32_t i = 0; i < names->count; i++) {
        const struct pl_node *name = names->items[i];

        if (node_find(spot->value, name->text, name->length))
            continue;
        valid = schema_wrong(self, rule->keyword->name, spot,
                             "the member \"%.100s\" is missing%s%.100s%s", name->text,
                             because ? ", which \"" : "", because ? because : "",
                             because ? "\" needs" : "");
        if (schema_enough(self))
            break;
    }
    return valid;
}

bool
schema_check_required(struct schema_check *self, const struct schema_rule *rule,
                      const struct schema_spot *spot)
{
    return need(self, rule, spot, rule->value, NULL);
}

bool
schema_check_dependent_required(struct schema_check *self, const struct schema_rule *rule,
                                const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < rule->value->count; i++) {
        const struct pl_member *member = &rule->value->members[i];

        if (node_find(spot->value, member->key, member->key_length))
            valid = need(self, rule, spot, member->value, member->key) && valid;
    }
    return valid;
}

/* `dependentSchemas`, and draft 4's `dependencies` with schemas or lists of names. */
bool
schema_check_dependencies(struct schema_check *self, const struct schema_rule *rule,
                          const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < rule->count; i++) {
        const struct pl_member *member = &rule->value->members[i];

        if (node_find(spot->value, member->key, member->key_length) == NULL)
            continue;
        if (rule->schemas[i] == NULL)
            valid = need(self, rule, spot, member->value, member->key) && valid;
        else
            valid =
                schema_apply(self, rule->schemas[i], spot->value, spot->at, spot->seen) && valid;
        if (!valid && schema_enough(self))
            break;
    }
    return valid;
}

static bool
unexpected(struct schema_check *self, const struct schema_rule *rule,
           const struct schema_spot *spot, uint32_t index, const struct pl_node *known)
{
    const struct pl_member *member = &spot->value->members[index];
    const struct schema_step step = { spot->at, member, 0 };
    const struct pl_node place = { .line = member->line, .column = member->column };
    struct pl_buf names = { .arena = self->arena };

    if (schema_enough(self))
        return false;
    for (uint32_t i = 0; known && i < known->count && i < SHOWN; i++)
        pl_buf_printf(&names, "%s\"%.60s\"", i ? ", " : "; expected ", known->members[i].key);
    if (known && known->count > SHOWN)
        pl_buf_str(&names, " ...");
    return schema_wrong(self, rule->keyword->name, &(struct schema_spot){ &place, &step, NULL },
                        "the member \"%.60s\" is not known here%s", member->key,
                        pl_buf_text(&names));
}

bool
schema_check_properties(struct schema_check *self, const struct schema_rule *rule,
                        const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < spot->value->count; i++) {
        const struct pl_member *member = &spot->value->members[i];
        const struct pl_member *known = node_find(rule->value, member->key, member->key_length);
        const struct pl_schema *schema;

        if (known == NULL)
            continue;
        schema = rule->schemas[known - rule->value->members];
        if (schema_apply_member(self, schema, spot, i))
            continue;
        valid = false;
        if (schema_enough(self))
            break;
    }
    return valid;
}

bool
schema_check_pattern_properties(struct schema_check *self, const struct schema_rule *rule,
                                const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < spot->value->count; i++) {
        const struct pl_member *member = &spot->value->members[i];

        for (uint32_t j = 0; j < rule->count; j++) {
            int matches = schema_matches(self, rule->patterns[j], member->key, member->key_length);

            if (matches == 0 ||
                (matches > 0 && schema_apply_member(self, rule->schemas[j], spot, i)))
                continue;
            valid = matches > 0 ? false
                                : schema_wrong(self, rule->keyword->name, spot,
                                               "too much work to match the name of a member");
            if (schema_enough(self))
                return false;
        }
    }
    return valid;
}

/* Do `properties` or `patternProperties` speak of this member? */
static bool
is_covered(struct schema_check *self, const struct schema_rule *rule,
           const struct pl_member *member)
{
    if (node_find(rule->beside, member->key, member->key_length))
        return true;
    for (uint32_t i = 0; i < rule->count; i++)
        if (schema_matches(self, rule->patterns[i], member->key, member->key_length) > 0)
            return true;
    return false;
}

/* A member that no other keyword speaks for: `false` refuses it by name, else its schema says. */
static bool
check_member(struct schema_check *self, const struct schema_rule *rule,
             const struct schema_spot *spot, uint32_t i, const struct pl_node *beside)
{
    return rule->schema->never ? unexpected(self, rule, spot, i, beside)
                               : schema_apply_member(self, rule->schema, spot, i);
}

bool
schema_check_additional(struct schema_check *self, const struct schema_rule *rule,
                        const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < spot->value->count; i++) {
        if (is_covered(self, rule, &spot->value->members[i]))
            continue;
        valid = check_member(self, rule, spot, i, rule->beside) && valid;
        if (!valid && schema_enough(self))
            break;
    }
    return valid;
}

bool
schema_check_unevaluated_properties(struct schema_check *self, const struct schema_rule *rule,
                                    const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < spot->value->count; i++) {
        if (schema_has_seen(spot->seen, i))
            continue;
        valid = check_member(self, rule, spot, i, NULL) && valid;
        if (!valid && schema_enough(self))
            break;
    }
    return valid;
}

bool
schema_check_property_names(struct schema_check *self, const struct schema_rule *rule,
                            const struct schema_spot *spot)
{
    bool valid = true;

    for (uint32_t i = 0; i < spot->value->count; i++) {
        const struct pl_member *member = &spot->value->members[i];
        const struct schema_step step = { spot->at, member, 0 };
        const struct pl_node name = { .kind = PL_STRING,
                                      .line = member->line,
                                      .column = member->column,
                                      .text = member->key,
                                      .length = member->key_length };

        if (schema_apply(self, rule->schema, &name, &step, NULL))
            continue;
        valid = false;
        if (schema_enough(self))
            break;
    }
    return valid;
}
