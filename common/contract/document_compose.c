/* Several API descriptions become one: their paths beside each other, components that clash under
 * new names, what was said for a whole document said at each operation. */
#include "document_bundle.h"
#include "schema_map.h"

#include <stdio.h>
#include <string.h>

/* A component of the document that comes in, which is called otherwise here. */
struct renamed {
    const char *from, *to; // "#/components/schemas/Pet"
    const char *name, *new_name;
    bool schema;
};

struct compose {
    struct pl_document *into, *from;
    struct schema_map shifted, rewritten; // nodes that were: one may stand in several places
    struct renamed *renamed;
    int count, room;
};

static bool
is_new(struct schema_map *map, const struct pl_node *node)
{
    if (schema_map_get(map, &node, sizeof node))
        return false;
    schema_map_put(map, &node, sizeof node, map);
    return true;
}

static void
complain(struct compose *self, const struct pl_node *node, const char *pointer, const char *text)
{
    document_problem_at(self->into, node, pointer, text);
}

/* Nodes of the second document say which of all files they are from. */
static void
shift(struct compose *self, struct pl_node *node, uint16_t by)
{
    if (!is_new(&self->shifted, node))
        return;
    node->file = (uint16_t)(node->file + by);
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        shift(self, node->items[i], by);
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count; i++)
        shift(self, node->members[i].value, by);
}

static const char *
new_reference(const struct compose *self, const char *text, struct pl_arena *arena)
{
    for (int i = 0; i < self->count; i++) {
        const struct renamed *one = &self->renamed[i];
        size_t length = strlen(one->from);

        if (strncmp(text, one->from, length) == 0 && (text[length] == '\0' || text[length] == '/'))
            return pl_arena_printf(arena, "%s%s", one->to, text + length);
        if (one->schema && strcmp(text, one->name) == 0) // of a discriminator's mapping
            return one->new_name;
    }
    return NULL;
}

static void
set_text(struct pl_node *node, const char *text)
{
    if (text == NULL)
        return;
    node->text = text;
    node->length = strlen(text);
}

static void
rewrite(struct compose *self, struct pl_node *node, struct pl_arena *arena)
{
    struct pl_node *reference = pl_node_get(node, "$ref");
    struct pl_node *mapping = pl_node_get(pl_node_get(node, "discriminator"), "mapping");

    if (!is_new(&self->rewritten, node))
        return;
    if (pl_node_is(reference, PL_STRING) && reference->text[0] == '#')
        set_text(reference, new_reference(self, reference->text, arena));
    for (uint32_t i = 0; pl_node_is(mapping, PL_OBJECT) && i < mapping->count; i++)
        if (pl_node_is(mapping->members[i].value, PL_STRING))
            set_text(mapping->members[i].value,
                     new_reference(self, mapping->members[i].value->text, arena));
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count; i++)
        rewrite(self, node->members[i].value, arena);
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        rewrite(self, node->items[i], arena);
}

static void
rename_component(struct compose *self, const char *pointer, const char *name, const char *new_name)
{
    struct pl_arena *arena = self->into->arena;

    if (self->count == self->room) {
        int room = self->room ? self->room * 2 : 16;
        struct renamed *larger = pl_arena_alloc(arena, (size_t)room * sizeof *larger);

        if (self->count)
            memcpy(larger, self->renamed, (size_t)self->count * sizeof *larger);
        self->renamed = larger;
        self->room = room;
    }
    self->renamed[self->count++] = (struct renamed){
        pl_arena_printf(arena, "#%s", pl_pointer_add(arena, pointer, name)),
        pl_arena_printf(arena, "#%s", pl_pointer_add(arena, pointer, new_name)), name, new_name,
        strcmp(pointer, "/components/schemas") == 0 || strcmp(pointer, "/definitions") == 0
    };
}

