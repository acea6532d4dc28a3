/* pl_server_impl -- what the parts of pl_server share, and nobody else: the front thread
 * (pl_server.c) and what it sends (_send). */
#ifndef PL_SERVER_IMPL_H
#define PL_SERVER_IMPL_H

#include "pl_batch.h"
#include "pl_callers.h"
#include "pl_lane.h"
#include "pl_server.h"

#include <czmq.h>

struct pl_server {
    struct pl_server_conf conf;
    zsock_t *router;
    void *handle; // of the router
    char address[128];
    struct pl_outbox done;
    struct pl_lane light, heavy;
    struct pl_arena *arena;  // of the front thread
    struct pl_worker worker; // the same, for calls that are answered at once
    int stop;                // eventfd
    pthread_t thread;
    struct pl_callers callers;
    struct pl_batch out; // replies of this turn, all to one caller
    zmq_msg_t out_to;
    int64_t draining_since, last_traffic;
};

/* Send a job's reply: alone, or in this turn's pl_server_flush() with others to the same caller. */
void pl_server_send(struct pl_server *self, struct pl_job *job);

/* Send what the workers have done. */
void pl_server_send_done(struct pl_server *self);

/* Send the replies that have come together; false if there were none. */
bool pl_server_flush(struct pl_server *self);

/* Send a packed pl.Reply at once; ${identity} is consumed, the front thread's arena reset. */
void pl_server_send_bytes(struct pl_server *self, zmq_msg_t *identity, ProtobufCBinaryData bytes);

/* Answer a call that no handler saw. */
void pl_server_refuse(struct pl_server *self, struct pl_job *job, enum pl_code code,
                      const char *reason, const char *text);

/* "Ask somebody else": about no request at all, so that those under way are still answered. */
void pl_server_say_goodbye(struct pl_server *self, zmq_msg_t *identity);

#endif
