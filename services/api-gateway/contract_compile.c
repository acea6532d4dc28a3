#include "contract_compile.h"

#include "contract_check.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_MS 15000
#define LONGEST_TIMEOUT_MS 600000
#define DEFAULT_BODY       (1024 * 1024) // B-22
#define LARGEST_BODY       (64 * 1024 * 1024)

static void
check_extensions(struct contract *self, const struct operation *op, const struct pl_node *node)
{
    static const char *const KNOWN[] = { "x-service",  "x-scope",      "x-lane",   "x-timeout",
                                         "x-max-body", "x-idempotent", "x-unwrap", "x-cache" };

    for (uint32_t i = 0; i < node->count; i++) {
        const char *key = node->members[i].key;
        bool known = strncmp(key, "x-", 2) != 0;

        for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++)
            known = known || strcmp(key, KNOWN[k]) == 0;
        if (!known)
            contract_problem(self, "%s: \"%s\" means nothing here", op->id, key);
    }
}

static int64_t
bounded(struct contract *self, const struct operation *op, const struct pl_node *node,
        const char *key, int64_t otherwise, int64_t max)
{
    const struct pl_node *value = pl_node_get(node, key);
    int64_t number = pl_node_int(value, -1);

    if (value == NULL)
        return otherwise;
    if (number < 1 || number > max) {
        contract_problem(self, "%s: %s must be 1 to %" PRId64, op->id, key, max);
        return otherwise;
    }
    return number;
}

/* Scopes are those that a token may have: the contract's own list of them. */
static void
read_scope(struct contract *self, struct operation *op, const struct pl_node *node)
{
    const char *scope = pl_node_text(pl_node_get(node, "x-scope"), NULL);
    struct pl_node *known =
        pl_node_pointer(self->document->root, "/components/schemas/Scopes/items/enum");

    if (scope && strcmp(scope, "none") == 0)
        return;
    op->scope = scope ? scope : "";
    for (uint32_t i = 0; scope && known && i < known->count; i++)
        if (strcmp(pl_node_text(known->items[i], ""), scope) == 0)
            return;
    contract_problem(self, "%s: x-scope is missing or unknown", op->id);
}

static void
read_extensions(struct contract *self, struct operation *op, const struct pl_node *node)
{
    const char *lane = pl_node_text(pl_node_get(node, "x-lane"), "light");

    op->service = pl_node_text(pl_node_get(node, "x-service"), "");
    op->heavy = strcmp(lane, "heavy") == 0;
    op->idempotent = pl_node_true(pl_node_get(node, "x-idempotent"), false);
    op->timeout_ms = bounded(self, op, node, "x-timeout", DEFAULT_TIMEOUT_MS, LONGEST_TIMEOUT_MS);
    op->max_body = bounded(self, op, node, "x-max-body", DEFAULT_BODY, LARGEST_BODY);
    if (!op->heavy && strcmp(lane, "light") != 0)
        contract_problem(self, "%s: there is no lane \"%s\"", op->id, lane);
    op->cache = contract_cache_rule(self, op, node);
    read_scope(self, op, node);
    check_extensions(self, op, node);
}

static struct pl_schema *
compile_schema(struct contract *self, const struct operation *op, struct pl_node *schema)
{
    struct pl_schema *out = NULL;
    struct pl_err err = { 0 };

    if (pl_schema_compile(&out, schema, self->document->root, PL_DIALECT_OAS31, self->arena, &err))
        contract_problem(self, "%s: %s", op->id, err.text);
    return out;
}

static enum pl_node_kind
parameter_kind(struct contract *self, const struct operation *op, const char *name,
               const struct pl_node *schema)
{
    const char *type = pl_node_text(pl_node_get(schema, "type"), "");

    if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
        return PL_NUMBER;
    if (strcmp(type, "boolean") == 0)
        return PL_BOOL;
    if (strcmp(type, "string") != 0 &&
        !pl_node_is(pl_node_at(pl_node_get(schema, "enum"), 0), PL_STRING))
        contract_problem(self, "%s: the parameter \"%s\" is no string, number or boolean", op->id,
                         name);
    return PL_STRING;
}

