/* witness_request -- a request, or a status, that shows what breaks: for operations, parameters,
 * bodies, media types, statuses, headers and security.  Values have witnesses of their own.
 *
 * A request is shown as it was right in the base document, with samples for its parameters; a
 * sample that its schema refuses is left as {name}.  That an operation is gone is confirmed by
 * looking for a route of the head document that takes the address. */
#include "witness_request.h"

#include "pl_schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Does the path go through the template?  A {parameter} takes one or more characters but "/". */
static bool
goes_through(const char *template, const char *path)
{
    const char *end;

    for (; *template != '{'; template ++, path++) {
        if (*template != *path)
            return false;
        if (*template == '\0')
            return true;
    }
    end = strchr(template, '}');
    if (end == NULL)
        return false;
    while (*path && *path != '/')
        if (goes_through(end + 1, ++path))
            return true;
    return false;
}

/* A value as it stands in a URL; NULL if it is no scalar. */
static const char *
scalar_text(const struct pl_node *value, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    if (value == NULL || value->kind == PL_OBJECT || value->kind == PL_ARRAY)
        return NULL;
    if (value->kind == PL_STRING)
        pl_buf_add(&out, value->text, value->length);
    else
        pl_node_write(&out, value, PL_COMPACT);
    return out.length ? pl_buf_text(&out) : NULL;
}

static void
add_encoded(struct pl_buf *out, const char *text)
{
    for (; *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._~", *text))
            pl_buf_char(out, *text);
        else
            pl_buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

static struct pl_node *
candidate(const struct cmp_view *view, int n, struct pl_arena *arena)
{
    static const char *const TEXTS[] = { "a",
                                         "1",
                                         "2026-01-31",
                                         "2026-01-31T10:00:00Z",
                                         "123e4567-e89b-12d3-a456-426614174000",
                                         "a@example.com",
                                         "https://example.com/" };

    if (view->value_count > 0)
        return n == 0 ? (struct pl_node *)view->values[0] : NULL;
    if (n == 0 && view->default_value.node)
        return view->default_value.node;
    if (view->types & CMP_INTEGER)
        return n < 3 ? pl_node_integer(arena, (int64_t[]){ 1, 10, 1000 }[n]) : NULL;
    if (view->types & CMP_STRING)
        return n < (int)(sizeof TEXTS / sizeof *TEXTS) ? pl_node_string(arena, TEXTS[n]) : NULL;
    return view->types & CMP_BOOLEAN && n < 2 ? pl_node_bool(arena, n == 0) : NULL;
}

/* A text that the schema accepts; NULL if none is at hand. */
static const char *
sample(struct cmp *self, const struct cmp_parameter *parameter)
{
    struct cmp_spot schema = parameter->schema;
    const struct cmp_view *view;
    struct pl_schema *compiled;
    struct pl_err err = { 0 };
    struct pl_node *value;

    if (schema.node == NULL)
        return "1";
    view = cmp_view(&self->views, schema);
    if (schema.document->spec == PL_SWAGGER_20) // a parameter, not a schema
        return scalar_text(candidate(view, 0, self->arena), self->arena);
    if (pl_schema_compile(&compiled, schema.node, schema.document->root, schema.document->dialect,
                          self->arena, &err))
        return NULL;
    for (int n = 0; n < 10; n++) {
        value = candidate(view, n, self->arena);
        if (value && pl_schema_check(compiled, value, self->arena, NULL, 0) == 0 &&
            scalar_text(value, self->arena))
            return scalar_text(value, self->arena);
    }
    return NULL;
}

static const struct cmp_parameter *
path_parameter(const struct cmp_operation *operation, int position)
{
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct cmp_parameter *one = &operation->parameters[i];

        if (strncmp(one->key, "path ", 5) == 0 && strtol(one->key + 5, NULL, 10) == position)
            return one;
    }
    return NULL;
}

/* The path with samples for its parameters. */
static const char *
concrete_path(struct cmp *self, const struct cmp_operation *operation)
{
    struct pl_buf out = { .arena = self->arena };
    int position = 0;

    for (const char *at = operation->path; *at; at++) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        const struct cmp_parameter *parameter;
        const char *text;

        if (end == NULL) {
            pl_buf_char(&out, *at);
            continue;
        }
        parameter = path_parameter(operation, ++position);
        text = parameter ? sample(self, parameter) : "1";
        if (text)
            add_encoded(&out, text);
        else
            pl_buf_add(&out, at, (size_t)(end - at) + 1);
        at = end;
    }
    return pl_buf_text(&out);
}

static bool
is_in(const struct cmp_parameter *parameter, const char *in)
{
    return parameter->required && strcmp(parameter->in, in) == 0;
}

