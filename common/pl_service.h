/* pl_service -- what a service is: tables of what it reads, answers, hears and does on time.
 *
 * Each worker thread owns its state (database connection, door to other services), runs one
 * call at a time and shares nothing; so handlers are plain blocking functions of one parameter
 * and there are no locks.  main.c fills in a `struct pl_service` and calls pl_app_main().
 */
#ifndef PL_SERVICE_H
#define PL_SERVICE_H

#include "pl_arena.h"
#include "pl_conf.h"
#include "pl_embed.h"
#include "pl_err.h"

#include "envelope.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_pg;
struct pl_caller;

/* ---- Calls ------------------------------------------------------------------------------ */

/* How a handler stands to the database. */
enum pl_call_kind {
    PL_READ,   // no transaction around it
    PL_WRITE,  // the dispatcher opens one before it, honours the Idempotency-Key, commits after
    PL_OWN_TX, // the handler says when, with pl_call_begin(); the dispatcher commits after
};

/* What a handler says about the HTTP answer beyond its body (pl.HttpMeta). */
struct pl_http {
    int status; // 0: 200
    const char *etag, *location, *last_modified, *cache_control;
    bool cross_origin;
    char **headers;      // further fields: name, value, name, value
    size_t header_count; // of texts
};

/* Everything a handler needs to know about the call it serves. */
struct pl_call {
    void *self;                     // the worker's state, made by service.open_worker
    struct pl_pg *db;               // NULL in a service without a schema
    struct pl_caller *peers;        // to ask other services
    struct pl_arena *arena;         // freed once the reply is sent
    const void *request;            // unpacked; lives as long as the call
    void *reply;                    // initialised; fill it in
    const Pl__Principal *principal; // never NULL
    const char *request_id, *traceparent, *tracestate, *idempotency_key,
        *client_address;      // "" if unknown
    const char *client_agent; // the User-Agent field; only auth is told
    const char *caller;       // the service at the other end, proven by its key; "" in plain text
    int64_t deadline;         // pl_now_ms() at which nobody waits any longer
    struct pl_http http;
    struct pl_err err;           // set through pl_fail(&call->err, ...)
    struct pl_call_state *state; // the dispatcher's own
};

typedef int(pl_handler_fn)(struct pl_call *call);

struct pl_endpoint {
    const char *operation; // "governance.GetApi"
    enum pl_call_kind kind;
    bool heavy;  // has its own few workers, so that light calls go on meanwhile
    bool secret; // answers a secret: a replayed Idempotency-Key is refused with 409
    pl_handler_fn *handler;
    const ProtobufCMessageDescriptor *request, *reply;
    const char *doc;
    bool at_once; // answered by the front thread: no database, no peers, no state, never waits
};

// clang-format off
/* PL_CALL("governance.GetApi", PL_READ, get_api, governance__get_api, "one api"),
 * PL_CALL_HEAVY for what takes long or carries documents, PL_CALL_SECRET for secrets,
 * PL_CALL_AT_ONCE for what is known from memory: it spares the way to a worker and back. */
