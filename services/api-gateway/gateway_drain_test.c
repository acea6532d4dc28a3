/* Going away: what runs is finished, and nobody waits for what will never be answered. */
#include "gateway_fake.h"

#include "pl_check.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

static const char REQUEST[] =
    "GET /api/v1/apis/museum HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n";

static atomic_bool asked;
static char answer[4096];

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    if (fake_auth(call, reply, arena))
        return;
    *reply = (struct fake_reply){ .code = PL_NOT_FOUND, .text = "at last", .held = true };
    asked = strcmp(call->operation, "governance.GetApi") == 0;
}

/* A connection with a request that a service is thinking about. */
static int
begin(void)
{
    int fd;

    asked = false;
    gateway_begin(serve);
    fd = gateway_connect();
    if (send(fd, REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) != sizeof REQUEST - 1)
        abort();
    while (!asked)
        sched_yield();
    return fd;
}

/* Everything until the other side closes. */
static const char *
read_all(int fd)
{
    size_t used = 0;
    ssize_t got;

    while ((got = recv(fd, answer + used, sizeof answer - 1 - used, 0)) > 0)
        used += (size_t)got;
    answer[used] = '\0';
    close(fd);
    return got == 0 ? answer : "(not closed)";
}

TEST(a_running_request_is_finished_before_the_end)
{
    int fd = begin();

    gateway_stop();
    fake_release();
    gateway_end();
    CHECK_HAS(read_all(fd), "HTTP/1.1 404");
    CHECK_HAS(answer, "Connection: close");
    CHECK_HAS(answer, "at last");
}

TEST(an_idle_connection_does_not_hold_up_the_end)
{
    int fd;

    gateway_begin(serve);
    fd = gateway_connect();
    gateway_end();
    CHECK_STR(read_all(fd), "");
}

TEST(what_will_never_be_answered_ends_with_the_gateway)
{
    int fd = begin();

    gateway_drain_limit(0);
    gateway_end();
    CHECK(strstr(read_all(fd), "(not closed)") == NULL);
    CHECK(*answer == '\0' || strstr(answer, "HTTP/1.1 503"));
}
