#include "listen.h"

#include "pl_check.h"

#include <sys/socket.h>
#include <unistd.h>

TEST(a_free_port_is_found_and_shared_by_all_reactors)
{
    struct pl_err err = { 0 };
    int fds[3];

    CHECK_INT(listen_open("127.0.0.1", 0, fds, 3, &err), ==, 0);
    CHECK_INT(listen_port(fds[0]), >, 0);
    CHECK_INT(listen_port(fds[1]), ==, listen_port(fds[0]));
    CHECK_INT(listen_port(fds[2]), ==, listen_port(fds[0]));
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}

TEST(a_taken_port_is_named_even_if_its_holder_would_share)
{
    struct pl_err err = { 0 };
    int fds[2], again[2];
    char port[16];

    CHECK_INT(listen_open("127.0.0.1", 0, fds, 2, &err), ==, 0);
    snprintf(port, sizeof port, "port %d ", listen_port(fds[0]));
    CHECK_INT(listen_open("127.0.0.1", listen_port(fds[0]), again, 1, &err), ==, -1);
    CHECK_HAS(err.text, port);
    err = (struct pl_err){ 0 };
    CHECK_INT(listen_open("127.0.0.1", listen_port(fds[0]), again, 2, &err), ==, -1);
    CHECK_HAS(err.text, port);
    close(fds[0]);
    close(fds[1]);
}

TEST(what_is_no_address_is_refused)
{
    struct pl_err err = { 0 };
    int fd;

    CHECK_INT(listen_open("localhost.example", 0, &fd, 1, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INVALID);
    CHECK_HAS(err.text, "PLUMB_ADDRESS");
}

TEST(a_socket_that_was_handed_over_is_used_and_stays_open_elsewhere)
{
    struct pl_err err = { 0 };
    int given, fds[2], port;
    char pid[16];

    CHECK_INT(listen_open("127.0.0.1", 0, &given, 1, &err), ==, 0);
    port = listen_port(given);
    CHECK_INT(dup2(given, 3), ==, 3);
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    CHECK_INT(listen_open("127.0.0.1", 1, fds, 2, &err), ==, 0);
    CHECK_INT(listen_port(fds[0]), ==, port);
    CHECK_INT(listen_port(fds[1]), ==, port);
    setenv("LISTEN_PID", "1", 1); // meant for another process
    close(fds[0]);
    close(fds[1]);
    CHECK_INT(listen_open("127.0.0.1", port, fds, 1, &err), ==, -1); // still open: it is taken
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    if (given != 3)
        close(given);
}
