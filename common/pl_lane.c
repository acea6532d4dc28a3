#include "pl_lane.h"

#include "pl_caller.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_pg.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
pl_jobs_init(struct pl_jobs *jobs)
{
    jobs->first = NULL;
    jobs->last = &jobs->first;
    jobs->count = 0;
}

void
pl_jobs_put(struct pl_jobs *jobs, struct pl_job *job)
{
    job->next = NULL;
    *jobs->last = job;
    jobs->last = &job->next;
    jobs->count++;
}

struct pl_job *
pl_jobs_take(struct pl_jobs *jobs)
{
    struct pl_job *job = jobs->first;

    if (job == NULL)
        return NULL;
    jobs->first = job->next;
    if (jobs->first == NULL)
        jobs->last = &jobs->first;
    jobs->count--;
    return job;
}

struct pl_job *
pl_job_new(void)
{
    struct pl_job *job = calloc(1, sizeof *job);

    if (job == NULL)
        abort();
    zmq_msg_init(&job->identity);
    zmq_msg_init(&job->envelope);
    zmq_msg_init(&job->body);
    return job;
}

void
pl_job_destroy(struct pl_job **job_p)
{
    struct pl_job *job = *job_p;

    if (job == NULL)
        return;
    zmq_msg_close(&job->identity);
    zmq_msg_close(&job->envelope);
    zmq_msg_close(&job->body);
    free(job);
    *job_p = NULL;
}

void
pl_outbox_put(struct pl_outbox *outbox, struct pl_job *job)
{
    uint64_t one = 1;
    bool was_empty;

    pthread_mutex_lock(&outbox->lock);
    was_empty = outbox->jobs.count == 0;
    pl_jobs_put(&outbox->jobs, job);
    pthread_mutex_unlock(&outbox->lock);
    /* An eventfd's counter cannot overflow here, and the front empties the whole box. */
    if (was_empty && write(outbox->signal, &one, sizeof one) < 0)
        abort();
}

// --- one worker --------------------------------------------------------------------------

static ProtobufCBinaryData
bytes_of(zmq_msg_t *frame)
{
    return (ProtobufCBinaryData){ zmq_msg_size(frame), zmq_msg_data(frame) };
}

ProtobufCBinaryData
pl_job_request(struct pl_job *job)
{
    return (ProtobufCBinaryData){ job->length, (uint8_t *)zmq_msg_data(&job->envelope) + job->at };
}

static void
replace(zmq_msg_t *frame, ProtobufCBinaryData bytes)
{
    zmq_msg_close(frame);
    if (zmq_msg_init_size(frame, bytes.len))
        abort();
    if (bytes.len)
        memcpy(zmq_msg_data(frame), bytes.data, bytes.len);
}

/* The frames are replaced only when the handler is done with them: the request's body was never
 * copied out of its frame. */
void
pl_job_run(struct pl_job *job, struct pl_worker *worker)
{
    struct pl_request_frames in = { .envelope = pl_job_request(job),
                                    .caller = job->caller,
                                    .arrived = job->arrived };
    struct pl_reply_frames out;

    if (job->has_body)
        in.body = bytes_of(&job->body);
    pl_dispatch(worker, &in, &out);
    replace(&job->envelope, out.envelope);
    job->has_body = out.body.data != NULL;
    replace(&job->body, out.body);
    pl_arena_reset(worker->arena);
}

static int
open_worker(struct pl_lane_worker *self)
{
    struct pl_worker *worker = &self->worker;
    const struct pl_service *service = self->lane->service;

    worker->service = service;
    worker->arena = pl_arena_new();
    if (pl_caller_new(&worker->peers, service->name, &self->err))
        return -1;
    /* A database that is away comes back; until then calls are answered with UNAVAILABLE. */
    if (service->schema && pl_pg_open(&worker->db, self->lane->dsn, &self->err)) {
        if (worker->db == NULL || self->err.code != PL_UNAVAILABLE)
            return -1;
        pl_warn("worker.without_database", PL_ERR(&self->err));
        self->err = (struct pl_err){ 0 };
    }
    if (service->open_worker && service->open_worker(&worker->self, &self->err))
        return -1;
    return 0;
}

static void
close_worker(struct pl_worker *worker)
{
    if (worker->service->close_worker)
        worker->service->close_worker(&worker->self);
    pl_pg_destroy(&worker->db);
    pl_caller_destroy(&worker->peers);
    pl_arena_destroy(&worker->arena);
}

