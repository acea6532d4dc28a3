#include "git.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_COMPLAINT 2000
#define LONGEST_LIST      (16u << 20)

extern char **environ;

/* Everything from a descriptor, up to ${limit} bytes; the rest is read and dropped, so that the
 * writer can end. */
static bool
drain(int fd, size_t limit, struct pl_buf *out)
{
    char chunk[65536];
    bool fits = true;
    ssize_t got;

    while ((got = read(fd, chunk, sizeof chunk)) > 0 || (got < 0 && errno == EINTR)) {
        if (got < 0)
            continue;
        fits = fits && out->length + (size_t)got <= limit;
        if (fits)
            pl_buf_add(out, chunk, (size_t)got);
    }
    close(fd);
    return fits;
}

/* Standard error goes to a file without a name, so that one pipe is enough. */
static int
spawn(char *const *argv, int out, int complaints, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int rc;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    rc = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* Run and wait.  0, or -1 with git's words. */
static int
run(char *const *argv, size_t limit, struct pl_buf *out, struct pl_err *err)
{
    char words[LONGEST_COMPLAINT] = "";
    FILE *complaints = tmpfile();
    int pipes[2], rc, status = 0;
    bool fits;
    pid_t pid;

    if (complaints == NULL || pipe2(pipes, O_CLOEXEC))
        return pl_fail(err, INTERNAL, "could not start git: %s", strerror(errno));
    rc = spawn(argv, pipes[1], fileno(complaints), &pid);
    close(pipes[1]);
    fits = drain(pipes[0], limit, out);
    if (rc == 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    rewind(complaints);
    words[fread(words, 1, sizeof words - 1, complaints)] = '\0';
    words[strcspn(words, "\n")] = '\0';
    fclose(complaints);
    if (rc)
        return pl_fail(err, MALFORMED, "could not start git: %s", strerror(rc));
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return pl_fail(err, MALFORMED, "git: %.120s", *words ? words : "failed");
    return fits ? 0 : pl_fail(err, TOO_LARGE, "git's answer is larger than %zu bytes", limit);
}

static int
check_revision(const char *revision, struct pl_err *err)
{
    if (*revision == '\0' || *revision == '-' || strpbrk(revision, " :\n"))
        return pl_fail(err, INVALID, "\"%.60s\" is no revision", revision);
    return 0;
}

int
git_show(const char *revision, const char *path, size_t limit, struct pl_arena *arena, char **out,
         size_t *length, struct pl_err *err)
{
    char *object = pl_arena_printf(arena, "%s:%s", revision, path);
    char *here = pl_arena_printf(arena, "%s:./%s", revision, path);
    char *argv[] = { "git", "cat-file", "blob", object, NULL };
    struct pl_buf bytes = { .arena = arena };
    struct pl_err second = { 0 };

    if (check_revision(revision, err))
        return -1;
    if (run(argv, limit, &bytes, err)) {
        argv[3] = here;
        bytes = (struct pl_buf){ .arena = arena };
        if (err->code == PL_TOO_LARGE || path[0] == '/' || run(argv, limit, &bytes, &second))
            return -1;
        *err = (struct pl_err){ 0 };
    }
    *out = pl_arena_memdup(arena, pl_buf_text(&bytes), bytes.length);
    *length = bytes.length;
    return 0;
}

int
git_list(const char *revision, const char *path, struct pl_arena *arena, char ***names, int *count,
         struct pl_err *err)
{
    char *object = pl_arena_printf(arena, "%s:%s", revision, path);
    char *argv[] = { "git", "ls-tree", "-r", "-z", "--name-only", object, NULL };
    struct pl_buf bytes = { .arena = arena };
    int room = 0;

    *count = 0;
    if (check_revision(revision, err) || run(argv, LONGEST_LIST, &bytes, err))
        return -1;
    for (size_t i = 0; i < bytes.length; i++)
        room += bytes.data[i] == '\0';
    *names = pl_arena_alloc(arena, ((size_t)room + 1) * sizeof **names);
    for (char *at = bytes.data; *count < room; at += strlen(at) + 1)
        (*names)[(*count)++] = at;
    return 0;
}
