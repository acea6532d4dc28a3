/* passwords -- which passwords are good enough (NIST SP 800-63B-4 section 3.1.1.2).
 *
 * Long enough, not among those that people choose most often (nor such a word repeated or with a
 * few signs around it), not made of the service's or the account's name.  No rules about kinds
 * of characters.
 */
#ifndef PASSWORDS_H
#define PASSWORDS_H

#include "pl_arena.h"
#include "pl_err.h"

/* Sort the list of common passwords; once, before anything else. */
int passwords_open(struct pl_err *err);

/* How many are on it. */
size_t passwords_listed(void);

/* Is it good enough?  NULL, else the reason for whoever chose it.  ${password} in the form of
 * name_password(); ${login} and ${email} folded, or NULL. */
const char *passwords_refusal(const char *password, const char *login, const char *email,
                              struct pl_arena *arena);

#endif
