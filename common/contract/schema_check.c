/* Checking a value: the walk over rules, violations, and what has been seen. */
#include "schema_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NO_VALUE "no value is allowed here"

static const char *
pointer_of(struct pl_arena *arena, const struct schema_step *at)
{
    const char *up;

    if (at == NULL)
        return "";
    up = pointer_of(arena, at->up);
    return at->member ? pl_pointer_add(arena, up, at->member->key)
                      : pl_pointer_add_index(arena, up, at->index);
}

bool
schema_enough(const struct schema_check *self)
{
    return self->silent || self->exhausted || self->count >= self->max;
}

static void
note(struct schema_check *self, const char *keyword, const struct schema_spot *spot,
     const char *text)
{
    struct pl_violation *out;

    if (self->count >= self->max)
        return;
    out = &self->out[self->count];
    out->pointer = pointer_of(self->arena, spot->at);
    out->keyword = keyword;
    out->text = pl_arena_strdup(self->arena, text);
    out->line = spot->value->line;
    out->column = spot->value->column;
    self->count++;
}

bool
schema_wrong(struct schema_check *self, const char *keyword, const struct schema_spot *spot,
             const char *fmt, ...)
{
    char text[400];
    va_list ap;

    if (schema_enough(self))
        return false;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    note(self, keyword, spot, text);
    return false;
}

static void
open_seen(struct schema_check *self, struct schema_seen *seen, const struct pl_node *value)
{
    seen->count = value->kind == PL_ARRAY || value->kind == PL_OBJECT ? value->count : 0;
    seen->bits = &seen->small;
    if (seen->count > 64)
        seen->bits = pl_arena_alloc(self->arena, (seen->count + 63) / 64 * sizeof *seen->bits);
}

void
schema_see(struct schema_seen *self, uint32_t index)
{
    if (self)
        self->bits[index / 64] |= UINT64_C(1) << index % 64;
}

bool
schema_has_seen(const struct schema_seen *self, uint32_t index)
{
    return self->bits[index / 64] >> index % 64 & 1;
}

static void
merge_seen(struct schema_seen *into, const struct schema_seen *from)
{
    for (uint32_t i = 0; i < (into->count + 63) / 64; i++)
        into->bits[i] |= from->bits[i];
}

/* Ask each rule.  The rules about what was not looked at are last, and pointless after a failure:
 * a rule that failed may not have come to look. */
static bool
apply_rules(struct schema_check *self, const struct pl_schema *schema,
            const struct schema_spot *spot)
{
    bool valid = true;

    for (int i = 0; i < schema->rule_count; i++) {
        const struct schema_rule *rule = &schema->rules[i];

        if (!(rule->keyword->kinds >> spot->value->kind & 1))
            continue;
        if (!valid && strncmp(rule->keyword->name, "unevaluated", 11) == 0)
            break;
        if (!rule->keyword->check(self, rule, spot)) {
            valid = false;
            if (schema_enough(self))
                break;
        }
    }
    return valid;
}

static bool
spend(struct schema_check *self, const struct pl_schema_options *limits,
      const struct schema_spot *spot)
{
    if (self->exhausted)
        return false;
    if (++self->steps <= limits->steps && self->depth < limits->depth)
        return true;
    // said even where violations are not: nobody may take this for valid
    note(self, "schema", spot, "the value is too deep or too large to be checked");
    self->exhausted = true;
    return false;
}

bool
schema_apply(struct schema_check *self, const struct pl_schema *schema, const struct pl_node *value,
             const struct schema_step *at, struct schema_seen *seen)
{
    struct schema_scope scope = { self->scope, schema->resource };
    const struct schema_scope *before = self->scope;
    struct schema_seen own = { 0 };
    struct schema_spot spot = { value, at, NULL };
    bool valid;

    if (!spend(self, schema->options, &spot))
        return false;
    if (schema->later)
        schema_compile_now((struct pl_schema *)schema);
    if (schema->broken) {
        self->exhausted = true;
        return false;
    }
    if (schema->never)
        return schema_wrong(self, "schema", &spot, NO_VALUE);
    if (schema->rule_count == 0)
        return true;
    if (seen || schema->unevaluated) {
        open_seen(self, &own, value);
        spot.seen = &own;
    }
    if (before == NULL || before->resource != schema->resource)
        self->scope = &scope;
    self->depth++;
    valid = apply_rules(self, schema, &spot);
    self->depth--;
    self->scope = before;
    if (valid && seen)
        merge_seen(seen, &own);
    return valid;
}

bool
schema_apply_member(struct schema_check *self, const struct pl_schema *schema,
                    const struct schema_spot *spot, uint32_t index)
{
    const struct pl_member *member = &spot->value->members[index];
    const struct schema_step step = { spot->at, member, 0 };

    schema_see(spot->seen, index);
    return schema_apply(self, schema, member->value, &step, NULL);
}

bool
schema_apply_item(struct schema_check *self, const struct pl_schema *schema,
                  const struct schema_spot *spot, uint32_t index)
{
    const struct schema_step step = { spot->at, NULL, index };

    schema_see(spot->seen, index);
    return schema_apply(self, schema, spot->value->items[index], &step, NULL);
}

int
pl_schema_check(const struct pl_schema *schema, const struct pl_node *value, struct pl_arena *arena,
                struct pl_violation *out, int max)
{
    struct pl_violation unread;
    struct schema_check self = { .arena = arena, .out = out, .max = max };
    bool valid;

    if (max <= 0) {
        self.out = &unread;
        self.max = 1;
    }
    valid = schema_apply(&self, schema, value, NULL, NULL);
    pcre2_match_data_free(self.match);
    pcre2_match_context_free(self.match_context);
    return valid && !self.exhausted ? 0 : self.count;
}

int
pl_schema_judge(const struct pl_schema *schema, const struct pl_node *value, struct pl_arena *arena)
{
    struct schema_check self = { .arena = arena, .silent = 1 };
    bool valid = schema_apply(&self, schema, value, NULL, NULL);

    pcre2_match_data_free(self.match);
    pcre2_match_context_free(self.match_context);
    return self.exhausted ? -1 : valid;
}
