/* git -- what the git program knows: a file as it was at a revision.
 */
#ifndef PLUMB_GIT_H
#define PLUMB_GIT_H

#include "plumb.h"

/* The bytes of ${path} at ${revision}.  ${path} is taken from the top of the repository, as git
 * does, else from the current folder.  MALFORMED with git's own words if there is no such thing;
 * TOO_LARGE beyond ${limit}. */
int git_show(const char *revision, const char *path, size_t limit, struct pl_arena *arena,
             char **out, size_t *length, struct pl_err *err);

/* The names below the folder ${path} at ${revision}, relative to it, in git's order. */
int git_list(const char *revision, const char *path, struct pl_arena *arena, char ***names,
             int *count, struct pl_err *err);

#endif
