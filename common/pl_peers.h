/* pl_peers -- where the other processes are.
 *
 * PLUMB_PEER_<SERVICE>=tcp://host:port[,...] names the Calls address of each (the Feed is at
 * port + 1).  On one machine an instance may also be "ipc://PATH:NUMBER", where the number takes
 * the port's place: the sockets are the files PATH:NUMBER and PATH:NUMBER+1.  libzmq would take only the first address of a name and look it up in its I/O
 * thread, so names are looked up here, again every few seconds, by a thread of their own.
 */
#ifndef PL_PEERS_H
#define PL_PEERS_H

#include "pl_arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every instance of ${service} known at present, as "tcp://10.0.0.7:5620" (or ipc), with ${port_offset}
 * added to the port (0: Calls, 1: Feed); the texts are in the arena.  Returns how many.  The
 * first question about a service whose addresses are names returns 0 and starts the look-up. */
size_t pl_peers_get(const char *service, int port_offset, struct pl_arena *arena, char ***out);

/* Is there a setting for ${service} at all? */
bool pl_peers_configured(const char *service);

/* Grows whenever some service's instances changed; cheap, to see whether to ask again. */
uint64_t pl_peers_generation(void);

/* "tcp://host:5610" with its port moved by ${offset}, in the arena; NULL if it has none. */
char *pl_peers_shift(const char *address, int offset, struct pl_arena *arena);

#endif
