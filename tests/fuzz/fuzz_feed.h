/* fuzz_feed -- the two readers of Feed frames; each in a file that includes the reader's own, to
 * hand it frames over a socket inside of this process. */
#ifndef FUZZ_FEED_H
#define FUZZ_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_frames {
    const uint8_t *data;
    size_t size;
};

/* Take the next frame; false if there is none. */
bool feed_next(struct feed_frames *frames, const uint8_t **bytes, size_t *length);

void feed_consumer(struct feed_frames *frames);
void feed_producer(struct feed_frames *frames);

#endif
