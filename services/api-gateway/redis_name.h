/* redis_name -- where the host of Redis is, looked up beside the loop: a name server that does
 * not answer must not stop a reactor.
 */
#ifndef REDIS_NAME_H
#define REDIS_NAME_H

#include <stddef.h>

enum name_state { NAME_WANTED, NAME_FOUND, NAME_FAILED };

/* Look ${host} up: NAME_WANTED until that is done, ask again a little later.  Each end of a lookup
 * is told once, so that every new connection looks anew.  ${address} gets the numeric address, or
 * why there is none; a host that is one is found at once.  Thread-safe. */
enum name_state redis_name_find(const char *host, char *address, size_t size);

#endif
