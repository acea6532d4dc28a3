/* Personal access tokens, and those of the machine. */
#include "auth.h"

#include "caller.h"
#include "emit.h"
#include "roles.h"
#include "secrets.h"

#include "auth.pb-c.h"
#include "pl_log.h"
#include "pl_metric.h"

#include <string.h>

PL_COUNTER(tokens_created, "auth_tokens_created_total", "access tokens made", "");
PL_COUNTER(tokens_revoked, "auth_tokens_revoked_total", "access tokens revoked", "");
PL_COUNTER(tokens_verified, "auth_tokens_verified_total", "tokens looked up for the gateway",
           "result");

#define TOKEN_PREFIX "plt_" // so that a leaked token is recognised by secret scanners

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
    if (caller_is_service(call))
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
                           .created_by = (char *)caller_subject(call) };

    if (request->name == NULL || request->n_scopes == 0)
        return pl_fail(&call->err, INVALID, "a token needs a name and at least one scope");
    if (check_grant(call, request) || caller_owner(call, &token.owner))
        return -1;

    token.id = secret_id(call->arena, "tok_");
    reply->secret = secret_token(call->arena, TOKEN_PREFIX);
    secret_hash(reply->secret, hash);
    if (store_add_token(call->db, &token, hash, request->expires_in_days, call->arena, &call->err))
        return -1;
    if (emit_token(call, "auth.token.created", token.id, token.name))
        return -1;

    pl_inc(&tokens_created);
    pl_info("token.created", PL_S("token", token.id), PL_S("by", token.created_by));
    reply->token = token_message(&token, call->arena);
    call->http.status = 201;
    return 0;
}

/* Whose tokens one sees and revokes: one's own, or with tokens:admin all (NULL). */
static int
reach(struct pl_call *call, char **owner)
{
    *owner = NULL;
    return caller_is_service(call) || pl_call_may(call, "tokens:admin")
               ? 0
               : caller_account(call, owner);
}

/* auth.ListTokens: newest first; the cursor is the number of the last one shown. */
int
list_tokens(struct pl_call *call)
{
    const Auth__ListTokensRequest *request = call->request;
    Auth__ListTokensReply *reply = call->reply;
    int64_t limit, before;
    struct token *tokens;
    size_t count;
    char *owner;

    if (caller_page(call, request->has_limit, request->limit, request->cursor, &limit, &before) ||
        reach(call, &owner) ||
        store_list_tokens(call->db, owner, before, limit + 1, call->arena, &tokens, &count,
                          &call->err))
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
    char *name, *owner;

    if (reach(call, &owner) || store_revoke_token(call->db, request->id ? request->id : "", owner,
                                                  call->arena, &name, &call->err))
        return -1;
    if (name) {
        if (emit_token(call, "auth.token.revoked", request->id, name))
            return -1;
        pl_inc(&tokens_revoked);
        pl_info("token.revoked", PL_S("token", request->id), PL_S("by", caller_subject(call)));
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

    secret_hash(request->secret ? request->secret : "", hash);
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
    if (*token.owner) // never more than they may themselves
        principal->scopes = roles_limit(token.owner_roles, token.owner_role_count, token.scopes,
                                        token.scope_count, call->arena, &principal->n_scopes);
    principal->n_apis = token.api_count;
    principal->apis = token.apis;
    reply->principal = principal;
    reply->token = token.id;
    reply->has_expires_in_s = token.expires_in_s >= 0;
    reply->expires_in_s = token.expires_in_s;
    return 0;
}
