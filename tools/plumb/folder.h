/* folder -- the files below a folder.
 */
#ifndef PLUMB_FOLDER_H
#define PLUMB_FOLDER_H

#include "plumb.h"

/* Does the name end as JSON and YAML files do? */
bool folder_is_document(const char *name);

/* The names of all files below ${folder} (with a slash at its end), relative to it, in any order;
 * what begins with a dot and node_modules are left out.  An exit status; says what is wrong. */
int folder_list(const char *folder, struct pl_arena *arena, char ***names, int *count);

#endif
