/* auth -- what the files of this service share.  Nothing outside includes it. */
#ifndef AUTH_H
#define AUTH_H

#include "pl_service.h"

/* A key that no replica has had in its registry for so long is gone: longer than access tokens live
 * at most by default. */
#define KEY_SEEN_S 3600

/* settings.c, dispatch.c, timers.c */
extern const struct pl_setting auth_settings[];
extern const struct pl_endpoint auth_endpoints[];
extern const struct pl_timer auth_timers[];

/* start.c: check the settings, read keys and passwords' list; once. */
int auth_start(struct pl_err *err);

/* handlers_*.c: one function per endpoint, in the order of dispatch.c */
pl_handler_fn create_token, list_tokens, delete_token, verify_token;
pl_handler_fn get_verifier;
pl_handler_fn register_user, login;
pl_handler_fn refresh, logout, logout_all, list_sessions, delete_session;
pl_handler_fn get_me, change_password, list_audit;
pl_handler_fn list_users, create_user, get_user, disable_user, enable_user, unlock_user,
    set_user_password, set_user_roles;

/* handlers_session.c: within a transaction, end sessions of an account, whose row it locks: all,
 * ${only} one or all ${but} one; *count gets how many were alive. */
int revoke_sessions(struct pl_call *call, const char *account, const char *only, const char *but,
                    const char *reason, size_t *count);

/* The same for sessions beyond PLUMB_SESSIONS_PER_USER, the oldest, of an account whose row is
 * locked. */
int end_oldest_sessions(struct pl_call *call, const char *account);

#endif
