/* times -- moments as the API writes them: RFC 3339, UTC, milliseconds.
 */
#ifndef TIMES_H
#define TIMES_H

#include "pl_arena.h"

#include <stdint.h>

char *times_print(struct pl_arena *arena, int64_t ms);

/* Unix seconds; -1 if it is no moment with a zone from 1970 on. */
int64_t times_read(const char *text);

#endif
