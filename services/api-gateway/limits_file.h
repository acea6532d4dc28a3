/* limits_file -- the set of limits in force, for all reactors of the process.
 *
 * PLUMB_LIMITS is looked at twice a second and read again when it changed, also by a swap of
 * links as Kubernetes does with a ConfigMap.  A file that is wrong is refused and logged; the set
 * before it stays in force, and gateway_limits_refused is 1 until the file is good.
 */
#ifndef LIMITS_FILE_H
#define LIMITS_FILE_H

#include "limits.h"

/* Read it for the first time: a bad one stops the start. */
int limits_open(struct pl_err *err);

/* Forget it: for tests. */
void limits_close(void);

/* Look whether it changed, if it is time to.  Thread-safe and cheap. */
void limits_look(int64_t now_ms);

/* Changes with the set in force.  Thread-safe. */
unsigned limits_generation(void);

/* The set in force, which stays until it is given back. */
const struct limits *limits_hold(void);
void limits_release(const struct limits **held_p);

/* What people ask about it: where it is from, why the file on disk is refused (in the arena; ""
 * if it is not). */
const char *limits_source(void);
const char *limits_refusal(struct pl_arena *arena);

#endif