/* A parameter of the operation hides one of its path item. */
static bool
is_hidden(const struct operation *op, const char *name, enum parameter_place in)
{
    for (int i = 0; i < op->parameter_count; i++)
        if (op->parameters[i].in == in && strcmp(op->parameters[i].name, name) == 0)
            return true;
    return false;
}

static const char *const PLACES[] = {
    [IN_PATH] = "path", [IN_QUERY] = "query", [IN_HEADER] = "header"
};

/* The place called ${name}, or -1. */
static int
find_place(const char *name)
{
    for (int i = 0; i < (int)(sizeof PLACES / sizeof *PLACES); i++)
        if (strcmp(PLACES[i], name) == 0)
            return i;
    return -1;
}

/* A field has a name that a header cannot have: If-Match is if_match. */
static const char *
field_name(struct contract *self, enum parameter_place in, const char *name)
{
    char *field = pl_arena_strdup(self->arena, name);

    for (char *at = field; in == IN_HEADER && *at; at++)
        *at = *at == '-' ? '_' : (char)tolower((unsigned char)*at);
    return field;
}

static void
read_parameter(struct contract *self, struct operation *op, struct pl_node *node)
{
    const char *name = pl_node_text(pl_node_get(node, "name"), "");
    int in = find_place(pl_node_text(pl_node_get(node, "in"), ""));
    struct pl_node *schema = pl_node_get(node, "schema");
    struct parameter *out = &op->parameters[op->parameter_count];

    if (in < 0 || schema == NULL) {
        contract_problem(
            self, "%s: the parameter \"%s\" needs a schema and a place in path, query or header",
            op->id, name);
        return;
    }
    if (is_hidden(op, name, (enum parameter_place)in))
        return;
    *out = (struct parameter){
        .name = name,
        .place = pl_arena_printf(self->arena, "%s/%s", PLACES[in], name),
        .in = (enum parameter_place)in,
        .required = pl_node_true(pl_node_get(node, "required"), false),
        .kind = parameter_kind(self, op, name, contract_resolve(self, schema)),
        .schema = compile_schema(self, op, schema),
        .field = protobuf_c_message_descriptor_get_field_by_name(
            op->request, field_name(self, (enum parameter_place)in, name)),
    };
    op->parameter_count++;
}

static void
read_parameters(struct contract *self, struct operation *op, const struct pl_node *item,
                const struct pl_node *node)
{
    const struct pl_node *lists[] = { pl_node_get(node, "parameters"),
                                      pl_node_get(item, "parameters") };
    uint32_t most = (lists[0] ? lists[0]->count : 0) + (lists[1] ? lists[1]->count : 0);

    op->parameters = pl_arena_alloc(self->arena, (most + 1) * sizeof *op->parameters);
    for (size_t l = 0; l < 2; l++)
        for (uint32_t i = 0; lists[l] && i < lists[l]->count; i++)
            read_parameter(self, op, contract_resolve(self, lists[l]->items[i]));
    for (int i = 0; i < op->parameter_count; i++) {
        const struct parameter *p = &op->parameters[i];

        if (p->in == IN_PATH && !strstr(op->path, pl_arena_printf(self->arena, "{%s}", p->name)))
            contract_problem(self, "%s: \"%s\" is not in the path", op->id, p->name);
    }
}

/* Does the template name a parameter that nobody describes? */
static void
check_template(struct contract *self, const struct operation *op)
{
    for (const char *at = strchr(op->path, '{'); at; at = strchr(at + 1, '{')) {
        char *name = pl_arena_memdup(self->arena, at + 1, strcspn(at + 1, "}"));

        if (!is_hidden(op, name, IN_PATH))
            contract_problem(self, "%s: the path's \"%s\" is not described", op->id, name);
    }
}

/* The media types of ${content} into *out; *schema is that of the first, *raw how it is to be
 * treated.  A mixture is a problem. */
