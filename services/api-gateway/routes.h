/* routes -- which hosts and path prefixes go to HTTP upstreams (B-26, B-27, RULINGS 20).
 *
 *     routes:
 *       - {name: analytics, prefix: /analytics, upstream: "http://127.0.0.1:9100", health: /health}
 *       - {name: chain, host: localhost, prefix: /blockchain, upstream: "http://10.0.0.9:80", strip: true}
 *
 * The contract and the gateway's own paths come first, then the longest prefix; a route with a
 * host only takes requests to that one.  Read once at start: PLUMB_ROUTES. */
#ifndef ROUTES_H
#define ROUTES_H

#include "path.h"

#include <stdint.h>

#define MAX_ROUTES 64

struct upstream_route {
    const char *name, *host, *prefix; // host NULL: any
    const char *segments[MAX_SEGMENTS];
    int count;            // of the prefix
    const char *upstream; // scheme, host, port; no '/' at its end
    const char *health;   // a path that answers below 500 when it is well; NULL: not asked
    bool strip;           // the prefix is not for the upstream
    int64_t timeout_ms, max_body;
};

/* Read the file; none is fine. */
int routes_open(struct pl_err *err);
void routes_close(void);

/* The route of a request with that Host field, or NULL. */
const struct upstream_route *routes_find(const struct path *path, const char *host);

/* All of them, for who looks after their health. */
const struct upstream_route *routes_all(int *count);

#endif
