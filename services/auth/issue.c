#include "issue.h"

#include "keys.h"
#include "roles.h"
#include "secrets.h"
#include "settings.h"

#include "pl_buf.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

static const char *
join(struct pl_arena *arena, char *const *words, size_t count)
{
    struct pl_buf out = { .arena = arena };

    for (size_t i = 0; i < count; i++)
        pl_buf_printf(&out, "%s%s", i ? " " : "", words[i]);
    return pl_buf_text(&out);
}

/* "w.<hash>", "e.<hash>": warn or enforce; with an a before the dot the address is part of it. */
static const char *
binding_text(struct pl_arena *arena, const unsigned char binding[BINDING_BYTES])
{
    char text[BINDING_BYTES * 2];

    if (strcmp(settings.binding, "off") == 0)
        return "";
    sodium_bin2base64(text, sizeof text, binding, BINDING_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return pl_arena_printf(arena, "%c%s.%s", settings.binding[0], settings.bind_address ? "a" : "",
                           text);
}

int
issue_tokens(struct pl_call *call, const struct account *account, const char *session,
             const unsigned char binding[BINDING_BYTES], const char *refresh_token,
             int64_t refresh_expires_in_s, Auth__Tokens **out)
{
    struct pl_jwt_signer signer;
    struct pl_claims claims = { .issuer = settings.issuer, .audience = settings.audience };
    Auth__Tokens *tokens = pl_arena_alloc(call->arena, sizeof *tokens);
    size_t count;
    char **scopes = roles_scopes(account->roles, account->role_count, call->arena, &count);

    claims.issued_at = time(NULL);
    claims.expires_at = claims.issued_at + settings.access_s;
    claims.subject = pl_arena_printf(call->arena, "user:%s", account->id);
    claims.session = session;
    claims.scope = join(call->arena, scopes, count);
    claims.id = secret_id(call->arena, "");
    claims.binding = binding_text(call->arena, binding);
    if (keys_signer(&signer, claims.issued_at, &call->err))
        return -1;
    auth__tokens__init(tokens);
    tokens->access_token = pl_jwt_sign(&signer, &claims, call->arena);
    sodium_memzero(&signer, sizeof signer);
    tokens->token_type = "Bearer";
    tokens->has_expires_in = tokens->has_refresh_expires_in = true;
    tokens->expires_in = settings.access_s;
    tokens->refresh_token = (char *)refresh_token;
    tokens->refresh_expires_in = refresh_expires_in_s;
    tokens->scope = (char *)claims.scope;
    tokens->session = (char *)session;
    *out = tokens;
    return 0;
}
