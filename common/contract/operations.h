/* operations -- an API description as a list of operations, the same for Swagger 2.0 and
 * OpenAPI 3.0 and 3.1: what is sent (parameters, body), what comes back, who may ask.
 *
 * Nothing is copied: spots point into the document.  Members whose node is NULL are not there.
 */
#ifndef CMP_OPERATIONS_H
#define CMP_OPERATIONS_H

#include "spot.h"

struct cmp_parameter {
    const char *name, *in; // path, query, header, cookie
    const char *key;       // what it is matched by: a path parameter by its position
    bool required, deprecated, explode, allow_reserved;
    bool is_content; // written as a media type, which `style` names
    const char *style;
    struct cmp_spot spot, schema;
};

struct cmp_media {
    const char *type; // lower case, without charset
    struct cmp_spot spot, schema;
    struct cmp_spot encoding; // of the parts of a form; no node: none
};

struct cmp_content {
    struct cmp_media *media;
    int count;
};

struct cmp_body {
    bool required;
    struct cmp_spot spot;
    struct cmp_content content;
};

struct cmp_header {
    const char *name; // lower case
    bool required;
    struct cmp_spot spot, schema;
};

struct cmp_response {
    const char *status; // "200", "2XX", "default"
    struct cmp_spot spot;
    struct cmp_content content;
    struct cmp_header *headers;
    int header_count;
    struct cmp_spot links;
};

/* One way to be let in: all of these credentials at once. */
struct cmp_credential {
    const char *scheme; // what it is, not what it is called
    const char *name;
    const char **scopes;
    int scope_count;
};
struct cmp_alternative {
    struct cmp_credential *all;
    int count;
};

/* An address, its variables replaced where they have a list of values. */
struct cmp_address {
    const char *text, *key; // as people read it; what it is compared by
    struct cmp_spot spot;
};
struct cmp_servers {
    struct cmp_spot spot, key; // the list, if it is there; what the list is known by
    struct cmp_address *all;
    int count;
    const char *base_path; // of all servers, "" for none; NULL: they differ
    struct cmp_servers *next;
};

struct cmp_operation {
    struct pl_operation_ref ref;
    const char *path;     // without the prefix that does not count
    const char *key;      // that with every parameter as {}
    const char *full_key; // the same behind the base path of the servers; NULL: they have many
    const char *what;     // operation, webhook, callback
    const struct pl_node *parent; // of a callback: the operation that asks for it
    bool deprecated, reversed;    // reversed: a webhook or callback, which the server calls
    struct cmp_spot spot, security, callbacks;
    const struct cmp_servers *servers; // its own, its path's, or the document's
    struct cmp_parameter *parameters;
    struct cmp_body *body; // NULL: none
    struct cmp_response *responses;
    struct cmp_alternative *alternatives; // empty: open to all
    int parameter_count, response_count, alternative_count;
};

/* The scheme that is named so, references followed. */
struct cmp_spot cmp_security_scheme(struct cmp_spot root, const char *name, struct pl_arena *arena);

struct cmp_model {
    const struct pl_document *document;
    struct cmp_operation *operations; // sorted by path, then method
    int count, room;
    struct cmp_spot root;
    struct cmp_servers *servers; // the document's, then all that differ
    const char *strip;           // what paths begin with and does not count
};

/* ${strip}: a prefix that paths lose before they are matched; NULL: none. */
struct cmp_model *cmp_model(const struct pl_document *document, const char *strip,
                            struct pl_arena *arena);

/* Read the document's servers; those that hold for an operation. */
void cmp_read_servers(struct cmp_model *model, struct pl_arena *arena);
const struct cmp_servers *cmp_servers_of(struct cmp_model *model, struct cmp_spot operation,
                                         struct cmp_spot path_item, struct pl_arena *arena);

/* The callbacks of ${parent} become operations, too. */
void cmp_add_callbacks(struct cmp_model *model, int parent, struct pl_arena *arena);

/* Add an operation object: ${method} in lower case, ${path} as people see it. */
void cmp_add_operations(struct cmp_model *model, struct cmp_spot item, const char *path,
                        const struct cmp_operation *like, struct pl_arena *arena);

/* Of one operation object, by family of the specification; ${path_item} has what all
 * operations of the path share. */
void cmp_read_openapi(struct cmp_operation *out, struct cmp_spot path_item, struct pl_arena *arena);
void cmp_read_swagger(struct cmp_operation *out, struct cmp_spot root, struct cmp_spot path_item,
                      struct pl_arena *arena);
void cmp_read_security(struct cmp_operation *out, struct cmp_spot root, struct pl_arena *arena);

/* Shared by both families. */
/* The path with every {parameter} as {}: their names are nobody's business. */
const char *cmp_path_key(const char *path, struct pl_arena *arena);
const char *cmp_media_type(const char *text, struct pl_arena *arena);
const char *cmp_lower(const char *text, struct pl_arena *arena);
struct cmp_spot cmp_parameter_at(struct cmp_operation *operation, struct cmp_spot path_item, int i,
                                 struct pl_arena *arena);
int cmp_parameter_total(const struct cmp_operation *operation, struct cmp_spot path_item);
void cmp_name_parameter(struct cmp_parameter *out, const struct cmp_operation *operation,
                        struct cmp_spot spot, struct pl_arena *arena);

#endif
