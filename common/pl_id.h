/* pl_id -- names for what is stored: sortable by time, never given twice, safe in paths and logs.
 */
#ifndef PL_ID_H
#define PL_ID_H

#include "pl_arena.h"

/* 26 characters of 0-9 a-z without i l o u: the milliseconds since 1970, then 80 random bits. */
char *pl_id_new(struct pl_arena *arena);

#endif
