/* negotiate -- what the client says it can take, and dates as HTTP writes them (RFC 9110). */
#ifndef NEGOTIATE_H
#define NEGOTIATE_H

#include <stdbool.h>

/* Does an Accept-Encoding take gzip?  NULL does not. */
bool negotiate_gzip(const char *accept_encoding);

/* Does an Accept take one of ${types} (ends with NULL)?  NULL takes anything. */
bool negotiate_type(const char *accept, const char *const *types);

/* Is ${content_type}, without its parameters, one of ${types}?  A charset other than UTF-8 makes
 * it none of them. */
bool negotiate_content(const char *content_type, const char *const *types);

/* "2026-11-20T19:00:00.000Z" as "Fri, 20 Nov 2026 19:00:00 GMT", and its seconds since 1970;
 * false if it is no such time. */
bool negotiate_http_date(const char *rfc3339, char out[32], long long *seconds);

/* The seconds of an HTTP date in its preferred form; false if it is none. */
bool negotiate_parse_date(const char *text, long long *seconds);

#endif
