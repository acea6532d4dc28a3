/* pl_timer_wake -- how the timers of this process hear that there is work for them.
 *
 * Who makes work (pl_timers_wake(), pl_service.h) does so inside a transaction, before whose end
 * there is nothing to be seen; so the wake is held back in the thread until that is over.
 */
#ifndef PL_TIMER_WAKE_H
#define PL_TIMER_WAKE_H

#include <stdbool.h>
#include <stdint.h>

/* From here on a wake by this thread waits for pl_timers_let_go(), which a failed transaction
 * needs too: one that lost its connection inside COMMIT may have made work. */
void pl_timers_hold(void);
void pl_timers_let_go(void);

/* For a timer's thread: wait for the time (0: not at all), a wake after *seen, or the end; false at the end. */
bool pl_timers_wait(int64_t wait_ms, uint64_t *seen);

/* End all waiting, or allow it again. */
void pl_timers_set_stopping(bool now);

#endif
