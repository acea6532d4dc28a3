/* contain_members -- the members of an object that is being built. */
#ifndef CON_MEMBERS_H
#define CON_MEMBERS_H

#include "contain.h"

struct member_plan {
    const char *name;
    struct con_label label;
    struct pl_node *value;
    struct member_plan *next; // planned before it
};

struct members {
    struct con_state *state;
    uint32_t least, most, count;
    struct member_plan *last;
};

struct names {
    const char **items;
    int count, room;
    bool complete; // there are no others
    bool open;     // members may have any name
};

/* A member of that name, and what it must be besides (NULL: nothing).  CON_YES with no value if
 * that is possible.  Others that it needs come with it. */
struct con_answer members_need(struct members *self, const char *name,
                               const struct con_literal *extra);

/* Members enough, then the object. */
struct con_answer members_fill(struct members *self);

/* The obligations from fact ${next} on, then members_fill(). */
struct con_answer members_oblige(struct members *self, int next);

/* Names that may serve for the fact; NULL: any. */
void members_candidates(struct members *self, const struct con_atom *fact, struct names *out);

bool members_match(struct con *con, const struct con_schema *schema, const char *pattern,
                   const char *name);

/* Does the name fit the schema?  1, 0, -1. */
int members_name_fits(struct con *con, struct con_schema *schema, const char *name);

#endif
