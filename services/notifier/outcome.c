#include "outcome.h"

#include "pl_node.h"
#include "schedule.h"

#include <string.h>

/* Classes of failing statuses, as Prometheus' Alertmanager names them; first match wins. */
static const struct {
    int from, to;
    const char *name;
} CLASSES[] = {
    { 300, 399, "redirect" },    { 401, 401, "authError" },   { 403, 403, "authError" },
    { 410, 410, "gone" },        { 408, 408, "timeout" },     { 429, 429, "rateLimited" },
    { 400, 499, "clientError" }, { 500, 599, "serverError" }, { 0, 0, "badAnswer" },
};

static const char *
class_of(int status)
{
    size_t i = 0;

    while (CLASSES[i].to && (status < CLASSES[i].from || status > CLASSES[i].to))
        i++;
    return CLASSES[i].name;
}

/* Teams' old connectors, and flows that pass them on, report a failure inside a 200. */
static const char *
teams_no(const char *body)
{
    if (strstr(body, "endpoint returned HTTP error 429"))
        return "rateLimited";
    return strstr(body, "endpoint returned HTTP error") ? "clientError" : NULL;
}

/* Slack's workflow and API addresses answer 200 with {"ok":false,"error":...}. */
static const char *
slack_no(const char *body, struct pl_arena *arena)
{
    struct pl_err ignored = { 0 };
    struct pl_node *root =
        *body == '{' ? pl_json_parse(arena, body, strlen(body), NULL, &ignored) : NULL;

    if (pl_node_true(pl_node_get(root, "ok"), true))
        return NULL;
    return strstr(pl_node_text(pl_node_get(root, "error"), ""), "rate") ? "rateLimited"
                                                                        : "clientError";
}

static struct outcome
refused_inside(const char *kind, const struct http_answer *answer, struct pl_arena *arena)
{
    const char *no = strcmp(kind, "teams") == 0   ? teams_no(answer->body)
                     : strcmp(kind, "slack") == 0 ? slack_no(answer->body, arena)
                                                  : NULL;

    if (no == NULL)
        return (struct outcome){ .delivered = true, .error_class = "", .error = "" };
    return (struct outcome){
        .error_class = no,
        .error = pl_arena_printf(arena, "answered %d, and a refusal inside", answer->status),
    };
}

struct outcome
outcome_of(const char *kind, const struct http_answer *answer, time_t now, struct pl_arena *arena)
{
    struct outcome out = { .error_class = "", .error = "" };
    int64_t wait = schedule_retry_after_ms(answer->retry_after, now);

    if (*answer->failure) {
        out.error_class = answer->failure;
        out.error = answer->failure_text;
        return out;
    }
    if (answer->status >= 200 && answer->status <= 299) {
        out = refused_inside(kind, answer, arena);
    } else {
        out.error_class = class_of(answer->status);
        out.error = pl_arena_printf(arena, "answered %d", answer->status);
        out.disable =
            answer->status == 410 || (answer->status == 404 && strcmp(kind, "slack") == 0 &&
                                      strstr(answer->body, "no_service"));
    }
    if (!out.delivered && wait > 0)
        out.retry_after_ms = wait;
    return out;
}
