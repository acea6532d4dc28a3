/* bridge -- what the files of this service share.  Nothing outside includes it. */
#ifndef BRIDGE_H
#define BRIDGE_H

#include "pl_service.h"

#include "bridge.pb-c.h"

/* settings.c, dispatch.c */
extern const struct pl_setting bridge_settings[];
extern const struct pl_endpoint bridge_endpoints[];
extern const struct pl_timer bridge_timers[];
extern const struct pl_embedded bridge_migrations[];

/* handlers_input.c, handlers_move.c, handlers_experiment.c */
pl_handler_fn create_input, get_input, list_inputs, update_input, list_input_history, export_input;
pl_handler_fn assign_input, move_input, approve_input;
pl_handler_fn get_experiment, list_experiments, move_experiment;

/* numbers.c: the counts that /metrics shows, read from the database. */
pl_timer_fn count_everything;

#endif
