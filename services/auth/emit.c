#include "emit.h"

#include "events.pb-c.h"

#define MOST_AT_ONCE 1000 // ids of 24 bytes: well below an event's 64 KiB

int
emit_token(struct pl_call *call, const char *type, const char *token, const char *name)
{
    Events__TokenChanged event = EVENTS__TOKEN_CHANGED__INIT;

    event.token = (char *)token;
    event.name = (char *)name;
    return pl_outbox_add(call->db, "token", token, type, &event.base, &call->err);
}

int
emit_user(struct pl_call *call, const char *type, const char *user, const char *change,
          char **roles, size_t role_count)
{
    Events__UserChanged event = EVENTS__USER_CHANGED__INIT;

    event.user = (char *)user;
    event.change = (char *)change;
    event.roles = roles;
    event.n_roles = role_count;
    return pl_outbox_add(call->db, "user", user, type, &event.base, &call->err);
}

int
emit_login(struct pl_call *call, const char *user, const char *result, const char *reason,
           const char *session)
{
    Events__LoginTried event = EVENTS__LOGIN_TRIED__INIT;

    event.user = (char *)user;
    event.result = (char *)result;
    event.reason = (char *)reason;
    event.session = (char *)session;
    return pl_outbox_add(call->db, "user", *user ? user : "nobody", "auth.login", &event.base,
                         &call->err);
}

int
emit_lockout(struct pl_call *call, const char *aggregate, const char *user, const char *counted,
             const char *until)
{
    Events__LockedOut event = EVENTS__LOCKED_OUT__INIT;

    event.user = (char *)user;
    event.counted = (char *)counted;
    event.until = (char *)until;
    return pl_outbox_add(call->db, "user", *aggregate ? aggregate : "nobody", "auth.lockout",
                         &event.base, &call->err);
}

int
emit_refresh(struct pl_call *call, const char *user, const char *session, const char *result,
             const char *reason)
{
    Events__RefreshTried event = EVENTS__REFRESH_TRIED__INIT;

    event.user = (char *)user;
    event.session = (char *)session;
    event.result = (char *)result;
    event.reason = (char *)reason;
    return pl_outbox_add(call->db, "session", session, "auth.refresh", &event.base, &call->err);
}

int
emit_reuse(struct pl_call *call, const char *user, const char *session)
{
    Events__RefreshReused event = EVENTS__REFRESH_REUSED__INIT;

    event.user = (char *)user;
    event.session = (char *)session;
    return pl_outbox_add(call->db, "user", user, "auth.refresh.reused", &event.base, &call->err);
}

int
emit_revoked(struct pl_call *call, const char *user, char **sessions, size_t count,
             const char *reason)
{
    for (size_t at = 0; at < count; at += MOST_AT_ONCE) {
        Events__SessionsRevoked event = EVENTS__SESSIONS_REVOKED__INIT;

        event.sessions = sessions + at;
        event.n_sessions = count - at < MOST_AT_ONCE ? count - at : MOST_AT_ONCE;
        event.user = (char *)user;
        event.reason = (char *)reason;
        if (pl_outbox_add(call->db, "user", user, "auth.session.revoked", &event.base, &call->err))
            return -1;
    }
    return 0;
}
