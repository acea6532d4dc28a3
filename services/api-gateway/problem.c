#include "problem.h"

#include "exchange.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define TYPE_PREFIX "urn:plumbline:problem:"
#define QUOTA_TYPE  "https://iana.org/assignments/http-problem-types#quota-exceeded"

static const struct {
    int status;
    const char *slug, *title;
} HTTP_PROBLEMS[] = {
    { 400, "malformed", "The request cannot be read" },
    { 501, "not-implemented", "That is not implemented" },
    { 505, "http-version", "That version of HTTP is not spoken" },
};

static struct pl_node *
new_typed(struct exchange *self, int status, const char *type, const char *title,
          const char *detail)
{
    struct pl_arena *arena = self->arena;
    struct pl_node *out = pl_node_object(arena);

    pl_node_set(arena, out, "type", pl_node_string(arena, type));
    pl_node_set(arena, out, "title", pl_node_string(arena, title));
    pl_node_set(arena, out, "status", pl_node_integer(arena, status));
    if (detail && *detail)
        pl_node_set(arena, out, "detail", pl_node_string(arena, detail));
    pl_node_set(arena, out, "instance", pl_node_string(arena, self->request_id));
    return out;
}

static struct pl_node *
new_problem(struct exchange *self, int status, const char *slug, const char *title,
            const char *detail)
{
    return new_typed(self, status, pl_arena_printf(self->arena, TYPE_PREFIX "%s", slug), title,
                     detail);
}

static void
send_problem(struct exchange *self, int status, const struct pl_node *problem)
{
    struct pl_buf out = { .arena = self->arena };

    pl_node_write(&out, problem, PL_COMPACT);
    answer_bytes(self, status, "application/problem+json", out.data, out.length);
}

static struct pl_node *
of_code(struct exchange *self, enum pl_code code, const char *detail)
{
    if (code == PL_UNAVAILABLE || code == PL_TOO_MANY)
        answer_header(self, "Retry-After", "1");
    return new_problem(self, pl_code_http(code), pl_code_slug(code), pl_code_title(code), detail);
}

void
problem(struct exchange *self, enum pl_code code, const char *detail, ...)
{
    char text[512];
    va_list args;

    if (self->answered)
        return;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    send_problem(self, pl_code_http(code), of_code(self, code, text));
}

static void
add_violation(struct pl_arena *arena, struct pl_node *list, const char *pointer, const char *text,
              int64_t line, int64_t column)
{
    struct pl_node *item = pl_node_push(arena, list, pl_node_object(arena));

    pl_node_set(arena, item, "pointer", pl_node_string(arena, pointer));
    pl_node_set(arena, item, "text", pl_node_string(arena, text));
    if (line > 0)
        pl_node_set(arena, item, "line", pl_node_integer(arena, line));
    if (column > 0)
        pl_node_set(arena, item, "column", pl_node_integer(arena, column));
}

void
problem_violations(struct exchange *self, enum pl_code code, const char *detail,
                   const struct violations *violations)
{
    struct pl_node *out, *list = pl_node_array(self->arena);

    if (self->answered)
        return;
    for (int i = 0; i < violations->count; i++)
        add_violation(self->arena, list, violations->list[i].pointer, violations->list[i].text,
                      violations->list[i].line, violations->list[i].column);
    out = of_code(self, code, detail);
    pl_node_set(self->arena, out, "violations", list);
    send_problem(self, pl_code_http(code), out);
}

void
problem_reply(struct exchange *self, enum pl_code code, const char *detail, const Pl__Reply *reply)
{
    struct pl_node *out, *list = pl_node_array(self->arena);

    if (self->answered)
        return;
    out = of_code(self, code, detail);
    for (size_t i = 0; reply && i < reply->n_violations; i++) {
        const Pl__Violation *v = reply->violations[i];

        add_violation(self->arena, list, v->pointer ? v->pointer : "", v->text ? v->text : "",
                      v->line, v->column);
    }
    if (list->count)
        pl_node_set(self->arena, out, "violations", list);
    send_problem(self, pl_code_http(code), out);
}

void
problem_quota(struct exchange *self, const char *const *policies, int count, int64_t retry_s)
{
    struct pl_arena *arena = self->arena;
    struct pl_node *out, *violated = pl_node_array(arena);

    if (self->answered)
        return;
    answer_header(self, "Retry-After", pl_arena_printf(arena, "%" PRId64, retry_s));
    out = new_typed(self, 429, QUOTA_TYPE, pl_code_title(PL_TOO_MANY),
                    pl_arena_printf(arena, "try again in %" PRId64 " s", retry_s));
    for (int i = 0; i < count; i++)
        pl_node_push(arena, violated, pl_node_string(arena, policies[i]));
    pl_node_set(arena, out, "violated-policies", violated);
    send_problem(self, 429, out);
}

void
problem_http(struct exchange *self, int status, const char *detail)
{
    if (self->answered)
        return;
    for (size_t i = 0; i < sizeof HTTP_PROBLEMS / sizeof *HTTP_PROBLEMS; i++)
        if (HTTP_PROBLEMS[i].status == status)
            send_problem(
                self, status,
                new_problem(self, status, HTTP_PROBLEMS[i].slug, HTTP_PROBLEMS[i].title, detail));
}
