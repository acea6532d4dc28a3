#include "framing.h"

#include "pl_check.h"

#include <sys/socket.h>
#include <unistd.h>

#define GET   "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST  "POST / HTTP/1.1\r\nHost: a\r\n"
#define LOST  true
#define KNOWS false

static const struct {
    const char *bytes;
    size_t length;
    int requests;
    bool lost; // for good: no request behind it counts
} CASES[] = {
#define ROW(bytes, requests, lost)              \
    {                                           \
        bytes, sizeof bytes - 1, requests, lost \
    }
    ROW("", 0, KNOWS),
    ROW(GET "\r\n", 1, KNOWS),
    ROW(GET "\r\n" GET "X:\r\n\r\n" GET "\r\n", 3, KNOWS),
    ROW("\r\n\n" GET "\r\n", 1, KNOWS),
    ROW(POST "Content-Length: 3 \r\n\r\nabc" GET "\r\n", 2, KNOWS),
    ROW(POST "content-length:\t3\r\n\r\n\n:\n" GET "\r\n", 2, KNOWS),
    ROW(POST "Transfer-Encoding: CHUNKED\r\n\r\n2;a=b\r\n\0\n\r\n0\r\nX: y\r\n\r\n" GET "\r\n", 2,
        KNOWS),
    ROW(POST "Content-Length: 6\r\n\r\n" GET "\r\n", 1, LOST), // the second begins inside
    ROW("GET  / HTTP/1.1\r\n\r\n", 0, LOST),
    ROW("GET / HTTP/1.1 \r\n\r\n", 0, LOST),
    ROW("GET /\r\n\r\n", 0, LOST),
    ROW("GET / HTTP/1.1\nHost: a\r\n\r\n", 0, LOST),
    ROW("GET / HTTP/1.1\r\nHost: a\n\r\n", 0, LOST),
    ROW(GET "\n", 0, LOST),
    ROW(GET ":\n" GET "\r\n", 0, LOST),
    ROW(GET ": x\r\n\r\n", 0, LOST),
    ROW(GET "X: a\0\n\r\n", 0, LOST),
    ROW(GET "X: a\0\r\n\n", 0, LOST),
    ROW("\0\r\n" GET "\r\n", 0, LOST),
    ROW(GET "\0\r\n\r\n", 0, LOST),
    ROW(GET " X: a\r\n\r\n", 0, LOST),
    ROW(GET "X: a\rb: c\r\n\r\n", 0, LOST),
    ROW(GET "X: a\r\r\n\r\n", 0, LOST),
    ROW(GET "X\r\n\r\n", 0, LOST),
    ROW(POST
        "Content-Length:                                                        1\r\nContent-Length: 1\r\n\r\na",
        0, LOST),
    ROW(POST
        "Content-Length:                                                        1\r\nTransfer-Encoding: chunked\r\n\r\n",
        0, LOST),
    ROW(POST "Content-Length: +1\r\n\r\n", 0, LOST),
    ROW(POST "Content-Length: 1 1\r\n\r\n", 0, LOST),
    ROW(POST "Content-Length: 1234567890123456\r\n\r\n", 0, LOST),
    ROW(POST "Content-Length:                                                        1\r\n\r\n", 0,
        LOST),
    ROW(POST "Transfer-Encoding: chunked, gzip\r\n\r\n", 0, LOST),
    ROW(POST "Transfer-Encoding: chunked\r\n\r\n+2\r\nab", 1, LOST),
    ROW(POST "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", 1, LOST),
    ROW(POST "Transfer-Encoding: chunked\r\n\r\n2\nab\r\n", 1, LOST),
};

/* Let them arrive in pieces of that many bytes. */
static void
check(size_t i, size_t piece)
{
    char heard[512];
    int pair[2], requests = 0;
    size_t blanks;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        abort();
    framing_watch(pair[0]);
    for (size_t at = 0; at < CASES[i].length; at += piece) {
        size_t left = CASES[i].length - at;

        if (send(pair[1], CASES[i].bytes + at, left < piece ? left : piece, 0) < 0 ||
            recv(pair[0], heard, sizeof heard, 0) < 0)
            abort();
    }
    while (framing_agrees(pair[0], &blanks))
        requests++;
    CHECK_THAT(requests == CASES[i].requests, "%zu, by %zu: %d requests in %s", i, piece, requests,
               CASES[i].bytes);
    if (send(pair[1], GET "\r\n", sizeof GET "\r\n" - 1, 0) < 0 ||
        recv(pair[0], heard, sizeof heard, 0) < 0)
        abort();
    CHECK_THAT(framing_agrees(pair[0], &blanks) != CASES[i].lost, "%zu, by %zu: %s", i, piece,
               CASES[i].bytes);
    framing_forget(pair[0]);
    close(pair[0]);
    close(pair[1]);
}

