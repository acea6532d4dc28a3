/* What gateways need to verify access tokens by themselves. */
#include "auth.h"

#include "settings.h"
#include "store.h"

#include "auth.pb-c.h"
#include "pl_buf.h"

#define PAGE 2000

/* auth.GetVerifier: the keys, and the sessions that were revoked while an access token of theirs
 * could still be good, page by page. */
int
get_verifier(struct pl_call *call)
{
    const Auth__GetVerifierRequest *request = call->request;
    Auth__GetVerifierReply *reply = call->reply;
    int64_t seconds = settings.access_s + 2 * PL_JWT_LEEWAY_S;
    struct pl_buf jwks = { .arena = call->arena };
    struct revoked *revoked;
    struct pl_jwks keys;
    size_t count;

    if (store_live_keys(call->db, KEY_SEEN_S, &keys, &call->err) ||
        store_revoked_since(call->db, seconds, request->cursor ? request->cursor : "", PAGE + 1,
                            call->arena, &revoked, &count, &call->err))
        return -1;
    pl_jwks_write(&jwks, &keys);
    reply->jwks = jwks.data;
    reply->issuer = (char *)settings.issuer;
    reply->audience = (char *)settings.audience;
    reply->n_revoked = count > PAGE ? PAGE : count;
    reply->revoked = pl_arena_alloc(call->arena, (count + 1) * sizeof *reply->revoked);
    for (size_t i = 0; i < reply->n_revoked; i++) {
        reply->revoked[i] = pl_arena_alloc(call->arena, sizeof **reply->revoked);
        auth__revoked_session__init(reply->revoked[i]);
        reply->revoked[i]->session = revoked[i].session;
        reply->revoked[i]->has_expires_in_s = true;
        reply->revoked[i]->expires_in_s = revoked[i].expires_in_s;
    }
    if (count > PAGE)
        reply->next_cursor = revoked[PAGE - 1].session;
    return 0;
}
