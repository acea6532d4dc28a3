/* Sessions: refresh, log out, look at them. */
#include "auth.h"

#include "caller.h"
#include "emit.h"
#include "issue.h"
#include "secrets.h"
#include "settings.h"

#include "auth.pb-c.h"
#include "pl_feed.h"
#include "pl_log.h"
#include "pl_metric.h"

#include <string.h>

#define TRIES 5

PL_COUNTER(refreshes, "auth_refresh_total", "refresh tokens used", "result,reason");
PL_COUNTER(unbound, "auth_binding_mismatch_total",
           "refresh tokens from another client than the one that logged in", "action");

static const char *const REASONS[] = {
    [REFRESH_ROTATED] = "-",       [REFRESH_GRACE] = "grace",     [REFRESH_REUSED] = "reused",
    [REFRESH_REVOKED] = "revoked", [REFRESH_EXPIRED] = "expired", [REFRESH_DISABLED] = "disabled",
    [REFRESH_UNBOUND] = "binding", [REFRESH_BUSY] = "busy",       [REFRESH_UNKNOWN] = "unknown",
};

/* End sessions of an account, whose row is locked, and say so. */
static int
end_sessions(struct pl_call *call, const char *account, const char *only, const char *but,
             const char *reason, size_t *count)
{
    char **ids;

    if (store_revoke_sessions(call->db, account, only, but, reason, call->arena, &ids, count,
                              &call->err))
        return -1;
    return emit_revoked(call, account, ids, *count, reason);
}

/* The account's row is locked. */
int
end_oldest_sessions(struct pl_call *call, const char *account)
{
    char **ids;
    size_t count;

    if (settings.sessions_most == 0)
        return 0;
    if (store_revoke_oldest(call->db, account, settings.sessions_most, call->arena, &ids, &count,
                            &call->err))
        return -1;
    return emit_revoked(call, account, ids, count, "cap");
}

int
revoke_sessions(struct pl_call *call, const char *account, const char *only, const char *but,
                const char *reason, size_t *count)
{
    struct account *row;

    return store_lock_account(call->db, account, call->arena, &row, &call->err) ||
                   end_sessions(call, account, only, but, reason, count)
               ? -1
               : 0;
}

/* Into the audit and the feed: what became of a token of a session that is known. */
static int
tell_of(struct pl_call *call, const struct rotation *rotation, const char *result)
{
    const struct audit entry = { .event = "refresh",
                                 .result = result,
                                 .reason = REASONS[rotation->result],
                                 .account = rotation->account,
                                 .session = rotation->session };

    return caller_audit(call, entry) || emit_refresh(call, rotation->account, rotation->session,
                                                     result, REASONS[rotation->result])
               ? -1
               : 0;
}

/* A spent token came back: two have it, so nobody may go on with what came of it (RFC 9700
 * section 4.14.2). */
static int
end_family(struct pl_call *call, const struct rotation *rotation)
{
    size_t count;

    if (revoke_sessions(call, rotation->account, rotation->session, NULL, "reuse", &count) ||
        emit_reuse(call, rotation->account, rotation->session))
        return -1;
    pl_warn("refresh.reused", PL_S("account", rotation->account),
            PL_S("session", rotation->session), PL_S("address", call->client_address));
    return 0;
}

/* The successor that the client gets: the one just made, or the one made for it a moment ago. */
static int
hand_out(struct pl_call *call, const struct rotation *rotation, const char *token, char *next)
{
    Auth__RefreshReply *reply = call->reply;
    struct account *account;

    if (rotation->result == REFRESH_GRACE)
        next = secret_open(rotation->sealed, rotation->sealed_length, token, REFRESH_PREFIX,
                           call->arena);
    if (next == NULL)
        return pl_fail(&call->err, UNAUTHENTICATED, "the refresh token is not valid (any more)");
    if (store_get_account(call->db, rotation->account, call->arena, &account, &call->err))
        return -1;
    if (account == NULL)
        return pl_fail(&call->err, UNAUTHENTICATED, "the refresh token is not valid (any more)");
    return issue_tokens(call, account, rotation->session, rotation->binding, next,
                        rotation->expires_in_s, &reply->tokens);
}

/* With PLUMB_BINDING=warn another client is let in, but seen. */
static void
look_at_client(struct pl_call *call, const struct rotation *rotation,
               const unsigned char binding[BINDING_BYTES])
{
    if (rotation->result == REFRESH_UNKNOWN || strcmp(settings.binding, "off") == 0 ||
        memcmp(rotation->binding, binding, BINDING_BYTES) == 0)
        return;
    pl_inc(&unbound, rotation->result == REFRESH_UNBOUND ? "refused" : "warned");
    pl_warn("refresh.other_client", PL_S("session", rotation->session),
            PL_S("address", call->client_address), PL_S("policy", settings.binding));
}

static int
rotate(struct pl_call *call, const char *token, struct rotation *rotation, char **next)
{
    unsigned char binding[BINDING_BYTES];
    struct refresh refresh;

    caller_binding(call, binding);
    refresh.must_bind = strcmp(settings.binding, "enforce") == 0 ? binding : NULL;
    *next = secret_token(call->arena, REFRESH_PREFIX);
    secret_hash(token, refresh.hash);
    secret_hash(*next, refresh.next_hash);
    secret_seal(*next, token, REFRESH_PREFIX, refresh.sealed);
    rotation->result = REFRESH_BUSY;
    for (int i = 0; i < TRIES && rotation->result == REFRESH_BUSY; i++)
        if (store_rotate(call->db, &refresh, call->arena, rotation, &call->err))
            return -1;
    look_at_client(call, rotation, binding);
    return 0;
}