#define PL_CALL_(operation, kind, heavy, secret, handler, stem, doc, at_once) \
    { operation, kind, heavy, secret, handler, &stem##_request__descriptor, \
      &stem##_reply__descriptor, doc, at_once }
#define PL_CALL(operation, kind, handler, stem, doc) \
    PL_CALL_(operation, kind, false, false, handler, stem, doc, false)
#define PL_CALL_HEAVY(operation, kind, handler, stem, doc) \
    PL_CALL_(operation, kind, true, false, handler, stem, doc, false)
#define PL_CALL_SECRET(operation, handler, stem, doc) \
    PL_CALL_(operation, PL_WRITE, false, true, handler, stem, doc, false)
#define PL_CALL_AT_ONCE(operation, handler, stem, doc) \
    PL_CALL_(operation, PL_READ, false, false, handler, stem, doc, true)
// clang-format on

/* In a PL_OWN_TX handler: open the transaction and claim the Idempotency-Key.  *replayed is set
 * when the same request was answered before: return 0 at once, the old answer is sent. */
int pl_call_begin(struct pl_call *call, bool *replayed);

/* Add one broken expectation to the answer (it still has to fail). */
void pl_call_violation(struct pl_call *call, const char *pointer, int line, int column,
                       const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* One more field of the HTTP answer.  Left out: NULL, "", and what no field can carry (a version is
 * whatever a document says it is). */
void pl_call_header(struct pl_call *call, const char *name, const char *value);

/* Has the principal that scope, and may it see that api?  The gateway has checked both where
 * the path names the api; lists filter by the second. */
bool pl_call_may(const struct pl_call *call, const char *scope);
bool pl_call_may_see(const struct pl_call *call, const char *api);

/* ---- Events ----------------------------------------------------------------------------- */

struct pl_event {
    const char *id, *type, *source, *aggregate_type, *aggregate_id, *time, *traceparent,
        *tracestate;
    int64_t position;
};

/* One event that arrived.  The handler's effect and the cursor's move are one transaction, which
 * is open already; failing rolls it back and tries again, after N tries the event is dead. */
struct pl_heard {
    void *self;
    struct pl_pg *db;
    struct pl_arena *arena;
    const struct pl_event *event;
    const void *message; // unpacked
    struct pl_err err;   // UNAVAILABLE: never counted as a try
};

typedef int(pl_listener_fn)(struct pl_heard *heard);

struct pl_listener {
    const char *source; // service that emits it
    const char *type;
    pl_listener_fn *handler;
    const ProtobufCMessageDescriptor *message;
    const char *doc;
};

/* PL_ON("governance-engine", "governance.notice", queue_notice, events__notice, "...") */
#define PL_ON(source, type, handler, stem, doc)         \
    {                                                   \
        source, type, handler, &stem##__descriptor, doc \
    }

/* Emit an event, inside the transaction that makes it true; ${payload} is a message of
 * events.proto, at most 64 KiB packed (RULINGS 34, 38: lock the aggregate's row before). */
int pl_outbox_add(struct pl_pg *db, const char *aggregate_type, const char *aggregate_id,
                  const char *type, const ProtobufCMessage *payload, struct pl_err *err);

/* ---- Timers ----------------------------------------------------------------------------- */

/* Work that is due now and then; runs in a thread of its own with its own worker state, one
 * function at a time, in every replica (so it claims its work with SKIP LOCKED). */
struct pl_tick {
    void *self;
    struct pl_pg *db;
    struct pl_caller *peers;
    struct pl_arena *arena;
    bool again; // set it: there is more, run me again at once
    struct pl_err err;
};

typedef int(pl_timer_fn)(struct pl_tick *tick);

struct pl_timer {
    int64_t every_ms;
    pl_timer_fn *handler;
    const char *doc;
    int threads; // 0 means 1
};

/* Run the timers as soon as the transaction of this listener or handler is over: it has made
 * work for them.  Anywhere else: now.  Thread-safe. */
void pl_timers_wake(void);

/* ---- The service ------------------------------------------------------------------------ */

struct pl_service {
    const char *name;                  // "governance-engine"
    const char *schema;                // "governance"; NULL: keeps nothing
    const struct pl_setting *settings; // each table ends with a zero row
    const struct pl_endpoint *endpoints;
    const struct pl_listener *listeners;  // or NULL
    const struct pl_timer *timers;        // or NULL
    const struct pl_embedded *migrations; // after the common ones; or NULL
    int (*start)(struct pl_err *err);     // once, after the settings are read; or NULL
    void (*stop)(void);                   // once, after the last worker and timer; or NULL
    int (*open_worker)(void **self_out, struct pl_err *err); // once per thread; or NULL
    void (*close_worker)(void **self_p);                     // safe on NULL
};

/* Read settings, open the log, handle `--settings`, `--endpoints`, `--migrate`, `--version`;
 * migrate, serve until SIGTERM, drain, and return the exit status: 0 asked to stop, 1 failed,
 * 2 misconfigured. */
int pl_app_main(const struct pl_service *service, int argc, char *argv[]);

/* Monotonic milliseconds. */
int64_t pl_now_ms(void);

/* The settings every process shares, after pl_app_main() has read them. */
extern const char *pl_environment; // ENVIRONMENT: "development", "production", ...

/* Whether unsafe settings have to be refused; "Production" means it too. */
bool pl_is_production(void);

#endif
