/* pl_lane -- a bounded queue of calls and the threads that take from it. */
#ifndef PL_LANE_H
#define PL_LANE_H

#include "pl_dispatch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <zmq.h>

/* One call on its way through the process: in from the front, out with the reply in the same
 * two frames. */
struct pl_job {
    struct pl_job *next;
    zmq_msg_t identity; // of the ROUTER
    zmq_msg_t envelope, body;
    bool has_body;
    bool batches;      // its caller takes replies that share a frame
    size_t at, length; // where its request lies in the envelope's frame
    char caller[64];
    uint64_t id;
    int64_t arrived, deadline;
};

/* Jobs in the order of their arrival. */
struct pl_jobs {
    struct pl_job *first, **last;
    int count;
};
void pl_jobs_init(struct pl_jobs *jobs);
void pl_jobs_put(struct pl_jobs *jobs, struct pl_job *job);
struct pl_job *pl_jobs_take(struct pl_jobs *jobs);
struct pl_job *pl_job_new(void);
void pl_job_destroy(struct pl_job **job_p);

/* What the job asks for, packed. */
ProtobufCBinaryData pl_job_request(struct pl_job *job);

/* Turn the job's request into its reply, in the worker's thread. */
void pl_job_run(struct pl_job *job, struct pl_worker *worker);

/* Where workers put what is done; the front waits for `signal` (an eventfd). */
struct pl_outbox {
    pthread_mutex_t lock;
    struct pl_jobs jobs;
    int signal;
};
void pl_outbox_put(struct pl_outbox *outbox, struct pl_job *job);

struct pl_lane_worker {
    struct pl_lane *lane;
    struct pl_worker worker;
    pthread_t thread;
    bool started;
    struct pl_err err; // why it could not start
};

struct pl_lane {
    const struct pl_service *service;
    const char *dsn;
    struct pl_outbox *done;
    int limit; // of waiting calls
    pthread_mutex_t lock;
    pthread_cond_t changed; // for the workers: a job, or the end
    pthread_cond_t ready;   // for the starter: one more worker is up, or failed
    struct pl_jobs waiting;
    bool ending;
    int opened; // workers that are up or have failed
    atomic_int busy;
    int count;
    struct pl_lane_worker *workers;
};

/* Start ${count} threads and wait until each has its connection and its state. */
int pl_lane_open(struct pl_lane *lane, const struct pl_service *service, const char *dsn, int count,
                 int limit, struct pl_outbox *done, struct pl_err *err);

/* Hand in a job; false if the queue is full (the job stays the caller's). */
bool pl_lane_put(struct pl_lane *lane, struct pl_job *job);

/* Jobs waiting and running at present. */
int pl_lane_load(struct pl_lane *lane, int *waiting);

/* End the threads after what they run.  What waits is thrown away.  Harmless if not open. */
void pl_lane_close(struct pl_lane *lane);

#endif
