/* compare_security -- every set of credentials that let a caller in must still do so. */
#include "compare.h"

#include <string.h>

static const struct cmp_alternative NOBODY = { 0 };

static bool
has_scope(const struct cmp_credential *credential, const char *scope)
{
    for (int i = 0; i < credential->scope_count; i++)
        if (strcmp(credential->scopes[i], scope) == 0)
            return true;
    return false;
}

/* Does holding ${held} satisfy ${asked}?  Without regard to scopes if ${loosely}. */
static bool
satisfies(const struct cmp_alternative *held, const struct cmp_alternative *asked, bool loosely)
{
    for (int i = 0; i < asked->count; i++) {
        const struct cmp_credential *one = &asked->all[i], *has = NULL;

        for (int k = 0; k < held->count && has == NULL; k++)
            if (strcmp(held->all[k].scheme, one->scheme) == 0)
                has = &held->all[k];
        if (has == NULL)
            return false;
        for (int k = 0; k < one->scope_count && !loosely; k++)
            if (!has_scope(has, one->scopes[k]))
                return false;
    }
    return true;
}

/* Operations without security are open: one alternative that asks for nothing. */
static const struct cmp_alternative *
alternative(const struct cmp_operation *operation, int i)
{
    return operation->alternative_count ? &operation->alternatives[i] : &NOBODY;
}

static int
alternatives(const struct cmp_operation *operation)
{
    return operation->alternative_count ? operation->alternative_count : 1;
}

static bool
lets_in(const struct cmp_operation *operation, const struct cmp_alternative *held, bool loosely)
{
    for (int i = 0; i < alternatives(operation); i++)
        if (satisfies(held, alternative(operation, i), loosely))
            return true;
    return false;
}

static const char *
describe(const struct cmp_alternative *one, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    if (one->count == 0)
        return "no credentials";
    for (int i = 0; i < one->count; i++) {
        pl_buf_printf(&out, "%s`%s`", i ? " and " : "", one->all[i].name);
        for (int k = 0; k < one->all[i].scope_count; k++)
            pl_buf_printf(&out, "%s%s", k ? ", " : " (", one->all[i].scopes[k]);
        if (one->all[i].scope_count)
            pl_buf_char(&out, ')');
    }
    return pl_buf_text(&out);
}

static const char *
describe_all(const struct cmp_operation *operation, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < alternatives(operation); i++)
        pl_buf_printf(&out, "%s%s", i ? " or " : "", describe(alternative(operation, i), arena));
    return pl_buf_text(&out);
}

void
cmp_security(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_operation *base = pair->base_item, *head = pair->head_item;

    for (int i = 0; i < alternatives(base); i++) {
        const struct cmp_alternative *held = alternative(base, i);
        enum cmp_rule rule = held->count == 0            ? CMP_SECURITY_ADDED
                             : lets_in(head, held, true) ? CMP_SECURITY_SCOPE_ADDED
                                                         : CMP_SECURITY_NARROWED;

        if (!lets_in(head, held, false))
            cmp_changed(self, pair, rule, "%s no longer suffice%s: %s demanded",
                        describe(held, self->arena), held->count == 1 ? "s" : "",
                        describe_all(head, self->arena));
    }
    for (int i = 0; i < alternatives(head); i++) {
        const struct cmp_alternative *now = alternative(head, i);

        if (!lets_in(base, now, false))
            cmp_changed(self, pair, CMP_SECURITY_RELAXED, "%s now suffice%s",
                        describe(now, self->arena), now->count == 1 ? "s" : "");
    }
}
