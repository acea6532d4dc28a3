/* Several files become one document: what a `$ref` names in another file moves into the
 * components (a path item into its place), and the `$ref` names it there.  Nodes keep their file
 * and line; document->parts remember which pointers they had. */
#include "document_bundle.h"

#include "document_files.h"
#include "meaning.h"
#include "pl_uri.h"
#include "schema_map.h"

#include <ctype.h>
#include <string.h>

struct job {
    struct pl_node *node;
    enum section section;
};

struct bundle {
    struct pl_document *document;
    const struct pl_document_reader *reader;
    const struct pl_limits *limits;
    struct pl_node **roots;  // of the files
    struct schema_map moved; // "file#fragment" -> its new reference
    struct schema_map done;  // `$ref` texts that are already rewritten
    struct job *jobs;        // moved, but not yet searched
    uint32_t job_count, job_room;
    uint32_t part_room;
};

static void walk(struct bundle *self, const struct document_step *at, struct pl_node **place,
                 enum meaning meaning, enum section section);

static void
add_part(struct bundle *self, const char *pointer, const struct pl_node *node, const char *origin)
{
    struct pl_document *document = self->document;

    if ((uint32_t)document->part_count == self->part_room) {
        uint32_t room = self->part_room ? self->part_room * 2 : 32;
        struct pl_document_part *larger = pl_arena_alloc(document->arena, room * sizeof *larger);

        if (document->part_count)
            memcpy(larger, document->parts, (size_t)document->part_count * sizeof *larger);
        document->parts = larger;
        self->part_room = room;
    }
    document->parts[document->part_count++] =
        (struct pl_document_part){ pointer, origin, node->file };
}

static void
add_job(struct bundle *self, struct pl_node *node, enum section section)
{
    if (self->job_count == self->job_room) {
        uint32_t room = self->job_room ? self->job_room * 2 : 32;
        struct job *larger = pl_arena_alloc(self->document->arena, room * sizeof *larger);

        if (self->job_count)
            memcpy(larger, self->jobs, self->job_count * sizeof *larger);
        self->jobs = larger;
        self->job_room = room;
    }
    self->jobs[self->job_count++] = (struct job){ node, section };
}

/* The node whose `$anchor` (or `$id`) has this value, anywhere below. */
static struct pl_node *
find_named(struct pl_node *node, const char *key, const char *name)
{
    struct pl_node *found = NULL;

    if (node->kind == PL_OBJECT && strcmp(pl_node_text(pl_node_get(node, key), ""), name) == 0)
        return node;
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count && !found; i++)
        found = find_named(node->members[i].value, key, name);
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count && !found; i++)
        found = find_named(node->items[i], key, name);
    return found;
}

static struct pl_node *
find(struct pl_node *root, const char *fragment)
{
    return *fragment == '\0' || *fragment == '/' ? pl_uri_pointer(root, fragment)
                                                 : find_named(root, "$anchor", fragment);
}

/* A name for what moves: its own, or its file's; never one that is taken. */
static const char *
name_for(struct bundle *self, const struct pl_node *map, const char *path, const char *fragment)
{
    struct pl_arena *arena = self->document->arena;
    const char *last = strrchr(fragment, '/'), *from = last ? last + 1 : fragment;
    char *name = pl_arena_strdup(arena, from), *unique;

    if (*name == '\0') {
        from = strrchr(path, '/');
        name = pl_arena_strdup(arena, from ? from + 1 : path);
        if (strchr(name + 1, '.'))
            *strrchr(name + 1, '.') = '\0';
    }
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
            *c = '_';
    unique = name;
    for (int i = 2; pl_node_get(map, unique); i++)
        unique = pl_arena_printf(arena, "%s_%d", name, i);
    return unique;
}

