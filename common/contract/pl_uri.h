/* pl_uri -- the little of RFC 3986 that references inside of a document need.
 */
#ifndef PL_URI_H
#define PL_URI_H

#include "pl_node.h"

/* Follow a JSON Pointer written as the fragment of a URI, percent-escaped (RFC 6901, chapter 6).
 * NULL if it leads nowhere. */
struct pl_node *pl_uri_pointer(struct pl_node *root, const char *fragment);

/* Resolve ${reference} against ${base} (RFC 3986, 5.2); both may be empty. */
char *pl_uri_resolve(struct pl_arena *arena, const char *base, const char *reference);

#endif
