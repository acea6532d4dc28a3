/* pl_core -- no core dumps, unless they are asked for.
 *
 * Keys, passwords and tokens are in the memory of libraries that do not know of secrets (libpq,
 * libzmq, libcurl), so no part of it can be left out of a dump: there is none.  The same flag
 * keeps other processes of the same user from reading this one's memory.
 */
#ifndef PL_CORE_H
#define PL_CORE_H

#include <stdbool.h>

/* Once per process, as soon as the settings are read. */
void pl_core_dumps(bool wanted);

#endif
