/* mount -- the paths beside the contract, in one table (RULINGS 27, 49). */
#ifndef MOUNT_H
#define MOUNT_H

#include "path.h"
#include "router.h"

#include <stdbool.h>

struct cache_rule;
struct exchange;
struct mount;

/* The mount at that path, or NULL; its parameters go into ${values}. */
const struct mount *mount_find(const struct path *path, struct path_values *values);

/* "/status/{api}/{file}": for metrics and logs. */
const char *mount_pattern(const struct mount *mount);

/* Is it for those who watch the gateway, and so without a rate limit? */
bool mount_is_free(const struct mount *mount);

/* How artifacts are kept: the one rule beside the contract. */
const struct cache_rule *mount_cache_rule(void);

/* The path that is asked for once at the start: the default api's page. */
const char *mount_warm(void);

/* Answer, or ask and become pending. */
void mount_serve(struct exchange *self);

/* What the rows do (mount_health.c, mount_keys.c, mount_metrics.c,
 * mount_status.c). */
void mount_health(struct exchange *self);
void mount_liveness(struct exchange *self);
void mount_readiness(struct exchange *self);
void mount_metrics(struct exchange *self);
void mount_keys(struct exchange *self);
void mount_contract(struct exchange *self);
void mount_root(struct exchange *self);
void mount_status_folder(struct exchange *self);
void mount_status_file(struct exchange *self);
void mount_artifact(struct exchange *self);

#endif
