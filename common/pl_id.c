#include "pl_id.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

char *
pl_id_new(struct pl_arena *arena)
{
    static const char DIGITS[] = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's

    char *id = pl_arena_alloc(arena, 27);
    unsigned char bits[16];
    struct timespec now;
    uint64_t ms;

    clock_gettime(CLOCK_REALTIME, &now);
    ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (getrandom(bits, sizeof bits, 0) != sizeof bits)
        abort(); // cannot be for 16 bytes once the kernel has started
    for (int i = 9; i >= 0; i--, ms >>= 5)
        id[i] = DIGITS[ms & 31];
    for (int i = 0; i < 16; i++)
        id[10 + i] = DIGITS[bits[i] & 31];
    return id;
}