static void
read_content(struct contract *self, const struct operation *op, const struct pl_node *content,
             const char ***out, struct pl_node **schema, bool *raw)
{
    const char **types = pl_arena_alloc(self->arena, (content->count + 1) * sizeof *types);

    *out = types;
    for (uint32_t i = 0; i < content->count; i++) {
        struct pl_node *found = pl_node_get(content->members[i].value, "schema");
        bool is_raw = contract_is_raw(self, found);

        types[i] = content->members[i].key;
        if (i == 0) {
            *schema = found;
            *raw = is_raw;
        }
        if (is_raw != *raw || found == NULL ||
            (!is_raw && strcmp(types[i], "application/json") != 0))
            contract_problem(self, "%s: %s must be application/json with a schema, or raw", op->id,
                             types[i]);
    }
}

static void
read_body(struct contract *self, struct operation *op, const struct pl_node *node)
{
    const struct pl_node *body = contract_resolve(self, pl_node_get(node, "requestBody"));
    const struct pl_node *content = pl_node_get(body, "content");
    struct pl_node *schema = NULL;
    bool raw = false;

    if (body && content && content->count) {
        read_content(self, op, content, &op->body_types, &schema, &raw);
        op->body = raw ? BODY_RAW : BODY_JSON;
        op->body_required = pl_node_true(pl_node_get(body, "required"), false);
    } else if (body)
        contract_problem(self, "%s: the body has no content", op->id);
    if (op->body == BODY_RAW) {
        op->body_field = contract_http_body(op->request);
        if (op->body_field == NULL)
            contract_problem(self, "%s: %s has no place for a body", op->id, op->request->name);
    }
    if (op->body == BODY_JSON && schema)
        op->body_schema = compile_schema(self, op, schema);
    contract_check_request(self, op, op->body == BODY_JSON ? schema : NULL);
}

static void
read_success(struct contract *self, struct operation *op, int status,
             const struct pl_node *response)
{
    const struct pl_node *content = pl_node_get(response, "content");
    struct pl_node *schema = NULL;
    bool raw = false;

    if (op->status == 0 || status < op->status)
        op->status = status;
    if (content == NULL || content->count == 0)
        return;
    read_content(self, op, content, &op->reply_types, &schema, &raw);
    if (!raw) {
        op->reply_schema = schema;
        return;
    }
    op->reply_field = contract_http_body(op->reply);
    if (op->reply_field == NULL)
        contract_problem(self, "%s: %s has no body to answer with", op->id, op->reply->name);
}

static void
read_responses(struct contract *self, struct operation *op, const struct pl_node *node)
{
    const struct pl_node *responses = pl_node_get(node, "responses");
    const char *unwrap = pl_node_text(pl_node_get(node, "x-unwrap"), NULL);
    const struct pl_node *problem = contract_resolve(self, pl_node_get(responses, "default"));

    for (uint32_t i = 0; responses && i < responses->count; i++) {
        int status = atoi(responses->members[i].key);

        if (status >= 200 && status < 300)
            read_success(self, op, status, contract_resolve(self, responses->members[i].value));
    }
    if (op->status == 0)
        contract_problem(self, "%s: no success is described", op->id);
    if (pl_node_get(pl_node_get(problem, "content"), "application/problem+json") == NULL)
        contract_problem(self, "%s: the default answer is no problem", op->id);
    if (unwrap) {
        op->unwrap = protobuf_c_message_descriptor_get_field_by_name(op->reply, unwrap);
        if (op->unwrap == NULL || op->reply_schema == NULL) {
            contract_problem(self, "%s: %s has no field \"%s\" to unwrap", op->id, op->reply->name,
                             unwrap);
            return;
        }
    }
    contract_check_reply(self, op);
}

void
contract_compile(struct contract *self, struct operation *out, const char *path, const char *method,
                 struct pl_node *item, struct pl_node *node)
{
    *out = (struct operation){ .path = path, .method = method };
    out->id = pl_node_text(pl_node_get(node, "operationId"), "");
    if (*out->id == '\0') {
        contract_problem(self, "%s %s has no operationId", method, path);
        return;
    }
    read_extensions(self, out, node);
    if (!contract_find_call(self, out))
        return;
    read_parameters(self, out, item, node);
    check_template(self, out);
    read_body(self, out, node);
    read_responses(self, out, node);
}
