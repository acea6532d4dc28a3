#include "document_bundle.h"
#include "document_private.h"
#include "node_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_CHAIN 100 // of `$ref`s to `$ref`s; longer is a circle

static void
add_step(const struct document_step *step, struct pl_arena *arena, const char **pointer)
{
    if (step == NULL || (step->up == NULL && step->key == NULL))
        return; // the root
    add_step(step->up, arena, pointer);
    *pointer = step->key ? pl_pointer_add(arena, *pointer, step->key)
                         : pl_pointer_add_index(arena, *pointer, step->index);
}

const char *
document_pointer(const struct document_step *step, struct pl_arena *arena)
{
    const char *pointer = "";

    add_step(step, arena, &pointer);
    return pointer;
}

/* Is ${pointer} at or below ${part}? */
static bool
is_below(const char *pointer, const char *part)
{
    size_t length = strlen(part);

    return strncmp(pointer, part, length) == 0 &&
           (pointer[length] == '\0' || pointer[length] == '/');
}

const char *
pl_document_origin(const struct pl_document *document, const struct pl_node *node,
                   const char **pointer)
{
    const struct pl_document_part *best = NULL;

    for (int i = 0; node->file && i < document->part_count; i++) {
        const struct pl_document_part *part = &document->parts[i];

        if (part->file == node->file && is_below(*pointer, part->pointer) &&
            (best == NULL || strlen(part->pointer) > strlen(best->pointer)))
            best = part;
    }
    if (best)
        *pointer = pl_arena_printf(document->arena, "%s%s", best->origin,
                                   *pointer + strlen(best->pointer));
    return document->files[node->file].name;
}

/* There must be room. */
static void
problem_at(struct pl_document *document, const char *file, const char *pointer, uint32_t line,
           uint32_t column, const char *text)
{
    if (document->problems == NULL)
        document->problems =
            pl_arena_alloc(document->arena, DOCUMENT_PROBLEMS * sizeof *document->problems);
    document->problems[document->problem_count++] =
        (struct pl_problem){ file, pointer, text, line, column };
}

void
document_problem_at(struct pl_document *document, const struct pl_node *node, const char *pointer,
                    const char *text)
{
    const char *file = pl_document_origin(document, node, &pointer);

    if (document->problem_count < DOCUMENT_PROBLEMS)
        problem_at(document, file, pointer, node->line, node->column,
                   pl_arena_strdup(document->arena, text));
}

void
document_problem(struct pl_document *document, const struct document_step *step,
                 const struct pl_node *node, const char *fmt, ...)
{
    char text[300];
    va_list ap;

    if (document->problem_count == DOCUMENT_PROBLEMS)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    document_problem_at(document, node, document_pointer(step, document->arena), text);
}

/* "3.0.3" and "3.0.0-rc2" are of the line "3.0." */
static bool
of_line(const char *version, const char *line)
{
    const char *rest = version + strlen(line);

    return strncmp(version, line, strlen(line)) == 0 && *rest >= '0' && *rest <= '9';
}

/* The text of a string, or of a number as it was written (`swagger: 2.0` without quotes). */
static const char *
scalar_text(const struct pl_node *node, const char *otherwise)
{
    return pl_node_is(node, PL_NUMBER) ? node->text : pl_node_text(node, otherwise);
}

