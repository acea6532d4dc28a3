#include "roles.h"

#include <string.h>

#define VIEWER    1
#define DEVELOPER 2
#define OPERATOR  4
#define ADMIN     8
#define ALL       (VIEWER | DEVELOPER | OPERATOR | ADMIN)

static const struct {
    const char *name;
    int bit;
} ROLES[] = {
    { "viewer", VIEWER },
    { "developer", DEVELOPER },
    { "operator", OPERATOR },
    { "admin", ADMIN },
};

/* Who has it. */
static const struct {
    const char *scope;
    int roles;
} SCOPES[] = {
    { "account", ALL },
    { "runs:read", ALL },
    { "tokens:own", ALL },
    { "bridge:read", ALL },
    { "bridge:write", DEVELOPER | OPERATOR | ADMIN },
    { "bridge:approve", OPERATOR | ADMIN },
    { "latency:read", ALL },
    { "latency:admin", OPERATOR | ADMIN },
    { "runs:write", DEVELOPER | OPERATOR | ADMIN },
    { "apis:write", OPERATOR | ADMIN },
    { "notify:admin", OPERATOR | ADMIN },
    { "ops:read", OPERATOR | ADMIN },
    { "ops:write", OPERATOR | ADMIN },
    { "tokens:admin", ADMIN },
    { "users:admin", ADMIN },
};

#define SCOPE_COUNT (sizeof SCOPES / sizeof *SCOPES)

static int
bit_of(const char *role)
{
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++)
        if (strcmp(ROLES[i].name, role) == 0)
            return ROLES[i].bit;
    return 0;
}

bool
role_is_known(const char *role)
{
    return bit_of(role) != 0;
}

char **
roles_scopes(char *const *roles, size_t count, struct pl_arena *arena, size_t *scope_count)
{
    char **scopes = pl_arena_alloc(arena, SCOPE_COUNT * sizeof *scopes);
    int bits = 0;

    *scope_count = 0;
    for (size_t i = 0; i < count; i++)
        bits |= bit_of(roles[i]);
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (SCOPES[i].roles & bits)
            scopes[(*scope_count)++] = (char *)SCOPES[i].scope;
    return scopes;
}

char **
roles_limit(char *const *roles, size_t role_count, char *const *scopes, size_t count,
            struct pl_arena *arena, size_t *scope_count)
{
    size_t allowed_count;
    char **allowed = roles_scopes(roles, role_count, arena, &allowed_count);
    char **out = pl_arena_alloc(arena, (count + 1) * sizeof *out);

    *scope_count = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < allowed_count; k++)
            if (strcmp(scopes[i], allowed[k]) == 0)
                out[(*scope_count)++] = scopes[i];
    return out;
}
