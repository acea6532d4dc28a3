#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_LOG (64 << 20) // then the next start begins a new one

int
child_listen(struct process *self)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found = NULL;
    char host[256];
    const char *colon = strrchr(self->listen, ':');
    int one = 1, fd, failed;

    if (colon == NULL || (size_t)(colon - self->listen) >= sizeof host) {
        fprintf(stderr, "%s: \"listen %s\" is not host:port\n", self->name, self->listen);
        return -1;
    }
    snprintf(host, sizeof host, "%.*s", (int)(colon - self->listen), self->listen);
    if (getaddrinfo(host, colon + 1, &hints, &found)) {
        fprintf(stderr, "%s: cannot listen on %s\n", self->name, self->listen);
        return -1;
    }
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    failed = bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, 1024);
    freeaddrinfo(found);
    if (failed) {
        fprintf(stderr, "%s: port %s cannot be used: %s (choose another with PORT=...)\n",
                self->name, colon + 1, strerror(errno));
        close(fd);
        return -1;
    }
    self->listen_fd = fd;
    return 0;
}

/* Everything below runs in the child; what goes wrong is said on its own log. */
static void
give_up(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    _exit(127);
}

static void
open_log(const struct process *self, const char *run_dir)
{
    char path[4096], old[4200];
    struct stat st;
    int fd;

    snprintf(path, sizeof path, "%s/logs/%s.log", run_dir, self->name);
    if (stat(path, &st) == 0 && st.st_size > LARGEST_LOG) {
        snprintf(old, sizeof old, "%s.1", path);
        rename(path, old);
    }
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
        give_up(path);
    fd = open("/dev/null", O_RDONLY);
    if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
        give_up("/dev/null");
    if (fd > STDERR_FILENO)
        close(fd);
}

static void
become(const char *user)
{
    struct passwd *who = getpwnam(user);

    if (who == NULL)
        give_up("there is no such user");
    if (initgroups(user, who->pw_gid) || setgid(who->pw_gid) || setuid(who->pw_uid))
        give_up("could not change the user");
    if (chdir("/"))
        give_up("/");
}

static void
hand_over_socket(int fd)
{
    char pid[32];

    if (fd == 3)
        fcntl(fd, F_SETFD, 0);
    else if (dup2(fd, 3) < 0)
        give_up("could not hand over the listening socket");
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", pid, 1);
}

static void
run_child(struct process *self, const char *run_dir, pid_t parent)
{
    sigset_t none;

    setpgid(0, 0); // a Ctrl-C at the terminal is for the supervisor alone
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    open_log(self, run_dir);
    if (self->user && geteuid() == 0)
        become(self->user);
    /* After the change of user, which clears it. */
    prctl(PR_SET_PDEATHSIG, self->stop_signal);
    if (getppid() != parent)
        _exit(1);
    for (int i = 0; i < self->env_count; i++)
        putenv(self->env[i]);
    if (self->listen_fd >= 0)
        hand_over_socket(self->listen_fd);
    execv(self->exec, self->args);
    give_up(self->exec);
}

int
child_start(struct process *self, const char *run_dir)
{
    pid_t parent = getpid(), pid = fork();

    if (pid < 0) {
        fprintf(stderr, "could not start %s: %s\n", self->name, strerror(errno));
        return -1;
    }
    if (pid == 0)
        run_child(self, run_dir, parent);
    self->pid = pid;
    return 0;
}
