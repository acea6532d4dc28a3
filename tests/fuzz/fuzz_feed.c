/* Feed frames: what a consumer hears (even first byte) and what a producer hears (odd).  Frames
 * are two bytes of length and the bytes. */
#include "fuzz_feed.h"

#include "fuzz.h"

#include "pl_curve.h"
#include "pl_log.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct pl_err err = { 0 };

    (void)argc;
    (void)argv;
    pl_log_open("fuzz", PL_ERROR + 1, true);
    return pl_curve_open("", "fuzz", true, &err);
}

bool
feed_next(struct feed_frames *frames, const uint8_t **bytes, size_t *length)
{
    if (frames->size < 2)
        return false;
    *length = (size_t)(frames->data[0] | frames->data[1] << 8);
    *bytes = frames->data + 2;
    frames->data += 2;
    frames->size -= 2;
    if (*length > frames->size)
        *length = frames->size;
    frames->data += *length;
    frames->size -= *length;
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed_frames frames = { data + 1, size - 1 };

    if (size < 1)
        return 0;
    if (data[0] % 2 == 0)
        feed_consumer(&frames);
    else
        feed_producer(&frames);
    return 0;
}
