/* issue -- the pair of tokens that somebody who logged in gets. */
#ifndef ISSUE_H
#define ISSUE_H

#include "pl_service.h"
#include "store.h"

#include "auth.pb-c.h"

#define REFRESH_PREFIX "plr_"

/* Fill in *out for that session: an access token signed now, and this refresh token. */
int issue_tokens(struct pl_call *call, const struct account *account, const char *session,
                 const unsigned char binding[BINDING_BYTES], const char *refresh_token,
                 int64_t refresh_expires_in_s, Auth__Tokens **out);

#endif
