#include "contract.h"
#include "exchange.h"
#include "invoke.h"
#include "path.h"
#include "problem.h"
#include "transcode.h"

#include "pl_pack.h"

#include <string.h>

/* A number as JSON writes it (RFC 8259 section 6). */
static bool
is_number(const char *text)
{
    const char *at = text + (*text == '-');
    size_t digits = strspn(at, "0123456789");

    if (digits == 0 || (digits > 1 && *at == '0'))
        return false;
    at += digits;
    if (*at == '.') {
        digits = strspn(++at, "0123456789");
        if (digits == 0)
            return false;
        at += digits;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        digits = strspn(at, "0123456789");
        if (digits == 0)
            return false;
        at += digits;
    }
    return *at == '\0';
}

/* The text as the type it should have; as a string if it has not, for the schema to refuse. */
static struct pl_node *
read_text(const struct parameter *parameter, const char *text, struct pl_arena *arena)
{
    if (parameter->kind == PL_NUMBER && is_number(text))
        return pl_node_number(arena, text);
    if (parameter->kind == PL_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return pl_node_bool(arena, *text == 't');
    return pl_node_string(arena, text);
}

static void
set_parameter(struct exchange *self, const struct parameter *parameter, const char *text,
              ProtobufCMessage *message, struct violations *bad)
{
    struct pl_node *node = read_text(parameter, text, self->arena);
    const char *at = parameter->place;
    struct pl_violation found[4];
    int count = pl_schema_check(parameter->schema, node, self->arena, found, 4);

    for (int i = 0; i < count; i++)
        violations_add(bad, self->arena, at, NULL, "%s", found[i].text);
    if (count == 0)
        transcode_set(message, parameter->field, node, at, bad, self->arena);
}

static const struct parameter *
find_query_parameter(const struct operation *op, const char *name, size_t length, int *index)
{
    for (int i = 0; i < op->parameter_count; i++) {
        const struct parameter *parameter = &op->parameters[i];

        if (parameter->in == IN_QUERY && strlen(parameter->name) == length &&
            strncmp(parameter->name, name, length) == 0) {
            *index = i;
            return parameter;
        }
    }
    return NULL;
}

static int
read_query(struct exchange *self, ProtobufCMessage *message, struct violations *bad,
           const char **seen, struct pl_err *err)
{
    const char *query = self->path.query, *name, *value;
    size_t name_length, value_length;

    while (path_next_pair(&query, &name, &name_length, &value, &value_length)) {
        int i = 0;
        const struct parameter *parameter =
            find_query_parameter(self->operation, name, name_length, &i);
        char *text;

        if (path_decode(&text, value, value_length, true, self->arena, err))
            return -1;
        if (parameter == NULL)
            violations_add(bad, self->arena,
                           pl_arena_printf(self->arena, "query/%.*s", (int)name_length, name), NULL,
                           "there is no such parameter");
        else if (seen[i])
            violations_add(bad, self->arena, parameter->place, NULL, "may be given once");
        else
            set_parameter(self, parameter, text, message, bad);
        if (parameter)
            seen[i] = text;
    }
    return 0;
}

/* What the request says for a parameter, NULL if nothing; query parameters are in ${seen}. */
static const char *
given(const struct exchange *self, const struct parameter *parameter, const char *seen)
{
    switch (parameter->in) {
    case IN_PATH:
        return path_value(&self->values, parameter->name);
    case IN_HEADER:
        return exchange_header(self, parameter->name);
    case IN_QUERY:
        break;
    }
    return seen;
}

static void
read_parameters(struct exchange *self, ProtobufCMessage *message)
{
    const struct operation *op = self->operation;
    const char **seen =
        pl_arena_alloc(self->arena, (size_t)(op->parameter_count + 1) * sizeof *seen);
    struct violations bad = { 0 };
    struct pl_err err = { 0 };

    if (read_query(self, message, &bad, seen, &err)) {
        problem(self, err.code, "%s", err.text);
        return;
    }
    for (int i = 0; i < op->parameter_count; i++) {
        const struct parameter *parameter = &op->parameters[i];
        const char *value = given(self, parameter, seen[i]);

        if (parameter->in == IN_HEADER && exchange_header_count(self, parameter->name) > 1)
            violations_add(&bad, self->arena, parameter->place, NULL, "may be given once");
        else if (parameter->in != IN_QUERY && value)
            set_parameter(self, parameter, value, message, &bad);
        else if (parameter->required && value == NULL)
            violations_add(&bad, self->arena, parameter->place, NULL, "is needed");
    }
    if (bad.count)
        problem_violations(self, PL_MALFORMED, "a parameter does not fit", &bad);
}

static void
read_json(struct exchange *self, ProtobufCMessage *message)
{
    const struct operation *op = self->operation;
    const struct pl_limits limits = { .bytes = (size_t)op->max_body };
    struct violations bad = { 0 };
    struct pl_err err = { 0 };
    struct pl_node *body =
        pl_json_parse(self->arena, self->upload.bytes, self->upload.length, &limits, &err);

    if (body == NULL) {
        problem(self, err.code, "%s", err.text);
        return;
    }
    if (strcmp(op->method, "PATCH") != 0)
        transcode_drop_nulls(body, op->request);
    bad.count = pl_schema_check(op->body_schema, body, self->arena, bad.list, MAX_VIOLATIONS);
    if (bad.count == 0)
        transcode_object(message, body, "", &bad, self->arena);
    if (bad.count)
        problem_violations(self, PL_INVALID, "the body does not fit its schema", &bad);
}

/* The body itself goes beside the message (pl_outcall.body). */
static void
describe_raw(struct exchange *self, ProtobufCMessage *message)
{
    Pl__HttpBody *body = pl_arena_alloc(self->arena, sizeof *body);
    const char *type = exchange_header(self, "Content-Type");
    const char *coding = exchange_header(self, "Content-Encoding");

    pl__http_body__init(body);
    body->content_type = (char *)(type ? type : "application/octet-stream");
    body->content_encoding = (char *)(coding && strcmp(coding, "identity") != 0 ? coding : NULL);
    *pl_body_of(message) = body;
}

ProtobufCMessage *
invoke_request(struct exchange *self)
{
    const struct operation *op = self->operation;
    ProtobufCMessage *message = transcode_message(op->request, self->arena);

    read_parameters(self, message);
    if (self->answered)
        return NULL;
    if (self->upload.length == 0 && op->body_required)
        problem(self, PL_MALFORMED, "a body is needed");
    else if (self->upload.length && op->body == BODY_JSON)
        read_json(self, message);
    else if (self->upload.length && op->body == BODY_RAW)
        describe_raw(self, message);
    return self->answered ? NULL : message;
}