/* One map of components.  Names that are referred to by name alone cannot change. */
static void
merge_section(struct compose *self, struct pl_node *parent, const char *key, const char *pointer,
              const struct pl_node *from)
{
    struct pl_arena *arena = self->into->arena;
    struct pl_node *into = pl_node_get(parent, key);
    bool fixed = strcmp(key, "securitySchemes") == 0 || strcmp(key, "securityDefinitions") == 0;

    if (into == NULL)
        into = pl_node_set(arena, parent, key, pl_node_object(arena));
    pointer = pl_pointer_add(arena, pointer, key);
    for (uint32_t i = 0; i < from->count; i++) {
        const char *name = from->members[i].key, *unique = name;
        struct pl_node *value = from->members[i].value, *there = pl_node_get(into, name);

        if (there && fixed && !pl_node_equal(there, value))
            complain(self, value, pl_pointer_add(arena, pointer, name),
                     "another document has a different security scheme of this name");
        if (there && fixed)
            continue;
        for (int n = 2; pl_node_get(into, unique); n++)
            unique = pl_arena_printf(arena, "%s_%d", name, n);
        if (unique != name)
            rename_component(self, pointer, name, unique);
        pl_node_set(arena, into, unique, value);
    }
}

static void
merge_components(struct compose *self)
{
    static const char *const old[] = { "definitions", "parameters", "responses",
                                       "securityDefinitions" };
    struct pl_arena *arena = self->into->arena;
    struct pl_node *root = self->into->root, *from = pl_node_get(self->from->root, "components");

    for (size_t i = 0; self->into->spec == PL_SWAGGER_20 && i < sizeof old / sizeof *old; i++) {
        const struct pl_node *map = pl_node_get(self->from->root, old[i]);

        if (pl_node_is(map, PL_OBJECT))
            merge_section(self, root, old[i], "", map);
    }
    if (self->into->spec == PL_SWAGGER_20 || from == NULL)
        return;
    if (pl_node_get(root, "components") == NULL)
        pl_node_set(arena, root, "components", pl_node_object(arena));
    for (uint32_t i = 0; i < from->count; i++)
        if (pl_node_is(from->members[i].value, PL_OBJECT))
            merge_section(self, pl_node_get(root, "components"), from->members[i].key,
                          "/components", from->members[i].value);
}

/* What holds for a whole document is said at each operation or path item that says nothing. */
static void
push_down(struct pl_document *document)
{
    static const char *const keys[] = { "security", "servers", "consumes", "produces" };
    static const char *const methods[] = { "get",  "put",   "post",  "delete", "options",
                                           "head", "patch", "trace", NULL };
    struct pl_node *paths = pl_node_get(document->root, "paths");

    for (uint32_t i = 0; paths && i < paths->count; i++) {
        struct pl_node *item = paths->members[i].value;

        for (int m = 0; methods[m]; m++) {
            struct pl_node *operation = pl_node_get(item, methods[m]);

            for (size_t k = 0; pl_node_is(operation, PL_OBJECT) && k < sizeof keys / sizeof *keys;
                 k++) {
                struct pl_node *said = pl_node_get(document->root, keys[k]);
                bool own = pl_node_get(operation, keys[k]) ||
                           (strcmp(keys[k], "servers") == 0 && pl_node_get(item, "servers"));

                if (said && !own)
                    pl_node_set(document->arena, operation, keys[k], said);
            }
        }
    }
}

/* A path that both have: the methods of both, each once. */
static void
merge_item(struct compose *self, struct pl_node *there, const struct pl_node *item,
           const char *pointer)
{
    struct pl_arena *arena = self->into->arena;

    for (uint32_t i = 0; i < item->count; i++) {
        const struct pl_member *member = &item->members[i];
        const struct pl_node *same = pl_node_get(there, member->key);

        if (same == NULL && strcmp(member->key, "parameters") != 0 &&
            strcmp(member->key, "servers") != 0)
            pl_node_set(arena, there, member->key, member->value);
        else if (same == NULL || !pl_node_equal(same, member->value))
            complain(self, member->value, pl_pointer_add(arena, pointer, member->key),
                     "another document has something else for this path");
    }
}

