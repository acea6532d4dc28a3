/* client -- whose address a request is counted and logged under.
 *
 * It is that of the connection, unless that is a proxy of PLUMB_TRUSTED_PROXIES: then it is the
 * last address in PLUMB_CLIENT_HEADER that is no trusted proxy.  What stands before it was
 * written by that client, and what cannot be read ends the search at the proxy that wrote it.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "pl_err.h"

#include <stdbool.h>

struct exchange;
struct sockaddr;

/* Put it into exchange->client, which holds the connection's. */
void client_find(struct exchange *exchange);

/* Is that a proxy of PLUMB_TRUSTED_PROXIES?  Its connections are of many clients. */
bool client_is_proxy(const struct sockaddr *peer);

/* Can PLUMB_TRUSTED_PROXIES and PLUMB_CLIENT_HEADER be read?  To be called before the others. */
int client_check(struct pl_err *err);

#endif
