/* strict_http -- a second reader of HTTP/1.x requests, for comparison: it knows one way to frame
 * a request and stops at everything else (RFC 9112). */
#ifndef STRICT_HTTP_H
#define STRICT_HTTP_H

#include <stddef.h>

/* How many requests are in these bytes before the first one that is framed otherwise or has no
 * whole header block; one whose body is cut short or damaged is the last. */
int strict_http_count(const char *bytes, size_t length);

#endif
