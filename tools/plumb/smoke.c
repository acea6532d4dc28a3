#include "smoke.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum smoke_result
smoke_fail(struct smoke *self, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(self->text, sizeof self->text, fmt, ap);
    va_end(ap);
    return SMOKE_FAILED;
}

long
smoke_ask(struct smoke *self, const char *method, const char *path, const char *token,
          const struct pl_node *body, struct answer *out)
{
    struct pl_buf json = { .arena = self->arena };
    struct pl_err err = { 0 };
    struct request request = { .base = self->base, .token = token, .method = method, .path = path };

    if (body) {
        pl_node_write(&json, body, PL_COMPACT);
        request.body = json.data;
        request.body_length = json.length;
        request.content_type = "application/json";
    }
    memset(out, 0, sizeof *out);
    if (http_ask(&request, self->arena, out, &err)) {
        smoke_fail(self, "%s", err.text);
        return -1;
    }
    return out->status;
}

static enum smoke_result
take_tokens(struct smoke *self, long status, const struct answer *answer, char **access,
            char **refresh)
{
    const char *a = pl_node_text(pl_node_get(answer->json, "access_token"), NULL);
    const char *r = pl_node_text(pl_node_get(answer->json, "refresh_token"), NULL);

    if (status < 0)
        return SMOKE_TROUBLE;
    if (status != 200)
        return smoke_fail(self, "answered %ld", status);
    if (a == NULL || r == NULL ||
        strcmp(pl_node_text(pl_node_get(answer->json, "token_type"), ""), "Bearer") != 0)
        return smoke_fail(self, "the answer holds no tokens");
    *access = pl_arena_strdup(self->arena, a);
    *refresh = pl_arena_strdup(self->arena, r);
    return SMOKE_OK;
}

enum smoke_result
smoke_log_in(struct smoke *self, char **access, char **refresh)
{
    struct pl_node *body = pl_node_object(self->arena);
    struct answer answer;
    long status;

    pl_node_set(self->arena, body, "login", pl_node_string(self->arena, self->user));
    pl_node_set(self->arena, body, "password", pl_node_string(self->arena, self->password));
    status = smoke_ask(self, "POST", "/api/auth/login", "", body, &answer);
    return take_tokens(self, status, &answer, access, refresh);
}

enum smoke_result
smoke_spend(struct smoke *self, const char *token, char **access, char **refresh)
{
    struct pl_node *body = pl_node_object(self->arena);
    struct answer answer;
    long status;

    pl_node_set(self->arena, body, "refresh_token", pl_node_string(self->arena, token));
    status = smoke_ask(self, "POST", "/api/auth/refresh", "", body, &answer);
    return take_tokens(self, status, &answer, access, refresh);
}

double
smoke_metric(struct smoke *self, const char *series)
{
    struct answer answer;
    const char *at;

    if (smoke_ask(self, "GET", "/metrics", "", NULL, &answer) != 200)
        return -1;
    for (at = strstr(answer.bytes, series); at; at = strstr(at + 1, series))
        if ((at == answer.bytes || at[-1] == '\n') && at[strlen(series)] == ' ')
            return strtod(at + strlen(series), NULL);
    return 0;
}

// --- what must work ----------------------------------------------------------------------

static enum smoke_result
login_step(struct smoke *self)
{
    return smoke_log_in(self, &self->access, &self->refresh);
}

static enum smoke_result
achievements(struct smoke *self)
{
    struct answer answer;
    struct pl_err err = { 0 };
    struct request again = {
        .base = self->base, .token = self->access, .method = "GET", .path = "/api/achievements"
    };
    long status = smoke_ask(self, "GET", again.path, self->access, NULL, &answer);

    if (status < 0)
        return SMOKE_TROUBLE;
    if (status != 200)
        return smoke_fail(self, "answered %ld", status);
    if (answer.etag == NULL || *answer.etag == '\0')
        return smoke_fail(self, "the answer has no ETag");
    again.if_none_match = answer.etag;
    if (http_ask(&again, self->arena, &answer, &err))
        return SMOKE_TROUBLE;
    if (answer.status != 304)
        return smoke_fail(self, "asked again with If-None-Match: %ld, not 304", answer.status);
    if (smoke_ask(self, "GET", again.path, "", NULL, &answer) != 401)
        return smoke_fail(self, "without a token: %ld, not 401", answer.status);
    return SMOKE_OK;
}

static enum smoke_result
refresh_step(struct smoke *self)
{
    struct answer answer;
    enum smoke_result result = smoke_spend(self, self->refresh, &self->access, &self->refresh);
    long status;

    if (result != SMOKE_OK)
        return result;
    status = smoke_ask(self, "GET", "/api/auth/me", self->access, NULL, &answer);
    if (status < 0)
        return SMOKE_TROUBLE;
    return status == 200 ? SMOKE_OK : smoke_fail(self, "the new access token: %ld", status);
}

static enum smoke_result
metrics(struct smoke *self)
{
    static const char *const FAMILIES[] = { "auth_login_total{", "auth_refresh_total{",
                                            "auth_lockouts_total ",
                                            "# TYPE auth_rate_limit_block_total counter" };
    struct answer answer;
    long status = smoke_ask(self, "GET", "/metrics", "", NULL, &answer);

    if (status < 0)
        return SMOKE_TROUBLE;
    if (status == 404) {
        smoke_fail(self, "/metrics is not public here");
        return SMOKE_SKIPPED;
    }
    for (size_t i = 0; i < sizeof FAMILIES / sizeof *FAMILIES; i++)
        if (status != 200 || strstr(answer.bytes, FAMILIES[i]) == NULL)
            return smoke_fail(self, "%s is not there", FAMILIES[i]);
    return SMOKE_OK;
}

static enum smoke_result
log_out(struct smoke *self)
{
    struct answer answer;
    long status = smoke_ask(self, "POST", "/api/auth/logout", self->access, NULL, &answer);

    if (status < 0)
        return SMOKE_TROUBLE;
    return status == 204 ? SMOKE_OK : smoke_fail(self, "answered %ld", status);
}

const struct smoke_step smoke_steps[] = {
    { "login", false, login_step },
    { "achievements", false, achievements },
    { "refresh", false, refresh_step },
    { "metrics", false, metrics },
    { "logout", false, log_out },
    { "a forged token is refused", true, smoke_forged },
    { "a revoked token is refused", true, smoke_revoked },
    { "a reused refresh token ends its session", true, smoke_reused },
    { "wrong passwords lock", true, smoke_lockout },
    { "too many logins are limited", true, smoke_limit },
    { 0 },
};