/* The request line and the headers that the operation always demanded. */
static void
add_request(struct cmp *self, struct pl_buf *out, const struct cmp_operation *operation,
            const char *prefix)
{
    const char *mark = "?";

    pl_buf_printf(out, "%s %s%s", operation->ref.method, prefix, concrete_path(self, operation));
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct cmp_parameter *one = &operation->parameters[i];
        const char *text = is_in(one, "query") ? sample(self, one) : NULL;

        if (!is_in(one, "query"))
            continue;
        pl_buf_printf(out, "%s%s=", mark, one->name);
        if (text)
            add_encoded(out, text);
        else
            pl_buf_printf(out, "{%s}", one->name);
        mark = "&";
    }
    for (int i = 0; i < operation->parameter_count; i++) {
        const struct cmp_parameter *one = &operation->parameters[i];
        const char *text = is_in(one, "header") ? sample(self, one) : NULL;

        if (is_in(one, "header"))
            pl_buf_printf(out, "\n%s: %s", one->name, text ? text : "...");
    }
}

/* The route of the head document that would take the request; NULL: none. */
static const struct cmp_operation *
route(struct cmp *self, const struct cmp_operation *operation)
{
    const char *path = concrete_path(self, operation), *base_path = operation->servers->base_path;
    const char *whole = base_path ? pl_arena_printf(self->arena, "%s%s", base_path, path) : NULL;

    for (int i = 0; i < self->head_model->count; i++) {
        const struct cmp_operation *one = &self->head_model->operations[i];

        if (!one->reversed && strcmp(one->ref.method, operation->ref.method) == 0 &&
            (goes_through(one->key, path) ||
             (whole && one->full_key && goes_through(one->full_key, whole))))
            return one;
    }
    return NULL;
}

/* A media type of the range. */
static const char *
concrete_type(const char *type, struct pl_arena *arena)
{
    size_t length = strlen(type);

    if (length < 2 || strcmp(type + length - 2, "/*") != 0)
        return type;
    return strcmp(type, "*/*") == 0
               ? "application/octet-stream"
               : pl_arena_printf(arena, "%.*sx-example", (int)length - 1, type);
}

static const char *
last_step(struct cmp_spot spot, const char *otherwise)
{
    return spot.trail && spot.trail->step ? spot.trail->step : otherwise;
}

/* What a request carries or lacks, by rule. */
enum shows {
    NOTHING,     // not about a request
    PLAIN,       // the request line as it was
    ROUTE,       // the same, and no route takes it
    NO_BODY,     // it has no body
    BODY_TYPE,   // it has a body of that media type
    ACCEPT,      // it asks for that media type
    CREDENTIALS, // it carries what cmp_security() noted
    STATUS,      // the status
    HEADER,      // a response without that header
    ADDRESS,     // it goes to that address
    MEANING,     // accepted as before, but it does something else
};

static const struct {
    enum cmp_rule rule;
    enum shows shows;
    const char *keyword;
} ROWS[] = {
    { CMP_OPERATION_REMOVED, ROUTE, "paths" },
    { CMP_OPERATION_MOVED, ROUTE, "paths" },
    { CMP_PARAMETER_ADDED_REQUIRED, PLAIN, "required" },
    { CMP_PARAMETER_BECAME_REQUIRED, PLAIN, "required" },
    { CMP_PARAMETER_DEFAULT_CHANGED, MEANING, "default" },
    { CMP_REQUEST_BODY_ADDED_REQUIRED, NO_BODY, "required" },
    { CMP_REQUEST_BODY_BECAME_REQUIRED, NO_BODY, "required" },
    { CMP_REQUEST_BODY_REMOVED, BODY_TYPE, "requestBody" },
    { CMP_REQUEST_MEDIA_TYPE_REMOVED, BODY_TYPE, "content" },
    { CMP_RESPONSE_MEDIA_TYPE_REMOVED, ACCEPT, "content" },
    { CMP_RESPONSE_SUCCESS_REMOVED, STATUS, "responses" },
    { CMP_RESPONSE_HEADER_REMOVED, HEADER, "headers" },
    { CMP_RESPONSE_HEADER_BECAME_OPTIONAL, HEADER, "required" },
    { CMP_SECURITY_ADDED, CREDENTIALS, "security" },
    { CMP_SECURITY_NARROWED, CREDENTIALS, "security" },
    { CMP_SECURITY_SCOPE_ADDED, CREDENTIALS, "security" },
    { CMP_SERVER_REMOVED, ADDRESS, "servers" },
    { CMP_SUNSET_INVALID, NOTHING, "x-sunset" },
    { CMP_SUNSET_MISSING, NOTHING, "x-sunset" },
    { CMP_SUNSET_TOO_SOON, NOTHING, "x-sunset" },
    { CMP_SUNSET_DELETED, NOTHING, "x-sunset" },
    { CMP_STABILITY_INVALID, NOTHING, "x-stability-level" },
    { CMP_STABILITY_DECREASED, NOTHING, "x-stability-level" },
    { CMP_PARAMETER_REMOVED_BEFORE_SUNSET, NOTHING, "x-sunset" },
    { CMP_WEBHOOK_BECAME_OPTIONAL, NOTHING, "required" },
    { CMP_PARAMETER_STYLE_CHANGED, PLAIN, "style" },
};