/* The map of components of a section, made if need be, and its pointer. */
static struct pl_node *
section_map(struct bundle *self, enum section section, const char **pointer)
{
    struct pl_arena *arena = self->document->arena;
    struct pl_node *parent = self->document->root, *map;
    bool old = self->document->spec == PL_SWAGGER_20;
    const char *name = old ? section_names[section].old : section_names[section].name;

    if (name == NULL)
        return NULL;
    if (!old) {
        parent = pl_node_get(parent, "components");
        if (parent == NULL)
            parent = pl_node_set(arena, self->document->root, "components", pl_node_object(arena));
    }
    map = pl_node_get(parent, name);
    if (map == NULL && pl_node_is(parent, PL_OBJECT))
        map = pl_node_set(arena, parent, name, pl_node_object(arena));
    *pointer = pl_arena_printf(arena, old ? "/%s" : "/components/%s", name);
    return pl_node_is(map, PL_OBJECT) ? map : NULL;
}

static const char *
move(struct bundle *self, int file, const char *fragment, enum section section, const char **reason)
{
    struct pl_arena *arena = self->document->arena;
    const char *key = pl_arena_printf(arena, "%d#%s#%d", file, fragment, (int)section);
    const char *known = schema_map_get(&self->moved, key, strlen(key)), *pointer, *name;
    struct pl_node *target, *map;

    if (known)
        return known;
    target = find(self->roots[file], fragment);
    *reason = "it leads nowhere in that file";
    if (target == NULL)
        return NULL;
    *reason = "a reference to another file cannot stand here";
    map = section_map(self, section, &pointer);
    if (map == NULL)
        return NULL;
    name = name_for(self, map, self->document->files[file].path, fragment);
    pl_node_set(arena, map, name, target);
    pointer = pl_pointer_add(arena, pointer, name);
    add_part(self, pointer, target, *fragment == '/' ? pl_arena_strdup(arena, fragment) : "");
    known = pl_arena_printf(arena, "#%s", pointer);
    schema_map_put(&self->moved, key, strlen(key), (void *)known);
    add_job(self, target, section);
    return known;
}

/* Where a reference from ${from} leads: the file, and *fragment.  -1 after noting the problem. */
static int
locate(struct bundle *self, const struct document_step *at, const struct pl_node *reference,
       const char **fragment)
{
    struct pl_arena *arena = self->document->arena;
    const char *text = reference->text, *hash = strchr(text, '#');
    struct pl_err err = { 0 };
    int file;

    *fragment = hash ? hash + 1 : "";
    if (hash == text)
        return reference->file;
    file = document_file(self->document, self->roots, self->reader, self->limits, reference->file,
                         pl_arena_printf(arena, "%.*s", (int)strcspn(text, "#"), text), &err);
    if (file < 0 && self->document->spec == PL_OPENAPI_31 &&
        find_named(self->document->root, "$id",
                   pl_arena_printf(arena, "%.*s", (int)strcspn(text, "#"), text)))
        return -1; // no file: a schema of that name
    if (file < 0)
        document_problem(self->document, at, reference, "$ref \"%.100s\" cannot be used: %.180s",
                         text, err.text);
    return file;
}

/* A path item stands where its reference stood. */
static void
put_in_place(struct bundle *self, const struct document_step *at, struct pl_node **place, int file,
             const char *fragment)
{
    struct pl_node *target = find(self->roots[file], fragment);

    if (!pl_node_is(target, PL_OBJECT) || (*place)->count > 1) {
        document_problem(self->document, at, pl_node_get(*place, "$ref"),
                         target ? "a $ref to a path item in another file must stand alone"
                                : "the $ref to a path item leads nowhere in that file");
        return;
    }
    *place = target;
    add_part(self, document_pointer(at, self->document->arena), target,
             *fragment == '/' ? pl_arena_strdup(self->document->arena, fragment) : "");
}

static void
rewrite(struct bundle *self, const struct document_step *at, struct pl_node *reference,
        enum section section)
{
    const char *fragment, *reason = "", *now;
    int file;

    if (schema_map_get(&self->done, &reference, sizeof reference))
        return;
    schema_map_put(&self->done, &reference, sizeof reference, self);
    file = locate(self, at, reference, &fragment);
    if (file < 0)
        return;
    if (file == 0)
        now = pl_arena_printf(self->document->arena, "#%s", fragment);
    else
        now = move(self, file, fragment, section, &reason);
    if (now == NULL) {
        document_problem(self->document, at, reference, "$ref \"%.150s\" cannot be used: %s",
                         reference->text, reason);
        return;
    }
    reference->text = now;
    reference->length = strlen(now);
}

