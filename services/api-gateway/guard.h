/* guard -- refuses a request whose framing two readers could understand differently.
 *
 * libmicrohttpd 0.9.75 takes the first of two Content-Lengths, accepts one beside
 * Transfer-Encoding, joins folded lines into a header's *name*, ends the block at a line that
 * begins with ':' and cuts values at NUL.  So before anything of a request is believed, what the
 * library understood is checked here, field by field, and the size of the header block as
 * received is compared with what it must be: more bytes than the fields explain means that
 * something was folded, cut off or skipped.  (RFC 9112 sections 3, 5, 6; RFC 9110 section 5.)
 */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct field {
    const char *name, *value;
    size_t name_length, value_length;
};

struct head {
    const char *method, *target, *version; // "GET", as sent, "HTTP/1.1"
    const struct field *fields;
    size_t count;
    bool disputed; // another reader of the same bytes (framing.h) has seen no such request
    size_t blanks; // that it has seen in front of values, beyond the usual one each
    size_t size;   // of the whole header block as received; 0: not known
};

/* 0 if the request may be believed, else the status to refuse it with (400, 501, 505) and the
 * reason in *why.  A refused connection must be closed. */
int guard_check(const struct head *head, const char **why);

/* What the fields say of the body: its length, or -1 if it comes in chunks. */
long long guard_body_length(const struct head *head);

#endif
