/* path -- a request target, taken apart strictly: what two readers could read differently is
 * refused, not repaired ("..", "//", %2F, %5C, %00, control characters, bad escapes).
 */
#ifndef PATH_H
#define PATH_H

#include "pl_arena.h"
#include "pl_err.h"

#include <stdbool.h>

#define MAX_SEGMENTS 16

struct path {
    const char *segments[MAX_SEGMENTS]; // decoded
    int count;
    bool slash;        // ends with '/'; also for the root
    const char *raw;   // the path alone, as sent
    const char *query; // as sent, without '?'; "" if none
};

/* Take the target of a request line apart, in origin or absolute form; MALFORMED if refused. */
int path_parse(struct path *out, const char *target, struct pl_arena *arena, struct pl_err *err);

/* Decode %XX and, with ${plus}, '+'; the text must be UTF-8 without control characters. */
int path_decode(char **out, const char *text, size_t length, bool plus, struct pl_arena *arena,
                struct pl_err *err);

/* Take the next "name=value" out of a query string; false at its end. */
bool path_next_pair(const char **query, const char **name, size_t *name_length, const char **value,
                    size_t *value_length);

#endif
