/* redis_health -- how Redis is, over all connections of the process that talk to it: for /health, the log
 * and the metrics. */
#ifndef REDIS_HEALTH_H
#define REDIS_HEALTH_H

#include <stdbool.h>

/* What one connection said last; starts as { 0 }. */
struct redis_health {
    bool told, up;
};

/* It can be asked, or not, and why not.  Cheap when nothing changed.  Thread-safe. */
void redis_health_tell(struct redis_health *self, bool up, const char *why);

/* It ends. */
void redis_health_forget(struct redis_health *self);

#endif
