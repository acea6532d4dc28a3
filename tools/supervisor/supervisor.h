/* supervisor -- starts a table of processes in order, restarts what dies, stops all in reverse.
 *
 * The table is a text file; each block is one process, one value a line:
 *
 *     service auth.1                    or: oneshot db-init
 *       exec /path/to/program
 *       arg --flag                      (any number)
 *       env NAME=VALUE                  (any number)
 *       user postgres                   (only when started by root)
 *       ready http://127.0.0.1:5612/health/readiness     or unix:/path/to/socket
 *       listen 127.0.0.1:8000           held here, handed over as descriptor 3 (LISTEN_FDS)
 *       stop INT                        signal that asks it to stop; default TERM
 *
 * A oneshot runs to success once everything above it is ready; what is below waits for it.
 */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_PROCESSES 64
#define MAX_STRINGS   64

enum state { WAITING, STARTING, READY, BACKOFF, DONE, STOPPED };

struct process {
    char *name, *exec, *user, *ready, *listen;
    char *args[MAX_STRINGS], *env[MAX_STRINGS]; // args[0] is exec
    int arg_count, env_count;
    int stop_signal;
    bool oneshot;
    int stage; // number of oneshots above it

    enum state state;
    pid_t pid; // 0: not running
    int listen_fd;
    int restarts, failures;    // failures in a row, for the backoff
    int64_t since, next_start; // monotonic milliseconds
    int last_status;           // of waitpid
};

struct table {
    struct process process[MAX_PROCESSES];
    int count;
};

/* table.c: read the file; says what is wrong on standard error and returns -1. */
int table_read(struct table *out, const char *path);

/* child.c: open the log, become ${user}, exec.  Sets pid; -1 and a message if fork fails. */
int child_start(struct process *self, const char *run_dir);

/* child.c: bind and listen; the message names the port. */
int child_listen(struct process *self);

/* ready.c: is it answering?  Blocks at most half a second. */
bool ready_probe(const char *target);

/* orphans.c: remember what runs, and end what an earlier, killed supervisor left behind. */
void orphans_remember(const struct table *table, const char *run_dir);
void orphans_end(const char *run_dir);

/* status.c: write <run_dir>/status for `make status`, atomically. */
void status_write(const struct table *table, const char *run_dir, bool stopping);

int64_t now_ms(void);

#endif
