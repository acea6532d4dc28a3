/* names -- texts that people type, in the one form in which they are compared and hashed. */
#ifndef NAMES_H
#define NAMES_H

#include "pl_arena.h"

#include <stdbool.h>
#include <stddef.h>

/* A login: NFKC, case-folded, without white space around it; so that no spelling is a second
 * account or a second count of guesses (RULINGS 13).  NULL if it is no text or too long. */
char *name_fold(const char *text, struct pl_arena *arena);

/* A password: NFKC only (SP 800-63B-4 section 3.1.1.2).  NULL if it is no text, or is longer
 * than 1024 bytes before or after. */
char *name_password(const char *text, struct pl_arena *arena);

/* What a folded user name, and a folded mail address, may be. */
bool name_is_user(const char *folded);
bool name_is_email(const char *folded);

#endif