static bool
recognise(struct pl_document *self)
{
    const struct document_step root = { 0 };
    const struct pl_member *openapi = pl_node_member(self->root, "openapi");
    const struct pl_member *swagger = pl_node_member(self->root, "swagger");
    const struct pl_member *said = openapi ? openapi : swagger;
    const char *version = said ? scalar_text(said->value, NULL) : NULL;

    if (said == NULL) {
        document_problem(self, &root, self->root,
                         "this is not an OpenAPI document: there is no \"openapi\" or \"swagger\" "
                         "member at the top");
    } else if (version == NULL) {
        document_problem(self, &(struct document_step){ &root, said->key, 0 }, said->value,
                         "this is not an OpenAPI document: \"%s\" must be a text like \"%s\" (in "
                         "quotes), not a %s",
                         said->key, openapi ? "3.0.3" : "2.0",
                         pl_node_kind_name(said->value->kind));
    } else if (swagger == said && strcmp(version, "2.0") == 0) {
        self->spec = PL_SWAGGER_20;
        self->dialect = PL_DIALECT_4;
    } else if (openapi && of_line(version, "3.0.")) {
        self->spec = PL_OPENAPI_30;
        self->dialect = PL_DIALECT_OAS30;
    } else if (openapi && of_line(version, "3.1.")) {
        self->spec = PL_OPENAPI_31;
        self->dialect = PL_DIALECT_OAS31;
    } else if (openapi && of_line(version, "3.2.")) {
        self->spec = PL_OPENAPI_31;
        self->dialect = PL_DIALECT_OAS31;
        self->note =
            "OpenAPI 3.2 is read as 3.1: `query` and `additionalOperations`, `querystring` "
            "parameters, `itemSchema` and streaming media types, `$self` and the new "
            "members of tags and servers are not compared yet";
    } else {
        document_problem(self, &(struct document_step){ &root, said->key, 0 }, said->value,
                         "this is not an OpenAPI document of a version that can be read: \"%s\" "
                         "is \"%.40s\", but must be %s",
                         said->key, version, openapi ? "3.0.x, 3.1.x or 3.2.x" : "2.0");
    }
    return self->problem_count == 0;
}

static int
say_first(const struct pl_document *self, enum pl_code code, struct pl_err *err)
{
    const struct pl_problem *first = &self->problems[0];
    char more[40] = "";

    if (self->problem_count > 1)
        snprintf(more, sizeof more, " (and %d more)", self->problem_count - 1);
    return pl_err_raise(err, code, __FILE__, __LINE__, "line %u, column %u: %s%s", first->line,
                        first->column, first->text, more);
}

/* A text that could not be read has one problem, already in words. */
static int
unreadable(struct pl_document *self, struct node_place where, const struct pl_err *err)
{
    const char *text = err->text;

    if (where.line && strstr(text, ": ")) // the place has its own fields
        text = strstr(text, ": ") + 2;
    problem_at(self, self->file, "", where.line, where.column, pl_arena_strdup(self->arena, text));
    return -1;
}

int
pl_document_load_files(struct pl_document **out, struct pl_arena *arena, const char *file,
                       const char *bytes, size_t length, const struct pl_limits *limits,
                       const struct pl_document_reader *reader, struct pl_err *err)
{
    struct pl_document *self = pl_arena_alloc(arena, sizeof *self);
    struct node_place where = { 0, 0 };
    const struct pl_node *info;
    const char *name;

    *out = self;
    self->arena = arena;
    self->file = pl_arena_strdup(arena, file);
    name = strrchr(self->file, '/') ? strrchr(self->file, '/') + 1 : self->file;
    self->title = self->version = "";
    self->files = pl_arena_alloc(arena, sizeof *self->files);
    self->files[0] = (struct pl_document_file){ self->file, name, bytes, length };
    self->file_count = 1;
    self->folder = pl_arena_printf(arena, "%.*s", (int)(name - self->file), self->file);
    self->root = node_read(arena, bytes, length, limits, &where, err);
    if (self->root == NULL)
        return unreadable(self, where, err);
    info = pl_node_get(self->root, "info");
    self->title = scalar_text(pl_node_get(info, "title"), "");
    self->version = scalar_text(pl_node_get(info, "version"), "");
    if (recognise(self)) {
        if (reader)
            document_bundle(self, reader, limits);
        document_check(self);
        document_check_references(self);
    }
    return self->problem_count ? say_first(self, PL_INVALID, err) : 0;
}

int
pl_document_load(struct pl_document **out, struct pl_arena *arena, const char *file,
                 const char *bytes, size_t length, const struct pl_limits *limits,
                 struct pl_err *err)
{
    return pl_document_load_files(out, arena, file, bytes, length, limits, NULL, err);
}

struct pl_node *
pl_document_resolve(const struct pl_document *document, struct pl_node *node)
{
    for (int i = 0; node && i < LONGEST_CHAIN; i++) {
        const char *reference = pl_node_text(pl_node_get(node, "$ref"), NULL);

        if (reference == NULL)
            return node;
        node = document_target(document, reference);
    }
    return NULL;
}

void
pl_document_write(const struct pl_document *document, struct pl_buf *out)
{
    pl_node_write(out, document->root, PL_SORTED | PL_PRETTY);
    pl_buf_char(out, '\n');
}
