/* What administrators do with other people's accounts. */
#include "auth.h"

#include "caller.h"
#include "emit.h"
#include "hashes.h"
#include "names.h"
#include "people.h"
#include "secrets.h"

#include "pl_log.h"

#include <string.h>

#define RESERVE_MS 500

/* One account at most. */
static int
list_by_login(struct pl_call *call, const char *login, Auth__ListUsersReply *reply)
{
    char *name = name_fold(login, call->arena);
    struct account *account = NULL;

    if (name && store_find_account(call->db, name, call->arena, &account, &call->err))
        return -1;
    if (account == NULL)
        return 0;
    reply->users = pl_arena_alloc(call->arena, sizeof *reply->users);
    reply->users[reply->n_users++] = people_message(account, call->arena);
    return 0;
}

/* auth.ListUsers: newest first. */
int
list_users(struct pl_call *call)
{
    const Auth__ListUsersRequest *request = call->request;
    Auth__ListUsersReply *reply = call->reply;
    struct account *accounts;
    int64_t limit, before;
    size_t count;

    if (request->login)
        return list_by_login(call, request->login, reply);
    if (caller_page(call, request->has_limit, request->limit, request->cursor, &limit, &before) ||
        store_list_accounts(call->db, before, limit + 1, call->arena, &accounts, &count,
                            &call->err))
        return -1;
    reply->n_users = count > (size_t)limit ? (size_t)limit : count;
    reply->users = pl_arena_alloc(call->arena, (count + 1) * sizeof *reply->users);
    for (size_t i = 0; i < reply->n_users; i++)
        reply->users[i] = people_message(&accounts[i], call->arena);
    if (count > reply->n_users)
        reply->next_cursor =
            pl_arena_printf(call->arena, "%lld", (long long)accounts[reply->n_users - 1].seq);
    return 0;
}

/* Whom one is not above, one cannot change. */
static int
lock_below(struct pl_call *call, const char *id, struct account **out)
{
    if (store_lock_account(call->db, id ? id : "", call->arena, out, &call->err))
        return -1;
    return people_check_roles(call, (*out)->roles, (*out)->role_count);
}

/* The last administrator stays one. */
static int
keep_an_admin(struct pl_call *call, const struct account *account)
{
    bool other;

    if (store_other_admin(call->db, account->id, &other, &call->err))
        return -1;
    return other ? 0 : pl_fail(&call->err, CONFLICT, "there would be no administrator any more");
}

static bool
is_admin(char *const *roles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(roles[i], "admin") == 0)
            return true;
    return false;
}

/* Write down what was changed, and show the account as it is now. */
static int
finish(struct pl_call *call, const char *id, const char *change, Auth__Account **out)
{
    struct account *account;

    if (store_get_account(call->db, id, call->arena, &account, &call->err) ||
        emit_user(call, "auth.user.changed", id, change, account->roles, account->role_count) ||
        caller_audit(call, (struct audit){ .event = change, .result = "success", .account = id }))
        return -1;
    pl_info("user.changed", PL_S("account", id), PL_S("change", change),
            PL_S("by", caller_subject(call)));
    if (out)
        *out = people_message(account, call->arena);
    return 0;
}

/* auth.CreateUser */
int
create_user(struct pl_call *call)
{
    const Auth__CreateUserRequest *request = call->request;
    Auth__CreateUserReply *reply = call->reply;
    char hash[HASH_TEXT], *password;
    struct account account, *made;
    bool added;

    if (people_check_roles(call, request->roles, request->n_roles) ||
        people_read(call, request->login, request->email, request->password, &account, &password))
        return -1;
    if (hashes_make(password, hash, call->deadline - RESERVE_MS, &call->err) ||
        store_begin(call->db, &call->err))
        return -1;
    account.id = secret_id(call->arena, "usr_");
    account.hashed_password = hash;
    account.roles = request->roles;
    account.role_count = request->n_roles;
    if (store_add_account(call->db, &account, &added, &call->err))
        return -1;
    if (!added)
        return pl_fail(&call->err, CONFLICT, "that login or mail address is taken");
    if (emit_user(call, "auth.user.created", account.id, "created", account.roles,
                  account.role_count) ||
        caller_audit(
            call,
            (struct audit){ .event = "created", .result = "success", .account = account.id }) ||
        store_get_account(call->db, account.id, call->arena, &made, &call->err))
        return -1;
    reply->user = people_message(made, call->arena);
    call->http.status = 201;
    call->http.location = pl_arena_printf(call->arena, "/api/auth/users/%s", account.id);
    return 0;
}

