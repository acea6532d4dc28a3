/* The example as a process of its own, for tests that stop, kill and restart it.  With
 * PL_EXAMPLE_SCHEMA it keeps a schema, so that it needs Postgres. */
#include "pl_example.h"

#include <stdlib.h>

int
main(int argc, char *argv[])
{
    struct pl_service service = pl_example;

    service.schema = getenv("PL_EXAMPLE_SCHEMA");
    return pl_app_main(&service, argc, argv);
}
