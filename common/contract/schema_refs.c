/* References: `$id`, anchors, `$ref` and `$dynamicRef`. */
#include "schema_private.h"

#include "meaning.h"
#include "pl_uri.h"

#include <string.h>

static void
name_anchor(struct schema_compiler *self, const struct schema_resource *resource, const char *name,
            struct pl_node *node)
{
    const char *uri = pl_arena_printf(self->arena, "%s#%s", resource->uri, name);

    if (schema_map_get(&self->anchors, uri, strlen(uri)) == NULL)
        schema_map_put(&self->anchors, uri, strlen(uri), node);
}

static void
name_dynamic(struct schema_compiler *self, const struct schema_resource *resource, const char *name,
             struct pl_node *node)
{
    struct schema_anchor *anchor = pl_arena_alloc(self->arena, sizeof *anchor);

    anchor->next = schema_map_get(&self->dynamic, name, strlen(name));
    anchor->resource = resource;
    anchor->node = node;
    schema_map_put(&self->dynamic, name, strlen(name), anchor);
    name_anchor(self, resource, name, node);
}

/* The resource this schema begins, or the one it is in. */
static const struct schema_resource *
home_of(struct schema_compiler *self, const struct schema_resource *resource, struct pl_node *node)
{
    bool new = schema_is_2020(self->dialect);
    const char *id = pl_node_text(pl_node_get(node, new ? "$id" : "id"), NULL);
    struct schema_resource *own;
    char *uri;

    if (id == NULL || (!new &&pl_node_get(node, "$ref")))
        return resource;
    if (id[0] == '#') { // draft 4's way to name an anchor
        if (!new)
            name_anchor(self, resource, id + 1, node);
        return resource;
    }
    uri = pl_uri_resolve(self->arena, resource->uri, id);
    uri[strcspn(uri, "#")] = '\0';
    own = pl_arena_alloc(self->arena, sizeof *own);
    own->uri = uri;
    own->root = node;
    own->vocabularies = schema_vocabularies(self, node, resource->vocabularies);
    if (schema_map_get(&self->resources, uri, strlen(uri)) == NULL)
        schema_map_put(&self->resources, uri, strlen(uri), own);
    return own;
}

static void scan(struct schema_compiler *self, const struct schema_resource *resource,
                 struct pl_node *node, enum meaning meaning);

static void
scan_object(struct schema_compiler *self, const struct schema_resource *resource,
            struct pl_node *node, enum meaning meaning)
{
    if (meaning == MEANS_KEYWORDS) {
        const char *anchor = pl_node_text(pl_node_get(node, "$anchor"), NULL);
        const char *dynamic = pl_node_text(pl_node_get(node, "$dynamicAnchor"), NULL);

        resource = home_of(self, resource, node);
        if (resource != self->whole)
            schema_map_put(&self->homes, &node, sizeof node, (void *)resource);
        if (anchor && schema_is_2020(self->dialect))
            name_anchor(self, resource, anchor, node);
        if (dynamic && schema_is_2020(self->dialect))
            name_dynamic(self, resource, dynamic, node);
    }
    for (uint32_t i = 0; i < node->count; i++)
        scan(self, resource, node->members[i].value,
             meaning_below(meaning, &node->members[i], false));
}

static void
scan(struct schema_compiler *self, const struct schema_resource *resource, struct pl_node *node,
     enum meaning meaning)
{
    if (meaning == MEANS_DATA)
        return;
    if (node->kind == PL_OBJECT)
        scan_object(self, resource, node, meaning);
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        scan(self, resource, node->items[i], MEANS_KEYWORDS);
}

const struct schema_resource *
schema_scan(struct schema_compiler *self, const char *uri, struct pl_node *root)
{
    struct schema_resource *whole = pl_arena_alloc(self->arena, sizeof *whole);

    whole->uri = uri;
    whole->root = root;
    whole->vocabularies = schema_vocabularies(self, root, VOCABULARY_USUAL);
    schema_map_put(&self->resources, uri, strlen(uri), whole);
    self->whole = whole;
    if (self->dialect != PL_DIALECT_OAS30) // which knows no ids
        scan(self, whole, root, MEANS_KEYWORDS);
    return whole;
}

/* The resource of this URI (without fragment), of a document that is read for it if need be. */
static const struct schema_resource *
find_resource(struct schema_compiler *self, const char *uri)
{
    const struct schema_resource *resource = schema_map_get(&self->resources, uri, strlen(uri));
    struct pl_node *root = resource ? NULL : schema_known(self, uri);

    return root ? schema_scan(self, uri, root) : resource;
}

/* The node a fragment names in a resource. */
static struct pl_node *
find_fragment(struct schema_compiler *self, const struct schema_resource *resource,
              const char *fragment)
{
    const char *uri;

    if (fragment[0] == '\0' || fragment[0] == '/')
        return pl_uri_pointer(resource->root, fragment);
    uri = pl_arena_printf(self->arena, "%s#%s", resource->uri, fragment);
    return schema_map_get(&self->anchors, uri, strlen(uri));
}