static struct pl_job *
next_job(struct pl_lane *lane)
{
    struct pl_job *job = NULL;

    pthread_mutex_lock(&lane->lock);
    while (!lane->ending && (job = pl_jobs_take(&lane->waiting)) == NULL)
        pthread_cond_wait(&lane->changed, &lane->lock);
    if (job)
        lane->busy++;
    pthread_mutex_unlock(&lane->lock);
    return job;
}

static void *
work(void *argument)
{
    struct pl_lane_worker *self = argument;
    struct pl_lane *lane = self->lane;
    bool failed = open_worker(self) != 0;

    pthread_mutex_lock(&lane->lock);
    lane->opened++;
    pthread_cond_signal(&lane->ready);
    pthread_mutex_unlock(&lane->lock);
    for (struct pl_job *job; !failed && (job = next_job(lane));) {
        pl_job_run(job, &self->worker);
        /* Handed back before it counts as done: whoever sees nobody busy finds every reply. */
        pl_outbox_put(lane->done, job);
        lane->busy--;
    }
    close_worker(&self->worker);
    return NULL;
}

// --- the lane ----------------------------------------------------------------------------

/* Every thread reports, with success or not, before anybody goes on. */
static int
wait_until_open(struct pl_lane *lane, int started, struct pl_err *err)
{
    pthread_mutex_lock(&lane->lock);
    while (lane->opened < started)
        pthread_cond_wait(&lane->ready, &lane->lock);
    pthread_mutex_unlock(&lane->lock);
    for (int i = 0; i < started; i++)
        if (lane->workers[i].err.code != PL_OK) {
            *err = lane->workers[i].err;
            return -1;
        }
    return 0;
}

int
pl_lane_open(struct pl_lane *lane, const struct pl_service *service, const char *dsn, int count,
             int limit, struct pl_outbox *done, struct pl_err *err)
{
    int started = 0;

    lane->service = service;
    lane->dsn = dsn;
    lane->done = done;
    lane->limit = limit;
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->changed, NULL);
    pthread_cond_init(&lane->ready, NULL);
    pl_jobs_init(&lane->waiting);
    lane->count = count;
    lane->workers = calloc((size_t)count, sizeof *lane->workers);
    if (lane->workers == NULL)
        abort();
    for (; started < count; started++) {
        struct pl_lane_worker *worker = &lane->workers[started];

        worker->lane = lane;
        if (pthread_create(&worker->thread, NULL, work, worker)) {
            pl_fail(err, INTERNAL, "could not start a worker thread");
            break;
        }
        worker->started = true;
    }
    if (wait_until_open(lane, started, err))
        return -1;
    return started == count ? 0 : -1;
}

bool
pl_lane_put(struct pl_lane *lane, struct pl_job *job)
{
    bool room;

    if (lane->workers == NULL)
        return false;
    pthread_mutex_lock(&lane->lock);
    /* An idle worker takes it at once: only what has to wait counts against the limit. */
    room = lane->waiting.count < lane->limit + lane->count - lane->busy;
    if (room) {
        pl_jobs_put(&lane->waiting, job);
        pthread_cond_signal(&lane->changed);
    }
    pthread_mutex_unlock(&lane->lock);
    return room;
}

int
pl_lane_load(struct pl_lane *lane, int *waiting)
{
    int busy;

    *waiting = 0;
    if (lane->workers == NULL)
        return 0;
    pthread_mutex_lock(&lane->lock);
    *waiting = lane->waiting.count;
    busy = lane->busy;
    pthread_mutex_unlock(&lane->lock);
    return busy;
}

void
pl_lane_close(struct pl_lane *lane)
{
    struct pl_job *job;

    if (lane->workers == NULL)
        return;
    pthread_mutex_lock(&lane->lock);
    lane->ending = true;
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
    for (int i = 0; i < lane->count; i++)
        if (lane->workers[i].started)
            pthread_join(lane->workers[i].thread, NULL);
    while ((job = pl_jobs_take(&lane->waiting)))
        pl_job_destroy(&job);
    free(lane->workers);
    lane->workers = NULL;
    pthread_cond_destroy(&lane->ready);
    pthread_cond_destroy(&lane->changed);
    pthread_mutex_destroy(&lane->lock);
}
