/* badges -- what a run looks like in three words: Shields endpoint JSON (F-24) and the page's
 * own chips are made of the same badge. */
#ifndef BADGES_H
#define BADGES_H

#include "pl_arena.h"
#include "pl_buf.h"

#include <stdint.h>

struct artifact_set;

struct badge {
    const char *label, *message; // message is never ""
    const char *color;           // of Shields: brightgreen green yellow orange red blue lightgrey
};

typedef struct badge badge_fn(const struct artifact_set *set);

badge_fn badge_streak;     // placeholder runs in a row (E-31)
badge_fn badge_summary;    // verdict and ratio (E-43)
badge_fn badge_combined;   // verdict and version policy, the worse one's colour (E-43)
badge_fn badge_stability;  // ratio in percent (AMB-12)
badge_fn badge_milestones; // percent complete
badge_fn badge_payload;    // version of the webhook contract (F-17)
badge_fn badge_checksums;  // the aggregate's first digits (F-04); needs the hashes

/* Append the badge as Shields reads it: schemaVersion 1, cacheSeconds 300. */
void badge_write(struct badge badge, struct pl_arena *arena, struct pl_buf *out);

/* The colour of a streak of ${runs} placeholders: 0 brightgreen, 1-2 green, 3-4 yellow, else
 * red (E-31). */
const char *streak_color(int64_t runs);

/* "93.3%", "100%" of a fraction. */
char *percent_text(double fraction, struct pl_arena *arena);

#endif
