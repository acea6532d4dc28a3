#include "verifier.h"

#include "pl_metric.h"
#include "pl_service.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKETS   4096
#define NAME_ROOM 64

PL_COUNTER(checks, "gateway_access_tokens_total", "access tokens of sessions verified here",
           "result");
PL_GAUGE(known, "gateway_revoked_sessions", "revoked sessions that are remembered", "");

struct gone {
    struct gone *next;
    int64_t until_ms; // pl_now_ms()
    char session[NAME_ROOM];
};

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct {
    struct pl_jwks keys;
    char issuer[256], audience[256];
    int64_t good_until_ms;
    struct gone *buckets[BUCKETS];
    int64_t count;
} now;

static struct gone **
bucket_of(const char *session)
{
    uint32_t hash = 2166136261u;

    for (; *session; session++)
        hash = (hash ^ (unsigned char)*session) * 16777619u;
    return &now.buckets[hash % BUCKETS];
}

/* Those whose tokens have expired by themselves. */
static void
sweep(struct gone **at, int64_t now_ms)
{
    while (*at) {
        struct gone *entry = *at;

        if (entry->until_ms > now_ms) {
            at = &entry->next;
            continue;
        }
        *at = entry->next;
        free(entry);
        now.count--;
    }
}

void
verifier_set_keys(const struct pl_jwks *keys)
{
    pthread_rwlock_wrlock(&lock);
    now.keys = *keys;
    pthread_rwlock_unlock(&lock);
}

void
verifier_set(const struct pl_jwks *keys, const char *issuer, const char *audience)
{
    pthread_rwlock_wrlock(&lock);
    now.keys = *keys;
    snprintf(now.issuer, sizeof now.issuer, "%s", issuer);
    snprintf(now.audience, sizeof now.audience, "%s", audience);
    for (int i = 0; i < BUCKETS; i++)
        sweep(&now.buckets[i], pl_now_ms());
    pl_gauge_set(&known, (double)now.count);
    pthread_rwlock_unlock(&lock);
}

static struct gone *
find(const char *session)
{
    for (struct gone *at = *bucket_of(session); at; at = at->next)
        if (strcmp(at->session, session) == 0)
            return at;
    return NULL;
}

void
verifier_revoke(const char *session, int64_t lives_s)
{
    int64_t until = pl_now_ms() + lives_s * 1000;
    struct gone *entry;

    if (lives_s <= 0 || strlen(session) >= NAME_ROOM)
        return;
    pthread_rwlock_wrlock(&lock);
    entry = find(session);
    if (entry == NULL) {
        struct gone **bucket = bucket_of(session);

        entry = calloc(1, sizeof *entry);
        if (entry == NULL)
            abort();
        snprintf(entry->session, sizeof entry->session, "%s", session);
        entry->next = *bucket;
        *bucket = entry;
        now.count++;
    }
    if (until > entry->until_ms)
        entry->until_ms = until;
    pl_gauge_set(&known, (double)now.count);
    pthread_rwlock_unlock(&lock);
}

void
verifier_confirm(int64_t lives_ms)
{
    pthread_rwlock_wrlock(&lock);
    now.good_until_ms = pl_now_ms() + lives_ms;
    pthread_rwlock_unlock(&lock);
}

void
verifier_reset(void)
{
    pthread_rwlock_wrlock(&lock);
    for (int i = 0; i < BUCKETS; i++)
        sweep(&now.buckets[i], INT64_MAX);
    memset(&now, 0, sizeof now);
    pthread_rwlock_unlock(&lock);
}

bool
verifier_write_keys(struct pl_buf *out)
{
    struct pl_jwks keys;

    pthread_rwlock_rdlock(&lock);
    keys = now.keys;
    pthread_rwlock_unlock(&lock);
    if (keys.count)
        pl_jwks_write(out, &keys);
    return keys.count > 0;
}

static Pl__Principal *
principal_of(const struct pl_claims *claims, struct pl_arena *arena)
{
    Pl__Principal *who = pl_arena_alloc(arena, sizeof *who);
    char *rest = pl_arena_strdup(arena, claims->scope), *scope;

    pl__principal__init(who);
    who->subject = (char *)claims->subject;
    who->session = (char *)claims->session;
    who->binding = *claims->binding ? (char *)claims->binding : NULL;
    who->scopes = pl_arena_alloc(arena, (strlen(rest) / 2 + 1) * sizeof *who->scopes);
    while ((scope = strsep(&rest, " ")))
        if (*scope)
            who->scopes[who->n_scopes++] = scope;
    return who;
}

/* With the lock held for reading. */
static enum verdict
check(const char *token, struct pl_arena *arena, struct pl_claims *claims, const char **why)
{
    const struct pl_jwt_rules rules = { now.issuer, now.audience, time(NULL) };

    if (now.good_until_ms <= pl_now_ms())
        return VERIFIER_UNKNOWN;
    *why = pl_jwt_verify(token, strlen(token), &now.keys, &rules, arena, claims);
    if (*why == NULL && find(claims->session))
        *why = "the session was revoked";
    return *why ? VERIFIER_BAD : VERIFIER_GOOD;
}

enum verdict
verifier_check(const char *token, struct pl_arena *arena, Pl__Principal **who, int64_t *lives_s,
               const char **why)
{
    static const char *const RESULTS[] = { "good", "refused", "unknown" };
    struct pl_claims claims;
    enum verdict verdict;

    *why = NULL;
    pthread_rwlock_rdlock(&lock);
    verdict = check(token, arena, &claims, why);
    pthread_rwlock_unlock(&lock);
    pl_inc(&checks, RESULTS[verdict]);
    if (verdict != VERIFIER_GOOD)
        return verdict;
    *who = principal_of(&claims, arena);
    *lives_s = claims.expires_at + PL_JWT_LEEWAY_S - time(NULL);
    return VERIFIER_GOOD;
}
