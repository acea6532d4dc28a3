/* binding -- is it the client that logged in? */
#ifndef BINDING_H
#define BINDING_H

#include <stdbool.h>

struct exchange;

/* False if the session is bound to another client and the policy in its token is to enforce that;
 * with "warn" it is only counted and logged. */
bool binding_holds(const struct exchange *self);

#endif
