/* What must not work. */
#include "smoke.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_S  60
#define PAUSE_MS    100
#define WRONG       8    // passwords: more than any sensible limit
#define MOST_LOGINS 5000 // until the limit must have been met

static void
pause_for(int ms)
{
    const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

    nanosleep(&time, NULL);
}

static int64_t
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static enum smoke_result
refused(struct smoke *self, const char *what, const char *token)
{
    struct answer answer;
    long status = smoke_ask(self, "GET", "/api/auth/me", token, NULL, &answer);

    if (status < 0)
        return SMOKE_TROUBLE;
    return status == 401 ? SMOKE_OK : smoke_fail(self, "%s: %ld, not 401", what, status);
}

/* Another signature, and a header that says there is none. */
enum smoke_result
smoke_forged(struct smoke *self)
{
    static const char NONE[] = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    enum smoke_result result = smoke_log_in(self, &self->access, &self->refresh);
    const char *dot, *last;
    char *changed;

    if (result != SMOKE_OK)
        return result;
    changed = pl_arena_strdup(self->arena, self->access);
    dot = strchr(changed, '.');
    last = strrchr(changed, '.');
    changed[last - changed + 5] = changed[last - changed + 5] == 'A' ? 'B' : 'A';
    result = refused(self, "with a changed signature", changed);
    if (result == SMOKE_OK)
        result = refused(self, "with alg none",
                         pl_arena_printf(self->arena, "%s%.*s", NONE, (int)(last - dot + 1), dot));
    return result;
}

enum smoke_result
smoke_revoked(struct smoke *self)
{
    enum smoke_result result = smoke_log_in(self, &self->access, &self->refresh);
    int64_t until = seconds() + PATIENCE_S;
    struct answer answer;

    if (result != SMOKE_OK)
        return result;
    if (smoke_ask(self, "GET", "/api/auth/me", self->access, NULL, &answer) != 200)
        return smoke_fail(self, "a fresh token: %ld, not 200", answer.status);
    if (smoke_ask(self, "POST", "/api/auth/logout", self->access, NULL, &answer) != 204)
        return smoke_fail(self, "logging out: %ld, not 204", answer.status);
    do {
        result = refused(self, "after logging out", self->access);
        if (result == SMOKE_FAILED)
            pause_for(PAUSE_MS);
    } while (result == SMOKE_FAILED && seconds() < until);
    if (result == SMOKE_OK &&
        smoke_spend(self, self->refresh, &self->access, &self->refresh) == SMOKE_OK)
        return smoke_fail(self, "the refresh token of a session that has ended was taken");
    return result;
}

/* A, B, C; then A again: while the grace lasts it brings B, after that it ends everything. */
enum smoke_result
smoke_reused(struct smoke *self)
{
    enum smoke_result result = smoke_log_in(self, &self->access, &self->refresh);
    char *first = self->refresh, *access, *last = NULL, *other;
    int64_t until = seconds() + PATIENCE_S;

    if (result == SMOKE_OK)
        result = smoke_spend(self, first, &access, &last);
    if (result == SMOKE_OK)
        result = smoke_spend(self, last, &access, &last);
    if (result != SMOKE_OK)
        return result;
    while ((result = smoke_spend(self, first, &access, &other)) == SMOKE_OK && seconds() < until)
        pause_for(10 * PAUSE_MS);
    if (result != SMOKE_FAILED)
        return result == SMOKE_OK ? smoke_fail(self, "a spent refresh token is still taken")
                                  : result;
    result = smoke_spend(self, last, &access, &last);
    if (result == SMOKE_OK)
        return smoke_fail(self, "its session goes on");
    self->text[0] = '\0';
    return result == SMOKE_FAILED ? SMOKE_OK : result;
}

/* Of a login that nobody has, so that nobody real is locked out. */
enum smoke_result
smoke_lockout(struct smoke *self)
{
    double before = smoke_metric(self, "auth_lockouts_total"), after;
    struct pl_node *body = pl_node_object(self->arena);
    char *login =
        pl_arena_printf(self->arena, "smoke-%lld", (long long)time(NULL) * 1000 + rand() % 1000);
    struct answer answer;

    pl_node_set(self->arena, body, "login", pl_node_string(self->arena, login));
    pl_node_set(self->arena, body, "password",
                pl_node_string(self->arena, "not the password at all"));
    for (int i = 0; i < WRONG; i++) {
        long status = smoke_ask(self, "POST", "/api/auth/login", "", body, &answer);

        if (status < 0)
            return SMOKE_TROUBLE;
        if (status == 429)
            break;
        if (status != 401)
            return smoke_fail(self, "wrong password %d: %ld, not 401", i + 1, status);
    }
    after = smoke_metric(self, "auth_lockouts_total");
    if (before < 0 || after < 0)
        return SMOKE_OK;
    return after > before ? SMOKE_OK : smoke_fail(self, "auth_lockouts_total did not rise");
}

enum smoke_result
smoke_limit(struct smoke *self)
{
    struct pl_node *body = pl_node_object(self->arena);
    int64_t until = seconds() + PATIENCE_S;
    struct answer answer;
    double blocks;

    for (int i = 0; i < MOST_LOGINS && seconds() < until; i++) {
        long status = smoke_ask(self, "POST", "/api/auth/login", "", body, &answer);

        if (status < 0)
            return SMOKE_TROUBLE;
        if (status != 429)
            continue;
        blocks = smoke_metric(self, "auth_rate_limit_block_total{endpoint=\"login\"}");
        return blocks ? SMOKE_OK : smoke_fail(self, "auth_rate_limit_block_total did not rise");
    }
    return smoke_fail(self, "no limit was met");
}
