/* What comes in, and who answers it.  `auth --endpoints` prints it.
 *
 * Calls that hash passwords are heavy: they have workers and a queue of their own. */
#include "auth.h"

#include "auth.pb-c.h"

const struct pl_endpoint auth_endpoints[] = {
    PL_CALL_SECRET("auth.CreateToken", create_token, auth__create_token,
                   "make an access token; its text is shown once"),
    PL_CALL("auth.ListTokens", PL_READ, list_tokens, auth__list_tokens,
            "access tokens, newest first"),
    PL_CALL("auth.DeleteToken", PL_WRITE, delete_token, auth__delete_token,
            "revoke an access token"),
    PL_CALL("auth.VerifyToken", PL_READ, verify_token, auth__verify_token,
            "who a token is and what it may do; only for the gateway"),
    PL_CALL("auth.GetVerifier", PL_READ, get_verifier, auth__get_verifier,
            "keys and revoked sessions; only for the gateway"),
    PL_CALL_HEAVY("auth.RegisterUser", PL_OWN_TX, register_user, auth__register_user,
                  "make an account"),
    PL_CALL_HEAVY("auth.Login", PL_OWN_TX, login, auth__login, "begin a session"),
    PL_CALL("auth.Refresh", PL_OWN_TX, refresh, auth__refresh, "spend a refresh token"),
    PL_CALL("auth.Logout", PL_WRITE, logout, auth__logout, "end a session"),
    PL_CALL("auth.LogoutAll", PL_WRITE, logout_all, auth__logout_all, "end all one's sessions"),
    PL_CALL("auth.GetMe", PL_READ, get_me, auth__get_me, "who asks"),
    PL_CALL("auth.ListSessions", PL_READ, list_sessions, auth__list_sessions,
            "one's sessions that are alive"),
    PL_CALL("auth.DeleteSession", PL_WRITE, delete_session, auth__delete_session,
            "end one of them"),
    PL_CALL_HEAVY("auth.ChangePassword", PL_OWN_TX, change_password, auth__change_password,
                  "change one's password; ends the other sessions"),
    PL_CALL("auth.ListAudit", PL_READ, list_audit, auth__list_audit, "what happened, newest first"),
    PL_CALL("auth.ListUsers", PL_READ, list_users, auth__list_users, "accounts, newest first"),
    PL_CALL_HEAVY("auth.CreateUser", PL_OWN_TX, create_user, auth__create_user, "make an account"),
    PL_CALL("auth.GetUser", PL_READ, get_user, auth__get_user, "one account"),
    PL_CALL("auth.DisableUser", PL_WRITE, disable_user, auth__disable_user,
            "nobody can log in; ends the sessions"),
    PL_CALL("auth.EnableUser", PL_WRITE, enable_user, auth__enable_user, "undo that"),
    PL_CALL("auth.UnlockUser", PL_WRITE, unlock_user, auth__unlock_user,
            "forget the wrong passwords"),
    PL_CALL_HEAVY("auth.SetUserPassword", PL_OWN_TX, set_user_password, auth__set_user_password,
                  "set a new password; ends the sessions"),
    PL_CALL("auth.SetUserRoles", PL_WRITE, set_user_roles, auth__set_user_roles,
            "change what they may do; ends the sessions"),
    { 0 },
};
