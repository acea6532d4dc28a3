/* Every `$ref` of a document: inside, and to something that is there.
 *
 * A member is a reference only where a keyword may stand.  Below a map of names ("properties")
 * `$ref` is somebody's property, and inside of examples and defaults it is data. */
#include "document_private.h"

#include "meaning.h"
#include "pl_uri.h"

#include <string.h>

struct walk {
    struct pl_document *document;
    bool collecting; // first round: `$anchor` and `$id`; second: `$ref`
};

/* Has somebody complained about it already, as the bundler does? */
static bool
is_noted(const struct pl_document *document, const struct pl_node *node)
{
    for (int i = 0; i < document->problem_count; i++)
        if (document->problems[i].line == node->line &&
            document->problems[i].column == node->column &&
            strcmp(document->problems[i].file, document->files[node->file].name) == 0)
            return true;
    return false;
}

static void
check_reference(struct walk *self, const struct document_step *up, const struct pl_node *reference)
{
    struct pl_document *document = self->document;
    const struct document_step at = { up, "$ref", 0 };
    const char *text = pl_node_text(reference, NULL);

    if (text == NULL)
        document_problem(document, &at, reference, "$ref must be a text, not a %s",
                         pl_node_kind_name(reference->kind));
    else if (document_target(document, text) || is_noted(document, reference))
        return;
    else if (text[0] == '#')
        document_problem(document, &at, reference, "$ref \"%.150s\" leads nowhere", text);
    else
        document_problem(document, &at, reference,
                         "$ref to a file or URL outside of the document: \"%.150s\"; bundle the "
                         "document first",
                         text);
}

/* Only OpenAPI 3.1 has them.  The first of two with the same name wins. */
static void
collect_name(struct walk *self, struct pl_node *node)
{
    struct pl_document *document = self->document;
    const char *const keys[] = { "$anchor", "$dynamicAnchor", "$id" };

    for (int i = 0; i < 3; i++) {
        const char *name = pl_node_text(pl_node_get(node, keys[i]), NULL);

        if (name == NULL)
            continue;
        if (i < 2)
            name = pl_arena_printf(document->arena, "#%s", name);
        if (pl_node_get(document->names, name) == NULL)
            pl_node_set(document->arena, document->names, name, node);
    }
}

static bool
refers(const struct pl_node *node)
{
    return pl_node_get(node, "$ref") || pl_node_get(node, "allOf") || pl_node_get(node, "anyOf") ||
           pl_node_get(node, "oneOf");
}

static void walk(struct walk *self, const struct document_step *at, struct pl_node *node,
                 enum meaning meaning);

static void
walk_object(struct walk *self, const struct document_step *at, struct pl_node *node,
            enum meaning meaning)
{
    bool swagger = self->document->spec == PL_SWAGGER_20;

    if (meaning == MEANS_KEYWORDS || meaning == MEANS_EXAMPLE) {
        const struct pl_node *reference = pl_node_get(node, "$ref");

        if (self->collecting)
            collect_name(self, node);
        else if (reference)
            check_reference(self, at, reference);
        if (!self->collecting && meaning == MEANS_KEYWORDS && refers(node))
            document_check_depth(self->document, at, node);
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const struct pl_member *member = &node->members[i];
        enum meaning below = meaning_below(meaning, member, swagger);

        if (below != MEANS_DATA)
            walk(self, &(struct document_step){ at, member->key, 0 }, member->value, below);
    }
}

static void
walk(struct walk *self, const struct document_step *at, struct pl_node *node, enum meaning meaning)
{
    if (node->kind == PL_OBJECT)
        walk_object(self, at, node, meaning);
    else if (node->kind == PL_ARRAY)
        for (uint32_t i = 0; i < node->count; i++)
            walk(self, &(struct document_step){ at, NULL, i }, node->items[i], MEANS_KEYWORDS);
}

void
document_check_references(struct pl_document *document)
{
    const struct document_step root = { 0 };
    struct walk self = { document, document->spec == PL_OPENAPI_31 };

    document->names = pl_node_object(document->arena);
    if (self.collecting)
        walk(&self, &root, document->root, MEANS_KEYWORDS);
    self.collecting = false;
    walk(&self, &root, document->root, MEANS_KEYWORDS);
}

struct pl_node *
document_target(const struct pl_document *document, const char *reference)
{
    const char *hash = strchr(reference, '#');
    struct pl_node *root = document->root;
    char *base;

    if (reference[0] == '#' && (reference[1] == '/' || reference[1] == '\0'))
        return pl_uri_pointer(root, reference + 1);
    if (reference[0] == '#' || hash == NULL)
        return pl_node_get(document->names, reference);
    base = pl_arena_memdup(document->arena, reference, (size_t)(hash - reference));
    root = pl_node_get(document->names, base);
    return root && (hash[1] == '/' || hash[1] == '\0') ? pl_uri_pointer(root, hash + 1) : NULL;
}
