/* Register and log in. */
#include "auth.h"

#include "caller.h"
#include "emit.h"
#include "guesses.h"
#include "hashes.h"
#include "issue.h"
#include "names.h"
#include "people.h"
#include "secrets.h"
#include "settings.h"

#include "pl_feed.h"
#include "pl_log.h"
#include "pl_metric.h"

#include <string.h>

#define RESERVE_MS 500

PL_COUNTER(logins, "auth_login_total", "logins tried", "result,reason");
PL_COUNTER(registered, "auth_registrations_total", "people who registered", "result");

/* What everybody hears whose login did not work, for whatever reason: nobody learns whether there
 * is such an account, or that it is locked (RULINGS 13). */
static int
refuse(struct pl_call *call, const char *reason)
{
    pl_inc(&logins, "fail", reason);
    pl_info("login.refused", PL_S("reason", reason), PL_S("address", call->client_address));
    return pl_fail(&call->err, UNAUTHENTICATED, "the login or the password is wrong");
}

/* Keep what the failure has counted, then refuse. */
static int
fail_login(struct pl_call *call, const struct account *account, const char *reason)
{
    const char *id = account ? account->id : "";
    const struct audit entry = {
        .event = "login", .result = "fail", .reason = reason, .account = id
    };

    if (caller_audit(call, entry) || emit_login(call, id, "fail", reason, NULL) ||
        store_commit(call->db, &call->err))
        return -1;
    pl_feed_poke();
    return refuse(call, reason);
}

/* Parameters have risen since the password was hashed: hash it anew.  If that cannot be done just
 * now, the next login will. */
static void
renew_hash(struct pl_call *call, const struct account *account, const char *password)
{
    char hash[HASH_TEXT];
    struct pl_err err = { 0 };

    if (!hashes_is_old(account->hashed_password))
        return;
    if (hashes_make(password, hash, call->deadline - RESERVE_MS, &err) ||
        store_set_password(call->db, account->id, hash, account->hashed_password, &err))
        pl_warn("password.not_rehashed", PL_S("account", account->id), PL_ERR(&err));
    else
        pl_info("password.rehashed", PL_S("account", account->id));
}

static int
open_session(struct pl_call *call, const struct account *account)
{
    Auth__LoginReply *reply = call->reply;
    struct session session = { .id = secret_id(call->arena, "ses_"), .account = account->id };
    char *refresh = secret_token(call->arena, REFRESH_PREFIX);
    unsigned char hash[HASH_BYTES];
    const struct audit entry = {
        .event = "login", .result = "success", .account = account->id, .session = session.id
    };

    session.agent = caller_agent(call);
    session.address = (char *)call->client_address;
    caller_binding(call, session.binding);
    secret_hash(refresh, hash);
    if (store_add_session(call->db, &session, hash, call->arena, &call->err) ||
        store_note_login(call->db, account->id, &call->err) || caller_audit(call, entry) ||
        emit_login(call, account->id, "success", "-", session.id) ||
        end_oldest_sessions(call, account->id))
        return -1;
    return issue_tokens(call, account, session.id, session.binding, refresh, settings.refresh_s,
                        &reply->tokens);
}

/* auth.Login: the password was looked at, and is right; is everything still as it was then? */
static int
succeed(struct pl_call *call, const struct account *looked_at, const char *password)
{
    struct account *account;

    if (store_lock_account(call->db, looked_at->id, call->arena, &account, &call->err))
        return -1;
    if (*account->disabled_at)
        return fail_login(call, account, "disabled");
    if (strcmp(account->hashed_password, looked_at->hashed_password) != 0)
        return fail_login(call, account, "bad_credentials");
    renew_hash(call, account, password);
    if (open_session(call, account))
        return -1;
    pl_inc(&logins, "success", "-");
    pl_info("login.done", PL_S("account", account->id));
    return 0;
}

int
login(struct pl_call *call)
{
    const Auth__LoginRequest *request = call->request;
    char *name = name_fold(request->login ? request->login : "", call->arena);
    char *password = name_password(request->password ? request->password : "", call->arena);
    struct account *account = NULL;
    bool right, locked;

    if (name == NULL || password == NULL)
        return pl_fail(&call->err, INVALID, "the login or the password is too long");
    if (store_find_account(call->db, name, call->arena, &account, &call->err))
        return -1;
    if (guess_password(call, account, name, password, &right, &locked)) {
        if (call->err.code == PL_UNAVAILABLE)
            pl_inc(&logins, "fail", "unavailable");
        return -1;
    }
    if (locked)
        return refuse(call, "locked");
    if (!right)
        return fail_login(call, account, "bad_credentials");
    return succeed(call, account, password);
}

/* auth.RegisterUser: the answer is the same whether or not the name was free, for it would tell who
 * has an account; whoever chose the name finds out by logging in.  There is no Idempotency-Key for a request with a
 * password: its hash would be a quick one of the password. */
int
register_user(struct pl_call *call)
{
    const Auth__RegisterUserRequest *request = call->request;
    Auth__RegisterUserReply *reply = call->reply;
    char hash[HASH_TEXT], *password, *role = (char *)settings.register_role;
    struct account account;
    bool added;

    if (!settings_registration())
        return pl_fail(&call->err, DENIED, "ask an administrator for an account");
    if (people_read(call, request->login, request->email, request->password, &account, &password))
        return -1;
    if (hashes_make(password, hash, call->deadline - RESERVE_MS, &call->err) ||
        store_begin(call->db, &call->err))
        return -1;
    account.id = secret_id(call->arena, "usr_");
    account.hashed_password = hash;
    account.roles = &role;
    account.role_count = 1;
    if (store_add_account(call->db, &account, &added, &call->err) ||
        caller_audit(call, (struct audit){ .event = "register",
                                           .result = added ? "success" : "fail",
                                           .reason = added ? "-" : "taken",
                                           .account = added ? account.id : "" }))
        return -1;
    if (added && emit_user(call, "auth.user.created", account.id, "created", account.roles, 1))
        return -1;
    pl_inc(&registered, added ? "success" : "taken");
    reply->login = account.user_name;
    call->http.status = 201;
    return 0;
}
