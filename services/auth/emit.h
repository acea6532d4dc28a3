/* emit -- the events of accounts and sessions, within the transaction that makes them true. */
#ifndef EMIT_H
#define EMIT_H

#include "pl_service.h"

int emit_token(struct pl_call *call, const char *type, const char *token, const char *name);
int emit_user(struct pl_call *call, const char *type, const char *user, const char *change,
              char **roles, size_t role_count);
int emit_login(struct pl_call *call, const char *user, const char *result, const char *reason,
               const char *session);
int emit_lockout(struct pl_call *call, const char *aggregate, const char *user, const char *counted,
                 const char *until);
int emit_refresh(struct pl_call *call, const char *user, const char *session, const char *result,
                 const char *reason);
int emit_reuse(struct pl_call *call, const char *user, const char *session);

/* In as many events as it takes. */
int emit_revoked(struct pl_call *call, const char *user, char **sessions, size_t count,
                 const char *reason);

#endif
