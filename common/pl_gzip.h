/* pl_gzip -- gzip in memory (RFC 1952), safe against bombs.
 */
#ifndef PL_GZIP_H
#define PL_GZIP_H

#include "pl_arena.h"
#include "pl_err.h"

#include <stddef.h>

/* Does it begin like gzip? */
int pl_gzip_is(const void *bytes, size_t length);

/* Compress into the arena. */
char *pl_gzip(const void *bytes, size_t length, struct pl_arena *arena, size_t *out_length);

/* Decompress into the arena, a NUL behind the last byte.  TOO_LARGE as soon as there are more
 * than ${limit} bytes, or more than 200 for each byte of input beyond the first MiB;
 * MALFORMED for what is no gzip, is cut short or is followed by something else. */
int pl_gunzip(const void *bytes, size_t length, size_t limit, struct pl_arena *arena, char **out,
              size_t *out_length, struct pl_err *err);

#endif
