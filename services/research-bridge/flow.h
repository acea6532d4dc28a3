/* flow -- how the status of an input and of an experiment may move (RULINGS 17, C-04).
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>

/* Is there a way from ${from} to ${to}?  Approving is not a move: it makes an experiment. */
bool flow_input(const char *from, const char *to);
bool flow_experiment(const char *from, const char *to);

/* What can follow, as "a or b", for people; "" if nothing does. */
const char *flow_input_next(const char *from);
const char *flow_experiment_next(const char *from);

#endif