TEST(requests_are_counted_up_to_the_first_odd_byte_however_they_arrive)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        for (size_t piece = 1; piece < 300; piece += piece < 40 ? 1 : 250)
            check(i, piece);
}

#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

TEST(a_body_is_disputed_if_its_own_lines_are_odd_but_not_for_what_comes_behind_it)
{
    static const struct {
        const char *bytes;
        bool disputed;
    } BODIES[] = {
        { CHUNKED "2\r\nab\r\n0\r\n\r\n", false },
        { CHUNKED "2\nab\r\n0\r\n\r\n", true },
        { CHUNKED "2;a\nab\r\n0\r\n\r\n", true },
        { CHUNKED "2\r\nab\n0\r\n\r\n", true },
        { CHUNKED "2\r\nab\r\n0\n\r\n", true },
        { CHUNKED "2\r\nab\r\n0\r\nX: a\r\n b\r\n\r\n", true },
        { CHUNKED "2\r\nab\r\n0\r\n\r\n:\r\n", false }, // the next one is odd
        { POST "Content-Length: 2\r\n\r\nab\nGET\n", false },
        { GET "\r\n" GET ":\r\n\r\n", false },
    };

    for (size_t i = 0; i < sizeof BODIES / sizeof *BODIES; i++) {
        char heard[512];
        int pair[2];
        size_t blanks;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
            abort();
        framing_watch(pair[0]);
        if (send(pair[1], BODIES[i].bytes, strlen(BODIES[i].bytes), 0) < 0 ||
            recv(pair[0], heard, sizeof heard, 0) < 0)
            abort();
        CHECK(!framing_disputes_body(pair[0])); // of none that was asked about
        while (framing_agrees(pair[0], &blanks))
            ;
        CHECK_THAT(framing_disputes_body(pair[0]) == BODIES[i].disputed, "%s", BODIES[i].bytes);
        framing_forget(pair[0]);
        close(pair[0]);
        close(pair[1]);
    }
}

TEST(a_descriptor_that_nobody_watches_is_left_alone)
{
    size_t blanks;

    CHECK(!framing_agrees(3, &blanks));
    CHECK(!framing_agrees(1 << 20, &blanks));
}

TEST(blanks_in_front_of_values_are_counted_for_each_header_block)
{
    static const char BLOCKS[] = GET "\r\n" GET "X:  a\r\nY:\t \tb \t\r\nZ:c\r\nW:   \r\n\r\n";
    char heard[8192];
    int pair[2];
    size_t blanks;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        abort();
    framing_watch(pair[0]);
    for (int i = 0; i < 12; i++) // more than it remembers are read before anybody asks
        if (send(pair[1], BLOCKS, sizeof BLOCKS - 1, 0) < 0)
            abort();
    CHECK_INT(recv(pair[0], heard, sizeof heard, 0), ==, 12 * (sizeof BLOCKS - 1));
    for (int i = 0; i < 24; i++) {
        CHECK(framing_agrees(pair[0], &blanks));
        CHECK_INT(blanks, ==, i % 2 == 1 && i < 16 ? 1 + 2 + 2 : 0);
    }
    CHECK(!framing_agrees(pair[0], &blanks));
    CHECK_INT(blanks, ==, 0);
    if (send(pair[1], BLOCKS, sizeof BLOCKS - 1, 0) < 0 ||
        recv(pair[0], heard, sizeof heard, 0) < 0)
        abort();
    CHECK(framing_agrees(pair[0], &blanks) && blanks == 0);
    CHECK(framing_agrees(pair[0], &blanks) && blanks == 5);
    framing_forget(pair[0]);
    close(pair[0]);
    close(pair[1]);
}
