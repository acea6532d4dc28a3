#include "engine_fake.h"

#include "sample.h"

#include "pl_caller.h"
#include "pl_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct engine_fake engine;

const char *
engine_run(char id[16], int64_t seq)
{
    snprintf(id, 16, "01JD3Z%04d", (int)seq);
    return id;
}

static Governance__GetRunRecordReply *
record_of(const Governance__GetRunRecordRequest *request, int64_t seq, struct pl_arena *arena)
{
    Governance__GetRunRecordReply *record = sample_record(arena);
    Governance__Run *run = record->run;

    record->history += SAMPLE_RUNS - seq;
    record->n_history = (size_t)seq;
    run->id = record->history[0]->id;
    run->seq = seq;
    run->sha = record->history[0]->sha;
    run->verdict = record->history[0]->verdict;
    run->metrics->window_stability_ratio = record->history[0]->stability_ratio;
    record->document_run = engine.one_document ? "01JD3Z0001" : run->id;
    if (engine.lost) {
        record->history++;
        record->n_history--;
    }
    if ((int64_t)record->n_history > request->history_limit)
        record->n_history = (size_t)request->history_limit;
    return record;
}

static Governance__GetDocumentReply *
document_of(const char *run, struct pl_arena *arena)
{
    Governance__GetDocumentReply *reply = pl_arena_alloc(arena, sizeof *reply);
    char *text =
        pl_arena_printf(arena, "openapi: 3.0.3\ninfo: {title: %s, version: '1'}\npaths: {}\n", run);

    governance__get_document_reply__init(reply);
    reply->body = pl_arena_alloc(arena, sizeof *reply->body);
    pl__http_body__init(reply->body);
    reply->body->has_data = 1;
    reply->body->data.data = (uint8_t *)text;
    reply->body->data.len = strlen(text);
    return reply;
}

int
pl_caller_ask(struct pl_caller *self, const char *service, const char *operation,
              const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type,
              void **reply, int64_t timeout_ms, struct pl_arena *arena, struct pl_err *err)
{
    bool wants_record = strcmp(operation, "governance.GetRunRecord") == 0;
    const char *run = wants_record ? ((const Governance__GetRunRecordRequest *)request)->run
                                   : ((const Governance__GetDocumentRequest *)request)->run;
    int64_t seq = atoi(run + strlen("01JD3Z"));

    (void)self, (void)service, (void)reply_type, (void)timeout_ms;
    __atomic_add_fetch(wants_record ? &engine.records : &engine.documents, 1, __ATOMIC_RELAXED);
    if (engine.fails && (engine.fails_for == 0 || engine.fails_for == seq))
        return pl_err_raise(err, engine.fails, __FILE__, __LINE__, "the engine says no");
    *reply = wants_record ? (void *)record_of((const void *)request, seq, arena)
                          : (void *)document_of(run, arena);
    return 0;
}

/* The timers of the service do not run in a test. */
__attribute__((weak)) void
pl_timers_wake(void)
{
}
