/* compare_discriminator -- which property tells alternatives apart, and which value means which
 * schema.  Schemas that were only renamed or moved are the same. */
#include "compare.h"

#include <string.h>

/* A mapping names a component or is a reference. */
static struct cmp_spot
mapped(struct cmp *self, struct cmp_spot mapping, const char *value)
{
    struct cmp_spot entry = cmp_spot_get(mapping, value, self->arena);
    const char *name = pl_node_text(entry.node, "");
    const char *target = strchr(name, '/') || strchr(name, '#')
                             ? name
                             : pl_arena_printf(self->arena, "#/components/schemas/%s", name);
    struct pl_node *made = pl_node_object(self->arena);

    pl_node_set(self->arena, made, "$ref", pl_node_string(self->arena, target));
    made->line = entry.node ? entry.node->line : 0;
    made->column = entry.node ? entry.node->column : 0;
    entry.node = made;
    return cmp_spot_follow(entry, self->arena);
}

static bool
means_the_same(struct cmp *self, struct cmp_spot from, struct cmp_spot to, const char *value)
{
    const char *one = pl_node_text(pl_node_get(from.node, value), "");
    const char *two = pl_node_text(pl_node_get(to.node, value), "");

    return strcmp(one, two) == 0 ||
           cmp_same(self, mapped(self, from, value), mapped(self, to, value));
}

static void
compare_mapping(struct cmp *self, struct cmp_pair *pair, struct cmp_spot from, struct cmp_spot to,
                const char *where)
{
    for (uint32_t i = 0; pl_node_is(from.node, PL_OBJECT) && i < from.node->count; i++) {
        const char *value = from.node->members[i].key;
        struct cmp_spot old = cmp_spot_get(from, value, self->arena);
        struct cmp_spot new = cmp_spot_get(to, value, self->arena);

        if (new.node == NULL)
            cmp_found(self, pair, CMP_DISCRIMINATOR_MAPPING_REMOVED, "removed", old, pair->head,
                      "the value `%s` of the discriminator of %s was removed", value, where);
        else if (!means_the_same(self, from, to, value))
            cmp_found(self, pair, CMP_DISCRIMINATOR_MAPPING_CHANGED, "changed", old, new,
                      "the value `%s` of the discriminator of %s means another schema", value,
                      where);
    }
    for (uint32_t i = 0; pl_node_is(to.node, PL_OBJECT) && i < to.node->count; i++)
        if (pl_node_get(from.node, to.node->members[i].key) == NULL)
            cmp_found(self, pair, CMP_DISCRIMINATOR_MAPPING_ADDED, "added", pair->base,
                      cmp_spot_get(to, to.node->members[i].key, self->arena),
                      "the value `%s` was added to the discriminator of %s",
                      to.node->members[i].key, where);
}

/* Swagger's discriminator is the name alone. */
static const char *
property_of(struct cmp_spot discriminator)
{
    return discriminator.node->kind == PL_STRING
               ? discriminator.node->text
               : pl_node_text(pl_node_get(discriminator.node, "propertyName"), "");
}

void
cmp_discriminator(struct cmp *self, struct cmp_pair *pair, struct cmp_spot b, struct cmp_spot h)
{
    const char *where = cmp_pair_words(self, pair);

    if (b.node == NULL && h.node == NULL)
        return;
    if (b.node == NULL || h.node == NULL) {
        cmp_found(self, pair, h.node ? CMP_DISCRIMINATOR_ADDED : CMP_DISCRIMINATOR_REMOVED,
                  h.node ? "added" : "removed", b.node ? b : pair->base, h.node ? h : pair->head,
                  h.node ? "%s has a discriminator, `%s`"
                         : "%s no longer has the discriminator `%s`",
                  where, property_of(h.node ? h : b));
        cmp_detail(self, pair, "%s", property_of(h.node ? h : b));
        return;
    }
    if (strcmp(property_of(b), property_of(h)) != 0) {
        cmp_found(self, pair, CMP_DISCRIMINATOR_CHANGED, "changed", b, h,
                  "the discriminator of %s changed from `%s` to `%s`", where, property_of(b),
                  property_of(h));
        cmp_detail(self, pair, "%s %s", property_of(b), property_of(h));
    }
    compare_mapping(self, pair, cmp_spot_get(b, "mapping", self->arena),
                    cmp_spot_get(h, "mapping", self->arena), where);
}
