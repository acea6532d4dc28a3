/* The HTTP guard: raw bytes to a whole gateway, over a real connection (a unix socket, which says
 * when everything was read).
 *
 * A second reader, strict_http.c, counts the requests in the same bytes.  The gateway may answer
 * each of them, and refuse what comes behind them once; one answer more, and it has seen a
 * request where there is none. */
#include "fuzz.h"
#include "strict_http.h"

#include "gateway_fake.h"
#include "settings.h"

#include "pl_log.h"

#include <linux/sockios.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST_ANSWER (1 << 22)

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    if (!fake_auth(call, reply, arena))
        *reply = (struct fake_reply){ .code = PL_NOT_FOUND, .text = "no", .late = true };
}

static struct sockaddr_un door = { .sun_family = AF_UNIX };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)argc;
    (void)argv;
    snprintf(door.sun_path + 1, sizeof door.sun_path - 1, "plumb-fuzz-%d", getpid());
    if (bind(fd, (struct sockaddr *)&door, sizeof door) || listen(fd, 16))
        abort();
    gateway_begin_at(serve, fd);
    pl_log_level(PL_ERROR + 1);
    return 0;
}

/* Say that nothing more comes, once everything was read: libmicrohttpd 0.9.75 does not notice an
 * end that arrives together with the last bytes. */
static void
finish(int fd)
{
    int unread = 1;

    while (ioctl(fd, SIOCOUTQ, &unread) == 0 && unread > 0)
        sched_yield();
    shutdown(fd, SHUT_WR);
}

static char *
talk(const uint8_t *data, size_t size)
{
    static char answer[MOST_ANSWER + 1];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t used = 0;
    ssize_t got;

    if (connect(fd, (struct sockaddr *)&door, sizeof door))
        abort();
    if (send(fd, data, size, MSG_NOSIGNAL) >= 0)
        finish(fd);
    while (used < MOST_ANSWER && (got = recv(fd, answer + used, MOST_ANSWER - used, 0)) > 0)
        used += (size_t)got;
    close(fd);
    answer[used] = '\0';
    for (size_t i = 0; i < used; i++)
        if (answer[i] == '\0')
            answer[i] = ' ';
    return answer;
}

/* libmicrohttpd sends the header block of a refused Content-Length twice. */
static const char *
behind_repetition(const char *block, const char *end)
{
    size_t length = (size_t)(end - block);

    return block[9] == '4' && strncmp(end, block, length) == 0 ? end + length : end;
}

static int
statuses_of(const char *answer, int *out, int most)
{
    int count = 0;

    for (const char *at = answer; (at = strstr(at, "HTTP/1.")) && count < most;) {
        const char *end = strstr(at, "\r\n\r\n");
        int status = (int)strtol(at + 8, NULL, 10);

        if (status >= 200)
            out[count++] = status;
        at = end ? behind_repetition(at, end + 4) : at + 1;
    }
    return count;
}

static bool
is_refusal(int status)
{
    static const int REFUSALS[] = { 400, 408, 413, 414, 431, 500, 501, 505 };

    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++)
        if (status == REFUSALS[i])
            return true;
    return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int statuses[200];
    int requests = strict_http_count((const char *)data, size);
    const char *answer = talk(data, size);
    int answers = statuses_of(answer, statuses, 200);

    HOLDS(answers <= requests + 1, "%d answers to %d requests:\n%s", answers, requests, answer);
    if (answers == requests + 1)
        HOLDS(is_refusal(statuses[answers - 1]), "no request, but an answer:\n%s", answer);
    for (int i = 0; i < answers; i++)
        HOLDS(statuses[i] != 500, "our failure:\n%s", answer);
    return 0;
}
