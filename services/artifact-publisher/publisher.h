/* publisher -- what the files of this service share.  Nothing outside includes it. */
#ifndef PUBLISHER_H
#define PUBLISHER_H

#include "pl_checksum.h"
#include "pl_service.h"

/* settings.c */
extern const struct pl_setting publisher_settings[];
extern const char *publisher_public_url; // without a slash at the end
extern const char *publisher_dropin_dir; // "": there are none
extern int64_t publisher_dropin_files, publisher_dropin_bytes;
extern int64_t publisher_attempts;

/* The signing key, NULL without one; made at start, read-only then. */
extern const struct pl_signer *publisher_signer;
int publisher_start(struct pl_err *err);

/* dispatch.c */
extern const struct pl_endpoint publisher_endpoints[];
extern const struct pl_listener publisher_listeners[];
extern const struct pl_timer publisher_timers[];

/* handlers.c: one function per endpoint */
pl_handler_fn get_artifact;
pl_handler_fn list_artifacts;

/* listeners.c: one function per event */
pl_listener_fn note_api;
pl_listener_fn queue_run;

/* publish.c: the job */
pl_timer_fn publish_due;
pl_timer_fn count_jobs;

#endif
