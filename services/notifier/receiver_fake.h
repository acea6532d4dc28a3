/* receiver_fake -- somebody else's webhook server, for tests: on a free port of 127.0.0.1, in a
 * thread of its own.  It answers what it was told to, in that order, then 200 "ok", and keeps
 * what it was sent.
 */
#ifndef RECEIVER_FAKE_H
#define RECEIVER_FAKE_H

#include "pl_arena.h"

#include <stddef.h>

struct receiver;

/* What came in.  Headers that were not there are "". */
struct received {
    char method[16], path[256], body[32768];
    char id[80], timestamp[32], signature[256], content_type[80], user_agent[80];
    char traceparent[64], tracestate[520];
};

struct receiver *receiver_start(void);

/* Stop, and answer whoever still waits.  Safe on NULL; clears the pointer. */
void receiver_stop(struct receiver **self_p);

/* "http://127.0.0.1:PORT" and ${path}. */
char *receiver_url(struct receiver *self, struct pl_arena *arena, const char *path);

#define RECEIVER_SILENT -1 // a status: take the request and never answer
#define RECEIVER_FLOOD  -2 // a status: 200 and a body without end

/* What to answer next; ${header} and ${body} may be NULL. */
void receiver_will(struct receiver *self, int status, const char *header, const char *value,
                   const char *body);

/* How many requests came so far, and the n-th of them (0 is the first). */
int receiver_count(struct receiver *self);
const struct received *receiver_got(struct receiver *self, int n);

/* How much of endless bodies was sent so far. */
size_t receiver_flooded(struct receiver *self);

/* Block until ${count} requests have come; 0, or -1 after ten seconds. */
int receiver_wait(struct receiver *self, int count);

#endif
