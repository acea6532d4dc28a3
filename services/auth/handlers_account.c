/* What somebody who logged in can do about their own account; and the audit. */
#include "auth.h"

#include "caller.h"
#include "emit.h"
#include "guesses.h"
#include "hashes.h"
#include "names.h"
#include "people.h"
#include "roles.h"

#include "pl_feed.h"
#include "pl_log.h"

#include <string.h>

#define RESERVE_MS 500

static int
my_account(struct pl_call *call, struct account **out)
{
    char *id;

    if (caller_account(call, &id) || store_get_account(call->db, id, call->arena, out, &call->err))
        return -1;
    return *out ? 0 : pl_fail(&call->err, NOT_FOUND, "the account is no longer there");
}

/* auth.GetMe */
int
get_me(struct pl_call *call)
{
    Auth__GetMeReply *reply = call->reply;
    struct account *account;

    if (my_account(call, &account))
        return -1;
    reply->account = people_message(account, call->arena);
    reply->n_scopes = call->principal->n_scopes;
    reply->scopes = call->principal->scopes;
    reply->session = (char *)caller_session(call);
    return 0;
}

/* The guess is counted also when the rest fails. */
static int
refuse_password(struct pl_call *call, const char *account)
{
    const struct audit entry = {
        .event = "password", .result = "fail", .reason = "bad_credentials", .account = account
    };

    if (caller_audit(call, entry) || store_commit(call->db, &call->err))
        return -1;
    pl_feed_poke();
    return pl_fail(&call->err, DENIED, "the current password is wrong");
}

/* auth.ChangePassword: all other sessions of the account end. */
int
change_password(struct pl_call *call)
{
    const Auth__ChangePasswordRequest *request = call->request;
    char hash[HASH_TEXT], *password, *current;
    struct account *account;
    bool right, locked;
    size_t count;

    if (my_account(call, &account) ||
        people_password(call, account, request->new_password, "/new_password", &password))
        return -1;
    current =
        name_password(request->current_password ? request->current_password : "", call->arena);
    if (current == NULL)
        return pl_fail(&call->err, INVALID, "the current password is too long");
    if (hashes_make(password, hash, call->deadline - RESERVE_MS, &call->err) ||
        guess_password(call, account, account->user_name, current, &right, &locked))
        return -1;
    if (locked)
        return pl_fail(&call->err, DENIED, "the current password is wrong");
    if (!right)
        return refuse_password(call, account->id);
    if (revoke_sessions(call, account->id, NULL, caller_session(call), "password", &count) ||
        store_set_password(call->db, account->id, hash, NULL, &call->err) ||
        emit_user(call, "auth.user.changed", account->id, "password", NULL, 0) ||
        caller_audit(call, (struct audit){
                               .event = "password", .result = "success", .account = account->id }))
        return -1;
    pl_info("password.changed", PL_S("account", account->id));
    call->http.status = 204;
    return 0;
}

static Auth__AuditEntry *
entry_message(const struct audit *entry, struct pl_arena *arena)
{
    Auth__AuditEntry *message = pl_arena_alloc(arena, sizeof *message);

    auth__audit_entry__init(message);
    message->has_seq = true;
    message->seq = entry->seq;
    message->at = (char *)entry->at;
    message->event = (char *)entry->event;
    message->result = (char *)entry->result;
    message->reason = (char *)entry->reason;
    message->user = (char *)entry->account;
    message->actor = (char *)entry->actor;
    message->session = (char *)entry->session;
    message->address = (char *)entry->address;
    message->agent = (char *)entry->agent;
    return message;
}

/* auth.ListAudit: everybody sees what concerns them, administrators everything. */
int
list_audit(struct pl_call *call)
{
    const Auth__ListAuditRequest *request = call->request;
    Auth__ListAuditReply *reply = call->reply;
    const char *whose = request->user;
    int64_t limit, before;
    struct audit *entries;
    size_t count;
    char *me = NULL;

    if (caller_page(call, request->has_limit, request->limit, request->cursor, &limit, &before))
        return -1;
    if (!pl_call_may(call, "users:admin")) {
        if (caller_account(call, &me))
            return -1;
        if (whose && strcmp(whose, me) != 0)
            return pl_fail(&call->err, DENIED, "only administrators see what others did");
        whose = me;
    }
    if (store_list_audit(call->db, whose, before, limit + 1, call->arena, &entries, &count,
                         &call->err))
        return -1;
    reply->n_entries = count > (size_t)limit ? (size_t)limit : count;
    reply->entries = pl_arena_alloc(call->arena, (count + 1) * sizeof *reply->entries);
    for (size_t i = 0; i < reply->n_entries; i++)
        reply->entries[i] = entry_message(&entries[i], call->arena);
    if (count > reply->n_entries)
        reply->next_cursor =
            pl_arena_printf(call->arena, "%lld", (long long)entries[reply->n_entries - 1].seq);
    return 0;
}
