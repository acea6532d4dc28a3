/* compare_parts -- what stands beside schemas: the encoding of the parts of a form, links. */
#include "compare.h"

#include <string.h>

static const struct pl_node *
member(struct cmp_spot map, const char *name)
{
    return pl_node_get(map.node, name);
}

/* Is the type in the list, of which some may be ranges (all images, say)? */
static bool
lists_type(const char *list, const char *type, size_t length)
{
    while (*list) {
        size_t part, skip = strspn(list, ", ");

        list += skip;
        part = strcspn(list, ", ");
        if (part == length && strncmp(list, type, length) == 0)
            return true;
        if (part > 1 && list[part - 1] == '*' && strncmp(list, type, part - 1) == 0)
            return true;
        list += part;
    }
    return false;
}

static bool
lists_all(const char *list, const char *types)
{
    while (*types) {
        size_t part, skip = strspn(types, ", ");

        types += skip;
        part = strcspn(types, ", ");
        if (part && !lists_type(list, types, part))
            return false;
        types += part;
    }
    return true;
}

static bool
same_value(const struct pl_node *a, const struct pl_node *b)
{
    return a == b || (a && b && pl_node_equal(a, b));
}

/* The schema of a part; no node if there is none. */
static struct cmp_spot
part_schema(struct cmp *self, const struct cmp_media *media, const char *name)
{
    const struct cmp_property *property;

    if (media->schema.node == NULL)
        return (struct cmp_spot){ 0 };
    property = cmp_view_property(cmp_view(&self->views, media->schema), name);
    return property ? property->schema : (struct cmp_spot){ 0 };
}

/* Is it written in another way?  `style` and `explode` are about lists and objects. */
static bool
ways_differ(struct cmp *self, struct cmp_spot b, struct cmp_spot h, struct cmp_spot sent)
{
    bool composed = cmp_view(&self->views, sent)->types & (CMP_OBJECT | CMP_ARRAY);

    if (!same_value(member(b, "allowReserved"), member(h, "allowReserved")))
        return true;
    return composed && !(same_value(member(b, "style"), member(h, "style")) &&
                         same_value(member(b, "explode"), member(h, "explode")));
}

/* Of one part; either side may say nothing: then the defaults hold.  A part that one side does
 * not have at all is the business of the schemas. */
static void
compare_part(struct cmp *self, struct cmp_pair *pair, const struct cmp_media *base,
             const struct cmp_media *head, const char *name)
{
    struct cmp_spot b = cmp_spot_get(base->encoding, name, self->arena);
    struct cmp_spot h = cmp_spot_get(head->encoding, name, self->arena);
    struct cmp_spot old = part_schema(self, base, name), new = part_schema(self, head, name);
    const char *from = pl_node_text(member(b, "contentType"), "");
    const char *to = pl_node_text(member(h, "contentType"), "");
    bool same = strcmp(from, to) == 0, wider = *from && lists_all(to, from), ways;

    if (old.node == NULL || new.node == NULL)
        return;
    ways = ways_differ(self, b, h, pair->reply ? new : old);
    if (same && !ways)
        return;
    cmp_found(self, pair,
              pair->reply      ? CMP_RESPONSE_ENCODING_CHANGED
              : !ways && wider ? CMP_REQUEST_ENCODING_WIDENED
                               : CMP_REQUEST_ENCODING_CHANGED,
              "changed", b.node ? b : pair->base, h.node ? h : pair->head,
              "the encoding of the part `%s` of %s changed%s%s%s", name, pair->head.trail->label,
              same  ? ""
              : *to ? " to `"
                    : " to the default",
              same ? "" : to, *to && !same ? "`" : "");
    cmp_about(pair, name);
    cmp_detail(self, pair, "%s %s %d", from, to, ways);
}

void
cmp_encoding(struct cmp *self, struct cmp_pair *pair, const struct cmp_media *b,
             const struct cmp_media *h)
{
    const struct pl_node *from = b->encoding.node, *to = h->encoding.node;

    for (uint32_t i = 0; pl_node_is(from, PL_OBJECT) && i < from->count; i++)
        compare_part(self, pair, b, h, from->members[i].key);
    for (uint32_t i = 0; pl_node_is(to, PL_OBJECT) && i < to->count; i++)
        if (member(b->encoding, to->members[i].key) == NULL)
            compare_part(self, pair, b, h, to->members[i].key);
}

/* Where it leads and what it passes; the rest is words. */
static bool
same_link(struct cmp_spot b, struct cmp_spot h)
{
    static const char *const PARTS[] = { "operationId", "operationRef", "parameters", "requestBody",
                                         "server" };

    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
        if (!same_value(member(b, PARTS[i]), member(h, PARTS[i])))
            return false;
    return true;
}

void
cmp_links(struct cmp *self, struct cmp_pair *pair, const struct cmp_response *b,
          const struct cmp_response *h)
{
    const struct pl_node *from = b->links.node, *to = h->links.node;

    for (uint32_t i = 0; pl_node_is(from, PL_OBJECT) && i < from->count; i++) {
        const char *name = from->members[i].key;
        struct cmp_spot one =
            cmp_spot_follow(cmp_spot_get(b->links, name, self->arena), self->arena);
        struct cmp_spot two =
            cmp_spot_follow(cmp_spot_get(h->links, name, self->arena), self->arena);

        if (two.node == NULL)
            cmp_found(self, pair, CMP_RESPONSE_LINK_REMOVED, "removed", one, pair->head,
                      "the link `%s` was removed from %s", name, pair->base.trail->label);
        else if (!same_link(one, two))
            cmp_found(self, pair, CMP_RESPONSE_LINK_CHANGED, "changed", one, two,
                      "the link `%s` of %s changed", name, pair->head.trail->label);
    }
    for (uint32_t i = 0; pl_node_is(to, PL_OBJECT) && i < to->count; i++)
        if (member(b->links, to->members[i].key) == NULL)
            cmp_found(self, pair, CMP_RESPONSE_LINK_ADDED, "added", pair->base,
                      cmp_spot_get(h->links, to->members[i].key, self->arena),
                      "the link `%s` was added to %s", to->members[i].key, pair->head.trail->label);
}
