/* spot -- a node of a document together with the way that led to it.
 *
 * Nodes do not know their parents; a trail remembers the steps, cheaply, and becomes a JSON
 * Pointer or words only for what is reported.
 */
#ifndef CMP_SPOT_H
#define CMP_SPOT_H

#include "pl_compare.h"

struct cmp_trail {
    const struct cmp_trail *up; // NULL at ${pointer}
    const char *pointer;        // where the trail begins
    const char *step;           // member name, or NULL: ${index}
    uint32_t index;
    const char *label; // names the place for people; ends the search upwards
    bool component;    // ${label} is the name of a reusable schema
};

struct cmp_spot {
    const struct pl_document *document;
    struct pl_node *node; // NULL: not there
    const struct cmp_trail *trail;
};

/* The whole document; a member or item (a spot without node if absent). */
struct cmp_spot cmp_spot_root(const struct pl_document *document, struct pl_arena *arena);
struct cmp_spot cmp_spot_get(struct cmp_spot spot, const char *key, struct pl_arena *arena);
struct cmp_spot cmp_spot_at(struct cmp_spot spot, uint32_t index, struct pl_arena *arena);

/* Behind the `$ref`s; the spot itself if it is no reference or they lead nowhere. */
struct cmp_spot cmp_spot_follow(struct cmp_spot spot, struct pl_arena *arena);

/* The same spot under a name for people, such as "the request body". */
struct cmp_spot cmp_spot_label(struct cmp_spot spot, const char *label, struct pl_arena *arena);

const char *cmp_spot_pointer(struct cmp_spot spot, struct pl_arena *arena);
struct pl_place cmp_spot_place(struct cmp_spot spot, struct pl_arena *arena);

/* "`Pet.tags[]`", "`tags[].name` of the request body", "the 200 response". */
const char *cmp_spot_words(struct cmp_spot spot, struct pl_arena *arena);

#endif
