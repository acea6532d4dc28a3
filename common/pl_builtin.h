/* pl_builtin -- what every process answers itself: pl.Health, pl.Metrics, pl.LogLevel. */
#ifndef PL_BUILTIN_H
#define PL_BUILTIN_H

#include "pl_arena.h"

#include "envelope.pb-c.h"

#include <stdbool.h>
#include <stddef.h>

bool pl_builtin_knows(const char *operation, size_t length);

/* Answer a packed pl.Request whose operation is known; the reply is in the arena. */
ProtobufCBinaryData pl_builtin_answer(ProtobufCBinaryData request, struct pl_arena *arena);

#endif
