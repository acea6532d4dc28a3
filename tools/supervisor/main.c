/* plumb-supervisor -- see supervisor.h for the table it reads. */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE_EVERY_MS     100
#define FIRST_BACKOFF_MS   250
#define LONGEST_BACKOFF_MS 15000
#define STEADY_AFTER_MS    10000 // a run this long forgives earlier failures
#define STOP_WITHIN_MS     20000

static struct table table;
static const char *run_dir;

static void
enter(struct process *p, enum state state)
{
    p->state = state;
    p->since = now_ms();
}

/* Everything in an earlier stage must be ready (or done) first. */
static bool
may_start(const struct process *p)
{
    for (int i = 0; i < table.count; i++) {
        const struct process *q = &table.process[i];

        if (q == p)
            break;
        if (p->oneshot || q->oneshot || q->stage < p->stage)
            if (q->state != READY && q->state != DONE)
                return false;
    }
    return true;
}

static void
start(struct process *p)
{
    if (child_start(p, run_dir) == 0) {
        enter(p, STARTING);
        orphans_remember(&table, run_dir);
    } else {
        p->next_start = now_ms() + LONGEST_BACKOFF_MS;
    }
}

static void
step(struct process *p)
{
    if ((p->state == WAITING && may_start(p)) || (p->state == BACKOFF && now_ms() >= p->next_start))
        start(p);
    else if (p->state == STARTING && !p->oneshot && (p->ready == NULL || ready_probe(p->ready)))
        enter(p, READY);
    else if (p->state == READY && now_ms() - p->since > STEADY_AFTER_MS)
        p->failures = 0;
}

static void
ended(struct process *p, int status, bool stopping)
{
    int64_t wait = FIRST_BACKOFF_MS;

    p->pid = 0;
    p->last_status = status;
    if (stopping) {
        enter(p, STOPPED);
        return;
    }
    if (p->oneshot && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        enter(p, DONE);
        return;
    }
    for (int i = 0; i < p->failures && wait < LONGEST_BACKOFF_MS; i++)
        wait *= 2;
    /* Asked to stop by somebody else (a restart): no failure, start again at once. */
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        wait = 0;
    else
        p->failures++;
    p->restarts++;
    p->next_start = now_ms() + wait;
    enter(p, BACKOFF);
}

static void
reap(bool stopping)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < table.count; i++)
            if (table.process[i].pid == pid)
                ended(&table.process[i], status, stopping);
}

/* Wait for a signal or the next tick; returns the signal, or 0. */
static int
wait_signal(const sigset_t *set)
{
    const struct timespec tick = { .tv_nsec = PROBE_EVERY_MS * 1000000L };
    int got = sigtimedwait(set, NULL, &tick);

    return got > 0 ? got : 0;
}

static bool
stage_running(int stage)
{
    for (int i = 0; i < table.count; i++)
        if (table.process[i].stage == stage && table.process[i].pid)
            return true;
    return false;
}

static void
signal_stage(int stage, bool forced)
{
    for (int i = 0; i < table.count; i++)
        if (table.process[i].stage == stage && table.process[i].pid)
            kill(table.process[i].pid, forced ? SIGKILL : table.process[i].stop_signal);
}

/* Last stage first, so that the database outlives those who use it. */
static void
stop_all(const sigset_t *set)
{
    for (int stage = table.count; stage >= 0; stage--) {
        int64_t until = now_ms() + STOP_WITHIN_MS;

        signal_stage(stage, false);
        while (stage_running(stage)) {
            wait_signal(set);
            reap(true);
            status_write(&table, run_dir, true);
            if (now_ms() > until)
                signal_stage(stage, true);
        }
    }
}

static int
prepare(void)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/lock", run_dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB)) {
        fprintf(stderr, "another supervisor runs in %s (%s)\n", run_dir, strerror(errno));
        return -1;
    }
    orphans_end(run_dir);
    for (int i = 0; i < table.count; i++)
        if (table.process[i].listen && child_listen(&table.process[i]))
            return -1;
    return 0;
}

static void
write_pid(void)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/supervisor.pid", run_dir);
    file = fopen(path, "we");
    if (file == NULL)
        return;
    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
}

int
main(int argc, char *argv[])
{
    sigset_t set;
    int got;

    if (argc != 3 || argv[1][0] == '-') {
        fprintf(stderr,
                "usage: plumb-supervisor RUN_DIR TABLE\n"
                "starts the processes of TABLE, keeps them running until SIGTERM, INT or HUP;\n"
                "state is in RUN_DIR/status, logs are in RUN_DIR/logs\n");
        return 2;
    }
    run_dir = argv[1];
    if (table_read(&table, argv[2]))
        return 2;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP); // the terminal was closed
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (prepare())
        return 1;
    write_pid();
    do {
        reap(false);
        for (int i = 0; i < table.count; i++)
            step(&table.process[i]);
        status_write(&table, run_dir, false);
        got = wait_signal(&set);
    } while (got != SIGTERM && got != SIGINT && got != SIGHUP);
    stop_all(&set);
    status_write(&table, run_dir, false);
    return 0;
}
