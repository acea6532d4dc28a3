/* dropins -- files that somebody else puts into the publish step (F-22): whatever lies in
 * <dir>/<api>/ is published with the run, hashed and signed like our own, without any code.
 */
#ifndef DROPINS_H
#define DROPINS_H

#include "set.h"

struct dropin_limits {
    int64_t files, bytes; // at most that many, each at most that large
};

/* Read the files of ${api}, sorted by name, into the arena.  A name must be plain, contain a dot
 * and not be one of ours; what breaks a rule is left out and logged, never fatal.  A folder that
 * is not there is an empty one.  Returns how many. */
int dropins_read(const char *dir, const char *api, struct dropin_limits limits,
                 struct pl_arena *arena, struct artifact **out);

/* May a dropped-in file be called that? */
bool dropin_name_ok(const char *name);

#endif
