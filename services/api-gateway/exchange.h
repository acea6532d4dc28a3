/* exchange -- one request and its answer, from the first byte of the header block to the last
 * byte sent.  It belongs to one reactor; whatever it takes comes from its arena.
 *
 *     HEAD   the header block is here: guard, path, route, limit, token
 *            (may wait for Redis, then for auth)
 *     ADMIT  the token is known: its limits, media types, announced length, room
 *            (may wait for Redis)
 *     BODY   the body is arriving, counted and bounded
 *     CALL   everything is here: check, transcode, ask the service    (waits for it)
 *     SENT   the answer is queued
 *
 * An answer set before the body's end waits for it, and the rest is thrown away; with "Expect:
 * 100-continue", or if too much is coming, it is sent at once and the connection closed.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "answer.h"
#include "guard.h"
#include "path.h"
#include "router.h"
#include "trace.h"
#include "upload.h"

#include "envelope.pb-c.h"

#include <stdint.h>

struct MHD_Connection;
struct cache_work;
struct limiter_work;
struct mount;
struct reactor;

enum step { STEP_HEAD, STEP_ADMIT, STEP_BODY, STEP_CALL, STEP_SENT };

struct exchange {
    struct reactor *reactor;
    struct MHD_Connection *connection;
    struct pl_arena *arena;
    enum step step;
    bool pending;   // something was asked that will end in exchange_done()
    bool suspended; // the connection sleeps meanwhile
    bool answered;  // `answer` is set
    int64_t started_us;

    const char *target; // as sent
    struct head head;
    long long body_length; // -1: in chunks
    char client[64];

    struct path path;
    const struct route *route;
    const struct operation *operation;
    const struct mount *mount;
    const struct upstream_route *upstream;
    struct path_values values;

    char request_id[REQUEST_ID_SIZE];
    char traceparent[TRACEPARENT_SIZE], trace_id[33];
    const char *tracestate;   // "" if there is none
    Pl__Principal *principal; // NULL: nobody in particular
    uint64_t token_epoch;     // of the cache, when the token was sent to auth

    struct limiter_work *limit; // of the limiter, NULL: no limit
    struct upload upload;
    const ProtobufCMessage *request; // what the service is asked
    struct cache_work *cache;        // NULL: not of the cache
    struct answer answer;
    void *work; // of a mount that asks more than one question
};

/* The life of one exchange, as the reactor drives it. */
void exchange_head(struct exchange *self);
void exchange_admit(struct exchange *self);
bool exchange_body(struct exchange *self, const char *bytes, size_t length); // false: hang up
void exchange_run(struct exchange *self);
void exchange_dispute(struct exchange *self); // its body is not what it seems: refuse it

/* The limiter has decided by the address: see who is asking, and go on. */
void exchange_limited(struct exchange *self);

/* One that nobody sent: a GET of that path, without limits or a token, answered or pending.  It is
 * for who made it to end when it is not pending any more, or with its reactor. */
struct exchange *exchange_unasked(struct reactor *reactor, const char *target);
void exchange_forget(struct exchange *self);

/* What was asked is answered: go on, waking the connection if it sleeps.  (http.c) */
void exchange_done(struct exchange *self);

/* The first value of a header field, in the arena; NULL if it is absent. */
const char *exchange_header(const struct exchange *self, const char *name);
size_t exchange_header_count(const struct exchange *self, const char *name);

/* Is it a GET or a HEAD? */
bool exchange_is_read(const struct exchange *self);

/* What the route is called in metrics and logs: the template, never what the client wrote. */
const char *exchange_route(const struct exchange *self);

#endif
