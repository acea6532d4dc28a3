#include "pl_server.h"

#include "pl_builtin.h"
#include "pl_callers.h"
#include "pl_curve.h"
#include "pl_health.h"
#include "pl_lane.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define HWM        4000 // messages to one caller that does not read
#define AT_ONCE    200  // requests taken in before replies get their turn
#define GRACE_MS   300  // for requests that were on their way when we said so
#define SETTLE_MS  150  // for callers to take their last reply
#define LINGER_MS  2000
#define DRAIN_POLL 20

PL_COUNTER(refused, "plumb_calls_refused_total", "calls refused before any handler", "reason");
PL_COUNTER(dropped, "plumb_replies_dropped_total", "replies whose caller was gone", "");

struct pl_server {
    struct pl_server_conf conf;
    zsock_t *router;
    void *handle; // of the router
    char address[128];
    struct pl_outbox done;
    struct pl_lane light, heavy;
    struct pl_arena *arena; // of the front thread
    int stop;               // eventfd
    pthread_t thread;
    struct pl_callers callers;
    int64_t draining_since, last_traffic;
};

// --- out ---------------------------------------------------------------------------------

/* Send [identity][envelope][body?]; the frames are consumed.  A caller that is gone, or that
 * does not read, loses its reply; nobody waits for it. */
static void
send_frames(struct pl_server *self, zmq_msg_t *identity, zmq_msg_t *envelope, zmq_msg_t *body)
{
    bool lost = zmq_msg_send(identity, self->handle, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
                zmq_msg_send(envelope, self->handle, ZMQ_DONTWAIT | (body ? ZMQ_SNDMORE : 0)) < 0 ||
                (body && zmq_msg_send(body, self->handle, ZMQ_DONTWAIT) < 0);

    if (lost)
        pl_inc(&dropped);
}

static void
send_bytes(struct pl_server *self, zmq_msg_t *identity, ProtobufCBinaryData bytes)
{
    zmq_msg_t envelope;

    if (zmq_msg_init_size(&envelope, bytes.len))
        abort();
    memcpy(zmq_msg_data(&envelope), bytes.data, bytes.len);
    send_frames(self, identity, &envelope, NULL);
    zmq_msg_close(&envelope);
    pl_arena_reset(self->arena);
}

static void
refuse(struct pl_server *self, struct pl_job *job, enum pl_code code, const char *reason,
       const char *text)
{
    pl_inc(&refused, reason);
    send_bytes(self, &job->identity, pl_dispatch_refusal(job->id, code, text, true, self->arena));
}

/* "Ask somebody else": about no request at all, so that those under way are still answered. */
static void
say_goodbye(struct pl_server *self, zmq_msg_t *identity)
{
    send_bytes(
        self, identity,
        pl_dispatch_refusal(0, PL_UNAVAILABLE, "the service is stopping", true, self->arena));
}

static void
send_done(struct pl_server *self)
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
        send_frames(self, &job->identity, &job->envelope, job->has_body ? &job->body : NULL);
        pl_job_destroy(&job);
        self->last_traffic = pl_now_ms();
    }
}

// --- in ----------------------------------------------------------------------------------

/* Receive one whole message; NULL when there is none.  Frames that nobody expects are read and
 * dropped, so that the next message starts at its beginning. */
static struct pl_job *
receive(struct pl_server *self)
{
    struct pl_job *job = pl_job_new();
    zmq_msg_t *frames[] = { &job->identity, &job->envelope, &job->body };
    zmq_msg_t extra;
    int count = 0, more = 1;

    zmq_msg_init(&extra);
    for (; more; count++) {
        zmq_msg_t *frame = count < 3 ? frames[count] : &extra;

        if (zmq_msg_recv(frame, self->handle, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&extra);
            pl_job_destroy(&job);
            return NULL;
        }
        more = zmq_msg_more(frame);
    }
    zmq_msg_close(&extra);
    job->has_body = count == 3;
    job->arrived = pl_now_ms();
    return job;
}

static int
report_load(struct pl_server *self)
{
    int waiting, heavy_waiting;
    int busy = pl_lane_load(&self->light, &waiting) + pl_lane_load(&self->heavy, &heavy_waiting);

    pl_health_load(self->light.count + self->heavy.count, busy, waiting + heavy_waiting);
    return busy + waiting + heavy_waiting;
}