struct pl_schema *
schema_follow(struct schema_compiler *self, const struct pl_schema *owner, const char *keyword,
              const char *reference, struct pl_node **node)
{
    const struct schema_resource *resource = owner->resource;
    const char *uri = pl_uri_resolve(self->arena, resource->uri, reference);
    const char *fragment = strchr(uri, '#');
    size_t length = strcspn(uri, "#");
    const char *pointer = reference;

    if (reference[0] != '#' && reference[0] != '\0')
        resource = find_resource(self, pl_arena_printf(self->arena, "%.*s", (int)length, uri));
    if (resource == NULL) {
        schema_bad(self, owner, keyword, "\"%.100s\" is outside of the document", reference);
        return NULL;
    }
    fragment = fragment ? fragment + 1 : "";
    *node = find_fragment(self, resource, fragment);
    if (*node == NULL) {
        schema_bad(self, owner, keyword, "\"%.100s\" leads nowhere", reference);
        return NULL;
    }
    if (resource->root == self->root && (fragment[0] == '/' || fragment[0] == '\0'))
        pointer = fragment;
    return schema_of(self, *node, resource, pointer);
}

int
schema_compile_ref(struct schema_compiler *self, struct schema_rule *rule, struct pl_schema *owner)
{
    const char *reference = pl_node_text(rule->value, NULL);
    struct pl_node *node;

    if (reference == NULL)
        return schema_bad(self, owner, rule->keyword->name, "it must be a string");
    rule->schema = schema_follow(self, owner, rule->keyword->name, reference, &node);
    return rule->schema ? 0 : -1;
}

/* The reference is dynamic only if what it leads to says so by a `$dynamicAnchor` of that name;
 * then every schema of that name may turn out to be meant. */
int
schema_compile_dynamic_ref(struct schema_compiler *self, struct schema_rule *rule,
                           struct pl_schema *owner)
{
    const char *reference = pl_node_text(rule->value, NULL);
    const char *name = reference ? strchr(reference, '#') : NULL;
    struct pl_node *node;

    if (reference == NULL)
        return schema_bad(self, owner, rule->keyword->name, "it must be a string");
    rule->schema = schema_follow(self, owner, rule->keyword->name, reference, &node);
    if (rule->schema == NULL)
        return -1;
    if (name == NULL ||
        strcmp(pl_node_text(pl_node_get(node, "$dynamicAnchor"), ""), name + 1) != 0)
        return 0;
    if (self->dynamic_count == self->dynamic_room) {
        uint32_t room = self->dynamic_room ? self->dynamic_room * 2 : 16;
        struct schema_rule **larger = pl_arena_alloc(self->arena, room * sizeof *larger);

        if (self->dynamic_count)
            memcpy(larger, self->dynamic_rules, self->dynamic_count * sizeof *larger);
        self->dynamic_rules = larger;
        self->dynamic_room = room;
    }
    self->dynamic_rules[self->dynamic_count++] = rule;
    return 0;
}

static int
collect(struct schema_compiler *self, struct schema_rule *rule)
{
    const char *reference = rule->value->text, *name = strchr(reference, '#') + 1;
    const struct schema_anchor *anchors = schema_map_get(&self->dynamic, name, strlen(name));
    uint32_t count = 0;

    for (const struct schema_anchor *a = anchors; a; a = a->next)
        count++;
    if (count == rule->count)
        return 0;
    rule->count = count;
    rule->schemas = pl_arena_alloc(self->arena, (count + 1) * sizeof(void *));
    rule->scopes = pl_arena_alloc(self->arena, (count + 1) * sizeof(void *));
    for (uint32_t i = 0; anchors; anchors = anchors->next, i++) {
        rule->scopes[i] = anchors->resource;
        rule->schemas[i] = schema_of(self, anchors->node, anchors->resource, reference);
        if (rule->schemas[i] == NULL)
            return -1;
    }
    return 0;
}

int
schema_collect_dynamic(struct schema_compiler *self)
{
    for (uint32_t i = 0; i < self->dynamic_count; i++)
        if (collect(self, self->dynamic_rules[i]))
            return -1;
    return 0;
}

bool
schema_check_ref(struct schema_check *self, const struct schema_rule *rule,
                 const struct schema_spot *spot)
{
    return schema_apply(self, rule->schema, spot->value, spot->at, spot->seen);
}

bool
schema_check_dynamic_ref(struct schema_check *self, const struct schema_rule *rule,
                         const struct schema_spot *spot)
{
    const struct pl_schema *found = rule->schema;

    for (const struct schema_scope *scope = self->scope; scope; scope = scope->up)
        for (uint32_t i = 0; i < rule->count; i++)
            if (rule->scopes[i] == scope->resource)
                found = rule->schemas[i]; // the outermost wins
    return schema_apply(self, found, spot->value, spot->at, spot->seen);
}
