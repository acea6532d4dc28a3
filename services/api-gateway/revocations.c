#include "revocations.h"

#include "settings.h"
#include "token_cache.h"
#include "verifier.h"

#include "pl_arena.h"
#include "pl_caller.h"
#include "pl_feed_reader.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_service.h"

#include "auth.pb-c.h"
#include "events.pb-c.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_MS    1000  // how soon a lost connection is noticed
#define REFILL_MS  60000 // what no event has said is learnt so late
#define ASK_MS     5000
#define MOST_PAGES 1000
#define LONGEST_S  86520 // that an access token can live, and its leeway

static char *types[] = { "auth.token.revoked", "auth.session.revoked", "auth.user.changed",
                         "auth.keys.changed" };
static pthread_t thread;
static int wake = -1;
static atomic_bool stopping;

static void
forget_token(const Pl__Event *event, struct pl_arena *arena)
{
    const Events__TokenChanged *changed = NULL;

    if (event->has_data)
        changed = pl_unpack(&events__token_changed__descriptor, event->data, arena);
    // an event that cannot be read is still a revocation of something
    token_cache_revoke(changed ? changed->token : NULL);
    pl_info("token.forgotten", PL_S("token", changed ? changed->token : "(all)"));
}

/* First the verifier, then the caches: what was verified in between is not kept (epochs). */
static void
forget_sessions(const Pl__Event *event, struct pl_arena *arena)
{
    const Events__SessionsRevoked *revoked = NULL;

    if (event->has_data)
        revoked = pl_unpack(&events__sessions_revoked__descriptor, event->data, arena);
    for (size_t i = 0; revoked && i < revoked->n_sessions; i++)
        verifier_revoke(revoked->sessions[i], LONGEST_S);
    if (revoked && revoked->n_sessions == 1)
        token_cache_revoke(revoked->sessions[0]);
    else
        token_cache_revoke(NULL);
    pl_info("sessions.forgotten", PL_I("count", revoked ? revoked->n_sessions : 0));
}

/* Somebody may do other things now; their tokens are asked about again. */
static void
forget_all(const Pl__Event *event, struct pl_arena *arena)
{
    (void)event;
    (void)arena;
    token_cache_revoke(NULL);
}

static void
take_keys(const Pl__Event *event, struct pl_arena *arena)
{
    const Events__KeysChanged *changed = NULL;
    struct pl_err err = { 0 };
    struct pl_jwks keys;

    if (event->has_data)
        changed = pl_unpack(&events__keys_changed__descriptor, event->data, arena);
    if (changed == NULL || changed->jwks == NULL ||
        pl_jwks_parse(&keys, changed->jwks, strlen(changed->jwks), &err)) {
        pl_warn("keys.unreadable", PL_ERR(&err));
        return;
    }
    verifier_set_keys(&keys);
    token_cache_revoke(NULL);
    pl_info("keys.changed", PL_I("keys", keys.count));
}

static const struct {
    const char *type;
    void (*apply)(const Pl__Event *event, struct pl_arena *arena);
} EVENTS[] = {
    { "auth.token.revoked", forget_token },
    { "auth.session.revoked", forget_sessions },
    { "auth.user.changed", forget_all },
    { "auth.keys.changed", take_keys },
};

static void
apply(struct pl_feed_reader *reader, const Pl__Batch *batch, struct pl_arena *arena)
{
    for (size_t i = 0; i < batch->n_events; i++)
        for (size_t k = 0; k < sizeof EVENTS / sizeof *EVENTS; k++)
            if (strcmp(EVENTS[k].type, batch->events[i]->type) == 0)
                EVENTS[k].apply(batch->events[i], arena);
    pl_feed_reader_applied(reader, batch->to);
    pl_arena_reset(arena);
}

static void
take_page(const Auth__GetVerifierReply *page)
{
    for (size_t i = 0; i < page->n_revoked; i++)
        if (page->revoked[i]->session)
            verifier_revoke(page->revoked[i]->session, page->revoked[i]->expires_in_s);
}

/* Learn everything anew; what is known already stays until then. */
static int
refill(struct pl_caller *caller, struct pl_arena *arena, struct pl_err *err)
{
    Auth__GetVerifierRequest request = AUTH__GET_VERIFIER_REQUEST__INIT;
    Auth__GetVerifierReply *page = NULL;
    struct pl_jwks keys;

    for (int i = 0; i < MOST_PAGES; i++) {
        if (pl_caller_ask(caller, "auth", "auth.GetVerifier", &request.base,
                          &auth__get_verifier_reply__descriptor, (void **)&page, ASK_MS, arena,
                          err))
            return -1;
        if (page->jwks == NULL || page->issuer == NULL || page->audience == NULL ||
            pl_jwks_parse(&keys, page->jwks, strlen(page->jwks), err))
            return pl_fail(err, UNAVAILABLE, "auth has no keys yet");
        take_page(page);
        request.cursor = page->next_cursor;
        if (request.cursor == NULL)
            break;
    }
    verifier_set(&keys, page->issuer, page->audience);
    return 0;
}

struct listener {
    struct pl_feed_reader *reader;
    struct pl_caller *caller;
    struct pl_arena *arena;
    bool live, filled;
    int64_t refill_at;
};

static void
keep_filled(struct listener *self)
{
    struct pl_err err = { 0 };

    if (!self->live || (self->filled && pl_now_ms() < self->refill_at))
        return;
    if (refill(self->caller, self->arena, &err))
        pl_warn("verifier.not_filled", PL_ERR(&err));
    else if (!self->filled)
        pl_info("verifier.filled");
    if (err.code == PL_OK) {
        self->filled = true;
        self->refill_at = pl_now_ms() + REFILL_MS;
    }
    pl_arena_reset(self->arena);
}

static void
turn(struct listener *self)
{
    const Pl__Batch *batch = pl_feed_reader_next(self->reader, wake, LOOK_MS);
    bool live = pl_feed_reader_live(self->reader);

    if (live && !self->live) {
        token_cache_revoke(NULL); // who knows what was missed
        self->filled = false;
    }
    self->live = live;
    if (batch)
        apply(self->reader, batch, self->arena);
    keep_filled(self);
    if (self->live && self->filled)
        verifier_confirm(settings.verifier_seconds * 1000);
}

static void *
listen_for_them(void *unused)
{
    struct listener self = { .arena = pl_arena_new() };
    struct pl_err err = { 0 };

    self.reader = pl_feed_reader_new("auth", "api-gateway", sizeof types / sizeof *types, types,
                                     false, PL_FEED_NEW_ONLY);
    if (pl_caller_new(&self.caller, "api-gateway", &err))
        pl_error("verifier.without_caller", PL_ERR(&err));
    while (!stopping && self.caller)
        turn(&self);
    pl_feed_reader_destroy(&self.reader);
    pl_caller_destroy(&self.caller);
    pl_arena_destroy(&self.arena);
    return unused;
}

int
revocations_start(struct pl_err *err)
{
    stopping = false;
    wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake >= 0 && pthread_create(&thread, NULL, listen_for_them, NULL) == 0)
        return 0;
    pl_fail(err, INTERNAL, "cannot listen for revocations");
    return pl_err_detail(err, "%s", strerror(errno));
}

void
revocations_stop(void)
{
    const uint64_t one = 1;

    if (wake < 0)
        return;
    stopping = true;
    if (write(wake, &one, sizeof one) == sizeof one)
        pthread_join(thread, NULL);
    close(wake);
    wake = -1;
}
