/* The structure of an API description, as far as everything else relies on it.  What the
 * specification asks beyond that is a linter's business. */
#include "document_private.h"

#include <string.h>

static const char *const methods[] = { "get",  "put",   "post",  "delete", "options",
                                       "head", "patch", "trace", NULL };

static bool
is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool
is_extension(const char *key)
{
    return strncmp(key, "x-", 2) == 0;
}

static bool
is_reference(const struct pl_node *node)
{
    return pl_node_get(node, "$ref") != NULL;
}

/* Complain unless the node is of this kind. */
static bool
must_be(struct pl_document *document, const struct document_step *at, const struct pl_node *node,
        enum pl_node_kind kind, const char *what)
{
    if (pl_node_is(node, kind))
        return true;
    document_problem(document, at, node, "%s must be %s %s, not %s %s", what,
                     kind == PL_OBJECT || kind == PL_ARRAY ? "an" : "a", pl_node_kind_name(kind),
                     node->kind == PL_OBJECT || node->kind == PL_ARRAY ? "an" : "a",
                     pl_node_kind_name(node->kind));
    return false;
}

/* A member that must be there and be a text. */
static const char *
need_text(struct pl_document *document, const struct document_step *at, const struct pl_node *node,
          const char *key, const char *what)
{
    const struct pl_node *value = pl_node_get(node, key);

    if (value == NULL) {
        document_problem(document, at, node, "%s needs the member \"%s\"", what, key);
        return NULL;
    }
    must_be(document, &(struct document_step){ at, key, 0 }, value, PL_STRING, key);
    return pl_node_text(value, NULL);
}

/* As need_text(), but a number counts as it was written: who writes `version: 1.10` without
 * quotes in YAML means the text. */
static void
need_scalar(struct pl_document *document, const struct document_step *at,
            const struct pl_node *node, const char *key, const char *what)
{
    if (!pl_node_is(pl_node_get(node, key), PL_NUMBER))
        need_text(document, at, node, key, what);
}

static void
check_info(struct pl_document *document, const struct document_step *root)
{
    const struct pl_node *info = pl_node_get(document->root, "info");
    const struct document_step at = { root, "info", 0 };

    if (info == NULL) {
        document_problem(document, root, document->root, "the document needs the member \"info\"");
        return;
    }
    if (!must_be(document, &at, info, PL_OBJECT, "info"))
        return;
    need_scalar(document, &at, info, "title", "info");
    need_scalar(document, &at, info, "version", "info");
}

static void
check_parameter(struct pl_document *document, const struct document_step *at,
                const struct pl_node *node)
{
    static const char *const places[] = { "query", "header", "path", "cookie", NULL };
    static const char *const old_places[] = { "query", "header", "path", "formData", "body", NULL };
    bool old = document->spec == PL_SWAGGER_20;
    const char *place;

    if (!must_be(document, at, node, PL_OBJECT, "a parameter") || is_reference(node))
        return;
    need_text(document, at, node, "name", "a parameter");
    place = need_text(document, at, node, "in", "a parameter");
    if (place && !is_one_of(place, old ? old_places : places))
        document_problem(document, &(struct document_step){ at, "in", 0 }, pl_node_get(node, "in"),
                         "a parameter cannot be in \"%.40s\"; it is in %s", place,
                         old ? "query, header, path, formData or body"
                             : "query, header, path or cookie");
}

static void
check_parameters(struct pl_document *document, const struct document_step *up,
                 const struct pl_node *parent)
{
    const struct pl_node *list = pl_node_get(parent, "parameters");
    const struct document_step at = { up, "parameters", 0 };

    if (list == NULL || !must_be(document, &at, list, PL_ARRAY, "parameters"))
        return;
    for (uint32_t i = 0; i < list->count; i++)
        check_parameter(document, &(struct document_step){ &at, NULL, i }, list->items[i]);
}

static void
check_responses(struct pl_document *document, const struct document_step *up,
                const struct pl_node *operation)
{
    const struct pl_node *responses = pl_node_get(operation, "responses");
    const struct document_step at = { up, "responses", 0 };

    /* 3.1 made them optional; in older documents their lack keeps nothing from being compared, nor
     * does `responses:` with nothing behind it. */
    if (responses == NULL || responses->kind == PL_NULL ||
        !must_be(document, &at, responses, PL_OBJECT, "responses"))
        return;
    for (uint32_t i = 0; i < responses->count; i++) {
        const struct pl_member *member = &responses->members[i];

        if (!is_extension(member->key))
            must_be(document, &(struct document_step){ &at, member->key, 0 }, member->value,
                    PL_OBJECT, "a response");
    }
}

