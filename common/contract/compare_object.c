/* compare_object -- properties, required, additional properties: the open world of
 * docs/CONTAINMENT.md. */
#include "compare.h"

#include <string.h>

/* Is the property part of what travels in this direction? */
static bool
travels(struct cmp *self, const struct cmp_property *property, bool reply)
{
    const struct cmp_view *view;

    if (property == NULL || property->schema.node == NULL)
        return false;
    if (pl_node_true(pl_node_get(property->schema.node, reply ? "writeOnly" : "readOnly"), false))
        return false;
    view = cmp_view(&self->views, property->schema);
    return reply ? !view->write_only : !view->read_only;
}

static struct cmp_spot
spot_of(const struct cmp_property *property, struct cmp_spot otherwise)
{
    return property && property->schema.node ? property->schema : otherwise;
}

/* `true` and `{}` promise no more than saying nothing does. */
static bool
lets_anything_in(const struct pl_node *schema)
{
    return schema->kind == PL_BOOL || schema->count == 0;
}

static void
added(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
      const struct cmp_property *h, bool was_required)
{
    bool demanded = !pair->reply && h->required && !was_required;
    enum cmp_rule rule =
        pair->reply ? (b->closed ? CMP_RESPONSE_PROPERTY_ADDED_CLOSED : CMP_RESPONSE_PROPERTY_ADDED)
        : demanded  ? CMP_REQUEST_PROPERTY_ADDED_REQUIRED
                    : CMP_REQUEST_PROPERTY_ADDED_OPTIONAL;

    cmp_found(self, pair, rule, "added", pair->base, spot_of(h, pair->head),
              "the %s property `%s` was added to %s", h->required ? "required" : "optional",
              h->name, cmp_pair_words(self, pair));
    cmp_about(pair, h->name);
    // What was let in as an additional property of some schema must still be.
    if (b->additional.node && !b->closed && !lets_anything_in(b->additional.node))
        cmp_pair_schemas(self, pair, b->additional, h->schema, pair->reply);
}

static void
removed(struct cmp *self, struct cmp_pair *pair, const struct cmp_property *b,
        const struct cmp_view *h)
{
    enum cmp_rule rule = pair->reply ? (b->required ? CMP_RESPONSE_PROPERTY_REMOVED
                                                    : CMP_RESPONSE_OPTIONAL_PROPERTY_REMOVED)
                         : h->closed ? CMP_REQUEST_PROPERTY_FORBIDDEN
                                     : CMP_REQUEST_PROPERTY_REMOVED;

    cmp_found(self, pair, rule, "removed", spot_of(b, pair->base), pair->head,
              "the %s property `%s` was removed from %s", b->required ? "required" : "optional",
              b->name, cmp_spot_words(pair->base, self->arena));
    cmp_about(pair, b->name);
    if (!pair->reply && h->additional.node && !h->closed && !lets_anything_in(h->additional.node))
        cmp_pair_schemas(self, pair, b->schema, h->additional, pair->reply);
}

static void
kept(struct cmp *self, struct cmp_pair *pair, const struct cmp_property *b,
     const struct cmp_property *h)
{
    static const struct cmp_rules REQUIRED = { CMP_REQUEST_PROPERTY_BECAME_REQUIRED,
                                               CMP_REQUEST_PROPERTY_BECAME_OPTIONAL,
                                               CMP_RESPONSE_PROPERTY_BECAME_OPTIONAL,
                                               CMP_RESPONSE_PROPERTY_BECAME_REQUIRED };

    if (b->required != h->required) {
        cmp_found(self, pair, cmp_rule_of(&REQUIRED, pair->reply, h->required), "changed",
                  spot_of(b, pair->base), spot_of(h, pair->head),
                  "the property `%s` of %s became %s", h->name, cmp_pair_words(self, pair),
                  h->required ? "required" : "optional");
        cmp_about(pair, h->name);
    }
    cmp_pair_schemas(self, pair, b->schema, h->schema, pair->reply);
}

