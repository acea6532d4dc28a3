#include "fields.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_FDS (1 << 20) // more than PLUMB_CONNECTIONS allows; only what is used takes memory
#define MARK     "\001\002"

static bool expected[MOST_FDS];

bool
fields_allow(const char *value)
{
    const unsigned char *c = (const unsigned char *)value;

    while (*c >= ' ' && *c != 0x7f)
        c++;
    return *value && *c == '\0';
}

void
fields_add(struct pl_buf *value, const char *name, const char *text)
{
    if (!fields_allow(text))
        return;
    pl_buf_add(value, MARK, 2);
    pl_buf_add(value, name, strlen(name));
    pl_buf_add(value, ": ", 2);
    pl_buf_add(value, text, strlen(text));
}

void
fields_expect(int fd)
{
    if (fd < MOST_FDS)
        expected[fd] = true;
}

void
fields_forget(int fd)
{
    if (fd < MOST_FDS)
        expected[fd] = false;
}

/* The block is the library's own memory and is sent from its beginning; a body may follow. */
static void
unmark(int fd, const void *bytes, size_t length)
{
    char *at = (char *)(uintptr_t)bytes, *end;

    if (fd < 0 || fd >= MOST_FDS || !expected[fd])
        return;
    expected[fd] = false;
    end = memmem(at, length, "\r\n\r\n", 4);
    if (end == NULL)
        end = at + length;
    while ((at = memchr(at, MARK[0], (size_t)(end - at))) && at + 1 < end && at[1] == MARK[1]) {
        memcpy(at, "\r\n", 2);
        at += 2;
    }
}

/* In place of the C library's, for all of this process. */
ssize_t
send(int fd, const void *bytes, size_t length, int flags)
{
    unmark(fd, bytes, length);
    return sendto(fd, bytes, length, flags, NULL, 0);
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (message->msg_iovlen)
        unmark(fd, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
    return syscall(SYS_sendmsg, fd, message, flags);
}
