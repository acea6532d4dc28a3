/* roles -- what each role may do: a table from roles to scopes. */
#ifndef ROLES_H
#define ROLES_H

#include "pl_arena.h"

#include <stdbool.h>
#include <stddef.h>

bool role_is_known(const char *role);

/* All scopes of these roles, each once, in the order of the contract; into the arena. */
char **roles_scopes(char *const *roles, size_t count, struct pl_arena *arena, size_t *scope_count);

/* Those of ${scopes} that the roles have. */
char **roles_limit(char *const *roles, size_t role_count, char *const *scopes, size_t count,
                   struct pl_arena *arena, size_t *scope_count);

#endif
