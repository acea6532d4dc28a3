#include "plumb.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_DSN 4096

const char *
admin_dsn(const char *file, struct pl_arena *arena)
{
    const char *value = getenv("PLUMB_ADMIN_DSN"), *run = getenv("PLUMB_RUN_DIR");
    struct pl_err err = { 0 };
    size_t length;
    char *text;

    if (file == NULL && value && *value)
        return value;
    if (file == NULL)
        file = pl_arena_printf(arena, "%s/postgres.dsn", run ? run : ".run");
    if (read_file(file, LARGEST_DSN, arena, &text, &length, &err)) {
        trouble("%s (or set PLUMB_ADMIN_DSN)", err.text);
        return NULL;
    }
    text[strcspn(text, "\r\n")] = '\0';
    return text;
}

const char *
random_secret(struct pl_arena *arena)
{
    unsigned char raw[24];
    char text[64];

    randombytes_buf(raw, sizeof raw);
    sodium_bin2base64(text, sizeof text, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return pl_arena_strdup(arena, text);
}
