#include "pl_check.h"
#include "pl_peers.h"

#include <stdlib.h>

/* What PLUMB_PEER_ALPHA=${setting} means; one text, instances separated by spaces. */
static const char *
peers(const char *setting, int offset)
{
    static char text[512];
    struct pl_arena *arena = pl_arena_new();
    char **addresses;
    size_t count, used = 0;

    setenv("PLUMB_PEER_ALPHA", setting, 1);
    count = pl_peers_get("alpha", offset, arena, &addresses);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", addresses[i]);
    pl_arena_destroy(&arena);
    return text;
}

TEST(an_instance_is_an_address_and_a_port_and_named_once)
{
    CHECK_STR(peers("", 0), "");
    CHECK_STR(peers("tcp://127.0.0.1:5610", 0), "tcp://127.0.0.1:5610");
    CHECK_STR(peers("tcp://127.0.0.1:5610,tcp://[::1]:5613 , tcp://127.0.0.1:5610", 1),
              "tcp://127.0.0.1:5611 tcp://[::1]:5614");
}

TEST(an_instance_on_this_machine_is_a_path_with_a_number)
{
    CHECK_STR(peers("ipc:///tmp/alpha:0", 0), "ipc:///tmp/alpha:0");
    CHECK_STR(peers("ipc:///tmp/alpha:0,tcp://127.0.0.1:9", 1),
              "ipc:///tmp/alpha:1 tcp://127.0.0.1:10");
}

TEST(what_has_no_number_in_the_end_is_no_instance)
{
    char long_path[300];

    CHECK_STR(peers("ipc:///tmp/alpha", 0), "");
    CHECK_STR(peers("ipc:///tmp/alpha:", 0), "");
    CHECK_STR(peers("ipc:///tmp/alpha:1x", 0), "");
    CHECK_STR(peers("ipc:///tmp/alpha:123456", 0), "");
    CHECK_STR(peers("tcp://127.0.0.1", 0), "");
    CHECK_STR(peers("udp://127.0.0.1:1", 0), "");
    snprintf(long_path, sizeof long_path, "ipc:///%0200d:1", 1);
    CHECK_STR(peers(long_path, 0), "");
}
