/* engine_test -- for tests of handlers: the whole service below the socket, bytes to bytes,
 * against a real database of its own.
 */
#ifndef ENGINE_TEST_H
#define ENGINE_TEST_H

#include "pl_buf.h"
#include "pl_dispatch.h"
#include "pl_metric.h"
#include "pl_pg.h"

#include "governance.pb-c.h"

/* One worker with its memory.  Replies stay until the worker is closed. */
struct engine {
    struct pl_worker worker;
    Pl__Principal principal;
    ProtobufCBinaryData frame; // the next request's second frame
};

/* Open a worker on this program's database, which is made on first use and dropped at exit.  */
void engine_open(struct engine *engine);
void engine_close(struct engine *engine);

struct answer {
    enum pl_code code;
    const char *text;
    const Pl__Reply *reply;
    const void *message; // of the operation's reply type, NULL on failure
};

/* Make a call. */
struct answer engine_ask(struct engine *engine, const char *operation,
                         const ProtobufCMessage *request, const char *idempotency_key);

/* Push ${document} (NULL: a placeholder) with sha ${sha} to ${branch} (NULL: the default). */
struct push_answer {
    enum pl_code code;
    const char *text;
    const Pl__Reply *reply;
    const Governance__Run *run;
};
struct push_answer engine_push(struct engine *engine, const char *api, const char *sha,
                               const char *branch, const char *document);

/* As engine_push() with a request of one's own; a large body travels as a second frame. */
struct push_answer engine_push_request(struct engine *engine,
                                       const Governance__CreateRunRequest *request,
                                       const char *idempotency_key);

/* An api with default settings. */
void engine_api(struct engine *engine, const char *api);

/* An OpenAPI document of that version; ${paths} are names such as "a b": GET /a, GET /b. */
char *engine_document(struct engine *engine, const char *version, const char *paths);

/* The one number or text that ${sql} selects, $1 being ${arg}. */
int64_t engine_count(struct engine *engine, const char *sql, const char *arg);
const char *engine_text(struct engine *engine, const char *sql, const char *arg);

/* Run statements as the schema's owner. */
void engine_owner(struct engine *engine, const char *script);

/* The types of the events about ${api} in their order, joined by spaces. */
const char *engine_events(struct engine *engine, const char *api);

/* The packed payload of the last event of ${type} about ${api}, unpacked. */
void *engine_event(struct engine *engine, const char *api, const char *type,
                   const ProtobufCMessageDescriptor *descriptor);

#endif
