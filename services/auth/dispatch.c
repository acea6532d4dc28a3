/* What comes in, and who answers it.  `auth --endpoints` prints it. */
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
    { 0 },
};
