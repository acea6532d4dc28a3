/* framing -- a second, strict reader of the bytes that clients send (RFC 9112 sections 2 to 7).
 *
 * libmicrohttpd 0.9.75 ends a header block at a line that begins with ':' or NUL, takes a line
 * for ended at "NUL LF", and leaves of them in its memory just what good lines leave, so that
 * guard.h cannot tell them apart.  It reads with recv(), of which framing.c has an own one: it
 * hands what came for a client's connection to this reader too, which knows one way to frame a
 * request.  A request is believed only if both have read its header block; once this one has lost
 * its way, none on that connection is.
 *
 * Each entry belongs to the thread that has the connection.
 */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>

/* Read along on this socket; or no longer, before it is closed. */
void framing_watch(int fd);
void framing_forget(int fd);

/* The library has read a header block: has this reader, too?  Once for each.  *blanks: how many
 * there were in front of values beyond the usual one each, as far as they were counted. */
bool framing_agrees(int fd, size_t *blanks);

/* Has this reader lost its way in the body of the newest request that was asked about?  The
 * library ends lines of chunks and trailers with LF alone, and folds trailers; others do not. */
bool framing_disputes_body(int fd);

#endif