/* The media type that ${found} is about, else the first of the body. */
static const char *
media_type(struct cmp *self, const struct cmp_found *found, const struct cmp_operation *base)
{
    const char *type =
        found->rule == CMP_REQUEST_BODY_REMOVED
            ? (base->body && base->body->content.count ? base->body->content.media[0].type
                                                       : "application/json")
            : last_step(found->base, "application/json");

    return concrete_type(type, self->arena);
}

static void
add_lines(struct cmp *self, struct pl_buf *out, enum shows shows, const struct cmp_found *found,
          const struct cmp_operation *base)
{
    if (shows == BODY_TYPE)
        pl_buf_printf(out, "\nContent-Type: %s", media_type(self, found, base));
    if (shows == ACCEPT)
        pl_buf_printf(out, "\nAccept: %s", media_type(self, found, base));
    if (shows == CREDENTIALS && found->lines && *found->lines)
        pl_buf_printf(out, "\n%s", found->lines);
}

static void
show_response(struct cmp *self, enum shows shows, const struct cmp_found *found,
              struct pl_witness *out)
{
    const char *pointer = cmp_spot_pointer(found->base, self->arena);
    const char *status = strstr(pointer, "/responses/");
    const char *name = last_step(found->base, "");
    int length;

    status = status ? status + strlen("/responses/") : "response";
    length = (int)strcspn(status, "/");
    out->kind = PL_WITNESS_STATUS;
    out->side = "response";
    out->value = shows == STATUS ? pl_arena_printf(self->arena, "%.*s", length, status)
                                 : pl_arena_printf(self->arena, "%.*s without the header %s",
                                                   length, status, name);
    // a status that was promised no longer comes; a response that lacks its header now may
    out->valid_in = shows == STATUS ? "base" : "head";
    out->invalid_in = shows == STATUS ? "head" : "base";
}

/* An address without the slash that the path begins with. */
static const char *
before_path(struct cmp *self, const char *address)
{
    size_t length = strlen(address);

    while (length > 0 && address[length - 1] == '/')
        length--;
    return pl_arena_printf(self->arena, "%.*s", (int)length, address);
}

static void
show_request(struct cmp *self, enum shows shows, const struct cmp_found *found,
             const struct cmp_operation *base, struct pl_witness *out)
{
    const struct cmp_operation *taker = shows == ROUTE ? route(self, base) : NULL;
    const char *prefix = base->servers->base_path;
    struct pl_buf text = { .arena = self->arena };

    if (taker) {
        out->reason = pl_arena_printf(self->arena, "%s %s takes requests to the same address",
                                      taker->ref.method, taker->ref.path);
        return;
    }
    prefix = prefix && !strchr(prefix, '{') ? prefix : "";
    add_request(self, &text, base, shows == ADDRESS ? before_path(self, found->about) : prefix);
    add_lines(self, &text, shows, found, base);
    out->kind = PL_WITNESS_REQUEST;
    out->side = "request";
    out->value = pl_buf_text(&text);
    out->valid_in = "base";
    out->invalid_in = "head";
}

void
cmp_request_witness(struct cmp *self, const struct cmp_found *found,
                    const struct cmp_operation *base, struct pl_witness *out)
{
    enum shows shows = NOTHING;
    size_t i = 0, count = sizeof ROWS / sizeof *ROWS;

    while (i < count && ROWS[i].rule != found->rule)
        i++;
    if (i == count || base == NULL)
        return;
    shows = ROWS[i].shows;
    out->keyword = ROWS[i].keyword;
    if (found->head.trail)
        out->pointer = cmp_spot_pointer(found->head, self->arena);
    if (shows == NOTHING)
        out->reason = "it is about what the document announces, not about one request";
    else if (shows == MEANING)
        out->reason = "requests without it are accepted as before; what they ask for has changed";
    else if (base->reversed)
        out->reason = "the server calls; no request of a caller shows it";
    else if (shows == STATUS || shows == HEADER)
        show_response(self, shows, found, out);
    else
        show_request(self, shows, found, base, out);
}
