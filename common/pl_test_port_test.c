#include "pl_check.h"
#include "pl_test_port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

TEST(each_port_is_given_once_below_those_of_clients)
{
    int first = pl_test_port();

    CHECK_INT(first, >=, 12000);
    for (int i = 0; i < 150; i++) { // more than one run has
        int next = pl_test_port();

        CHECK_INT(next, !=, first);
        CHECK_INT(next, <, 32768);
    }
}

TEST(the_run_of_a_port_is_locked_until_the_process_ends)
{
    int base = pl_test_port() / 100 * 100, fd;
    const char *tmp = getenv("TMPDIR");
    char path[320];

    snprintf(path, sizeof path, "%s/plumb-test-ports/%d", tmp && *tmp ? tmp : "/tmp", base);
    fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK_INT(fd, >=, 0);
    CHECK_INT(flock(fd, LOCK_EX | LOCK_NB), ==, -1);
    CHECK_INT(errno, ==, EWOULDBLOCK);
    close(fd);
}