static void
check_operation(struct pl_document *document, const struct document_step *at,
                const struct pl_node *operation)
{
    const struct pl_node *body = pl_node_get(operation, "requestBody");

    if (!must_be(document, at, operation, PL_OBJECT, "an operation"))
        return;
    check_parameters(document, at, operation);
    check_responses(document, at, operation);
    if (body)
        must_be(document, &(struct document_step){ at, "requestBody", 0 }, body, PL_OBJECT,
                "requestBody");
}

static void
check_path_item(struct pl_document *document, const struct document_step *at,
                const struct pl_node *item)
{
    if (!must_be(document, at, item, PL_OBJECT, "a path item"))
        return;
    check_parameters(document, at, item);
    for (int i = 0; methods[i]; i++) {
        const struct pl_node *operation = pl_node_get(item, methods[i]);

        if (operation)
            check_operation(document, &(struct document_step){ at, methods[i], 0 }, operation);
    }
}

/* `paths`, `webhooks` and components' `pathItems`. */
static void
check_path_items(struct pl_document *document, const struct document_step *up,
                 const struct pl_node *parent, const char *key)
{
    const struct pl_node *map = pl_node_get(parent, key);
    const struct document_step at = { up, key, 0 };

    if (map == NULL || !must_be(document, &at, map, PL_OBJECT, key))
        return;
    for (uint32_t i = 0; i < map->count; i++) {
        const struct pl_member *member = &map->members[i];
        const struct document_step step = { &at, member->key, 0 };

        if (is_extension(member->key))
            continue;
        if (strcmp(key, "paths") == 0 && member->key[0] != '/') {
            const struct pl_node place = { .line = member->line, .column = member->column };

            document_problem(document, &step, &place, "the path \"%.100s\" must begin with \"/\"",
                             member->key);
        }
        check_path_item(document, &step, member->value);
    }
}

/* A map of named things, each an object (or a boolean, where it is a schema of 3.1). */
static void
check_named(struct pl_document *document, const struct document_step *up,
            const struct pl_member *section)
{
    const struct document_step at = { up, section->key, 0 };
    const struct pl_node *map = section->value;
    bool schemas = strcmp(section->key, "schemas") == 0 || strcmp(section->key, "definitions") == 0;

    if (is_extension(section->key) || !must_be(document, &at, map, PL_OBJECT, section->key))
        return;
    for (uint32_t i = 0; i < map->count; i++) {
        const struct pl_member *member = &map->members[i];
        const struct document_step step = { &at, member->key, 0 };

        if (is_extension(member->key))
            continue;
        if (schemas && document->spec == PL_OPENAPI_31 && pl_node_is(member->value, PL_BOOL))
            continue;
        if (strcmp(section->key, "parameters") == 0)
            check_parameter(document, &step, member->value);
        else
            must_be(document, &step, member->value, PL_OBJECT, member->key);
    }
}

static void
check_components(struct pl_document *document, const struct document_step *root)
{
    static const char *const old_sections[] = { "definitions", "parameters", "responses",
                                                "securityDefinitions", NULL };
    const struct pl_node *components = pl_node_get(document->root, "components");
    const struct document_step at = { root, "components", 0 };

    if (document->spec == PL_SWAGGER_20) {
        for (int i = 0; old_sections[i]; i++) {
            const struct pl_member *section = pl_node_member(document->root, old_sections[i]);

            if (section)
                check_named(document, root, section);
        }
        return;
    }
    if (components == NULL || !must_be(document, &at, components, PL_OBJECT, "components"))
        return;
    for (uint32_t i = 0; i < components->count; i++)
        if (strcmp(components->members[i].key, "pathItems") != 0)
            check_named(document, &at, &components->members[i]);
    check_path_items(document, &at, components, "pathItems");
}

void
document_check(struct pl_document *document)
{
    const struct document_step root = { 0 };
    const struct pl_node *top = document->root;

    check_info(document, &root);
    if (document->spec != PL_OPENAPI_31 && pl_node_get(top, "paths") == NULL)
        document_problem(document, &root, top, "the document needs the member \"paths\"");
    if (document->spec == PL_OPENAPI_31 && !pl_node_get(top, "paths") &&
        !pl_node_get(top, "webhooks") && !pl_node_get(top, "components"))
        document_problem(document, &root, top,
                         "the document needs \"paths\", \"webhooks\" or \"components\"");
    check_path_items(document, &root, top, "paths");
    if (document->spec == PL_OPENAPI_31)
        check_path_items(document, &root, top, "webhooks");
    check_components(document, &root);
}
