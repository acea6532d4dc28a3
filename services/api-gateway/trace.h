/* trace -- the ids a request is known by: X-Request-ID (B-24) and W3C Trace Context. */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_ID_SIZE  129
#define TRACEPARENT_SIZE 56

/* Keep the client's request id if it is 1 to 128 of [A-Za-z0-9._-], else make one. */
void trace_request_id(char out[REQUEST_ID_SIZE], const char *from_client);

/* Is it a traceparent that this trace continues?  If not, nothing else of it may be believed. */
bool trace_is_parent(const char *from_client);

/* Continue the client's trace with a span of our own, or begin one if ${from_client} is NULL or
 * not a traceparent (https://www.w3.org/TR/trace-context/#traceparent-header).  The flags of a
 * trace that begins here say "not sampled". */
void trace_parent(char out[TRACEPARENT_SIZE], const char *from_client);

/* ${size} bytes as lowercase hex digits and a NUL; not in constant time: nothing secret. */
void trace_hex(char *out, const unsigned char *bytes, size_t size);

#endif