static void
note_caller(struct pl_job *job)
{
    const char *user = zmq_msg_gets(&job->envelope, "User-Id");

    if (user)
        snprintf(job->caller, sizeof job->caller, "%s", user);
}

/* Give the job to its lane, or answer it here. */
static void
route(struct pl_server *self, struct pl_job **job_p)
{
    struct pl_job *job = *job_p;
    const struct pl_endpoint *endpoint;
    struct pl_peek peek;

    if (!pl_peek(zmq_msg_data(&job->envelope), zmq_msg_size(&job->envelope), &peek) ||
        peek.operation == NULL) {
        refuse(self, job, PL_MALFORMED, "malformed", "the call cannot be read");
        return;
    }
    job->id = peek.id;
    note_caller(job);
    if (pl_builtin_knows(peek.operation, peek.operation_length)) {
        ProtobufCBinaryData request = { zmq_msg_size(&job->envelope),
                                        zmq_msg_data(&job->envelope) };

        report_load(self);
        send_bytes(self, &job->identity, pl_builtin_answer(request, self->arena));
        return;
    }
    if (self->draining_since) {
        zmq_msg_t identity;

        zmq_msg_init(&identity);
        zmq_msg_copy(&identity, &job->identity);
        say_goodbye(self, &identity);
        zmq_msg_close(&identity);
        refuse(self, job, PL_UNAVAILABLE, "stopping", "the service is stopping");
        return;
    }
    endpoint = pl_dispatch_find(self->conf.service, peek.operation, peek.operation_length);
    if (pl_lane_put(endpoint && endpoint->heavy ? &self->heavy : &self->light, job))
        *job_p = NULL; // the lane's now
    else
        refuse(self, job, PL_UNAVAILABLE, "queue full", "the service has too much to do just now");
}

static void
receive_some(struct pl_server *self)
{
    for (int i = 0; i < AT_ONCE; i++) {
        struct pl_job *job = receive(self);

        if (job == NULL)
            return;
        self->last_traffic = job->arrived;
        pl_callers_add(&self->callers, &job->identity);
        route(self, &job);
        pl_job_destroy(&job);
    }
}

// --- the front thread --------------------------------------------------------------------

/* Nobody is cut off: libzmq would close every connection together with the listening socket, so
 * the door stays open, and whoever comes through it is sent away. */
static void
begin_draining(struct pl_server *self)
{
    zmq_msg_t identity;
    int at = 0;

    self->draining_since = pl_now_ms();
    pl_health_ready(false);
    pl_info("server.draining", PL_I("callers", self->callers.count));
    while (pl_callers_next(&self->callers, &at, &identity)) {
        say_goodbye(self, &identity);
        zmq_msg_close(&identity);
    }
}

/* Nothing waits, runs or is to be sent.  Workers hand back first, then count as idle. */
static bool
idle(struct pl_server *self)
{
    bool idle = report_load(self) == 0;

    pthread_mutex_lock(&self->done.lock);
    idle = idle && self->done.jobs.count == 0;
    pthread_mutex_unlock(&self->done.lock);
    return idle;
}

/* Everything is answered, nothing came for a while although we have said goodbye, and the last
 * reply had time to be read: what a socket with ZMQ_IMMEDIATE has not read when its connection
 * ends, libzmq forgets. */
static bool
drained(struct pl_server *self)
{
    int64_t now = pl_now_ms();
    int64_t limit = self->conf.drain_ms ? self->conf.drain_ms : 10000;
    bool quiet;

    if (!self->draining_since)
        return false;
    quiet =
        idle(self) && now - self->draining_since > GRACE_MS && now - self->last_traffic > SETTLE_MS;
    if (quiet || now - self->draining_since <= limit)
        return quiet;
    pl_warn("server.drain_cut_short", PL_I("ms", limit));
    return true;
}

