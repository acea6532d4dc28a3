/* contract -- api/openapi.yaml as the gateway's router and validator (DESIGN section 3).
 *
 * Compiled once at start into a route tree, one validator for each body and parameter, and the
 * protobuf messages that they become; read-only afterwards.  Whatever does not fit together is
 * a problem, all problems are listed, and one is enough to refuse the start.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include "cache_rule.h"

#include "pl_document.h"
#include "router.h"

#include <protobuf-c/protobuf-c.h>

enum parameter_place { IN_PATH, IN_QUERY, IN_HEADER };

struct parameter {
    const char *name;  // If-Match fills the field if_match
    const char *place; // what violations call it: query/limit
    enum parameter_place in;
    bool required;
    enum pl_node_kind kind; // how its text is read: PL_STRING, PL_NUMBER or PL_BOOL
    struct pl_schema *schema;
    const ProtobufCFieldDescriptor *field; // of the request message
};

enum body_kind {
    BODY_NONE,
    BODY_JSON, // parsed, checked, and spread over the request message
    BODY_RAW,  // passed on untouched as pl.HttpBody
};

struct operation {
    const char *id, *method, *path;
    const char *service; // "governance-engine"
    const char *call;    // "governance.GetApi"
    const char *scope;   // NULL: needs no token
    bool idempotent, heavy;
    int64_t timeout_ms, max_body;
    const struct cache_rule *cache; // NULL: answers are not kept

    struct parameter *parameters;
    int parameter_count;

    enum body_kind body;
    bool body_required;
    struct pl_schema *body_schema;              // of BODY_JSON
    const char **body_types;                    // media types accepted, ends with NULL
    const ProtobufCFieldDescriptor *body_field; // the pl.HttpBody of BODY_RAW

    const ProtobufCMessageDescriptor *request, *reply;
    int status;                                  // when the service names none
    const char **reply_types;                    // media types answered, ends with NULL
    struct pl_node *reply_schema;                // of a JSON answer; NULL if raw or empty
    const ProtobufCFieldDescriptor *reply_field; // the pl.HttpBody that is the answer, or
    const ProtobufCFieldDescriptor *unwrap;      // the field that is the whole answer, or NULL
};

struct contract {
    struct pl_arena *arena; // everything below lives here
    struct pl_document *document;
    struct router *router;
    struct operation *operations;
    int operation_count;
    const char **services; // other processes that operations belong to, ends with NULL
    struct pl_buf json;    // what /openapi.json answers
    char etag[40];
    const char **problems; // ends with NULL
    int problem_count;
};

/* Load and compile.  *out is made even on failure (INVALID), for its problems; the caller
 * frees it with contract_destroy(). */
int contract_load(struct contract **out, const char *file, const char *bytes, size_t length,
                  struct pl_err *err);

void contract_destroy(struct contract **self_p);

/* Add one problem; for the files that make up the compiler. */
void contract_problem(struct contract *self, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Follow `$ref`s; NULL if there is nothing at the end. */
struct pl_node *contract_resolve(const struct contract *self, struct pl_node *node);

/* Does this place of the contract say `x-json: raw`, before or behind its `$ref`? */
bool contract_is_raw(const struct contract *self, struct pl_node *schema);

#endif
