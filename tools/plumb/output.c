#include "plumb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
read_all(FILE *file, size_t limit, struct pl_buf *out)
{
    char chunk[65536];
    size_t got;

    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        pl_buf_add(out, chunk, got);
        if (out->length > limit)
            return -1;
    }
    return 0;
}

int
read_file(const char *path, size_t limit, struct pl_arena *arena, char **out, size_t *length,
          struct pl_err *err)
{
    struct pl_buf text = { .arena = arena };
    struct stat about;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    int too_large, broken;

    if (file == NULL)
        return pl_fail(err, MALFORMED, "could not read \"%s\": %s", path, strerror(errno));
    if (fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
        (size_t)about.st_size <= limit) { // room for all of it at once
        text.room = (size_t)about.st_size + 1;
        text.data = pl_arena_alloc(arena, text.room);
    }
    too_large = read_all(file, limit, &text);
    broken = ferror(file);
    if (file != stdin)
        fclose(file);
    if (broken)
        return pl_fail(err, MALFORMED, "could not read \"%s\" to its end", path);
    if (too_large)
        return pl_fail(err, TOO_LARGE, "\"%s\" is larger than %zu bytes", path, limit);
    *out = text.data ? text.data : pl_arena_strdup(arena, "");
    *length = text.length;
    return 0;
}

int
write_file(const char *path, const void *bytes, size_t length, int mode, struct pl_err *err)
{
    char fresh[4096];
    struct stat there;
    FILE *file;
    int fd, failed;
    bool in_place = stat(path, &there) == 0 && !S_ISREG(there.st_mode); // a device, a pipe

    snprintf(fresh, sizeof fresh, "%s", path);
    if (!in_place)
        snprintf(fresh, sizeof fresh, "%s.%d.new", path, (int)getpid());
    fd = open(fresh, O_WRONLY | O_CLOEXEC | (in_place ? 0 : O_CREAT | O_EXCL), (mode_t)mode);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL)
        return pl_fail(err, INTERNAL, "could not write \"%s\": %s", path, strerror(errno));
    failed = length > 0 && fwrite(bytes, 1, length, file) != length;
    failed |= fclose(file);
    if (!failed && (in_place || rename(fresh, path) == 0))
        return 0;
    pl_fail(err, INTERNAL, "could not write \"%s\": %s", path, strerror(errno));
    if (!in_place)
        unlink(fresh);
    return -1;
}

int
make_folder(const char *path, struct pl_err *err)
{
    char part[4096];

    if (*path == '\0' || strlen(path) >= sizeof part)
        return pl_fail(err, INVALID, "\"%s\" is no folder name", path);
    snprintf(part, sizeof part, "%s", path);
    for (char *at = part + 1;; at++) {
        char kept = *at;

        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (mkdir(part, 0777) && errno != EEXIST)
            return pl_fail(err, INTERNAL, "could not make the folder \"%s\": %s", part,
                           strerror(errno));
        if (kept == '\0')
            return 0;
        *at = kept;
    }
}

void
print_json(const struct pl_node *node, struct pl_arena *arena)
{
    struct pl_buf text = { .arena = arena };

    pl_node_write(&text, node, PL_PRETTY);
    puts(pl_buf_text(&text));
}

static bool
coloured(void)
{
    static int known = -1;

    if (known < 0)
        known = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
    return known;
}

const char *
style_bold(void)
{
    return coloured() ? "\033[1m" : "";
}

const char *
style_red(void)
{
    return coloured() ? "\033[31m" : "";
}

const char *
style_green(void)
{
    return coloured() ? "\033[32m" : "";
}

const char *
style_yellow(void)
{
    return coloured() ? "\033[33m" : "";
}

const char *
style_dim(void)
{
    return coloured() ? "\033[2m" : "";
}

const char *
style_off(void)
{
    return coloured() ? "\033[0m" : "";
}

const char *
style_of(const char *word)
{
    static const char *const good[] = { "ok", "pass", "stable", "delivered", NULL };
    static const char *const bad[] = { "fail", "error", "breaking", "dead", "placeholder", NULL };

    for (int i = 0; good[i]; i++)
        if (strcmp(word, good[i]) == 0)
            return style_green();
    for (int i = 0; bad[i]; i++)
        if (strcmp(word, bad[i]) == 0)
            return style_red();
    return strncmp(word, "warn", 4) == 0 || strcmp(word, "retry") == 0 ? style_yellow() : "";
}
