/* What a server sends. */
#include "pl_server_impl.h"

#include "pl_metric.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

PL_COUNTER(refused, "plumb_calls_refused_total", "calls refused before any handler", "reason");
PL_COUNTER(dropped, "plumb_replies_dropped_total", "replies whose caller was gone", "");

/* Send [identity][envelope][body?]; the frames are consumed.  A caller that is gone, or that
 * does not read, loses its replies, ${count} of them; nobody waits for it. */
static void
send_frames(struct pl_server *self, zmq_msg_t *identity, zmq_msg_t *envelope, zmq_msg_t *body,
            int count)
{
    bool lost = zmq_msg_send(identity, self->handle, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
                zmq_msg_send(envelope, self->handle, ZMQ_DONTWAIT | (body ? ZMQ_SNDMORE : 0)) < 0 ||
                (body && zmq_msg_send(body, self->handle, ZMQ_DONTWAIT) < 0);

    for (int i = 0; lost && i < count; i++)
        pl_inc(&dropped);
}

bool
pl_server_flush(struct pl_server *self)
{
    ProtobufCBinaryData bytes = pl_batch_frame(&self->out);
    zmq_msg_t frame;

    if (self->out.count == 0)
        return false;
    if (zmq_msg_init_size(&frame, bytes.len))
        abort();
    memcpy(zmq_msg_data(&frame), bytes.data, bytes.len);
    send_frames(self, &self->out_to, &frame, NULL, self->out.count);
    zmq_msg_close(&frame);
    pl_batch_clear(&self->out);
    return true;
}

static bool
same(zmq_msg_t *a, zmq_msg_t *b)
{
    return zmq_msg_size(a) == zmq_msg_size(b) &&
           memcmp(zmq_msg_data(a), zmq_msg_data(b), zmq_msg_size(a)) == 0;
}

void
pl_server_send(struct pl_server *self, struct pl_job *job)
{
    size_t length = zmq_msg_size(&job->envelope);
    bool fits = job->batches && !job->has_body && length > 0;

    self->last_traffic = pl_now_ms();
    if (self->out.count &&
        (!fits || !pl_batch_fits(&self->out, length) || !same(&self->out_to, &job->identity)))
        pl_server_flush(self);
    if (!fits || !pl_batch_fits(&self->out, length)) {
        send_frames(self, &job->identity, &job->envelope, job->has_body ? &job->body : NULL, 1);
        return;
    }
    if (self->out.count == 0)
        zmq_msg_move(&self->out_to, &job->identity);
    memcpy(pl_batch_add(&self->out, length), zmq_msg_data(&job->envelope), length);
}

void
pl_server_send_bytes(struct pl_server *self, zmq_msg_t *identity, ProtobufCBinaryData bytes)
{
    zmq_msg_t envelope;

    if (zmq_msg_init_size(&envelope, bytes.len))
        abort();
    memcpy(zmq_msg_data(&envelope), bytes.data, bytes.len);
    send_frames(self, identity, &envelope, NULL, 1);
    zmq_msg_close(&envelope);
    pl_arena_reset(self->arena);
}

void
pl_server_refuse(struct pl_server *self, struct pl_job *job, enum pl_code code, const char *reason,
                 const char *text)
{
    pl_inc(&refused, reason);
    pl_server_send_bytes(self, &job->identity,
                         pl_dispatch_refusal(job->id, code, text, true, self->arena));
}

void
pl_server_say_goodbye(struct pl_server *self, zmq_msg_t *identity)
{
    pl_server_send_bytes(
        self, identity,
        pl_dispatch_refusal(0, PL_UNAVAILABLE, "the service is stopping", true, self->arena));
}

void
pl_server_send_done(struct pl_server *self)
{
    struct pl_jobs jobs;
    struct pl_job *job;
    uint64_t count;

    if (read(self->done.signal, &count, sizeof count) < 0 && errno != EAGAIN)
        abort();
    pthread_mutex_lock(&self->done.lock);
    jobs = self->done.jobs;
    if (jobs.first == NULL)
        jobs.last = &jobs.first;
    pl_jobs_init(&self->done.jobs);
    pthread_mutex_unlock(&self->done.lock);
    while ((job = pl_jobs_take(&jobs))) {
        pl_server_send(self, job);
        pl_job_destroy(&job);
    }
}
