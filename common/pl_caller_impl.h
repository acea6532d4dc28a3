/* pl_caller_impl -- what the parts of pl_caller share, and nobody else: the door itself
 * (pl_caller.c), a call's life (_call), instances and their two sockets (_link), what goes over
 * them (_io), which instance a call goes to (_pick), the clock (_due), and asking and waiting
 * (_ask). */
#ifndef PL_CALLER_IMPL_H
#define PL_CALLER_IMPL_H

#include "pl_batch.h"
#include "pl_caller.h"

#include <czmq.h>

struct instance;

/* One DEALER of one instance; the bulk one is made when first needed. */
struct link {
    struct pl_caller *caller;
    struct instance *instance;
    bool bulk;
    zsock_t *socket, *monitor;
    void *handle; // of the socket
    bool live;    // handshake done
    bool refused; // the handshake failed: a key is wrong or was changed
    bool batches; // its service takes requests that share a frame
    struct pl_batch out;
    uint64_t out_ids[PL_BATCH_MOST]; // of the calls in it
    bool dirty;                      // look at it again although its descriptor may stay silent
    struct link *dirty_next;
};

/* One address of one service. */
struct instance {
    struct peer *peer;
    struct instance *next;
    char *address;
    struct link normal, bulk;
    int in_flight;
    bool draining; // it said it is going away
    bool doomed;   // no longer among the service's addresses
    int failures;  // calls without any sign of life, in a row
    int opened;    // how often in a row the breaker opened
    int64_t open_until, heard_at;
    int64_t served_at; // a handler answered, or the first of the calls under way was sent
    bool hung;         // the breaker opened although the process answers: its handlers do not
    bool probing;      // one call tries whether it is back
};

/* One service. */
struct peer {
    struct peer *next;
    char *name;
    struct instance *instances;
    uint64_t generation; // of pl_peers, when the instances were compared last
    double retries;      // that may still be spent
    unsigned turn;       // of equally loaded instances
    bool said_down;
};

enum outgoing_state { WAITING, PAUSED, SENT };

/* One call of ours, from pl_caller_start() to done(). */
struct outgoing {
    struct outgoing *next, **prev; // of all
    struct outgoing *same_bucket;
    uint64_t id;
    enum outgoing_state state;
    struct peer *peer;
    struct instance *instance, *last; // where it is; where it failed before
    struct link *link;
    uint8_t *envelope; // packed, without id and remaining_ms
    size_t length;
    ProtobufCBinaryData body;
    char *only; // the one instance it is for, or NULL
    bool repeatable, bulk, probe;
    bool builtin; // "pl.…": the front thread answers, whatever its handlers do
    int tries;
    int64_t deadline, sent_at, due; // due: when the clock has to look at it
    size_t heap_at;                 // 1-based; 0: not in the heap
    pl_done_fn *done;
    void *arg;
};

/* An instance whose handlers answer nothing for so long although they have something to do is
 * asked only when no other is left. */
#define PL_HUNG_MS 1000

#define PL_CALLER_BUCKETS 1024

struct pl_caller {
    char *name, *subject;
    int epoll, wake;
    struct peer *peers;
    struct outgoing *all;
    struct outgoing *buckets[PL_CALLER_BUCKETS];
    struct outgoing **heap; // 1-based, earliest first
    size_t heap_count, heap_room;
    uint64_t last_id;
    int64_t bulk_bytes, refreshed_at;
    int waiting;
    int64_t waiting_most;
    struct link *dirty; // oldest first
    struct pl_arena *spare;
    bool running, destroying;
    bool woken; // wake was written to and not read yet
};

/* ---- links ---- */

/* Bring the peer's instances in line with pl_peers; with ${reopen}, also try those again that
 * could not be opened or were refused. */
void pl_links_refresh(struct pl_caller *self, struct peer *peer, bool reopen);

/* Make the link's sockets if there are none yet. */
int pl_link_open(struct link *link, struct pl_err *err);

/* Send one attempt, or put it to others that are sent when the link is looked at; false if it
 * cannot be sent just now. */
bool pl_link_send(struct link *link, struct outgoing *call, int64_t now);

/* Send what has come together; or, of a connection that is gone, give it back. */
void pl_link_flush(struct link *link);
void pl_link_give_back(struct link *link);

/* Read what the link has, events first. */
void pl_link_read(struct link *link);

/* Look at the link in the next round whatever its descriptor says; or no longer. */
void pl_link_mark(struct link *link);
void pl_link_unmark(struct link *link);

/* Close what is doomed and idle; with ${all}, everything. */
void pl_links_bury(struct pl_caller *self, bool all);

/* ---- which instance ---- */

bool pl_instance_usable(const struct instance *instance);
bool pl_instance_hung(const struct instance *instance, int64_t now);

/* The least loaded usable instance for this call whose breaker allows it.  NULL if there is
 * none; *blocked then says that only breakers stand in the way. */
struct instance *pl_pick(struct outgoing *call, int64_t now, bool *blocked);
void pl_breaker_good(struct instance *instance);
void pl_breaker_bad(struct instance *instance, int64_t now);
bool pl_breaker_open(const struct instance *instance, int64_t now);

/* ---- calls ---- */

/* Put a new call on all lists; send it somewhere or let it wait; send what has paused long
 * enough and end what is due; end it with a failure of this side; end it without a word. */
void pl_out_add(struct pl_caller *self, struct outgoing *call);
void pl_out_attempt(struct pl_caller *self, struct outgoing *call);
void pl_out_run_due(struct pl_caller *self);
void pl_out_fail(struct pl_caller *self, struct outgoing *call, enum pl_code code, const char *fmt,
                 ...) __attribute__((format(printf, 4, 5)));
void pl_out_drop(struct pl_caller *self, struct outgoing *call);

/* What a link found out: a reply came, the connection went or came, the instance is leaving. */
void pl_calls_reply(struct link *link, const Pl__Reply *reply, ProtobufCBinaryData body);
void pl_calls_lost(struct link *link);
void pl_calls_unsent(struct link *link, uint64_t id);
void pl_calls_flush(struct pl_caller *self, struct peer *peer);

/* ---- the heap of due times ---- */

void pl_due_set(struct pl_caller *self, struct outgoing *call, int64_t due);
void pl_due_remove(struct pl_caller *self, struct outgoing *call);
struct outgoing *pl_due_first(struct pl_caller *self);

#endif
