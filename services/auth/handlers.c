/* What each endpoint does.  A handler checks, asks the store, fills in the reply. */
#include "auth.h"

#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "pl_log.h"
#include "pl_metric.h"
#include "store.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

PL_COUNTER(tokens_created, "auth_tokens_created_total", "access tokens made", "");
PL_COUNTER(tokens_revoked, "auth_tokens_revoked_total", "access tokens revoked", "");
PL_COUNTER(tokens_verified, "auth_tokens_verified_total", "tokens looked up for the gateway",
           "result");

#define TOKEN_PREFIX "plt_" // so that a leaked token is recognised by secret scanners
#define SECRET_BYTES 32
#define ID_BYTES     10
#define DEFAULT_PAGE 50
#define LARGEST_PAGE 500

/* Who asks; "" for somebody without a token, whom the gateway keeps away but the bus does not. */
static const char *
subject(const struct pl_call *call)
{
    return call->principal->subject ? call->principal->subject : "";
}

static void
hash_secret(const char *secret, unsigned char hash[HASH_BYTES])
{
    crypto_generichash(hash, HASH_BYTES, (const unsigned char *)secret, strlen(secret), NULL, 0);
}

/* A fresh random text, base64url without padding behind a prefix. */
static char *
random_text(struct pl_arena *arena, const char *prefix, size_t bytes)
{
    unsigned char raw[SECRET_BYTES];
    char text[SECRET_BYTES * 2];

    randombytes_buf(raw, bytes);
    sodium_bin2base64(text, sizeof text, raw, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(raw, sizeof raw);
    return pl_arena_printf(arena, "%s%s", prefix, text);
}

/* Ids stand in paths and logs: hex, so that none looks like an option or a secret. */
static char *
random_id(struct pl_arena *arena)
{
    unsigned char raw[ID_BYTES];
    char hex[ID_BYTES * 2 + 1];

    randombytes_buf(raw, sizeof raw);
    return pl_arena_printf(arena, "tok_%s", sodium_bin2hex(hex, sizeof hex, raw, sizeof raw));
}

static Auth__Token *
token_message(const struct token *token, struct pl_arena *arena)
{
    Auth__Token *message = pl_arena_alloc(arena, sizeof *message);

    auth__token__init(message);
    message->id = token->id;
    message->name = token->name;
    message->n_scopes = token->scope_count;
    message->scopes = token->scopes;
    message->n_apis = token->api_count;
    message->apis = token->apis;
    message->created_at = token->created_at;
    message->created_by = token->created_by;
    message->expires_at = *token->expires_at ? token->expires_at : NULL;
    message->last_used_at = *token->last_used_at ? token->last_used_at : NULL;
    message->revoked_at = *token->revoked_at ? token->revoked_at : NULL;
    return message;
}

/* Nobody can give away more than they have.  A process of ours (`plumb admin token` on the
 * machine, by its CURVE key) may make any token. */
static int
check_grant(struct pl_call *call, const Auth__CreateTokenRequest *request)
{
    if (strncmp(subject(call), "service:", 8) == 0)
        return 0;
    for (size_t i = 0; i < request->n_scopes; i++)
        if (!pl_call_may(call, request->scopes[i]))
            return pl_fail(&call->err, DENIED,
                           "cannot give the scope \"%s\", which you do not have",
                           request->scopes[i]);
    if (call->principal->n_apis > 0 && request->n_apis == 0)
        return pl_fail(&call->err, DENIED,
                       "cannot make a token for every api with one that is limited to some");
    for (size_t i = 0; i < request->n_apis; i++)
        if (!pl_call_may_see(call, request->apis[i]))
            return pl_fail(&call->err, DENIED, "cannot give the api \"%s\", which you may not see",
                           request->apis[i]);
    return 0;
}

static int
emit(struct pl_call *call, const char *type, const char *id, const char *name)
{
    Events__TokenChanged event = EVENTS__TOKEN_CHANGED__INIT;

    event.token = (char *)id;
    event.name = (char *)name;
    return pl_outbox_add(call->db, "token", id, type, &event.base, &call->err);
}

/* auth.CreateToken */
int
create_token(struct pl_call *call)
{
    const Auth__CreateTokenRequest *request = call->request;
    Auth__CreateTokenReply *reply = call->reply;
    unsigned char hash[HASH_BYTES];
    struct token token = { .name = request->name,
                           .scopes = request->scopes,
                           .scope_count = request->n_scopes,
                           .apis = request->apis,
                           .api_count = request->n_apis,
                           .created_by = (char *)subject(call) };

    if (request->name == NULL || request->n_scopes == 0)
        return pl_fail(&call->err, INVALID, "a token needs a name and at least one scope");
    if (check_grant(call, request))
        return -1;

    token.id = random_id(call->arena);
    reply->secret = random_text(call->arena, TOKEN_PREFIX, SECRET_BYTES);
    hash_secret(reply->secret, hash);
    if (store_add_token(call->db, &token, hash, request->expires_in_days, call->arena, &call->err))
        return -1;
    if (emit(call, "auth.token.created", token.id, token.name))
        return -1;

    pl_inc(&tokens_created);
    pl_info("token.created", PL_S("token", token.id), PL_S("by", token.created_by));
    reply->token = token_message(&token, call->arena);
    call->http.status = 201;
    return 0;
}

/* auth.ListTokens: newest first; the cursor is the number of the last one shown. */
int
list_tokens(struct pl_call *call)
{
    const Auth__ListTokensRequest *request = call->request;
    Auth__ListTokensReply *reply = call->reply;
    int64_t limit = request->has_limit ? request->limit : DEFAULT_PAGE;
    int64_t before = request->cursor ? strtoll(request->cursor, NULL, 10) : 0;
    struct token *tokens;
    size_t count;

    if (limit < 1 || limit > LARGEST_PAGE)
        return pl_fail(&call->err, MALFORMED, "limit must be from 1 to %d", LARGEST_PAGE);
    if (before < 0 || (request->cursor && before == 0))
        return pl_fail(&call->err, MALFORMED, "the cursor is not one of ours");
    if (store_list_tokens(call->db, before, limit + 1, call->arena, &tokens, &count, &call->err))
        return -1;
    reply->n_tokens = count > (size_t)limit ? (size_t)limit : count;
    reply->tokens = pl_arena_alloc(call->arena, (count + 1) * sizeof *reply->tokens);
    for (size_t i = 0; i < reply->n_tokens; i++)
        reply->tokens[i] = token_message(&tokens[i], call->arena);
    if (count > reply->n_tokens)
        reply->next_cursor =
            pl_arena_printf(call->arena, "%lld", (long long)tokens[reply->n_tokens - 1].seq);
    return 0;
}

/* auth.DeleteToken: a second time changes nothing and says nothing. */
int
delete_token(struct pl_call *call)
{
    const Auth__DeleteTokenRequest *request = call->request;
    char *name;

    if (store_revoke_token(call->db, request->id ? request->id : "", call->arena, &name,
                           &call->err))
        return -1;
    if (name) {
        if (emit(call, "auth.token.revoked", request->id, name))
            return -1;
        pl_inc(&tokens_revoked);
        pl_info("token.revoked", PL_S("token", request->id), PL_S("by", subject(call)));
    }
    call->http.status = 204;
    return 0;
}

/* auth.VerifyToken: the gateway caches the answer (RULINGS 28). */
int
verify_token(struct pl_call *call)
{
    const Auth__VerifyTokenRequest *request = call->request;
    Auth__VerifyTokenReply *reply = call->reply;
    unsigned char hash[HASH_BYTES];
    struct token token = { 0 };
    Pl__Principal *principal;

    hash_secret(request->secret ? request->secret : "", hash);
    if (store_use_token(call->db, hash, call->arena, &token, &call->err)) {
        pl_inc(&tokens_verified, call->err.code == PL_UNAUTHENTICATED ? "refused" : "failed");
        return -1;
    }
    pl_inc(&tokens_verified, "ok");
    principal = pl_arena_alloc(call->arena, sizeof *principal);
    pl__principal__init(principal);
    principal->subject = pl_arena_printf(call->arena, "token:%s", token.id);
    principal->name = token.name;
    principal->n_scopes = token.scope_count;
    principal->scopes = token.scopes;
    principal->n_apis = token.api_count;
    principal->apis = token.apis;
    reply->principal = principal;
    reply->token = token.id;
    reply->has_expires_in_s = token.expires_in_s >= 0;
    reply->expires_in_s = token.expires_in_s;
    return 0;
}
