/* Keywords about single values: type, enum, const, numbers, strings. */
#include "schema_private.h"

#include "pl_utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 120 // characters of an expected value that are shown

static bool
is_integer(const struct schema_rule *rule, const struct pl_node *value)
{
    struct decimal number;

    if (value->kind != PL_NUMBER)
        return false;
    if (rule->flag)
        return strpbrk(value->text, ".eE") == NULL;
    number = decimal_read(value->text, value->length);
    return decimal_is_integer(&number);
}

/* The kind of a value in the words of `type`. */
static const char *
found(const struct schema_rule *rule, const struct pl_node *value)
{
    return is_integer(rule, value) ? "integer" : pl_node_kind_name(value->kind);
}

/* "string", "integer or null" */
static const char *
expected_types(const struct schema_rule *rule, char *out, size_t size)
{
    size_t used = 0;

    for (unsigned i = 0; i <= 8; i++) {
        if (!(rule->kinds >> i & 1))
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " or " : "",
                                 i == 8 ? "integer" : pl_node_kind_name((enum pl_node_kind)i));
    }
    return out;
}

bool
schema_check_type(struct schema_check *self, const struct schema_rule *rule,
                  const struct schema_spot *spot)
{
    char types[100];

    if (rule->kinds >> spot->value->kind & 1)
        return true;
    if (rule->kinds & SCHEMA_INTEGER && is_integer(rule, spot->value))
        return true;
    return schema_wrong(self, "type", spot, "expected %s, found %s",
                        expected_types(rule, types, sizeof types), found(rule, spot->value));
}

static const char *
shown(struct schema_check *self, const struct pl_node *value)
{
    struct pl_buf out = { .arena = self->arena };

    if (schema_enough(self))
        return "";
    pl_node_write(&out, value, PL_COMPACT);
    if (out.length <= SHOWN)
        return out.data;
    return pl_arena_printf(self->arena, "%.*s...", (int)pl_utf8_check(out.data, SHOWN), out.data);
}

bool
schema_check_enum(struct schema_check *self, const struct schema_rule *rule,
                  const struct schema_spot *spot)
{
    const char *list;

    for (uint32_t i = 0; i < rule->value->count; i++)
        if (pl_node_equal(rule->value->items[i], spot->value))
            return true;
    list = shown(self, rule->value);
    return schema_wrong(self, "enum", spot, "expected one of %s", list);
}

bool
schema_check_const(struct schema_check *self, const struct schema_rule *rule,
                   const struct schema_spot *spot)
{
    if (pl_node_equal(rule->value, spot->value))
        return true;
    return schema_wrong(self, "const", spot, "expected %s", shown(self, rule->value));
}

static int
order(const struct schema_rule *rule, const struct schema_spot *spot)
{
    struct decimal number = decimal_read(spot->value->text, spot->value->length);

    return decimal_order(&number, &rule->number);
}

static bool
out_of_bounds(struct schema_check *self, const struct schema_rule *rule,
              const struct schema_spot *spot, const char *expected)
{
    return schema_wrong(self, rule->keyword->name, spot, "expected %s %.60s, found %.60s", expected,
                        rule->value->text, spot->value->text);
}

bool
schema_check_maximum(struct schema_check *self, const struct schema_rule *rule,
                     const struct schema_spot *spot)
{
    if (rule->flag)
        return schema_check_exclusive_maximum(self, rule, spot);
    return order(rule, spot) <= 0 || out_of_bounds(self, rule, spot, "at most");
}

bool
schema_check_exclusive_maximum(struct schema_check *self, const struct schema_rule *rule,
                               const struct schema_spot *spot)
{
    return order(rule, spot) < 0 || out_of_bounds(self, rule, spot, "less than");
}

bool
schema_check_minimum(struct schema_check *self, const struct schema_rule *rule,
                     const struct schema_spot *spot)
{
    if (rule->flag)
        return schema_check_exclusive_minimum(self, rule, spot);
    return order(rule, spot) >= 0 || out_of_bounds(self, rule, spot, "at least");
}

bool
schema_check_exclusive_minimum(struct schema_check *self, const struct schema_rule *rule,
                               const struct schema_spot *spot)
{
    return order(rule, spot) > 0 || out_of_bounds(self, rule, spot, "more than");
}

bool
schema_check_multiple(struct schema_check *self, const struct schema_rule *rule,
                      const struct schema_spot *spot)
{
    struct decimal number = decimal_read(spot->value->text, spot->value->length);

    return decimal_is_multiple(&number, &rule->number) ||
           out_of_bounds(self, rule, spot, "a multiple of");
}

bool
schema_check_max_length(struct schema_check *self, const struct schema_rule *rule,
                        const struct schema_spot *spot)
{
    size_t length = pl_utf8_length(spot->value->text, spot->value->length);

    return length <= rule->size ||
           schema_wrong(self, "maxLength", spot,
                        "expected at most %" PRIu64 " characters, found %zu", rule->size, length);
}

bool
schema_check_min_length(struct schema_check *self, const struct schema_rule *rule,
                        const struct schema_spot *spot)
{
    size_t length = pl_utf8_length(spot->value->text, spot->value->length);

    return length >= rule->size ||
           schema_wrong(self, "minLength", spot,
                        "expected at least %" PRIu64 " characters, found %zu", rule->size, length);
}

bool
schema_check_pattern(struct schema_check *self, const struct schema_rule *rule,
                     const struct schema_spot *spot)
{
    int matches = schema_matches(self, rule->patterns[0], spot->value->text, spot->value->length);

    if (matches < 0)
        return schema_wrong(self, "pattern", spot,
                            "too much work to find out whether this matches \"%.150s\"",
                            rule->value->text);
    return matches || schema_wrong(self, "pattern", spot, "expected a text that matches \"%.200s\"",
                                   rule->value->text);
}

bool
schema_check_format(struct schema_check *self, const struct schema_rule *rule,
                    const struct schema_spot *spot)
{
    if (spot->value->kind != rule->format->kind ||
        rule->format->check(spot->value->text, spot->value->length))
        return true;
    return schema_wrong(self, "format", spot, "expected %s", rule->format->expected);
}
