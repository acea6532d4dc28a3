#include "pl_process_fixture.h"

#include "pl_buf.h"
#include "pl_curve.h"
#include "pl_pack.h"
#include "pl_service.h"
#include "pl_test_port.h"

#include "governance.pb-c.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/pl-app-test-XXXXXX";

// --- setting up --------------------------------------------------------------------------

static void
must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "cannot test: %s\n", what);
    exit(EXIT_FAILURE);
}

static void
remove_folder(void)
{
    zdir_t *dir = zdir_new(folder, NULL);

    zdir_remove(dir, true);
    zdir_destroy(&dir);
}

static void
open_folder(void)
{
    static const char *const names[] = { "example", "tester" };
    struct pl_err err = { 0 };

    must(mkdtemp(folder) != NULL, "no folder");
    atexit(remove_folder);
    must(pl_curve_make(folder, names, 2, &err) == 0, err.text);
    must(pl_curve_open(folder, "tester", false, &err) == 0, err.text);
}

void
set_text(const char *name, const char *before, int number, const char *after)
{
    char text[200];

    snprintf(text, sizeof text, "%s%d%s", before, number, after);
    setenv(name, text, 1);
}

/* What a child of ours runs: the example beside this program, its output in a file. */
static void
become_example(const char *option)
{
    char self[400], path[500], output[500];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    int fd;

    must(length > 0, "no /proc");
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a failed test leaves nobody behind
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/pl_example", self);
    snprintf(output, sizeof output, "%s/output", folder);
    fd = open(output, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    must(fd >= 0 && dup2(fd, 1) >= 0 && dup2(fd, 2) >= 0, "no output");
    execl(path, "pl_example", option, NULL);
    _exit(127);
}

pid_t
spawn(const char *option)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pid_t pid;

    pthread_once(&once, open_folder);
    setenv("PLUMB_KEYS_DIR", folder, 1);
    setenv("PLUMB_CORE_DUMPS", "1", 1); // LeakSanitizer has to look at its own process
    pid = fork();
    must(pid >= 0, "no process");
    if (pid == 0)
        become_example(option);
    return pid;
}

int
status_of(pid_t pid)
{
    int status = 0;

    must(waitpid(pid, &status, 0) == pid, "no child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Run the example with one option until it ends; its output is in the arena. */
int
run(const char *option, struct pl_arena *arena, char **output)
{
    int status = status_of(spawn(option));
    char path[500];
    zchunk_t *chunk;

    snprintf(path, sizeof path, "%s/output", folder);
    chunk = zchunk_slurp(path, 1 << 20);
    *output = pl_arena_memdup(arena, zchunk_data(chunk), zchunk_size(chunk));
    zchunk_destroy(&chunk);
    return status;
}

struct process
start_process(void)
{
    struct process p = { .port = pl_test_port(), .http_port = pl_test_port() };

    set_text("PLUMB_BIND", "tcp://127.0.0.1:", p.port, "");
    set_text("PLUMB_HTTP_BIND", "127.0.0.1:", p.http_port, "");
    snprintf(p.address, sizeof p.address, "tcp://127.0.0.1:%d", p.port);
    p.pid = spawn(NULL);
    return p;
}

int
stop_process(const struct process *p)
{
    kill(p->pid, SIGTERM);
    return status_of(p->pid);
}

// --- asking ------------------------------------------------------------------------------

static void
note(void *arg, const struct pl_answer *answer)
{
    struct outcome *outcome = arg;

    outcome->done = true;
    outcome->code = answer->code;
    snprintf(outcome->text, sizeof outcome->text, "%s", answer->text ? answer->text : "");
}

void
start_call(struct pl_caller *caller, struct outcome *outcome, struct pl_outcall call)
{
    static uint8_t named[] = "\x0a\x01x"; // api: "x"

    memset(outcome, 0, sizeof *outcome);
    call.service = "example";
    call.message = (ProtobufCBinaryData){ 3, named };
    call.timeout_ms = call.timeout_ms ? call.timeout_ms : 30000;
    pl_caller_start(caller, &call, note, outcome);
}

void
pump(struct pl_caller *caller, int most_ms)
{
    struct pollfd fd = { pl_caller_fd(caller), POLLIN, 0 };
    int wait = (int)pl_caller_timeout_ms(caller);

    poll(&fd, 1, wait < most_ms ? wait : most_ms);
    pl_caller_run(caller);
}

struct outcome
ask(struct pl_caller *caller, struct pl_outcall call)
{
    struct outcome outcome;

    start_call(caller, &outcome, call);
    while (!outcome.done)
        pump(caller, 1000);
    return outcome;
}

struct pl_caller *
new_caller(const char *addresses)
{
    struct pl_caller *caller = NULL;
    struct pl_err err = { 0 };

    setenv("PLUMB_PEER_EXAMPLE", addresses, 1);
    must(pl_caller_new(&caller, "tester", &err) == 0, err.text);
    return caller;
}

/* How many calls are under way at that instance, from this caller. */
int
in_flight(struct pl_caller *caller, const char *address)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_instance *instances;
    int count = pl_caller_instances(caller, arena, &instances), found = 0;

    for (int i = 0; i < count; i++)
        if (strcmp(instances[i].address, address) == 0)
            found = instances[i].in_flight;
    pl_arena_destroy(&arena);
    return found;
}

void
wait_until_both_live(struct pl_caller *caller)
{
    ask(caller,
        (struct pl_outcall){ .operation = "example.Echo" }); // a service is known once asked

    for (int live = 0; live < 2;) {
        struct pl_arena *arena = pl_arena_new();
        struct pl_instance *instances;
        int count;

        pump(caller, 20);
        count = pl_caller_instances(caller, arena, &instances);
        live = 0;
        for (int i = 0; i < count; i++)
            live += instances[i].live;
        pl_arena_destroy(&arena);
    }
}

/* GET a page of the internal port; "" while nobody listens. */
char *
get(int port, const char *path, struct pl_arena *arena)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct pl_buf page = { .arena = arena };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char bytes[4096];
    ssize_t length;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        dprintf(fd, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
        while ((length = read(fd, bytes, sizeof bytes)) > 0)
            pl_buf_add(&page, bytes, (size_t)length);
    }
    close(fd);
    return (char *)pl_buf_text(&page);
}

char *
get_when_up(int port, const char *path, struct pl_arena *arena)
{
    char *page;

    while (*(page = get(port, path, arena)) == '\0')
        poll(NULL, 0, 10);
    return page;
}
