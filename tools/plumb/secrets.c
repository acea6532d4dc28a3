#include "plumb.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_SECRET 4096

char *
secret_line(const char *file, struct pl_arena *arena, struct pl_err *err)
{
    size_t length;
    char *text;

    if (read_file(file, LARGEST_SECRET, arena, &text, &length, err))
        return NULL;
    text[strcspn(text, "\r\n")] = '\0';
    return text;
}

const char *
admin_dsn(const char *file, struct pl_arena *arena)
{
    const char *value = getenv("PLUMB_ADMIN_DSN"), *run = getenv("PLUMB_RUN_DIR");
    struct pl_err err = { 0 };
    const char *text;

    if (file == NULL && value && *value)
        return value;
    if (file == NULL)
        file = pl_arena_printf(arena, "%s/postgres.dsn", run ? run : ".run");
    text = secret_line(file, arena, &err);
    if (text == NULL)
        trouble("%s (or set PLUMB_ADMIN_DSN)", err.text);
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
