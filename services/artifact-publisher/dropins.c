/* dropins.c -- reading a folder that others write to: no links followed, nothing but plain
 * files, bounded in number and size. */
#include "dropins.h"

#include "producers.h"

#include "pl_log.h"
#include "pl_metric.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

PL_COUNTER(dropins_refused, "publisher_dropins_refused_total",
           "dropped-in files that were not published", "reason");

#define NAME_MOST 100

static const struct {
    const char *ending, *type;
} TYPES[] = {
    { ".json", "application/json" },
    { ".jsonl", "application/jsonl" },
    { ".txt", "text/plain; charset=utf-8" },
    { ".md", "text/markdown; charset=utf-8" },
    { ".csv", "text/csv; charset=utf-8" },
    { ".yaml", "application/yaml" },
    { ".yml", "application/yaml" },
    { ".xml", "application/xml" },
    { ".html", "text/html; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".pdf", "application/pdf" },
    { ".prom", "text/plain; charset=utf-8" },
    { NULL, "application/octet-stream" },
};

static const char *
type_of(const char *name)
{
    const char *ending = strrchr(name, '.');
    int i = 0;

    while (TYPES[i].ending && strcmp(TYPES[i].ending, ending))
        i++;
    return TYPES[i].type;
}

bool
dropin_name_ok(const char *name)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *dot = strchr(name, '.');
    size_t length = strlen(name);

    return length <= NAME_MOST && strspn(name, PLAIN) == length && name[0] != '.' &&
           name[0] != '-' && dot && dot[1] && name[length - 1] != '.' &&
           producer_find(name) == NULL;
}

static void
refuse(const char *api, const char *name, const char *reason)
{
    pl_inc(&dropins_refused, reason);
    pl_warn("dropin.refused", PL_S("api", api), PL_S("file", name), PL_S("reason", reason));
}

/* All of the file, or NULL and the reason.  It may be changed while it is read: what counts is
 * what was read. */
static char *
read_file(int folder, const char *name, int64_t most, struct pl_arena *arena, size_t *size,
          const char **reason)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    char *bytes;
    ssize_t n = 1;

    *size = 0;
    *reason = "unreadable";
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > most) {
        *reason = S_ISREG(st.st_mode) ? "too_large" : "not_a_file";
        close(fd);
        return NULL;
    }
    bytes = pl_arena_alloc(arena, (size_t)st.st_size + 1);
    while (n > 0 && *size < (size_t)st.st_size) {
        n = read(fd, bytes + *size, (size_t)st.st_size - *size);
        *size += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    return n < 0 ? NULL : bytes;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the folder, sorted, so that limits cut the same files every time. */
static int
names_of(DIR *dir, struct pl_arena *arena, char ***out)
{
    struct dirent *entry;
    int count = 0, room = 0;

    *out = NULL;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (count == room) {
            char **names =
                pl_arena_alloc(arena, (size_t)(room = room ? room * 2 : 16) * sizeof *names);

            if (count)
                memcpy(names, *out, (size_t)count * sizeof *names);
            *out = names;
        }
        (*out)[count++] = pl_arena_strdup(arena, entry->d_name);
    }
    if (count)
        qsort(*out, (size_t)count, sizeof **out, by_name);
    return count;
}

int
dropins_read(const char *dir, const char *api, struct dropin_limits limits, struct pl_arena *arena,
             struct artifact **out)
{
    char **names, *path = pl_arena_printf(arena, "%s/%s", dir, api);
    DIR *folder;
    int count, n = 0;

    *out = NULL;
    if (dir == NULL || dir[0] == '\0' || (folder = opendir(path)) == NULL)
        return 0;
    count = names_of(folder, arena, &names);
    *out = pl_arena_alloc(arena, ((size_t)count + 1) * sizeof **out);
    for (int i = 0; i < count; i++) {
        struct artifact *file = &(*out)[n];
        const char *reason = "name";
        char *bytes = NULL;
        size_t size;

        if (dropin_name_ok(names[i]) && n >= limits.files)
            reason = "too_many";
        else if (dropin_name_ok(names[i]))
            bytes = read_file(dirfd(folder), names[i], limits.bytes, arena, &size, &reason);
        if (bytes == NULL) {
            refuse(api, names[i], reason);
            continue;
        }
        *file = (struct artifact){ .path = names[i], .content_type = type_of(names[i]) };
        file->kind = ARTIFACT_DROPIN;
        artifact_seal(file, bytes, size);
        n++;
    }
    closedir(folder);
    return n;
}
