/* gateway_fake -- a whole gateway in the test's own process, over the fake caller: real sockets,
 * real libmicrohttpd, the real contract. */
#ifndef GATEWAY_FAKE_H
#define GATEWAY_FAKE_H

#include "caller_fake.h"

#include <stdbool.h>
#include <stddef.h>

/* Start it on a free port with the usual settings; stop it. */
void gateway_begin(fake_service_fn *service);
void gateway_end(void);

/* The same on a listening socket of another kind, which it takes over. */
void gateway_begin_at(fake_service_fn *service, int listen_fd);

/* Changes some of these settings; called by gateway_begin() until gateway_end(). */
extern void (*gateway_tune)(void);

/* Only say that it is to stop, and how long it may take. */
void gateway_stop(void);
void gateway_drain_limit(int ms);

/* What came back over one connection. */
struct said {
    int status;
    char *head, *body; // the header block; the body with chunks left as they are
    size_t length;     // of the body
    bool closed;       // the server closed the connection
};

/* Send ${request} as it is and read one answer.  Freed by the next call. */
const struct said *gateway_send(const char *request, size_t length);
const struct said *gateway_text(const char *request);

/* Send "METHOD path" with a Host, "Authorization: Bearer good" and these header lines. */
const struct said *gateway_ask(const char *method, const char *path, const char *headers,
                               const char *body);

/* The value of a header field of the answer; "" if absent. */
const char *said_header(const struct said *said, const char *name);

/* Open a connection to it, for tests that talk in pieces. */
int gateway_connect(void);

/* A service that knows the tokens "good" and "other" (all scopes), "reader" (runs:read), "museum" (all, but
 * one api), "away" (auth does not answer); everything else is not valid. */
bool fake_auth(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena);

#endif
