#include "access.h"

#include "binding.h"
#include "contract.h"
#include "exchange.h"
#include "problem.h"
#include "reactor.h"
#include "token_cache.h"
#include "verifier.h"

#include "pl_caller.h"
#include "pl_log.h"
#include "pl_pack.h"
#include "pl_service.h"

#include "auth.pb-c.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VERIFY_LIMIT_MS 5000

static void
refuse(struct exchange *self, const char *detail)
{
    answer_header(self, "WWW-Authenticate",
                  exchange_header_count(self, "Authorization")
                      ? "Bearer realm=\"plumbline\", error=\"invalid_token\""
                      : "Bearer realm=\"plumbline\"");
    problem(self, PL_UNAUTHENTICATED, "%s", detail);
}

/* Who may do the first with everybody's may do the second with their own. */
static const char *const IMPLIED[][2] = { { "tokens:admin", "tokens:own" } };

static bool
has(size_t count, char *const *list, const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], wanted) == 0)
            return true;
    return false;
}

static bool
may(const Pl__Principal *who, const char *scope)
{
    bool found = has(who->n_scopes, who->scopes, scope);

    for (size_t i = 0; i < sizeof IMPLIED / sizeof *IMPLIED && !found; i++)
        found = strcmp(IMPLIED[i][1], scope) == 0 && has(who->n_scopes, who->scopes, IMPLIED[i][0]);
    return found;
}

/* The operation's scope, and the path's api if the token is limited to some. */
static void
check_rights(struct exchange *self)
{
    const Pl__Principal *who = self->principal;
    const char *scope = self->operation ? self->operation->scope : NULL;
    const char *api = path_value(&self->values, "api");

    if (!binding_holds(self)) {
        refuse(self, "the token belongs to another client");
        return;
    }
    if (scope == NULL)
        return;
    if (!may(who, scope)) {
        answer_header(self, "WWW-Authenticate",
                      pl_arena_printf(self->arena,
                                      "Bearer realm=\"plumbline\", error=\"insufficient_scope\", "
                                      "scope=\"%s\"",
                                      scope));
        problem(self, PL_DENIED, "the scope %s is needed", scope);
    } else if (api && who->n_apis && !has(who->n_apis, who->apis, api))
        problem(self, PL_DENIED, "the token is limited to other apis than \"%s\"", api);
}

/* The text behind "Bearer"; NULL if that is not what is there. */
static const char *
bearer(const struct exchange *self)
{
    const char *header = exchange_header(self, "Authorization");
    size_t length;

    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
        return NULL;
    header += 7 + strspn(header + 7, " ");
    length =
        strspn(header, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=");
    return length && length <= PL_JWT_LONGEST && header[length] == '\0' ? header : NULL;
}

static void
keep(struct exchange *self, const Auth__VerifyTokenReply *reply)
{
    // copied into this exchange's arena by way of its packed form
    self->principal = pl_unpack(&pl__principal__descriptor,
                                pl_pack(&reply->principal->base, self->arena), self->arena);
    token_cache_put(reactor_tokens(self->reactor), bearer(self), reply->token, reply->principal,
                    reply->has_expires_in_s ? reply->expires_in_s : -1, pl_now_ms(),
                    self->token_epoch);
    check_rights(self);
}

static void
verified(void *arg, const struct pl_answer *answer)
{
    struct exchange *self = arg;
    const Auth__VerifyTokenReply *reply = NULL;

    if (answer->code == PL_OK)
        reply = pl_unpack(&auth__verify_token_reply__descriptor, answer->message, self->arena);
    if (reply && reply->principal)
        keep(self, reply);
    else if (answer->code == PL_UNAUTHENTICATED || answer->code == PL_INVALID ||
             answer->code == PL_NOT_FOUND)
        refuse(self, "the token is not valid (any more)");
    else {
        pl_warn("token.unverified", PL_S("code", pl_code_name(answer->code)),
                PL_S("text", answer->text));
        problem(self, PL_UNAVAILABLE, "the token could not be checked");
    }
    exchange_done(self);
}

static void
ask(struct exchange *self, const char *token)
{
    static const Pl__Principal NOBODY = PL__PRINCIPAL__INIT;
    Auth__VerifyTokenRequest request = AUTH__VERIFY_TOKEN_REQUEST__INIT;
    struct pl_outcall call = {
        .service = "auth",
        .operation = "auth.VerifyToken",
        .principal = &NOBODY,
        .request_id = self->request_id,
        .traceparent = self->traceparent,
        .tracestate = self->tracestate,
        .client_address = self->client,
        .timeout_ms = VERIFY_LIMIT_MS,
        .idempotent = true,
    };

    request.secret = (char *)token;
    call.message = pl_pack(&request.base, self->arena);
    self->token_epoch = token_cache_epoch(reactor_tokens(self->reactor));
    self->pending = true;
    pl_caller_start(reactor_caller(self->reactor), &call, verified, self);
}

/* The access token of a session: nobody needs to be asked. */
static void
verify(struct exchange *self, const char *token)
{
    struct token_cache *cache = reactor_tokens(self->reactor);
    uint64_t epoch = token_cache_epoch(cache);
    Pl__Principal *who = NULL;
    int64_t lives_s = 0;
    const char *why;

    switch (verifier_check(token, self->arena, &who, &lives_s, &why)) {
    case VERIFIER_UNKNOWN:
        problem(self, PL_UNAVAILABLE, "the token could not be checked");
        return;
    case VERIFIER_BAD:
        pl_debug("token.refused", PL_S("why", why));
        refuse(self, "the token is not valid (any more)");
        return;
    case VERIFIER_GOOD:
        break;
    }
    self->principal = who;
    token_cache_put(cache, token, who->session, who, lives_s, pl_now_ms(), epoch);
    check_rights(self);
}

void
access_recall(struct exchange *self)
{
    const char *token = bearer(self);

    if (token == NULL || exchange_header_count(self, "Authorization") > 1)
        return;
    self->principal =
        token_cache_get(reactor_tokens(self->reactor), token, pl_now_ms(), self->arena);
    if (self->principal)
        check_rights(self);
}

void
access_begin(struct exchange *self)
{
    const char *token = bearer(self);
    bool needed = self->operation && self->operation->scope;

    if (self->principal)
        return;
    if (exchange_header_count(self, "Authorization") == 0) {
        if (needed)
            refuse(self, "send an access token: Authorization: Bearer ...");
        return;
    }
    if (token == NULL || exchange_header_count(self, "Authorization") > 1) {
        refuse(self, "the Authorization field holds no bearer token");
        return;
    }
    if (strchr(token, '.'))
        verify(self, token);
    else
        ask(self, token);
}
