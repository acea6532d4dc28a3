/* addresses -- how many connections each client address has open.
 *
 * An IPv6 client is its /64, for it may choose the rest.  An address that has no connection takes
 * no memory, and the table is keyed, so that nobody can choose addresses that collide.
 */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include <stddef.h>

struct addresses;
struct sockaddr;

/* A table for about ${expected} addresses; it holds more, slower.  NULL: out of memory. */
struct addresses *addresses_new(size_t expected);

/* Safe on NULL. */
void addresses_destroy(struct addresses **self_p);

/* How many connections this one has; 0 for what has no address. */
size_t addresses_count(const struct addresses *self, const struct sockaddr *of);

/* One more; one less. */
void addresses_add(struct addresses *self, const struct sockaddr *of);
void addresses_remove(struct addresses *self, const struct sockaddr *of);

#endif
