/* pl_caller -- one thread's door to the other processes: the asking side of a Call.
 *
 * One DEALER per service *instance*, and a second one for big bodies (RULINGS 40, DESIGN §4),
 * each with CURVE.  It picks the least loaded live instance, retries what is idempotent within
 * a budget, keeps a breaker per instance, and answers UNAVAILABLE or TIMEOUT itself when the
 * deadline passes.  A call with no live instance waits until its deadline (RULINGS 42).
 * Not thread-safe: every thread has its own.
 *
 * Peers come from PLUMB_PEER_<SERVICE>=tcp://host:port[,...] (service name in capitals, '-' as
 * '_'); every address that a name resolves to is an instance, looked up again every few seconds.
 */
#ifndef PL_CALLER_H
#define PL_CALLER_H

#include "pl_arena.h"
#include "pl_conf.h"
#include "pl_err.h"

#include "envelope.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_caller;

/* Make a door.  ${name} is this process's service name, for its CURVE key. */
int pl_caller_new(struct pl_caller **out, const char *name, struct pl_err *err);

/* Ends every call in flight with UNAVAILABLE (their done() runs).  Safe on NULL. */
void pl_caller_destroy(struct pl_caller **self_p);

/* One call to make.  Everything is copied or sent before pl_caller_start() returns, except
 * `body`, which must stay until done(). */
struct pl_outcall {
    const char *service;         // "governance-engine"
    const char *operation;       // "governance.GetApi"
    ProtobufCBinaryData message; // the request, packed, without the body's data
    ProtobufCBinaryData body;    // the HttpBody's data; empty for none
    const Pl__Principal *principal;
    const char *request_id, *idempotency_key, *client_address; // or NULL
    const char *traceparent, *tracestate; // NULL: what this thread works on (pl_trace.h)
    const char *client_agent;             // the User-Agent field, or NULL
    const char *instance;                 // address of one instance, NULL for any
    int64_t timeout_ms;
    bool idempotent; // may be retried on another instance
    bool heavy;      // goes over the bulk socket
};

/* What came back.  Valid only inside done(). */
struct pl_answer {
    enum pl_code code;
    const char *text;
    const Pl__Reply *reply; // NULL if this side failed the call
    ProtobufCBinaryData message;
    ProtobufCBinaryData body; // of the reply's HttpBody, if it followed as a frame
};

typedef void pl_done_fn(void *arg, const struct pl_answer *answer);

/* Start a call; done() runs exactly once, from pl_caller_run() or from here. */
void pl_caller_start(struct pl_caller *self, const struct pl_outcall *call, pl_done_fn *done,
                     void *arg);

/* The caller's client went away: done() will not run. */
void pl_caller_cancel(struct pl_caller *self, void *arg);

/* For an event loop: a descriptor that becomes readable when there may be something to do
 * (edge-triggered below: run until it says there is nothing), how long to wait at most, and the
 * function that drains sockets and timers. */
int pl_caller_fd(struct pl_caller *self);
int64_t pl_caller_timeout_ms(struct pl_caller *self);
void pl_caller_run(struct pl_caller *self);

/* For blocking code: ask and wait.  ${request} is packed by its own descriptor; *reply is
 * unpacked into the arena, its HttpBody field (if any) filled in.  ${principal} NULL means this
 * service itself. */
int pl_caller_ask(struct pl_caller *self, const char *service, const char *operation,
                  const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type,
                  void **reply, int64_t timeout_ms, struct pl_arena *arena, struct pl_err *err);

/* The same for a call with everything said: on whose behalf, in which trace, whether it may be
 * repeated.  `body` must be the HttpBody's data if that is large. */
int pl_caller_wait(struct pl_caller *self, const struct pl_outcall *call,
                   const ProtobufCMessageDescriptor *reply_type, void **reply,
                   struct pl_arena *arena, struct pl_err *err);

/* What callers read from the environment; pl_app reads it with the shared settings. */
extern const struct pl_setting pl_caller_settings[];

/* Every instance known of the services asked so far; returns how many: addresses into the arena, and whether each is live. */
struct pl_instance {
    const char *service, *address;
    bool live, breaker_open;
    int in_flight;
};
int pl_caller_instances(struct pl_caller *self, struct pl_arena *arena, struct pl_instance **out);

#endif
