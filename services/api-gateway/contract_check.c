#include "contract_check.h"

#include "auth.pb-c.h"
#include "bridge.pb-c.h"
#include "envelope.pb-c.h"
#include "gateway.pb-c.h"
#include "governance.pb-c.h"
#include "notifier.pb-c.h"
#include "publisher.pb-c.h"
#include "sampler.pb-c.h"

#include <ctype.h>
#include <string.h>

#define DEEPEST 16

/* Who answers operations of the contract. */
static const struct {
    const char *service;
    const ProtobufCServiceDescriptor *descriptor;
} SERVICES[] = {
    { "api-gateway", &gateway__gateway__descriptor }, // itself: dispatch.c
    { "auth", &auth__auth__descriptor },
    { "governance-engine", &governance__governance_engine__descriptor },
    { "artifact-publisher", &publisher__publisher__descriptor },
    { "notifier", &notifier__notifier__descriptor },
    { "research-bridge", &bridge__research_bridge__descriptor },
    { "latency-sampler", &sampler__latency_sampler__descriptor },
};

static const ProtobufCServiceDescriptor *
find_service(const char *name)
{
    for (size_t i = 0; i < sizeof SERVICES / sizeof *SERVICES; i++)
        if (strcmp(SERVICES[i].service, name) == 0)
            return SERVICES[i].descriptor;
    return NULL;
}

bool
contract_find_call(struct contract *self, struct operation *operation)
{
    const ProtobufCServiceDescriptor *service = find_service(operation->service);
    char *rpc = pl_arena_strdup(self->arena, operation->id);

    rpc[0] = (char)toupper((unsigned char)rpc[0]);
    if (service == NULL) {
        contract_problem(self, "%s: there is no service \"%s\"", operation->id, operation->service);
        return false;
    }
    for (unsigned i = 0; i < service->n_methods; i++) {
        if (strcmp(service->methods[i].name, rpc) != 0)
            continue;
        operation->call = pl_arena_printf(self->arena, "%s.%s", service->package, rpc);
        operation->request = service->methods[i].input;
        operation->reply = service->methods[i].output;
        return true;
    }
    contract_problem(self, "%s: %s has no rpc \"%s\"", operation->id, operation->service, rpc);
    return false;
}

static bool
is_http_body(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_MESSAGE &&
           field->descriptor == &pl__http_body__descriptor;
}

const ProtobufCFieldDescriptor *
contract_http_body(const ProtobufCMessageDescriptor *message)
{
    const ProtobufCFieldDescriptor *found = NULL;

    for (unsigned i = 0; i < message->n_fields; i++)
        if (is_http_body(&message->fields[i])) {
            if (found)
                return NULL;
            found = &message->fields[i];
        }
    return found;
}

/* One comparison: who asks, and whether extra members would be lost (in a request) or extra
 * fields would be undescribed (in a reply). */
struct comparison {
    struct contract *contract;
    const char *operation;
    bool is_reply;
};

static void compare_value(const struct comparison *with, struct pl_node *schema,
                          const ProtobufCFieldDescriptor *field, const char *at, bool item,
                          int depth);

static void
compare_object(const struct comparison *with, struct pl_node *schema,
               const ProtobufCMessageDescriptor *message, const char *at, int depth)
{
    struct contract *contract = with->contract;
    struct pl_node *properties = pl_node_get(schema, "properties");

    if (depth == DEEPEST) {
        contract_problem(contract, "%s: %s is nested too deeply", with->operation, at);
        return;
    }
    if (!with->is_reply && pl_node_true(pl_node_get(schema, "additionalProperties"), true))
        contract_problem(contract, "%s: %s needs additionalProperties: false", with->operation, at);
    for (uint32_t i = 0; properties && i < properties->count; i++) {
        const char *name = properties->members[i].key;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(message, name);

        if (field == NULL)
            contract_problem(contract, "%s: %s has no field \"%s\" for %s", with->operation,
                             message->name, name, at);
        else
            compare_value(with, properties->members[i].value, field,
                          pl_pointer_add(contract->arena, at, name), false, depth + 1);
    }
    for (unsigned i = 0; with->is_reply && i < message->n_fields; i++)
        if (pl_node_get(properties, message->fields[i].name) == NULL)
            contract_problem(contract, "%s: %s does not describe the field \"%s\" of %s",
                             with->operation, at, message->fields[i].name, message->name);
}

/* What a schema says its values are; an enum of strings is a string. */
static const char *
type_of(const struct pl_node *schema)
{
    const char *type = pl_node_text(pl_node_get(schema, "type"), NULL);

    if (type)
        return type;
    if (pl_node_is(pl_node_at(pl_node_get(schema, "enum"), 0), PL_STRING))
        return "string";
    return "(none)";
}

