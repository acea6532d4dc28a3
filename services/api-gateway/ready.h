/* ready -- what is known about clients' sockets without asking the kernel.
 *
 * libmicrohttpd takes a connection out of its epoll while the request waits for its answer, puts
 * it back afterwards, and reads once more before it waits.  With a Call in almost every request
 * these are three system calls of five.  So that epoll gets little traffic:
 *
 *   - Taking out is put off.  If nothing happens on the socket until it is put back, which is the
 *     rule, both are done without the kernel.  If something does, it is taken out then, and what
 *     happened is reported when it is put back, as ever.
 *   - A read that brought less than it had room for has emptied the socket (epoll(7), "the
 *     read/write I/O space is exhausted"): until epoll says otherwise the next finds nothing.
 *
 * The library calls epoll_ctl() and epoll_wait(), of which ready.c has own ones, as framing.c has
 * of recv().  It works with edges (EPOLLET) and looks by itself, after a pause, whether it can
 * read and write; that is why edges from before the pause need not be repeated.  Each entry belongs
 * to the thread that has the connection.
 */
#ifndef READY_H
#define READY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* This socket is a client's; or no longer, before it is closed. */
void ready_watch(int fd);
void ready_forget(int fd);

/* Would a read find nothing? */
bool ready_is_empty(int fd);

/* A read with room for ${room} bytes brought ${got}. */
void ready_read(int fd, size_t room, ssize_t got);

#endif
