/* answer -- what goes back: status, body, and the header fields that are this answer's own. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#define MAX_EXTRA 24

struct exchange;

struct answer {
    int status;
    const char *type, *encoding; // NULL: no body of ours, not encoded
    const char *body;
    size_t length;
    const char *etag, *last_modified; // with its quotes; RFC 3339
    const char *cache_control;        // NULL: no-store
    bool cross_origin;                // anybody's page may read it (RULINGS 26)
    bool page;                        // HTML for people: may load what the gateway serves
    bool close;                       // the connection cannot be used any further
    const char *extra_names[MAX_EXTRA], *extra_values[MAX_EXTRA];
    int extra_count;
};

/* Answer with these bytes, which must stay as long as the exchange.  The first answer wins. */
void answer_bytes(struct exchange *self, int status, const char *type, const char *body,
                  size_t length);
void answer_text(struct exchange *self, int status, const char *type, const char *text);
void answer_empty(struct exchange *self, int status);
void answer_redirect(struct exchange *self, const char *location);

/* One more header field of this answer; ${value} in the arena. */
void answer_header(struct exchange *self, const char *name, const char *value);

/* The same, in place of a field of that name. */
void answer_replace_header(struct exchange *self, const char *name, const char *value);

/* Last touches before it is sent: 304 if the client has it already, gzip if it takes that and it
 * is worth it, gunzip if it is stored so and the client does not. */
void answer_finish(struct exchange *self);

#endif
