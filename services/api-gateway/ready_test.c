#include "ready.h"

#include "framing.h"

#include "pl_check.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int ours, theirs, set;
static struct epoll_event happened;
static char bytes[100];

static void
put_in(void)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLET,
                                 .data.ptr = bytes };

    CHECK_INT(epoll_ctl(set, EPOLL_CTL_ADD, ours, &event), ==, 0);
}

static void
take_out(void)
{
    struct epoll_event unused = { 0 };

    CHECK_INT(epoll_ctl(set, EPOLL_CTL_DEL, ours, &unused), ==, 0);
}

static int
wait_for_events(void)
{
    happened = (struct epoll_event){ 0 };
    return epoll_wait(set, &happened, 1, 0);
}

/* A client's socket in an epoll that has said that it can be written. */
static void
begin(void)
{
    int ends[2];

    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
    ours = ends[0];
    theirs = ends[1];
    set = epoll_create1(0);
    framing_forget(ours); // links its recv() instead of the sanitizer's
    ready_watch(ours);
    put_in();
    CHECK_INT(wait_for_events(), ==, 1);
    CHECK_INT(happened.events, ==, EPOLLOUT);
    CHECK(happened.data.ptr == bytes);
}

static void
end(void)
{
    ready_forget(ours);
    close(ours);
    close(theirs);
    close(set);
}

/* The client sends a request, which is read. */
static void
hear(void)
{
    CHECK_INT(write(theirs, "request", 7), ==, 7);
    CHECK_INT(wait_for_events(), ==, 1);
    CHECK(happened.events & EPOLLIN);
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 7);
}

TEST(a_pause_in_which_nothing_happens_costs_nothing_and_loses_nothing)
{
    begin();
    for (int i = 0; i < 3; i++) {
        hear();
        CHECK(ready_is_empty(ours));
        take_out();
        CHECK_INT(wait_for_events(), ==, 0);
        put_in();
        CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, -1);
        CHECK_INT(errno, ==, EAGAIN);
        CHECK_INT(wait_for_events(), ==, 0); // the kernel would say again that it can be written
    }
    end();
}

TEST(what_happens_in_a_pause_is_told_after_it)
{
    begin();
    hear();
    take_out();
    CHECK_INT(write(theirs, "next", 4), ==, 4);
    CHECK_INT(wait_for_events(), ==, 0);
    CHECK(!ready_is_empty(ours)); // who looks finds it, pause or not
    put_in();
    CHECK_INT(wait_for_events(), ==, 1);
    CHECK(happened.events & EPOLLIN);
    CHECK(happened.data.ptr == bytes);
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 4);
    end();
}

TEST(what_happens_between_a_read_and_the_pause_is_told_after_it)
{
    begin();
    hear();
    CHECK_INT(write(theirs, "next", 4), ==, 4);
    take_out();
    put_in();
    CHECK_INT(wait_for_events(), ==, 1);
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 4);
    end();
}

TEST(the_end_of_what_a_client_sends_is_always_read)
{
    begin();
    CHECK_INT(write(theirs, "request", 7), ==, 7);
    shutdown(theirs, SHUT_WR);
    CHECK_INT(wait_for_events(), ==, 1);
    CHECK(!(happened.events & EPOLLRDHUP)); // nobody has asked for that
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 7);
    CHECK(!ready_is_empty(ours));
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 0);
    end();
    begin();
    hear();
    shutdown(theirs, SHUT_WR);
    CHECK_INT(wait_for_events(), ==, 1);
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 0);
    end();
}

TEST(a_full_read_says_nothing_about_the_rest)
{
    begin();
    CHECK_INT(write(theirs, "request", 7), ==, 7);
    CHECK_INT(wait_for_events(), ==, 1);
    CHECK_INT(recv(ours, bytes, 4, 0), ==, 4);
    CHECK(!ready_is_empty(ours));
    CHECK_INT(recv(ours, bytes, 3, 0), ==, 3);
    CHECK_INT(recv(ours, bytes, 3, 0), ==, -1);
    end();
}

TEST(a_socket_that_is_forgotten_in_a_pause_is_out)
{
    begin();
    hear();
    take_out();
    ready_forget(ours);
    CHECK_INT(write(theirs, "next", 4), ==, 4);
    CHECK_INT(wait_for_events(), ==, 0);
    CHECK(!ready_is_empty(ours));
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 4);
    end();
}

TEST(others_are_left_alone)
{
    begin();
    ready_forget(ours); // now it is anybody's, and the kernel still has it
    CHECK_INT(write(theirs, "next", 4), ==, 4);
    CHECK_INT(recv(ours, bytes, sizeof bytes, 0), ==, 4);
    take_out();
    put_in();
    CHECK_INT(wait_for_events(), ==, 1); // the kernel says again that it can be written
    CHECK_INT(happened.events, ==, EPOLLOUT);
    CHECK(happened.data.ptr == bytes);
    end();
}
