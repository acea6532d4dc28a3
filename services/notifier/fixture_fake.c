#include "fixture_fake.h"

#include "pl_test_call.h"
#include "pl_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const struct pl_embedded notifier_migrations[];

char fixture_refusal[400];
char *fixture_secret;

static struct pl_service service;

static void
give_up(const char *what, const struct pl_err *err)
{
    printf("%s: %s %s\n", what, err->text, err->detail);
    exit(1);
}

static void
read_settings(const char *schedule)
{
    struct pl_err err = { 0 };

    setenv("NOTIFY_SCHEDULE", schedule, 1);
    setenv("PLUMB_EGRESS_ALLOW", "127.0.0.0/8", 1);
    setenv("PLUMB_DEFAULT_API", "museum", 1);
    setenv("NOTIFY_TIMEOUT_MS", "300", 1);
    if (pl_conf_read(notifier_settings, &err) || notifier_start(&err))
        give_up("settings", &err);
}

void
fixture_set_up(struct fixture *self, const char *schedule)
{
    struct pl_err err = { 0 };

    *self = (struct fixture){ 0 };
    read_settings(schedule);
    service = (struct pl_service){ .name = "notifier",
                                   .schema = "notifier",
                                   .endpoints = notifier_endpoints };
    self->test = pl_test_db_new("notifier", notifier_migrations);
    self->arena = pl_arena_new();
    self->receiver = receiver_start();
    pl_test_worker_open(&self->worker, &service, self->test);
    pl__principal__init(&self->principal);
    self->principal.subject = "test";
    if (notifier_open(&self->worker.self, &err))
        give_up("set up", &err);
}

void
fixture_tear_down(struct fixture *self)
{
    notifier_close(&self->worker.self);
    receiver_stop(&self->receiver);
    pl_test_worker_close(&self->worker);
    pl_arena_destroy(&self->arena);
    pl_test_db_destroy(&self->test);
}

enum pl_code
fixture_call(struct fixture *self, const char *operation, const ProtobufCMessage *request,
             void **reply)
{
    Pl__Request how = PL__REQUEST__INIT;
    const Pl__Reply *said;

    how.principal = &self->principal;
    said = pl_test_call(&self->worker, &how, operation, request, self->arena, reply);
    snprintf(fixture_refusal, sizeof fixture_refusal, "%s", said->text ? said->text : "");
    return (enum pl_code)said->code;
}

char *
fixture_endpoint(struct fixture *self, const char *name, const char *kind, const char *url)
{
    Notifier__CreateEndpointRequest request = NOTIFIER__CREATE_ENDPOINT_REQUEST__INIT;
    Notifier__CreateEndpointReply *reply;

    request.name = (char *)name;
    request.kind = (char *)kind;
    request.url = url ? (char *)url : receiver_url(self->receiver, self->arena, "/hook");
    if (fixture_call(self, "notifier.CreateEndpoint", &request.base, (void **)&reply) != PL_OK) {
        printf("%s\n", fixture_refusal);
        exit(1);
    }
    fixture_secret = reply->secret;
    return reply->endpoint->id;
}

static int
hear(struct fixture *self, pl_listener_fn *listener, const char *id, const void *message)
{
    struct pl_event event = { .id = id,
                              .type = "",
                              .source = "",
                              .aggregate_id = "",
                              .traceparent = pl_trace_parent(),
                              .tracestate = pl_trace_state() };
    struct pl_heard heard = { .self = self->worker.self,
                              .db = self->worker.db,
                              .arena = self->worker.arena,
                              .event = &event,
                              .message = message };
    int rc =
        pl_pg_begin(heard.db, &heard.err) || listener(&heard) || pl_pg_commit(heard.db, &heard.err);

    if (rc) {
        printf("%s %s\n", heard.err.text, heard.err.detail);
        pl_pg_rollback(heard.db);
    }
    pl_arena_reset(self->worker.arena);
    return rc ? -1 : 0;
}

int
fixture_notice(struct fixture *self, const char *id, const Events__Notice *notice)
{
    return hear(self, queue_notice, id, notice);
}

int
fixture_published(struct fixture *self, const char *id, const char *run)
{
    Events__ArtifactsPublished message = EVENTS__ARTIFACTS_PUBLISHED__INIT;

    message.run = (char *)run;
    return hear(self, release_notices, id, &message);
}

Events__Notice
fixture_example(void)
{
    static char *reasons_now[] = { "semver_fail" };
    Events__Notice notice = EVENTS__NOTICE__INIT;

    notice.api = "museum";
    notice.run = "run_1";
    notice.sha = "d3adb33";
    notice.semver_status = "fail";
    notice.stability_ratio = 0.5;
    notice.reasons = notice.changed = reasons_now;
    notice.n_reasons = notice.n_changed = 1;
    return notice;
}

int
fixture_send(struct fixture *self)
{
    for (int sent = 0;; sent++) {
        struct pl_tick tick = { .self = self->worker.self,
                                .db = self->worker.db,
                                .arena = self->worker.arena };

        if (send_due(&tick)) {
            printf("%s %s\n", tick.err.text, tick.err.detail);
            return -1;
        }
        pl_arena_reset(self->worker.arena);
        if (!tick.again)
            return sent;
    }
}

int
fixture_send_until(struct fixture *self, const char *state, int count)
{
    int64_t until = pl_now_ms() + 10000;
    struct timespec pause = { .tv_nsec = 5000000 };

    while (pl_now_ms() < until) {
        if (fixture_send(self) < 0)
            return -1;
        if ((int)fixture_deliveries(self, state)->n_deliveries >= count)
            return 0;
        nanosleep(&pause, NULL); // the schedule is the clock's, there is nothing else to wait for
    }
    return -1;
}

Notifier__ListDeliveriesReply *
fixture_deliveries(struct fixture *self, const char *state)
{
    Notifier__ListDeliveriesRequest request = NOTIFIER__LIST_DELIVERIES_REQUEST__INIT;
    static Notifier__ListDeliveriesReply none = NOTIFIER__LIST_DELIVERIES_REPLY__INIT;
    void *reply;

    request.state = (char *)state;
    fixture_call(self, "notifier.ListDeliveries", &request.base, &reply);
    return reply ? reply : &none;
}

Notifier__GetDeliveryReply *
fixture_delivery(struct fixture *self, const char *id)
{
    Notifier__GetDeliveryRequest request = NOTIFIER__GET_DELIVERY_REQUEST__INIT;
    void *reply;

    request.id = (char *)id;
    fixture_call(self, "notifier.GetDelivery", &request.base, &reply);
    return reply;
}

Notifier__Endpoint *
fixture_get_endpoint(struct fixture *self, const char *id)
{
    Notifier__GetEndpointRequest request = NOTIFIER__GET_ENDPOINT_REQUEST__INIT;
    Notifier__GetEndpointReply *reply;

    request.id = (char *)id;
    fixture_call(self, "notifier.GetEndpoint", &request.base, (void **)&reply);
    return reply ? reply->endpoint : NULL;
}

char *
fixture_sql(struct fixture *self, const char *sql)
{
    struct pl_err err = { 0 };
    PGresult *res = pl_pg_exec(self->worker.db, &err, sql, PL_NO_ARGS);
    char *text = "";

    if (res == NULL)
        give_up(sql, &err);
    if (PQntuples(res) > 0)
        text = pl_pg_text(res, 0, 0, self->arena);
    PQclear(res);
    return text;
}
