#include "supervisor.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
describe_end(const struct process *p, char *out, size_t room)
{
    *out = '\0';
    if (p->restarts == 0 && p->failures == 0)
        return;
    if (WIFSIGNALED(p->last_status))
        snprintf(out, room, "last ended by signal %d", WTERMSIG(p->last_status));
    else
        snprintf(out, room, "last exit status %d", WEXITSTATUS(p->last_status));
}

void
status_write(const struct table *table, const char *run_dir, bool stopping)
{
    static const char *const names[] = { "waiting", "starting", "ready",
                                         "backoff", "done",     "stopped" };
    char path[4096], fresh[4200], end[64];
    FILE *file;

    snprintf(path, sizeof path, "%s/status", run_dir);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    file = fopen(fresh, "we");
    if (file == NULL)
        return;
    for (int i = 0; i < table->count; i++) {
        const struct process *p = &table->process[i];

        describe_end(p, end, sizeof end);
        fprintf(file, "%s\t%s\t%d\t%d\t%d\t%" PRId64 "\t%s\n", p->name,
                stopping && p->pid ? "stopping" : names[p->state], (int)p->pid, p->restarts,
                p->failures, (now_ms() - p->since) / 1000, end);
    }
    if (fclose(file) == 0)
        rename(fresh, path);
}
