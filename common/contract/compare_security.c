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

/* The same for programs: part of fingerprints. */
static const char *
key_of(const struct cmp_alternative *one, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < one->count; i++) {
        pl_buf_printf(&out, "%s%s", i ? "+" : "", one->all[i].name);
        for (int k = 0; k < one->all[i].scope_count; k++)
            pl_buf_printf(&out, ",%s", one->all[i].scopes[k]);
    }
    return pl_buf_text(&out);
}

static const char *
key_of_all(const struct cmp_operation *operation, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < alternatives(operation); i++)
        pl_buf_printf(&out, "%s%s", i ? "|" : "", key_of(alternative(operation, i), arena));
    return pl_buf_text(&out);
}

/* The scheme of ${operation} that is the same as ${wanted}; NULL: it has none. */
static const struct cmp_credential *
find_scheme(const struct cmp_operation *operation, const char *wanted)
{
    for (int i = 0; i < operation->alternative_count; i++)
        for (int k = 0; k < operation->alternatives[i].count; k++)
            if (strcmp(operation->alternatives[i].all[k].scheme, wanted) == 0)
                return &operation->alternatives[i].all[k];
    return NULL;
}

/* Schemes that both sides use, once for all operations. */
static void
pair_schemes(struct cmp *self, struct cmp_pair *pair, const struct cmp_alternative *held,
             const struct cmp_operation *head)
{
    for (int i = 0; i < held->count; i++) {
        const struct cmp_credential *other = find_scheme(head, held->all[i].scheme);
        struct cmp_spot b, h;

        if (other == NULL)
            continue;
        b = cmp_security_scheme(self->base_model->root, held->all[i].name, self->arena);
        h = cmp_security_scheme(self->head_model->root, other->name, self->arena);
        if (b.node && h.node)
            cmp_pair(
                self, pair,
                (struct cmp_pair){
                    .kind = CMP_PAIR_SCHEME, .base = b, .head = h, .base_item = &held->all[i] },
                0);
    }
}

void
cmp_scheme(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_credential *credential = pair->base_item;
    static const char *const PARTS[] = { "flows", "flow", "scopes", "tokenUrl",
                                         "authorizationUrl" };

    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        struct cmp_spot b = cmp_spot_get(pair->base, PARTS[i], self->arena);
        struct cmp_spot h = cmp_spot_get(pair->head, PARTS[i], self->arena);

        if (b.node && h.node && !pl_node_equal(b.node, h.node))
            cmp_found(self, pair, CMP_SECURITY_SCHEME_CHANGED, "changed", b, h,
                      "`%s` of the security scheme `%s` changed", PARTS[i], credential->name);
    }
}

/* What a request with these credentials carries. */
static const char *
header_lines(struct cmp *self, const struct cmp_alternative *held)
{
    struct pl_buf out = { .arena = self->arena };

    for (int i = 0; i < held->count; i++) {
        const struct cmp_credential *one = &held->all[i];
        const struct pl_node *scheme =
            cmp_security_scheme(self->base_model->root, one->name, self->arena).node;
        const char *in = pl_node_text(pl_node_get(scheme, "in"), "");
        const char *name = pl_node_text(pl_node_get(scheme, "name"), "");
        const char *kind = pl_node_text(pl_node_get(scheme, "scheme"), "");

        pl_buf_str(&out, i ? "\n" : "");
        if (strcmp(in, "header") == 0)
            pl_buf_printf(&out, "%s: <%s>", name, one->name);
        else if (strcmp(in, "cookie") == 0)
            pl_buf_printf(&out, "Cookie: %s=<%s>", name, one->name);
        else if (strcmp(in, "query") == 0)
            pl_buf_printf(&out, "(in the query: %s=<%s>)", name, one->name);
        else
            pl_buf_printf(&out, "Authorization: %s <%s>", *kind ? kind : "Bearer", one->name);
        for (int k = 0; k < one->scope_count; k++)
            pl_buf_printf(&out, "%s%s%s", k ? ", " : " (scopes: ", one->scopes[k],
                          k + 1 == one->scope_count ? ")" : "");
    }
    return pl_buf_text(&out);
}

void
cmp_security(struct cmp *self, struct cmp_pair *pair)
{
    bool reversed = ((const struct cmp_operation *)pair->base_item)->reversed;
    // What the server calls must take each set of credentials that the server now may show.
    const struct cmp_operation *base = reversed ? pair->head_item : pair->base_item;
    const struct cmp_operation *head = reversed ? pair->base_item : pair->head_item;

    for (int i = 0; i < alternatives(base); i++) {
        const struct cmp_alternative *held = alternative(base, i);
        enum cmp_rule rule = held->count == 0            ? CMP_SECURITY_ADDED
                             : lets_in(head, held, true) ? CMP_SECURITY_SCOPE_ADDED
                                                         : CMP_SECURITY_NARROWED;

        pair_schemes(self, pair, held, head);
        if (lets_in(head, held, false))
            continue;
        cmp_changed(self, pair, rule, "%s no longer suffice%s: %s demanded",
                    describe(held, self->arena), held->count == 1 ? "s" : "",
                    describe_all(head, self->arena));
        cmp_detail(self, pair, "%s: %s", key_of(held, self->arena), key_of_all(head, self->arena));
        pair->last_found->lines = header_lines(self, held);
    }
    for (int i = 0; i < alternatives(head); i++) {
        const struct cmp_alternative *now = alternative(head, i);

        if (lets_in(base, now, false))
            continue;
        cmp_changed(self, pair, CMP_SECURITY_RELAXED, "%s now suffice%s",
                    describe(now, self->arena), now->count == 1 ? "s" : "");
        cmp_detail(self, pair, "%s", key_of(now, self->arena));
    }
}