static void *
front(void *argument)
{
    struct pl_server *self = argument;

    report_load(self);
    do {
        bool draining = self->draining_since != 0;
        zmq_pollitem_t items[] = { { self->handle, 0, ZMQ_POLLIN, 0 },
                                   { NULL, self->done.signal, ZMQ_POLLIN, 0 },
                                   { NULL, self->stop, ZMQ_POLLIN, 0 } };

        if (zmq_poll(items, draining ? 2 : 3, draining ? DRAIN_POLL : 1000) < 0 && errno != EINTR)
            break;
        send_done(self);
        receive_some(self);
        report_load(self);
        if (items[2].revents && !draining)
            begin_draining(self);
    } while (!drained(self));
    send_done(self);
    return NULL;
}

// --- start and stop ----------------------------------------------------------------------

int
pl_server_connections(const struct pl_service *service, int workers, int heavy)
{
    if (service->schema == NULL)
        return 0;
    return workers + (pl_dispatch_has_heavy(service) ? heavy : 0);
}

static int
open_lanes(struct pl_server *self, struct pl_err *err)
{
    const struct pl_server_conf *conf = &self->conf;
    int workers = conf->workers ? conf->workers : 4, heavy = conf->heavy ? conf->heavy : 1;

    if (pl_lane_open(&self->light, conf->service, conf->dsn, workers,
                     conf->queue ? conf->queue : 256, &self->done, err))
        return -1;
    if (!pl_dispatch_has_heavy(conf->service))
        return 0;
    return pl_lane_open(&self->heavy, conf->service, conf->dsn, heavy,
                        conf->heavy_queue ? conf->heavy_queue : 16, &self->done, err);
}

static int
open_door(struct pl_server *self, struct pl_err *err)
{
    self->router = zsock_new(ZMQ_ROUTER);
    if (self->router == NULL)
        return pl_fail(err, INTERNAL, "could not make a socket");
    self->handle = zsock_resolve(self->router);
    pl_curve_tune(self->router, HWM, (int64_t)PL_BODY_MOST);
    zsock_set_linger(self->router, LINGER_MS);
    zsock_set_router_mandatory(self->router, 1);
    zsock_set_router_handover(self->router, 1);
    if (strchr(self->conf.bind, '['))
        zsock_set_ipv6(self->router, 1);
    if (pl_curve_server(self->router, err))
        return -1;
    if (zsock_bind(self->router, "%s", self->conf.bind) < 0)
        return pl_fail(err, INVALID, "could not bind \"%s\": %s", self->conf.bind,
                       zmq_strerror(errno));
    snprintf(self->address, sizeof self->address, "%s", zsock_endpoint(self->router));
    return 0;
}

static void
destroy(struct pl_server **self_p)
{
    struct pl_server *self = *self_p;
    struct pl_job *job;

    pl_lane_close(&self->light);
    pl_lane_close(&self->heavy);
    while ((job = pl_jobs_take(&self->done.jobs)))
        pl_job_destroy(&job);
    zsock_destroy(&self->router);
    close(self->done.signal);
    close(self->stop);
    pthread_mutex_destroy(&self->done.lock);
    pl_arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

int
pl_server_start(struct pl_server **out, const struct pl_server_conf *conf, struct pl_err *err)
{
    struct pl_server *self = calloc(1, sizeof *self);

    *out = NULL;
    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->conf = *conf;
    self->arena = pl_arena_new();
    pthread_mutex_init(&self->done.lock, NULL);
    pl_jobs_init(&self->done.jobs);
    self->done.signal = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    self->stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (open_lanes(self, err) || open_door(self, err)) {
        destroy(&self);
        return -1;
    }
    if (pthread_create(&self->thread, NULL, front, self)) {
        destroy(&self);
        return pl_fail(err, INTERNAL, "could not start the front thread");
    }
    pl_health_ready(true);
    pl_info("server.open", PL_S("address", self->address), PL_I("workers", self->light.count),
            PL_I("heavy", self->heavy.count));
    *out = self;
    return 0;
}

const char *
pl_server_address(const struct pl_server *self)
{
    return self->address;
}

void
pl_server_stop(struct pl_server **self_p)
{
    struct pl_server *self = *self_p;
    uint64_t one = 1;

    if (self == NULL)
        return;
    if (write(self->stop, &one, sizeof one) < 0)
        abort();
    pthread_join(self->thread, NULL);
    destroy(self_p);
}
