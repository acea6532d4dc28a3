#include "pl_builtin.h"

#include "pl_health.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "pl_pack.h"

#include <string.h>

static int
health(ProtobufCBinaryData request, ProtobufCBinaryData *out, struct pl_arena *arena,
       struct pl_err *err)
{
    Pl__HealthReply reply = PL__HEALTH_REPLY__INIT;

    (void)request;
    (void)err;
    pl_health_fill(&reply, arena);
    *out = pl_pack(&reply.base, arena);
    return 0;
}

static int
metrics(ProtobufCBinaryData request, ProtobufCBinaryData *out, struct pl_arena *arena,
        struct pl_err *err)
{
    Pl__MetricsReply reply = PL__METRICS_REPLY__INIT;
    struct pl_buf text = { .arena = arena };

    (void)request;
    (void)err;
    pl_health_sample();
    pl_metric_print(&text);
    reply.text = (char *)pl_buf_text(&text);
    *out = pl_pack(&reply.base, arena);
    return 0;
}

static int
log_level(ProtobufCBinaryData request, ProtobufCBinaryData *out, struct pl_arena *arena,
          struct pl_err *err)
{
    Pl__LogLevelReply reply = PL__LOG_LEVEL_REPLY__INIT;
    Pl__LogLevelRequest *wanted = pl_unpack(&pl__log_level_request__descriptor, request, arena);
    int level = wanted && wanted->level ? pl_log_parse_level(wanted->level) : -1;

    if (level < 0)
        return pl_fail(err, INVALID, "a log level is DEBUG, INFO, WARNING or ERROR");
    pl_log_level((enum pl_level)level);
    pl_info("log.level", PL_S("level", wanted->level));
    *out = pl_pack(&reply.base, arena);
    return 0;
}

static const struct builtin {
    const char *operation;
    int (*answer)(ProtobufCBinaryData request, ProtobufCBinaryData *out, struct pl_arena *arena,
                  struct pl_err *err);
} builtins[] = {
    { "pl.Health", health },
    { "pl.Metrics", metrics },
    { "pl.LogLevel", log_level },
};

static const struct builtin *
find(const char *operation, size_t length)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (strlen(builtins[i].operation) == length &&
            memcmp(builtins[i].operation, operation, length) == 0)
            return &builtins[i];
    return NULL;
}

bool
pl_builtin_knows(const char *operation, size_t length)
{
    return find(operation, length) != NULL;
}

ProtobufCBinaryData
pl_builtin_answer(ProtobufCBinaryData packed, struct pl_arena *arena)
{
    const Pl__Request *request = pl_unpack(&pl__request__descriptor, packed, arena);
    const char *operation = request && request->operation ? request->operation : "";
    const struct builtin *builtin = find(operation, strlen(operation));
    Pl__Reply reply = PL__REPLY__INIT;
    struct pl_err err = { 0 };

    if (builtin == NULL)
        pl_fail(&err, MALFORMED, "the call cannot be read");
    else
        builtin->answer(request->message, &reply.message, arena, &err);
    reply.has_id = request != NULL;
    reply.id = request ? request->id : 0;
    reply.has_code = 1;
    reply.code = (int32_t)err.code;
    reply.text = err.code ? err.text : NULL;
    reply.has_message = err.code == PL_OK;
    return pl_pack(&reply.base, arena);
}
