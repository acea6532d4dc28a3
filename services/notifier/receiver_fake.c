#include "receiver_fake.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64

struct answer {
    int status;
    char header[64], value[256], body[4096];
};

struct receiver {
    struct MHD_Daemon *daemon;
    int port;
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct answer answers[MOST];
    int answer_count, answered, got_count;
    struct received got[MOST];
    struct MHD_Connection *silent[MOST];
    int silent_count;
    bool stopping;
    atomic_size_t flooded;
};

static ssize_t
flood(void *arg, uint64_t position, char *out, size_t most)
{
    struct receiver *self = arg;

    (void)position;
    memset(out, 'x', most);
    self->flooded += most;
    return (ssize_t)most;
}

static void
copy_header(struct MHD_Connection *connection, const char *name, char *out, size_t size)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

    snprintf(out, size, "%s", value ? value : "");
}

static enum MHD_Result
send_answer(struct receiver *self, struct MHD_Connection *connection, const struct answer *answer)
{
    struct MHD_Response *response =
        answer->status == RECEIVER_FLOOD
            ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, flood, self, NULL)
            : MHD_create_response_from_buffer(strlen(answer->body), (void *)answer->body,
                                              MHD_RESPMEM_MUST_COPY);
    unsigned status = answer->status == RECEIVER_FLOOD ? 200 : (unsigned)answer->status;
    enum MHD_Result rc;

    if (*answer->header)
        MHD_add_response_header(response, answer->header, answer->value);
    rc = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return rc;
}

/* The whole request is here: note that it came, and answer as told. */
static enum MHD_Result
finish(struct receiver *self, struct MHD_Connection *connection, struct received *one)
{
    static const struct answer OK = { .status = 200, .body = "ok" };
    struct answer answer = OK;
    bool silent;

    copy_header(connection, "webhook-id", one->id, sizeof one->id);
    copy_header(connection, "webhook-timestamp", one->timestamp, sizeof one->timestamp);
    copy_header(connection, "webhook-signature", one->signature, sizeof one->signature);
    copy_header(connection, "content-type", one->content_type, sizeof one->content_type);
    copy_header(connection, "user-agent", one->user_agent, sizeof one->user_agent);
    copy_header(connection, "traceparent", one->traceparent, sizeof one->traceparent);
    copy_header(connection, "tracestate", one->tracestate, sizeof one->tracestate);
    pthread_mutex_lock(&self->lock);
    if (self->answered < self->answer_count)
        answer = self->answers[self->answered++];
    if (self->got_count < MOST)
        self->got[self->got_count++] = *one;
    silent = answer.status == RECEIVER_SILENT && !self->stopping && self->silent_count < MOST;
    if (silent) {
        MHD_suspend_connection(connection);
        self->silent[self->silent_count++] = connection;
    }
    pthread_cond_broadcast(&self->came);
    pthread_mutex_unlock(&self->lock);
    return silent ? MHD_YES
                  : send_answer(self, connection,
                                answer.status < 0 && !silent && answer.status != RECEIVER_FLOOD
                                    ? &OK
                                    : &answer);
}

static enum MHD_Result
handle(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *data, size_t *size, void **state)
{
    struct received *one = *state;
    size_t length;

    (void)version;
    if (one == NULL) {
        one = *state = calloc(1, sizeof *one);
        snprintf(one->method, sizeof one->method, "%s", method);
        snprintf(one->path, sizeof one->path, "%s", url);
        return MHD_YES;
    }
    if (*size == 0)
        return finish(arg, connection, one);
    length = strlen(one->body);
    if (length + *size < sizeof one->body)
        memcpy(one->body + length, data, *size);
    *size = 0;
    return MHD_YES;
}

static void
forget(void *arg, struct MHD_Connection *connection, void **state,
       enum MHD_RequestTerminationCode why)
{
    (void)arg;
    (void)connection;
    (void)why;
    free(*state);
    *state = NULL;
}

struct receiver *
receiver_start(void)
{
    struct receiver *self = calloc(1, sizeof *self);
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->came, NULL);
    self->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0,
                                    NULL, NULL, handle, self, MHD_OPTION_SOCK_ADDR, &any,
                                    MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    if (self->daemon == NULL) {
        perror("receiver_start");
        exit(1);
    }
    self->port = MHD_get_daemon_info(self->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return self;
}

void
receiver_stop(struct receiver **self_p)
{
    struct receiver *self = *self_p;

    if (self == NULL)
        return;
    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    for (int i = 0; i < self->silent_count; i++)
        MHD_resume_connection(self->silent[i]);
    pthread_mutex_unlock(&self->lock);
    MHD_stop_daemon(self->daemon);
    pthread_cond_destroy(&self->came);
    pthread_mutex_destroy(&self->lock);
    free(self);
    *self_p = NULL;
}

char *
receiver_url(struct receiver *self, struct pl_arena *arena, const char *path)
{
    return pl_arena_printf(arena, "http://127.0.0.1:%d%s", self->port, path);
}

void
receiver_will(struct receiver *self, int status, const char *header, const char *value,
              const char *body)
{
    struct answer *answer;

    pthread_mutex_lock(&self->lock);
    answer = &self->answers[self->answer_count++];
    answer->status = status;
    snprintf(answer->header, sizeof answer->header, "%s", header ? header : "");
    snprintf(answer->value, sizeof answer->value, "%s", value ? value : "");
    snprintf(answer->body, sizeof answer->body, "%s", body ? body : "");
    pthread_mutex_unlock(&self->lock);
}

int
receiver_count(struct receiver *self)
{
    int count;

    pthread_mutex_lock(&self->lock);
    count = self->got_count;
    pthread_mutex_unlock(&self->lock);
    return count;
}

const struct received *
receiver_got(struct receiver *self, int n)
{
    static const struct received NOTHING;

    return n < receiver_count(self) ? &self->got[n] : &NOTHING;
}

size_t
receiver_flooded(struct receiver *self)
{
    return self->flooded;
}

int
receiver_wait(struct receiver *self, int count)
{
    struct timespec until;
    int rc = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    pthread_mutex_lock(&self->lock);
    while (self->got_count < count && rc == 0)
        rc = pthread_cond_timedwait(&self->came, &self->lock, &until);
    pthread_mutex_unlock(&self->lock);
    return rc ? -1 : 0;
}