/* Names of schemas, or references to them. */
static void
rewrite_mapping(struct bundle *self, const struct document_step *at, struct pl_node *mapping)
{
    for (uint32_t i = 0; pl_node_is(mapping, PL_OBJECT) && i < mapping->count; i++) {
        struct pl_node *value = mapping->members[i].value;
        const char *text = pl_node_text(value, "");

        if ((*text == '#' && value->file) ||
            (*text != '#' && strpbrk(text, "/.") && *text && !document_is_url(text)))
            rewrite(self, &(struct document_step){ at, mapping->members[i].key, 0 }, value,
                    SECTION_SCHEMAS);
    }
}

static void
walk_object(struct bundle *self, const struct document_step *at, struct pl_node **place,
            enum meaning meaning, enum section section)
{
    struct pl_node *node = *place, *reference = pl_node_get(node, "$ref");
    bool keywords = meaning == MEANS_KEYWORDS || meaning == MEANS_EXAMPLE;
    bool foreign = keywords && pl_node_is(reference, PL_STRING) &&
                   (reference->text[0] != '#' || reference->file);

    if (foreign && section == SECTION_PATH_ITEMS) {
        const char *fragment;
        int file = locate(self, at, reference, &fragment);

        if (file > 0) {
            put_in_place(self, at, place, file, fragment);
            if (*place != node)
                walk(self, at, place, meaning, section);
        }
        return;
    }
    if (foreign)
        rewrite(self, &(struct document_step){ at, "$ref", 0 }, reference, section);
    if (section == SECTION_SCHEMAS && keywords)
        rewrite_mapping(self, at, pl_node_get(pl_node_get(node, "discriminator"), "mapping"));
    for (uint32_t i = 0; i < node->count; i++) { // it may grow meanwhile
        const char *key = node->members[i].key;
        enum meaning below =
            meaning_below(meaning, &node->members[i], self->document->spec == PL_SWAGGER_20);

        if (below != MEANS_DATA)
            walk(self, &(struct document_step){ at, key, 0 }, &node->members[i].value, below,
                 section_below(section, meaning, key));
    }
}

static void
walk(struct bundle *self, const struct document_step *at, struct pl_node **place,
     enum meaning meaning, enum section section)
{
    struct pl_node *node = *place;

    if (node->kind == PL_OBJECT)
        walk_object(self, at, place, meaning, section);
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        walk(self, &(struct document_step){ at, NULL, i }, &node->items[i], MEANS_KEYWORDS,
             section);
}

/* Is there anything to do at all?  Most documents are one file. */
static bool
refers_outside(const struct pl_node *node)
{
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count; i++) {
        const struct pl_member *member = &node->members[i];

        if (member->key_length == 4 && memcmp(member->key, "$ref", 4) == 0 &&
            pl_node_text(member->value, "#")[0] != '#')
            return true;
        if (member->value->count && refers_outside(member->value))
            return true;
    }
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        if (node->items[i]->count && refers_outside(node->items[i]))
            return true;
    return false;
}

void
document_bundle(struct pl_document *document, const struct pl_document_reader *reader,
                const struct pl_limits *limits)
{
    struct bundle self = { .document = document, .reader = reader, .limits = limits };
    const struct document_step root = { 0 };
    struct pl_document_file *own = document->files;

    document->several = refers_outside(document->root);
    if (!document->several)
        return;
    document->files = pl_arena_alloc(document->arena, DOCUMENT_FILES * sizeof *own);
    document->files[0] = own[0];
    self.roots = pl_arena_alloc(document->arena, DOCUMENT_FILES * sizeof *self.roots);
    self.roots[0] = document->root;
    self.moved.arena = self.done.arena = document->arena;
    walk(&self, &root, &document->root, MEANS_KEYWORDS, SECTION_NONE);
    for (uint32_t i = 0; i < self.job_count; i++) // which add more
        walk(&self, &(struct document_step){ &root, "", 0 }, &self.jobs[i].node, MEANS_KEYWORDS,
             self.jobs[i].section);
}
