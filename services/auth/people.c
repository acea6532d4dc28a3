#include "people.h"

#include "caller.h"
#include "names.h"
#include "passwords.h"
#include "roles.h"

#include <string.h>

int
people_password(struct pl_call *call, const struct account *account, const char *typed,
                const char *pointer, char **password_out)
{
    char *password = name_password(typed ? typed : "", call->arena);
    const char *why = password == NULL ? "it is longer than 1024 bytes"
                                       : passwords_refusal(password, account->user_name,
                                                           account->email, call->arena);

    *password_out = password;
    if (why == NULL)
        return 0;
    pl_call_violation(call, pointer, 0, 0, "%s", why);
    return pl_fail(&call->err, INVALID, "the password cannot be used: %s", why);
}

int
people_read(struct pl_call *call, const char *login, const char *email, const char *password,
            struct account *out, char **password_out)
{
    char *user = name_fold(login ? login : "", call->arena);
    char *mail = email && *email ? name_fold(email, call->arena) : NULL;
    bool good_user = user && name_is_user(user);
    bool good_mail = email == NULL || *email == '\0' || (mail && name_is_email(mail));

    *out = (struct account){ .user_name = user, .email = mail };
    if (!good_user)
        pl_call_violation(call, "/login", 0, 0,
                          "must be 2 to 63 letters a to z, digits and . _ - after a first letter "
                          "or digit");
    if (!good_mail)
        pl_call_violation(call, "/email", 0, 0, "is no mail address");
    if (!good_user || !good_mail)
        return pl_fail(&call->err, INVALID, "the login or the mail address cannot be used");
    return people_password(call, out, password, "/password", password_out);
}

int
people_check_roles(struct pl_call *call, char *const *roles, size_t count)
{
    size_t scope_count;
    char **scopes;

    if (count == 0)
        return pl_fail(&call->err, INVALID, "a user needs at least one role");
    for (size_t i = 0; i < count; i++)
        if (!role_is_known(roles[i]))
            return pl_fail(&call->err, INVALID, "there is no role \"%s\"", roles[i]);
    if (caller_is_service(call))
        return 0;
    scopes = roles_scopes(roles, count, call->arena, &scope_count);
    for (size_t i = 0; i < scope_count; i++)
        if (strcmp(scopes[i], "account") != 0 && strcmp(scopes[i], "tokens:own") != 0 &&
            !pl_call_may(call, scopes[i]))
            return pl_fail(&call->err, DENIED, "that takes the scope \"%s\", which you do not have",
                           scopes[i]);
    return 0;
}

static char *
or_null(char *text)
{
    return text && *text ? text : NULL;
}

Auth__Account *
people_message(const struct account *account, struct pl_arena *arena)
{
    Auth__Account *message = pl_arena_alloc(arena, sizeof *message);

    auth__account__init(message);
    message->id = account->id;
    message->login = account->user_name;
    message->email = or_null(account->email);
    message->n_roles = account->role_count;
    message->roles = account->roles;
    message->created_at = account->created_at;
    message->last_login_at = or_null(account->last_login_at);
    message->password_changed_at = account->password_changed_at;
    message->disabled_at = or_null(account->disabled_at);
    message->locked_until = or_null(account->locked_until);
    message->has_sessions = true;
    message->sessions = account->sessions;
    return message;
}
