#include "pl_health.h"

#include "pl_log.h"
#include "pl_metric.h"
#include "pl_service.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_DEPENDENCIES 64

PL_GAUGE(dependency_up, "plumb_dependency_up", "1 if the dependency answers, else 0", "dependency");

PL_GAUGE(worker_count, "plumb_workers", "worker threads", "");
PL_GAUGE(workers_busy, "plumb_workers_busy", "worker threads that serve a call", "");
PL_GAUGE(queue_length, "plumb_queue_length", "calls waiting for a worker", "");
PL_GAUGE(build_info, "plumb_build_info", "always 1", "service,version");
PL_COUNTER(cpu_seconds, "process_cpu_seconds_total", "user and system time", "");
PL_GAUGE(memory_bytes, "process_resident_memory_bytes", "resident memory", "");
PL_GAUGE(open_files, "process_open_fds", "open file descriptors", "");
PL_GAUGE(start_time, "process_start_time_seconds", "when the process started, Unix time", "");

struct dependency {
    char name[64], state[16], detail[200];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct dependency dependencies[MAX_DEPENDENCIES];
static size_t count;
static const char *service_name = "?";
static int64_t started;
static double started_at; // Unix time
static atomic_bool ready;
static atomic_int workers, busy, queued;

void
pl_health_open(const char *service)
{
    service_name = service;
    started = pl_now_ms();
    started_at = (double)time(NULL);
}

void
pl_health_ready(bool now)
{
    ready = now;
}

bool
pl_health_is_ready(void)
{
    return ready;
}

void
pl_health_load(int worker_total, int busy_now, int queue)
{
    workers = worker_total;
    busy = busy_now;
    queued = queue;
}

static double
count_open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    double files = -3; // ".", ".." and the folder itself

    if (dir == NULL)
        return 0;
    while (readdir(dir))
        files++;
    closedir(dir);
    return files;
}

static double
resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long size = 0, resident = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

void
pl_health_sample(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    pl_gauge_set(&cpu_seconds, (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                                   (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    pl_gauge_set(&memory_bytes, resident_bytes());
    pl_gauge_set(&open_files, count_open_files());
    pl_gauge_set(&start_time, started_at);
    pl_gauge_set(&build_info, 1, service_name, PL_VERSION);
    pl_gauge_set(&worker_count, workers);
    pl_gauge_set(&workers_busy, busy);
    pl_gauge_set(&queue_length, queued);
}

static struct dependency *
find(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(dependencies[i].name, name) == 0)
            return &dependencies[i];
    return NULL;
}

/* The line is written outside the lock by the one who saw the change. */
static bool
change(const char *name, const char *state, const char *detail)
{
    struct dependency *d = find(name);
    bool changed;

    if (d == NULL && count == MAX_DEPENDENCIES)
        return false;
    if (d == NULL) {
        d = &dependencies[count++];
        memset(d, 0, sizeof *d);
        snprintf(d->name, sizeof d->name, "%s", name);
    }
    changed = strncmp(d->state, state, sizeof d->state - 1) != 0;
    snprintf(d->state, sizeof d->state, "%s", state);
    snprintf(d->detail, sizeof d->detail, "%s", detail ? detail : "");
    return changed;
}

void
pl_health_set(const char *name, const char *state, const char *detail)
{
    bool ok = strcmp(state, "ok") == 0;
    bool changed;

    pthread_mutex_lock(&lock);
    changed = change(name, state, detail);
    pthread_mutex_unlock(&lock);
    if (!changed)
        return;
    pl_gauge_set(&dependency_up, ok, name);
    pl_log(ok ? PL_INFO : PL_WARN, "dependency.changed",
           PL_PAIRS(PL_S("dependency", name), PL_S("state", state), PL_S("detail", detail)));
}

void
pl_health_forget(const char *name)
{
    struct dependency *d;

    pthread_mutex_lock(&lock);
    d = find(name);
    if (d)
        *d = dependencies[--count];
    pthread_mutex_unlock(&lock);
    pl_metric_forget(&dependency_up, PL_LABELS(name));
}

static Pl__Dependency *
copy(const struct dependency *from, struct pl_arena *arena)
{
    Pl__Dependency *to = pl_arena_alloc(arena, sizeof *to);

    pl__dependency__init(to);
    to->name = pl_arena_strdup(arena, from->name);
    to->state = pl_arena_strdup(arena, from->state);
    to->detail = *from->detail ? pl_arena_strdup(arena, from->detail) : NULL;
    return to;
}

void
pl_health_fill(Pl__HealthReply *reply, struct pl_arena *arena)
{
    bool all_ok = true;

    pthread_mutex_lock(&lock);
    reply->n_dependencies = count;
    reply->dependencies = pl_arena_alloc(arena, (count + 1) * sizeof *reply->dependencies);
    for (size_t i = 0; i < count; i++) {
        reply->dependencies[i] = copy(&dependencies[i], arena);
        all_ok = all_ok && strcmp(dependencies[i].state, "ok") == 0;
    }
    pthread_mutex_unlock(&lock);
    reply->service = (char *)service_name;
    reply->version = (char *)PL_VERSION;
    reply->status = (char *)(all_ok ? "ok" : "degraded");
    reply->has_workers = reply->has_workers_busy = reply->has_queue = 1;
    reply->workers = workers;
    reply->workers_busy = busy;
    reply->queue = queued;
    reply->has_uptime_s = 1;
    reply->uptime_s = (pl_now_ms() - started) / 1000;
}