/* auth.GetUser */
int
get_user(struct pl_call *call)
{
    const Auth__GetUserRequest *request = call->request;
    Auth__GetUserReply *reply = call->reply;
    struct account *account;

    if (store_get_account(call->db, request->id ? request->id : "", call->arena, &account,
                          &call->err))
        return -1;
    if (account == NULL)
        return pl_fail(&call->err, NOT_FOUND, "there is no user \"%s\"", request->id);
    reply->user = people_message(account, call->arena);
    return 0;
}

/* auth.DisableUser: their sessions end at once, their tokens rest. */
int
disable_user(struct pl_call *call)
{
    const Auth__DisableUserRequest *request = call->request;
    Auth__DisableUserReply *reply = call->reply;
    struct account *account;
    size_t count;

    if (lock_below(call, request->id, &account))
        return -1;
    if (is_admin(account->roles, account->role_count) && keep_an_admin(call, account))
        return -1;
    if (store_set_disabled(call->db, account->id, true, &call->err) ||
        revoke_sessions(call, account->id, NULL, NULL, "disabled", &count))
        return -1;
    return finish(call, account->id, "disabled", &reply->user);
}

/* auth.EnableUser */
int
enable_user(struct pl_call *call)
{
    const Auth__EnableUserRequest *request = call->request;
    Auth__EnableUserReply *reply = call->reply;
    struct account *account;

    if (lock_below(call, request->id, &account) ||
        store_set_disabled(call->db, account->id, false, &call->err))
        return -1;
    return finish(call, account->id, "enabled", &reply->user);
}

/* auth.UnlockUser: guesses first, as every login locks these rows. */
int
unlock_user(struct pl_call *call)
{
    const Auth__UnlockUserRequest *request = call->request;
    Auth__UnlockUserReply *reply = call->reply;
    struct account *account;

    if (store_unlock(call->db, pl_arena_printf(call->arena, "a:%s", request->id ? request->id : ""),
                     &call->err) ||
        lock_below(call, request->id, &account))
        return -1;
    return finish(call, account->id, "unlocked", &reply->user);
}

/* auth.SetUserPassword: whoever knew the old one is logged out. */
int
set_user_password(struct pl_call *call)
{
    const Auth__SetUserPasswordRequest *request = call->request;
    char hash[HASH_TEXT], *password;
    struct account *account;
    size_t count;

    if (store_get_account(call->db, request->id ? request->id : "", call->arena, &account,
                          &call->err))
        return -1;
    if (account == NULL)
        return pl_fail(&call->err, NOT_FOUND, "there is no user \"%s\"", request->id);
    if (people_password(call, account, request->password, "/password", &password) ||
        hashes_make(password, hash, call->deadline - RESERVE_MS, &call->err) ||
        store_begin(call->db, &call->err))
        return -1;
    call->http.status = 204;
    if (store_unlock(call->db, pl_arena_printf(call->arena, "a:%s", account->id), &call->err) ||
        lock_below(call, account->id, &account) ||
        store_set_password(call->db, account->id, hash, NULL, &call->err) ||
        revoke_sessions(call, account->id, NULL, NULL, "password", &count))
        return -1;
    return finish(call, account->id, "password", NULL);
}

/* auth.SetUserRoles: the scopes of running sessions are those of the old ones, so they end. */
int
set_user_roles(struct pl_call *call)
{
    const Auth__SetUserRolesRequest *request = call->request;
    Auth__SetUserRolesReply *reply = call->reply;
    struct account *account;
    size_t count;

    if (people_check_roles(call, request->roles, request->n_roles) ||
        lock_below(call, request->id, &account))
        return -1;
    if (is_admin(account->roles, account->role_count) &&
        !is_admin(request->roles, request->n_roles) && keep_an_admin(call, account))
        return -1;
    if (store_set_roles(call->db, account->id, request->roles, request->n_roles, call->arena,
                        &call->err) ||
        revoke_sessions(call, account->id, NULL, NULL, "roles", &count))
        return -1;
    return finish(call, account->id, "roles", &reply->user);
}
