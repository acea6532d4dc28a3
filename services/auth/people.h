/* people -- what handlers of accounts share: checks of what is typed, messages, who is above whom. */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "pl_service.h"
#include "store.h"

#include "auth.pb-c.h"

/* A new account from what was typed: names folded, password in its form and good enough, all wrong
 * members as violations (INVALID).  The hash and the id are not filled in. */
int people_read(struct pl_call *call, const char *login, const char *email, const char *password,
                struct account *out, char **password_out);

/* A new password for an account that is there; INVALID with the reason at ${pointer}. */
int people_password(struct pl_call *call, const struct account *account, const char *typed,
                    const char *pointer, char **password_out);

/* Roles that are known, and that whoever asks may give: nobody gives away more than they have. */
int people_check_roles(struct pl_call *call, char *const *roles, size_t count);

/* As the answer shows it. */
Auth__Account *people_message(const struct account *account, struct pl_arena *arena);

#endif
