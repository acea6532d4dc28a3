/* sampler -- what the files of this service share.  Nothing outside includes it. */
#ifndef SAMPLER_H
#define SAMPLER_H

#include "pl_service.h"
#include "pl_ssrf.h"

#include "sampler.pb-c.h"

/* settings.c */
extern const struct pl_setting sampler_settings[];
extern const char *sampler_env_targets, *sampler_targets_file;
extern int64_t sampler_interval_ms, sampler_lease_ms, sampler_retention_days, sampler_fine_days;
extern int64_t sampler_public_badges; // not 0: of every target
extern struct pl_ssrf_list sampler_egress_allow;
extern char sampler_instance[24]; // this process, in the database
int sampler_start(struct pl_err *err);
void sampler_stop(void);

/* leave.c: as sampler_stop(), of a sampler that has worked */
void sampler_leave(void);

/* dispatch.c */
extern const struct pl_endpoint sampler_endpoints[];
extern const struct pl_timer sampler_timers[];
extern const struct pl_embedded sampler_migrations[];

/* handlers_*.c */
pl_handler_fn get_service_latencies, get_latency_targets, put_latency_targets;
pl_handler_fn get_latency, get_uptime, get_latency_badge;

/* follow.c, hold.c, flush.c, trim.c */
pl_timer_fn follow_sets, hold_shards, flush_samples, trim_history;

/* follow.c: has this instance taken a set, and seen before whether it is the only one? */
bool follow_has_begun(void);

/* follow.c: begin as after a start; for tests. */
void follow_forget(void);

/* restore.c: bring back what the database knows of targets that this instance has taken over. */
int restore_targets(struct pl_tick *tick);

#endif