/* In both documents, but read-only or write-only in one. */
static void
turned(struct cmp *self, struct cmp_pair *pair, const struct cmp_property *b,
       const struct cmp_property *h, bool still)
{
    bool demanded = !pair->reply && h->required;
    enum cmp_rule rule = still         ? (pair->reply ? CMP_RESPONSE_PROPERTY_ADDED
                                          : demanded  ? CMP_REQUEST_PROPERTY_BECAME_REQUIRED
                                                      : CMP_REQUEST_PROPERTY_ADDED_OPTIONAL)
                         : pair->reply ? CMP_RESPONSE_PROPERTY_BECAME_WRITE_ONLY
                                       : CMP_REQUEST_PROPERTY_BECAME_READ_ONLY;

    cmp_found(self, pair, rule, "changed", b->schema, h->schema,
              still ? "the property `%s` of %s is no longer %s" : "the property `%s` of %s is %s",
              h->name, cmp_pair_words(self, pair), pair->reply ? "write-only" : "read-only");
    cmp_about(pair, h->name);
}

static void
compare_property(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                 const struct cmp_view *h, const char *name)
{
    const struct cmp_property *one = cmp_view_property(b, name);
    const struct cmp_property *two = cmp_view_property(h, name);
    bool declared_before = one && one->schema.node, declared_now = two && two->schema.node;
    bool before = travels(self, one, pair->reply), now = travels(self, two, pair->reply);

    if (declared_before && declared_now && before != now)
        turned(self, pair, one, two, now);
    else if (before && now)
        kept(self, pair, one, two);
    else if (!declared_before && now)
        added(self, pair, b, two, one && one->required);
    else if (before && !declared_now)
        removed(self, pair, one, h);
    else if (!declared_before && !declared_now && !pair->reply && two && two->required && !one) {
        cmp_found(self, pair, CMP_REQUEST_PROPERTY_BECAME_REQUIRED, "changed", pair->base,
                  pair->head, "`%s` became required in %s", name, cmp_pair_words(self, pair));
        cmp_about(pair, name);
    }
}

/* All names of both sides, in order. */
static void
compare_properties(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                   const struct cmp_view *h)
{
    int i = 0, k = 0;

    while (i < b->property_count || k < h->property_count) {
        int order = i == b->property_count   ? 1
                    : k == h->property_count ? -1
                                             : strcmp(b->properties[i].name, h->properties[k].name);
        const char *name = order <= 0 ? b->properties[i].name : h->properties[k].name;

        i += order <= 0;
        k += order >= 0;
        compare_property(self, pair, b, h, name);
    }
}

static void
additional(struct cmp *self, struct cmp_pair *pair, enum cmp_rule rule, const char *fmt)
{
    const char *where = cmp_pair_words(self, pair);

    cmp_changed(self, pair, rule, "additional properties of %s are %s", where, fmt);
}

static bool
is_restricting(struct cmp *self, struct cmp_spot additional)
{
    return additional.node && cmp_view(&self->views, additional)->types != CMP_ALL;
}

/* Only what a side says itself counts: being open by default promises nothing. */
static void
compare_additional(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                   const struct cmp_view *h)
{
    bool before = b->additional.node && !b->closed, now = h->additional.node && !h->closed;

    if (before && now)
        cmp_pair_schemas(self, pair, b->additional, h->additional, pair->reply);
    else if (!b->closed && h->closed && pair->reply)
        additional(self, pair, CMP_RESPONSE_ADDITIONAL_NARROWED, "excluded");
    else if (before && h->closed)
        additional(self, pair, CMP_REQUEST_ADDITIONAL_NARROWED, "no longer accepted");
    else if (!b->closed && h->closed)
        additional(self, pair, CMP_REQUEST_ADDITIONAL_FORBIDDEN, "refused");
    else if (b->closed && now && pair->reply)
        additional(self, pair, CMP_RESPONSE_ADDITIONAL_WIDENED, "possible");
    else if (b->closed && !h->closed && !pair->reply)
        additional(self, pair, CMP_REQUEST_ADDITIONAL_WIDENED, "accepted");
    else if (!before && !b->closed && !pair->reply && is_restricting(self, h->additional))
        additional(self, pair, CMP_REQUEST_ADDITIONAL_RESTRICTED, "restricted");
    else if (!now && !h->closed && pair->reply && is_restricting(self, b->additional))
        additional(self, pair, CMP_RESPONSE_ADDITIONAL_LIFTED, "no longer restricted");
}

void
cmp_schema_object(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                  const struct cmp_view *h)
{
    compare_properties(self, pair, b, h);
    compare_additional(self, pair, b, h);
}
