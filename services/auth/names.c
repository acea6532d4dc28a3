#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define LONGEST_LOGIN    254
#define LONGEST_PASSWORD 1024

static char *
map(const char *text, size_t longest, int folded, struct pl_arena *arena)
{
    int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
    size_t length = strlen(text);
    utf8proc_uint8_t *mapped = NULL;
    utf8proc_ssize_t size;
    char *out = NULL;

    if (folded)
        options |= UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    if (length > longest)
        return NULL;
    size = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &mapped,
                        (utf8proc_option_t)options);
    if (size >= 0 && (size_t)size <= longest)
        out = pl_arena_memdup(arena, mapped, (size_t)size);
    if (mapped) {
        memset(mapped, 0, size > 0 ? (size_t)size : 0);
        free(mapped);
    }
    return out;
}

char *
name_fold(const char *text, struct pl_arena *arena)
{
    char *folded = map(text, LONGEST_LOGIN, true, arena);
    size_t length;

    if (folded == NULL)
        return NULL;
    folded += strspn(folded, " \t\r\n");
    length = strlen(folded);
    while (length && strchr(" \t\r\n", folded[length - 1]))
        folded[--length] = '\0';
    return folded;
}

char *
name_password(const char *text, struct pl_arena *arena)
{
    return map(text, LONGEST_PASSWORD, false, arena);
}

bool
name_is_user(const char *folded)
{
    static const char FIRST[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(folded);

    return length >= 2 && length <= 63 && strchr(FIRST, folded[0]) &&
           strspn(folded, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

bool
name_is_email(const char *folded)
{
    const char *at = strchr(folded, '@');

    if (at == NULL || at == folded || at[1] == '\0' || strchr(at + 1, '@'))
        return false;
    for (const char *c = folded; *c; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f || strchr("<>()[],;:\\\"", *c))
            return false;
    return true;
}
