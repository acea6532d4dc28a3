/* node_private -- what the files of pl_node share: the index of large objects, and the state in
 * which both parsers build the tree.  Not for anybody else.
 */
#ifndef PL_NODE_PRIVATE_H
#define PL_NODE_PRIVATE_H

#include "pl_node.h"

#define NODE_INDEX_ABOVE 16 // members; smaller objects are searched one by one

/* Index the members there are.  If two have the same key, the later of the first such pair is
 * returned, else NULL.  ${force} also for a small object, which then only is checked. */
const struct pl_member *node_index_build(struct pl_arena *arena, struct pl_node *object);

/* Hashes that are keyed at random for each process, so that nobody outside can make collisions.
 * Equal nodes (pl_node_equal) have equal hashes. */
uint64_t node_hash_bytes(const void *bytes, size_t length);
uint64_t node_hash(const struct pl_node *node);

/* The member with this key, by the index if there is one. */
struct pl_member *node_find(const struct pl_node *object, const char *key, size_t length);

/* Member ${object}->count - 1 is new: let the index know, make one if it is time. */
void node_index_added(struct pl_arena *arena, struct pl_node *object);

/* A place in the text, 1-based. */
struct node_place {
    uint32_t line, column;
};

/* Builds a tree from events.  Items and members of containers that are still open wait on two
 * stacks, so that each container gets its exact room at the end. */
struct node_builder {
    struct pl_arena *arena;
    struct pl_limits limits; // with the defaults filled in
    struct pl_err *err;
    struct node_place *where; // set on failure
    struct pl_node *root;
    struct builder_frame *frames;
    uint32_t depth, frame_room;
    struct pl_node **items;
    size_t item_count, item_room;
    struct pl_member *members;
    size_t member_count, member_room;
    uint32_t nodes;       // all there are
    size_t bytes;         // of all keys and texts
    size_t alias_bytes;   // that aliases may still add
    struct pl_node *last; // the value added last
    uint32_t height;      // of it: 0 for a scalar
    struct pl_member key; // of the next value
    bool has_key;
    struct builder_text *texts; // short ones seen lately; NULL in a small document
};

/* Prepare, with ${limits} or their defaults. */
void builder_open(struct node_builder *self, struct pl_arena *arena, const struct pl_limits *limits,
                  struct node_place *where, struct pl_err *err);
void builder_close(struct node_builder *self); // frees the stacks, not the tree

/* Say MALFORMED "line L, column C: ..." and remember the place.  Returns -1. */
int builder_fail(struct node_builder *self, struct node_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A copy of the text in the arena, or one made before. */
const char *builder_text(struct node_builder *self, const void *text, size_t length);

/* Each 0 or -1.  The text must live as long as the arena. */
int builder_scalar(struct node_builder *self, enum pl_node_kind kind, const char *text,
                   size_t length, bool truth, struct node_place at);
int builder_key(struct node_builder *self, const char *text, size_t length, struct node_place at);
int builder_begin(struct node_builder *self, enum pl_node_kind kind, struct node_place at);
int builder_end(struct node_builder *self);

/* Put a finished node once more (a YAML alias); ${nodes} and ${bytes} are all there is in it. */
int builder_again(struct node_builder *self, struct pl_node *node, uint32_t nodes, size_t bytes,
                  uint32_t height, struct node_place at);

/* Is the next scalar a key? */
bool builder_wants_key(const struct node_builder *self);

/* The parsers behind pl_json_parse() and pl_yaml_parse(): NULL on failure, with *where set if the
 * failure has a place in the text. */
struct pl_node *node_read_json(struct pl_arena *arena, const char *bytes, size_t length,
                               const struct pl_limits *limits, struct node_place *where,
                               struct pl_err *err);
struct pl_node *node_read_yaml(struct pl_arena *arena, const char *bytes, size_t length,
                               const struct pl_limits *limits, struct node_place *where,
                               struct pl_err *err);
struct pl_node *node_read(struct pl_arena *arena, const char *bytes, size_t length,
                          const struct pl_limits *limits, struct node_place *where,
                          struct pl_err *err);

/* What both refuse before they start: too many bytes, NUL, text that is no UTF-8, nothing. A byte
 * order mark is skipped by moving *bytes. */
int node_check_text(struct node_builder *self, const char **bytes, size_t *length);

#endif
