/* smoke -- the steps of `plumb smoke auth`: what a deployment tries after every release. */
#ifndef SMOKE_H
#define SMOKE_H

#include "plumb.h"

struct smoke {
    const char *base, *user, *password;
    struct pl_arena *arena;
    char *access, *refresh; // of the session that is going on
    char text[300];         // why the last step failed, or what it saw
};

enum smoke_result { SMOKE_OK, SMOKE_FAILED, SMOKE_SKIPPED, SMOKE_TROUBLE };

struct smoke_step {
    const char *name;
    bool negative; // only with --negative
    enum smoke_result (*run)(struct smoke *self);
};

/* Ends with a row without a name. */
extern const struct smoke_step smoke_steps[];

/* One request to the base; ${token} "" for none, ${body} NULL for none.  Returns the status, -1 with
 * the reason in self->text when no answer came. */
long smoke_ask(struct smoke *self, const char *method, const char *path, const char *token,
               const struct pl_node *body, struct answer *out);

/* Say why, and fail. */
enum smoke_result smoke_fail(struct smoke *self, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* smoke_negative.c */
enum smoke_result smoke_forged(struct smoke *self), smoke_revoked(struct smoke *self),
    smoke_reused(struct smoke *self), smoke_lockout(struct smoke *self),
    smoke_limit(struct smoke *self);

/* Log in; the tokens go where the pointers say. */
enum smoke_result smoke_log_in(struct smoke *self, char **access, char **refresh);

/* Spend a refresh token; SMOKE_FAILED if it is not taken. */
enum smoke_result smoke_spend(struct smoke *self, const char *token, char **access, char **refresh);

/* The value of a metric's series, or 0; -1 if /metrics is not public here. */
double smoke_metric(struct smoke *self, const char *series);

#endif
