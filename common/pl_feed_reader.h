/* pl_feed_reader -- the listening end of a Feed: sockets to every instance of one source, and
 * the batches that come next.
 *
 * It is subscribed at every instance at once: whatever one of them loses or is late with,
 * another brings, and what arrives twice is told by its positions (RULINGS 37).  Not
 * thread-safe.
 */
#ifndef PL_FEED_READER_H
#define PL_FEED_READER_H

#include "pl_err.h"

#include "envelope.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_feed_reader;

#define PL_FEED_NEW_ONLY (-1) // begin behind the last event there is at present

/* Begin behind the position ${after}.  ${consumer} names the cursor (for an ephemeral one,
 * whoever reads, for logs); empty ${types} is all.  All texts must stay. */
struct pl_feed_reader *pl_feed_reader_new(const char *source, const char *consumer, size_t count,
                                          char **types, bool durable, int64_t after);
void pl_feed_reader_destroy(struct pl_feed_reader **self_p);

/* Wait for the next batch: one that covers the position behind the last one applied, without
 * the events applied before.  NULL when the time is over or ${wake} was woken.  Lives until the
 * next call. */
const Pl__Batch *pl_feed_reader_next(struct pl_feed_reader *self, int wake, int64_t timeout_ms);

/* Everything up to ${position} is applied: tell the source. */
void pl_feed_reader_applied(struct pl_feed_reader *self, int64_t position);

/* A batch was given up: have everything behind ${position} sent again. */
void pl_feed_reader_rewind(struct pl_feed_reader *self, int64_t position);

/* Is some instance answering? */
bool pl_feed_reader_live(const struct pl_feed_reader *self);

#endif
