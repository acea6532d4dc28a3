#include "mount.h"

#include "exchange.h"

#include <string.h>

struct mount {
    const char *pattern;
    void (*serve)(struct exchange *self);
    bool free; // of the rate limit: for those who watch the gateway
};

/* {api} is a slug; {file} contains a dot, which no slug does.  The first match counts. */
static const struct mount MOUNTS[] = {
    { "/", mount_root, false },
    { "/health", mount_health, true },
    { "/health/liveness", mount_liveness, true },
    { "/health/readiness", mount_readiness, true },
    { "/metrics", mount_metrics, true },
    { "/.well-known/jwks.json", mount_keys, false },
    { "/openapi.json", mount_contract, false },
    { "/status/", mount_root, false },
    { "/status", mount_root, false },
    { "/status/{file}", mount_artifact, false },
    { "/status/{api}", mount_status_folder, false },
    { "/status/{api}/", mount_artifact, false },
    { "/status/{api}/{file}", mount_artifact, false },
    { "/{file}", mount_artifact, false },
};

static bool
is_slug(const char *text)
{
    size_t length = strlen(text);

    return length <= 63 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* Artifact names: a dot inside, nothing that needs escaping. */
static bool
is_file(const char *text)
{
    size_t length = strlen(text);

    return length <= 200 && strchr(text, '.') && text[0] != '.' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               length;
}

static void
add_value(struct path_values *values, const char *name, const char *value)
{
    values->names[values->count] = name;
    values->values[values->count++] = value;
}

static bool
takes(const char *pattern, size_t length, const char *segment, struct path_values *values)
{
    if (length == 5 && strncmp(pattern, "{api}", 5) == 0 && is_slug(segment)) {
        add_value(values, "api", segment);
        return true;
    }
    if (length == 6 && strncmp(pattern, "{file}", 6) == 0 && is_file(segment)) {
        add_value(values, "file", segment);
        return true;
    }
    return strlen(segment) == length && strncmp(pattern, segment, length) == 0;
}

static bool
matches(const char *pattern, const struct path *path, struct path_values *values)
{
    int i = 0;

    *values = (struct path_values){ 0 };
    while (*pattern == '/' && pattern[1]) {
        size_t length = strcspn(++pattern, "/");

        if (i == path->count || !takes(pattern, length, path->segments[i++], values))
            return false;
        pattern += length;
    }
    return i == path->count && (*pattern == '/') == path->slash;
}

const struct mount *
mount_find(const struct path *path, struct path_values *values)
{
    for (size_t i = 0; i < sizeof MOUNTS / sizeof *MOUNTS; i++)
        if (matches(MOUNTS[i].pattern, path, values))
            return &MOUNTS[i];
    *values = (struct path_values){ 0 };
    return NULL;
}

const char *
mount_pattern(const struct mount *mount)
{
    return mount->pattern;
}

bool
mount_is_free(const struct mount *mount)
{
    return mount->free;
}

void
mount_serve(struct exchange *self)
{
    self->mount->serve(self);
}
