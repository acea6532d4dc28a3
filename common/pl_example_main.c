/* The example as a process of its own, for tests that stop, kill and restart it. */
#include "pl_example.h"

int
main(int argc, char *argv[])
{
    return pl_app_main(&pl_example, argc, argv);
}
