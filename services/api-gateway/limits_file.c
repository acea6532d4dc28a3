#include "limits_file.h"

#include "settings.h"

#include "pl_buf.h"
#include "pl_log.h"
#include "pl_metric.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_MS      500
#define LARGEST_FILE (256u * 1024)

PL_COUNTER(reloads, "gateway_limits_reload_total", "changes of the file of limits, by result",
           "result");
PL_GAUGE(refused, "gateway_limits_refused", "1: the file of limits is wrong, an older one holds",
         "");
PL_GAUGE(policies, "gateway_limits_policies", "policies of the rate limit in force", "");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct limits *current; // one of its holders is this file
static struct stat seen;
static char why[sizeof((struct pl_err *)0)->text];
static atomic_uint generation;
static _Atomic int64_t next_look;

static int
read_file(const char *path, struct pl_buf *out, struct pl_err *err)
{
    FILE *file = fopen(path, "re");
    char part[8192];
    size_t got;
    int failed;

    if (file == NULL)
        return pl_fail(err, INVALID, "could not read %s: %s", path, strerror(errno));
    while ((got = fread(part, 1, sizeof part, file)) > 0 && out->length <= LARGEST_FILE)
        pl_buf_add(out, part, got);
    failed = ferror(file);
    fclose(file);
    if (failed)
        return pl_fail(err, INVALID, "could not read %s", path);
    if (out->length > LARGEST_FILE)
        return pl_fail(err, INVALID, "%s has more than %u bytes", path, LARGEST_FILE);
    return 0;
}

static int
load(struct limits **out, struct pl_err *err)
{
    struct pl_arena *arena;
    struct pl_buf text = { 0 };
    int failed;

    *out = NULL;
    if (*settings.limits == '\0')
        return limits_builtin(out, err);
    text.arena = arena = pl_arena_new();
    failed = read_file(settings.limits, &text, err) ||
             limits_read(out, pl_buf_text(&text), text.length, err);
    pl_arena_destroy(&arena);
    return failed ? -1 : 0;
}

static void
let_go(struct limits **self_p)
{
    struct limits *self = *self_p;

    *self_p = NULL;
    if (self && --self->holders == 0)
        limits_destroy(&self);
}

static void
put_in_force(struct limits *limits)
{
    let_go(&current);
    limits->holders = 1;
    current = limits;
    pl_gauge_set(&policies, limits->count);
    pl_gauge_set(&refused, 0);
    *why = '\0';
    generation++;
}

static bool
is_seen(const struct stat *now)
{
    return now->st_ino == seen.st_ino && now->st_dev == seen.st_dev &&
           now->st_size == seen.st_size && now->st_mtim.tv_sec == seen.st_mtim.tv_sec &&
           now->st_mtim.tv_nsec == seen.st_mtim.tv_nsec;
}

static void
read_again(void)
{
    struct limits *limits;
    struct pl_err err = { 0 };

    if (load(&limits, &err)) {
        snprintf(why, sizeof why, "%s", err.text);
        pl_gauge_set(&refused, 1);
        pl_inc(&reloads, "refused");
        pl_error("limits.refused", PL_S("file", settings.limits), PL_ERR(&err));
        return;
    }
    put_in_force(limits);
    pl_inc(&reloads, "loaded");
    pl_info("limits.loaded", PL_S("file", settings.limits), PL_I("policies", limits->count));
}

void
limits_look(int64_t now_ms)
{
    int64_t due = next_look;
    struct stat now = { 0 };

    if (now_ms < due || *settings.limits == '\0' ||
        !atomic_compare_exchange_strong(&next_look, &due, now_ms + LOOK_MS))
        return;
    stat(settings.limits, &now); // what is not there is a change, too
    pthread_mutex_lock(&lock);
    if (!is_seen(&now)) {
        seen = now;
        read_again();
    }
    pthread_mutex_unlock(&lock);
}

int
limits_open(struct pl_err *err)
{
    struct limits *limits;
    int failed;

    pthread_mutex_lock(&lock);
    if (*settings.limits)
        stat(settings.limits, &seen);
    failed = load(&limits, err);
    if (!failed)
        put_in_force(limits);
    pthread_mutex_unlock(&lock);
    return failed ? -1 : 0;
}

void
limits_close(void)
{
    pthread_mutex_lock(&lock);
    let_go(&current);
    seen = (struct stat){ 0 };
    next_look = 0;
    pthread_mutex_unlock(&lock);
}

unsigned
limits_generation(void)
{
    return generation;
}

const struct limits *
limits_hold(void)
{
    struct limits *self;

    pthread_mutex_lock(&lock);
    self = current;
    if (self)
        self->holders++;
    pthread_mutex_unlock(&lock);
    return self;
}

void
limits_release(const struct limits **held_p)
{
    struct limits *self = (struct limits *)(uintptr_t)*held_p;

    *held_p = NULL;
    pthread_mutex_lock(&lock);
    let_go(&self);
    pthread_mutex_unlock(&lock);
}

const char *
limits_source(void)
{
    return *settings.limits ? settings.limits : "built in";
}

const char *
limits_refusal(struct pl_arena *arena)
{
    const char *out;

    pthread_mutex_lock(&lock);
    out = pl_arena_strdup(arena, why);
    pthread_mutex_unlock(&lock);
    return out;
}
