#include "pl_server.h"

#include "pl_builtin.h"
#include "pl_curve.h"
#include "pl_health.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_server_impl.h"

#include <errno.h>
#include <poll.h>
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

enum { ROUTER, DONE, STOP }; // what the front thread waits for

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
    job->length = zmq_msg_size(&job->envelope);
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
    ProtobufCBinaryData request = pl_job_request(job);
    struct pl_peek peek;

    if (!pl_peek(request.data, request.len, &peek) || peek.operation == NULL) {
        pl_server_refuse(self, job, PL_MALFORMED, "malformed", "the call cannot be read");
        return;
    }
    job->id = peek.id;
    job->batches = peek.takes_batches;
    note_caller(job);
    if (pl_builtin_knows(peek.operation, peek.operation_length)) {
        report_load(self);
        pl_server_send_bytes(self, &job->identity, pl_builtin_answer(request, self->arena));
        return;
    }
    if (self->draining_since) {
        zmq_msg_t identity;

        zmq_msg_init(&identity);
        zmq_msg_copy(&identity, &job->identity);
        pl_server_say_goodbye(self, &identity);
        zmq_msg_close(&identity);
        pl_server_refuse(self, job, PL_UNAVAILABLE, "stopping", "the service is stopping");
        return;
    }
    endpoint = pl_dispatch_find(self->conf.service, peek.operation, peek.operation_length);
    if (endpoint && endpoint->at_once) {
        pl_job_run(job, &self->worker);
        pl_server_send(self, job);
    } else if (pl_lane_put(endpoint && endpoint->heavy ? &self->heavy : &self->light, job))
        *job_p = NULL; // the lane's now
    else
        pl_server_refuse(self, job, PL_UNAVAILABLE, "queue full",
                         "the service has too much to do just now");
}

/* A message may hold several requests; each becomes a job of its own.  How many there were. */
static int
take_apart(struct pl_server *self, struct pl_job **job_p)
{
    struct pl_job *whole = *job_p;
    ProtobufCBinaryData rest = pl_job_request(whole), one;
    const uint8_t *begin = rest.data;
    int count = 0;

    if (!pl_batch_is(rest)) {
        route(self, job_p);
        return 1;
    }
    for (; pl_batch_next(&rest, &one); count++) {
        struct pl_job *job = pl_job_new();

        zmq_msg_copy(&job->identity, &whole->identity);
        zmq_msg_copy(&job->envelope, &whole->envelope);
        job->at = (size_t)(one.data - begin);
        job->length = one.len;
        job->arrived = whole->arrived;
        route(self, &job);
        pl_job_destroy(&job);
    }
    if (rest.len)
        pl_server_refuse(self, whole, PL_MALFORMED, "malformed", "the calls cannot be read");
    return count + 1;
}

/* False once there is nothing to receive, after everything that was sent meanwhile. */
static bool
receive_some(struct pl_server *self)
{
    for (int i = 0; i < AT_ONCE;) {
        struct pl_job *job = receive(self);

        if (job == NULL)
            return false;
        self->last_traffic = job->arrived;
        pl_callers_add(&self->callers, &job->identity);
        i += take_apart(self, &job);
        pl_job_destroy(&job);
    }
    return true;
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
        pl_server_say_goodbye(self, &identity);
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

/* Wait for a request, a reply or the end.  The ROUTER's descriptor speaks of changes only: what
 * it has to give must have been received before. */
static void
wait_for_work(struct pl_server *self, struct pollfd waits[3])
{
    bool draining = self->draining_since != 0;

    if (poll(waits, draining ? 2 : 3, draining ? DRAIN_POLL : 1000) < 0)
        waits[DONE].revents = waits[STOP].revents = 0;
}

static void *
front(void *argument)
{
    struct pl_server *self = argument;
    struct pollfd waits[] = { [ROUTER] = { zsock_fd(self->router), POLLIN, 0 },
                              [DONE] = { self->done.signal, POLLIN, 0 },
                              [STOP] = { self->stop, POLLIN, 0 } };
    bool full = receive_some(self), more = full;

    report_load(self);
    do {
        if (more)
            waits[DONE].revents = full ? POLLIN : 0; // a flood of requests lets replies out, too
        else
            wait_for_work(self, waits);
        if (waits[DONE].revents)
            pl_server_send_done(self);
        full = receive_some(self);
        more = pl_server_flush(self) || full; // sending may have used up the descriptor's change
        report_load(self);
        if (waits[STOP].revents && !self->draining_since) {
            begin_draining(self);
            more = true;
        }
    } while (!drained(self));
    pl_server_send_done(self);
    pl_server_flush(self);
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
    zmq_msg_close(&self->out_to);
    pl_batch_free(&self->out);
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
    self->worker = (struct pl_worker){ .service = conf->service, .arena = self->arena };
    zmq_msg_init(&self->out_to);
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
