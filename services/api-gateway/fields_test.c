#include "fields.h"

#include "pl_check.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int ends[2];
static char got[300];

static const char *
received(void)
{
    ssize_t length = read(ends[1], got, sizeof got - 1);

    got[length > 0 ? length : 0] = '\0';
    return got;
}

static size_t
block(char *out, size_t room)
{
    struct pl_buf value = { .arena = pl_arena_new() };
    int length;

    fields_add(&value, "B", "2");
    fields_add(&value, "Evil", "x\r\ny: z");
    fields_add(&value, "Evil", "x\001\002y: z");
    fields_add(&value, "Evil", "");
    fields_add(&value, "C", "3");
    length =
        snprintf(out, room, "HTTP/1.1 200 OK\r\nA: 1%s\r\n\r\nbody\001\002", pl_buf_text(&value));
    pl_arena_destroy(&value.arena);
    return (size_t)length;
}

#define SENT "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\nbody\001\002"

TEST(marks_in_a_header_block_become_the_ends_of_lines_and_nothing_else_does)
{
    char bytes[300];
    size_t length = block(bytes, sizeof bytes);
    struct iovec parts[] = { { bytes, length } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 1 };

    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    fields_expect(ends[0]);
    CHECK_INT(send(ends[0], bytes, length, 0), ==, length);
    CHECK_STR(received(), SENT);
    block(bytes, sizeof bytes);
    CHECK_INT(send(ends[0], bytes, length, 0), ==, length); // not expected: a body
    CHECK(strstr(received(), "A: 1\001\002B: 2"));
    block(bytes, sizeof bytes);
    fields_expect(ends[0]);
    CHECK_INT(sendmsg(ends[0], &message, 0), ==, length);
    CHECK_STR(received(), SENT);
    block(bytes, sizeof bytes);
    fields_expect(ends[0]);
    fields_forget(ends[0]);
    CHECK_INT(sendmsg(ends[0], &message, 0), ==, length);
    CHECK(strstr(received(), "A: 1\001\002B: 2"));
    close(ends[0]);
    close(ends[1]);
}

TEST(a_block_that_is_sent_in_pieces_is_whole_in_the_end)
{
    char bytes[300];
    size_t length = block(bytes, sizeof bytes), cut = 25;

    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    fields_expect(ends[0]);
    CHECK_INT(send(ends[0], bytes, length, 0), ==, length); // the library repeats from where
    received();                                             // the kernel took no more
    CHECK_INT(send(ends[0], bytes + cut, length - cut, 0), ==, length - cut);
    CHECK_STR(received(), SENT + cut);
    close(ends[0]);
    close(ends[1]);
}

TEST(values_are_text)
{
    CHECK(fields_allow("a b\xc3\xa9"));
    CHECK(!fields_allow(""));
    CHECK(!fields_allow("a\tb"));
    CHECK(!fields_allow("a\nb"));
    CHECK(!fields_allow("a\177"));
}