static const char *
json_type(const ProtobufCFieldDescriptor *field)
{
    static const char *const TYPES[] = {
        [PROTOBUF_C_TYPE_INT32] = "integer",    [PROTOBUF_C_TYPE_SINT32] = "integer",
        [PROTOBUF_C_TYPE_SFIXED32] = "integer", [PROTOBUF_C_TYPE_INT64] = "integer",
        [PROTOBUF_C_TYPE_SINT64] = "integer",   [PROTOBUF_C_TYPE_SFIXED64] = "integer",
        [PROTOBUF_C_TYPE_UINT32] = "integer",   [PROTOBUF_C_TYPE_FIXED32] = "integer",
        [PROTOBUF_C_TYPE_UINT64] = "integer",   [PROTOBUF_C_TYPE_FIXED64] = "integer",
        [PROTOBUF_C_TYPE_FLOAT] = "number",     [PROTOBUF_C_TYPE_DOUBLE] = "number",
        [PROTOBUF_C_TYPE_BOOL] = "boolean",     [PROTOBUF_C_TYPE_ENUM] = "string",
        [PROTOBUF_C_TYPE_STRING] = "string",    [PROTOBUF_C_TYPE_BYTES] = "raw",
        [PROTOBUF_C_TYPE_MESSAGE] = "object",
    };

    return TYPES[field->type];
}

static void
compare_value(const struct comparison *with, struct pl_node *schema,
              const ProtobufCFieldDescriptor *field, const char *at, bool item, int depth)
{
    struct contract *contract = with->contract;
    bool raw = contract_is_raw(contract, schema);
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED && !item;
    struct pl_node *resolved = contract_resolve(contract, schema);
    const char *said = raw ? "raw" : type_of(resolved);
    const char *wanted = repeated ? "array" : json_type(field);

    if (is_http_body(field) || strcmp(said, wanted) != 0) {
        contract_problem(contract, "%s: %s is %s, but its field \"%s\" is %s", with->operation, at,
                         said, field->name, is_http_body(field) ? "a body" : wanted);
        return;
    }
    if (repeated)
        compare_value(with, pl_node_get(resolved, "items"), field, at, true, depth + 1);
    else if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        compare_object(with, resolved, field->descriptor, at, depth + 1);
}

/* The parameter that fills the field called ${name}. */
static const struct parameter *
find_parameter(const struct operation *operation, const char *name)
{
    for (int i = 0; i < operation->parameter_count; i++)
        if (operation->parameters[i].field &&
            strcmp(operation->parameters[i].field->name, name) == 0)
            return &operation->parameters[i];
    return NULL;
}

static void
check_parameter(struct contract *self, const struct operation *operation,
                const struct parameter *parameter)
{
    const ProtobufCFieldDescriptor *field = parameter->field;
    const char *wanted;

    if (field == NULL) {
        contract_problem(self, "%s: %s has no field \"%s\" for that parameter", operation->id,
                         operation->request->name, parameter->name);
        return;
    }
    wanted = field->label == PROTOBUF_C_LABEL_REPEATED ? "array" : json_type(field);
    if ((parameter->kind == PL_STRING && strcmp(wanted, "string") != 0) ||
        (parameter->kind == PL_BOOL && strcmp(wanted, "boolean") != 0) ||
        (parameter->kind == PL_NUMBER && strcmp(wanted, "integer") != 0 &&
         strcmp(wanted, "number") != 0))
        contract_problem(self, "%s: the parameter \"%s\" is %s, but its field is %s", operation->id,
                         parameter->name, pl_node_kind_name(parameter->kind), wanted);
}

void
contract_check_request(struct contract *self, const struct operation *operation,
                       struct pl_node *body)
{
    const struct comparison with = { self, operation->id, false };
    struct pl_node *schema = contract_resolve(self, body);
    struct pl_node *properties = pl_node_get(schema, "properties");

    for (int i = 0; i < operation->parameter_count; i++)
        check_parameter(self, operation, &operation->parameters[i]);
    if (body && strcmp(type_of(schema), "object") != 0)
        contract_problem(self, "%s: the body is no object", operation->id);
    else if (body)
        compare_object(&with, schema, operation->request, "the body", 0);
    for (uint32_t i = 0; properties && i < properties->count; i++)
        if (find_parameter(operation, properties->members[i].key))
            contract_problem(self, "%s: \"%s\" is a parameter and a member of the body",
                             operation->id, properties->members[i].key);
    for (unsigned i = 0; i < operation->request->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &operation->request->fields[i];

        if (field != operation->body_field && !find_parameter(operation, field->name) &&
            pl_node_get(properties, field->name) == NULL)
            contract_problem(self, "%s: nothing fills the field \"%s\" of %s", operation->id,
                             field->name, operation->request->name);
    }
}

void
contract_check_reply(struct contract *self, const struct operation *operation)
{
    const struct comparison with = { self, operation->id, true };
    const ProtobufCMessageDescriptor *reply = operation->reply;

    if (operation->reply_field)
        return;
    if (operation->reply_schema == NULL) {
        if (reply->n_fields)
            contract_problem(self, "%s: %s has fields, but no answer is described", operation->id,
                             reply->name);
        return;
    }
    if (operation->unwrap == NULL) {
        compare_object(&with, contract_resolve(self, operation->reply_schema), reply, "the answer",
                       0);
        return;
    }
    if (reply->n_fields != 1)
        contract_problem(self, "%s: %s has more fields than the one unwrapped", operation->id,
                         reply->name);
    compare_value(&with, operation->reply_schema, operation->unwrap, "the answer", false, 0);
}