static void
merge_paths(struct compose *self, const char *key)
{
    struct pl_arena *arena = self->into->arena;
    struct pl_node *from = pl_node_get(self->from->root, key);
    struct pl_node *into = pl_node_get(self->into->root, key);
    const char *pointer = pl_arena_printf(arena, "/%s", key);

    if (!pl_node_is(from, PL_OBJECT))
        return;
    if (into == NULL)
        into = pl_node_set(arena, self->into->root, key, pl_node_object(arena));
    for (uint32_t i = 0; i < from->count; i++) {
        struct pl_node *there = pl_node_get(into, from->members[i].key);

        if (there)
            merge_item(self, there, from->members[i].value,
                       pl_pointer_add(arena, pointer, from->members[i].key));
        else
            pl_node_set(arena, into, from->members[i].key, from->members[i].value);
    }
}

static void
merge_files(struct compose *self)
{
    struct pl_document *into = self->into, *from = self->from;
    int count = into->file_count + from->file_count;
    struct pl_document_file *all = pl_arena_alloc(into->arena, (size_t)count * sizeof *all);

    memcpy(all, into->files, (size_t)into->file_count * sizeof *all);
    memcpy(all + into->file_count, from->files, (size_t)from->file_count * sizeof *all);
    shift(self, from->root, (uint16_t)into->file_count);
    for (int i = 0; i < from->part_count; i++)
        from->parts[i].file = (uint16_t)(from->parts[i].file + into->file_count);
    into->files = all;
    into->file_count = count;
}

/* What was moved has the names that it has now. */
static void
merge_parts(struct compose *self)
{
    struct pl_document *into = self->into, *from = self->from;
    struct pl_arena *arena = into->arena;
    size_t count = (size_t)(into->part_count + from->part_count);
    struct pl_document_part *all = pl_arena_alloc(arena, (count + 1) * sizeof *all);

    if (into->part_count)
        memcpy(all, into->parts, (size_t)into->part_count * sizeof *all);
    for (int i = 0; i < from->part_count; i++) {
        struct pl_document_part part = from->parts[i];
        const char *now = new_reference(self, pl_arena_printf(arena, "#%s", part.pointer), arena);

        part.pointer = now ? now + 1 : part.pointer;
        all[into->part_count + i] = part;
    }
    into->parts = all;
    into->part_count = (int)count;
}

static bool
fits_together(struct compose *self)
{
    const char *const addresses[] = { "host", "basePath" };
    char text[200];

    if (self->into->spec != self->from->spec) {
        complain(self, self->from->root, "",
                 "documents of different versions of OpenAPI cannot be composed");
        return false;
    }
    for (int i = 0; i < 2 && self->into->spec == PL_SWAGGER_20; i++) {
        const char *one = pl_node_text(pl_node_get(self->into->root, addresses[i]), "");
        const char *two = pl_node_text(pl_node_get(self->from->root, addresses[i]), "");

        if (strcmp(one, two) == 0)
            continue;
        snprintf(text, sizeof text, "documents with different \"%s\" cannot be composed",
                 addresses[i]);
        complain(self, self->from->root, "", text);
        return false;
    }
    return true;
}

void
pl_document_compose(struct pl_document *into, struct pl_document *from)
{
    struct compose self = { .into = into, .from = from };
    static const char *const said[] = { "security", "servers", "consumes", "produces" };

    self.shifted.arena = self.rewritten.arena = into->arena;
    merge_files(&self);
    if (!fits_together(&self))
        return;
    push_down(from);
    push_down(into);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) // each operation says it now
        if (pl_node_get(into->root, said[i]))
            pl_node_set(into->arena, into->root, said[i], pl_node_array(into->arena));
    merge_components(&self);
    if (self.count)
        rewrite(&self, from->root, into->arena);
    merge_parts(&self);
    merge_paths(&self, "paths");
    merge_paths(&self, "webhooks");
    into->several = true;
    into->note = into->note ? into->note : from->note;
    document_check(into);
    document_check_references(into);
}
