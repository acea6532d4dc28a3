#include "supervisor.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A pid alone may have been given to somebody else meanwhile; with its start time it is one
 * process for ever.  0: there is no such process. */
static uint64_t
start_time(pid_t pid)
{
    char path[64], text[1024], *after;
    uint64_t ticks = 0;
    FILE *file;
    size_t got;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    got = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[got] = '\0';
    after = strrchr(text, ')'); // the name may hold anything, even brackets
    if (after)
        sscanf(after + 2,
               "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
               "%*d %" SCNu64,
               &ticks);
    return ticks;
}

void
orphans_remember(const struct table *table, const char *run_dir)
{
    char path[4096], fresh[4200];
    FILE *file;

    snprintf(path, sizeof path, "%s/pids", run_dir);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    file = fopen(fresh, "we");
    if (file == NULL)
        return;
    for (int i = 0; i < table->count; i++)
        if (table->process[i].pid)
            fprintf(file, "%d %" PRIu64 " %d %s\n", (int)table->process[i].pid,
                    start_time(table->process[i].pid), table->process[i].stop_signal,
                    table->process[i].name);
    if (fclose(file) == 0)
        rename(fresh, path);
}

static void
end_one(pid_t pid, uint64_t started, int asked, const char *name)
{
    const struct timespec tenth = { .tv_nsec = 100000000 };

    if (start_time(pid) != started)
        return;
    fprintf(stderr, "ending %s (pid %d), left behind by an earlier run\n", name, (int)pid);
    kill(pid, asked);
    for (int i = 0; i < 100 && start_time(pid) == started; i++)
        nanosleep(&tenth, NULL);
    if (start_time(pid) == started)
        kill(pid, SIGKILL);
}

void
orphans_end(const char *run_dir)
{
    char path[4096], name[256];
    uint64_t started;
    int pid, asked;
    FILE *file;

    snprintf(path, sizeof path, "%s/pids", run_dir);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    while (fscanf(file, "%d %" SCNu64 " %d %255s", &pid, &started, &asked, name) == 4)
        end_one(pid, started, asked, name);
    fclose(file);
    unlink(path);
}