/* Not taken.  What is said about it, and a family that ends, is committed although the call fails. */
static int
turn_down(struct pl_call *call, const struct rotation *rotation)
{
    pl_inc(&refreshes, "fail", REASONS[rotation->result]);
    if (rotation->result == REFRESH_BUSY)
        return pl_fail(&call->err, CONFLICT, "the refresh token is being used: try again");
    if (rotation->result != REFRESH_UNKNOWN) {
        if ((rotation->result == REFRESH_REUSED && end_family(call, rotation)) ||
            tell_of(call, rotation, "fail") || store_commit(call->db, &call->err))
            return -1;
        pl_feed_poke();
    }
    return pl_fail(&call->err, UNAUTHENTICATED, "the refresh token is not valid (any more)");
}

/* auth.Refresh: the token is spent by one statement, in one transaction with what is said
 * about it; when the process ends behind it, the client's second try brings the same successor. */
int
refresh(struct pl_call *call)
{
    const Auth__RefreshRequest *request = call->request;
    const char *token = request->refresh_token ? request->refresh_token : "";
    struct rotation rotation = { .result = REFRESH_UNKNOWN };
    char *next = NULL;

    if (strncmp(token, REFRESH_PREFIX, strlen(REFRESH_PREFIX)) == 0 &&
        (store_begin(call->db, &call->err) || rotate(call, token, &rotation, &next)))
        return -1;
    if (rotation.result != REFRESH_ROTATED && rotation.result != REFRESH_GRACE)
        return turn_down(call, &rotation);
    if ((rotation.result == REFRESH_ROTATED && tell_of(call, &rotation, "success")) ||
        hand_out(call, &rotation, token, next))
        return -1;
    pl_inc(&refreshes, "success", REASONS[rotation.result]);
    return 0;
}

static int
audit(struct pl_call *call, const char *event, const char *account, const char *session)
{
    return caller_audit(
        call, (struct audit){
                  .event = event, .result = "success", .account = account, .session = session });
}

/* auth.Logout: of the session that asks, or of the one whose refresh token is shown. */
int
logout(struct pl_call *call)
{
    const Auth__LogoutRequest *request = call->request;
    struct session session = { .id = (char *)caller_session(call) };
    unsigned char hash[HASH_BYTES];
    size_t count;

    call->http.status = 204;
    if (request->refresh_token) {
        secret_hash(request->refresh_token, hash);
        if (store_session_of_refresh(call->db, hash, call->arena, &session, &call->err))
            return -1;
    } else if (session.id == NULL) {
        return pl_fail(&call->err, UNAUTHENTICATED,
                       "show the session's access token or refresh token");
    } else if (caller_account(call, &session.account)) {
        return -1;
    }
    if (revoke_sessions(call, session.account, session.id, NULL, "logout", &count))
        return -1;
    return count ? audit(call, "logout", session.account, session.id) : 0;
}

/* auth.LogoutAll */
int
logout_all(struct pl_call *call)
{
    Auth__LogoutAllReply *reply = call->reply;
    size_t count;
    char *account;

    if (caller_account(call, &account) ||
        revoke_sessions(call, account, NULL, NULL, "logout_all", &count))
        return -1;
    reply->has_count = true;
    reply->count = (int64_t)count;
    return audit(call, "logout_all", account, NULL);
}

static Auth__Session *
session_message(const struct session *session, const char *current, struct pl_arena *arena)
{
    Auth__Session *message = pl_arena_alloc(arena, sizeof *message);

    auth__session__init(message);
    message->id = session->id;
    message->agent = session->agent;
    message->address = session->address;
    message->created_at = session->created_at;
    message->last_used_at = session->last_used_at;
    message->expires_at = session->expires_at;
    message->has_current = true;
    message->current = current && strcmp(current, session->id) == 0;
    return message;
}

/* auth.ListSessions */
int
list_sessions(struct pl_call *call)
{
    Auth__ListSessionsReply *reply = call->reply;
    struct session *sessions;
    size_t count;
    char *account;

    if (caller_account(call, &account) ||
        store_list_sessions(call->db, account, call->arena, &sessions, &count, &call->err))
        return -1;
    reply->n_sessions = count;
    reply->sessions = pl_arena_alloc(call->arena, (count + 1) * sizeof *reply->sessions);
    for (size_t i = 0; i < count; i++)
        reply->sessions[i] = session_message(&sessions[i], caller_session(call), call->arena);
    return 0;
}

/* auth.DeleteSession */
int
delete_session(struct pl_call *call)
{
    const Auth__DeleteSessionRequest *request = call->request;
    size_t count;
    char *account;

    if (caller_account(call, &account) ||
        revoke_sessions(call, account, request->id ? request->id : "", NULL, "logout", &count))
        return -1;
    if (count == 0)
        return pl_fail(&call->err, NOT_FOUND, "you have no such session");
    call->http.status = 204;
    return audit(call, "logout", account, request->id);
}
