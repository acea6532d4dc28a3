/* contain -- the search behind pl_contain().
 *
 * A label is a set of literals about one value: "is of this schema", "is not of that one".  To
 * answer it, the search takes one JSON type after the other; under it each positive literal
 * gives facts, each negative literal is a choice of facts (some keyword must be violated), and so
 * are `anyOf`, `oneOf` and `if`.  With all choices made, what is left is a matter of numbers,
 * strings, arrays or objects, whose parts are labels again.
 *
 * "No" is said only where no value can exist; "yes" comes with a value.  Where the search
 * simplifies, it does so towards "yes", and checks the value with the validator: what it cannot
 * confirm is unknown.
 */
#ifndef CON_CONTAIN_H
#define CON_CONTAIN_H

#include "pair_map.h"
#include "pl_contain.h"
#include "view.h"

enum con_is { CON_NO, CON_YES, CON_UNKNOWN };

struct con_answer {
    enum con_is is;
    struct pl_node *value; // CON_YES
    const char *cause;     // CON_UNKNOWN
};

struct con_side {
    const struct pl_document *document;
    struct pl_schema_set *set; // its validator
};

/* A schema object, its keywords found. */
struct con_schema {
    struct pl_node *node;
    struct con_side *side;
    uint32_t id;
    bool never, trivial;      // false; nothing is asserted
    bool pure;                // says nothing but `anyOf`, `oneOf`, `allOf` or `$ref`
    bool flat;                // only keywords about the type and the text or number itself
    unsigned types, declared; // that `type` allows; or that the other keywords imply
    uint64_t digest;          // equal schemas have equal ones; 0: not computed yet
    struct pl_node *ref;      // target of `$ref`
    struct pl_node *all, *any, *one, *not, *when, *then, *otherwise, *dynamic;
    struct pl_node *values, *constant;
    struct pl_node *minimum, *maximum, *more_than, *less_than, *multiple;
    struct pl_node *min_length, *max_length, *pattern;
    const char *format; // one that is asserted, else NULL
    struct pl_node *prefix, *items, *contains, *min_contains, *max_contains, *min_items, *max_items;
    struct pl_node *unevaluated_items;
    bool unique;
    struct pl_node *properties, *patterns, *additional, *names, *required, *needs, *needs_schema;
    struct pl_node *min_properties, *max_properties, *unevaluated;
};

struct con_literal {
    struct con_schema *schema;
    struct con_schema *whole; // the schema of the place it is a part of: it knows what is readOnly
    bool negative, source;    // source: values are declared ones
};

struct con_label {
    struct con_literal *items;
    int count;
    struct pl_node **unlike; // values that it must differ from
    int unlike_count;
};

/* What is left of a literal under one type. */
enum con_kind {
    CON_IS,          // of `schema`
    CON_IS_NOT,      // of `schema`
    CON_NONE_OF,     // no schema of the list
    CON_ONLY,        // `index` of the list, no other
    CON_TWO_OF,      // `index` and `other` of the list
    CON_IF,          // `when`, then `then` (sign: `negative` means not then)
    CON_ELSE,        // not `when`, then `otherwise`
    CON_ABSENT,      // no member `name`
    CON_PRESENT_IS,  // a member `name`, and the object is of `schema`
    CON_PRESENT_NOT, // a member `name`, and the object is not of `schema`
    CON_ANYTHING,    // a condition that cannot be stated: the validator must say
    // from here on: facts
    CON_NOT_LISTED, // none of the values
    CON_UNDER,
    CON_OVER, // a number beyond minimum or maximum
    CON_NO_MULTIPLE,
    CON_SHORTER,
    CON_LONGER,
    CON_NO_MATCH,
    CON_NO_FORMAT,
    CON_ITEM_NOT, // item `index` is there and not of `schema`
    CON_REST_NOT, // an item from `index` on is not of `schema`
    CON_FEW,
    CON_MANY, // items that fit `contains`
    CON_FEWER_ITEMS,
    CON_MORE_ITEMS,
    CON_TWINS,
    CON_MEMBER_NOT,  // member `name` is there and not of `schema`
    CON_PATTERN_NOT, // a member that matches `name` is not of `schema`
    CON_OTHER_NOT,   // a member that the owner does not cover is not of `schema`
    CON_NAME_NOT,    // the name of a member is not of `schema`
    CON_LACKS,       // a member `name`, but no member `second`
    CON_FEWER_MEMBERS,
    CON_MORE_MEMBERS,
};

struct con_atom {
    enum con_kind kind;
    struct con_schema *owner, *schema, *whole;
    struct pl_node *list;
    const char *name, *second;
    uint32_t index, other;
    bool negative, source;
};

struct con_choice {
    struct con_atom *options;
    int count;
    struct con_literal denied; // how not to be of a schema; without a schema: how to be
};

struct con_positive {
    struct con_schema *schema;
    bool source;
};

/* The search under one type.  Vectors only grow; backtracking cuts them. */
struct con_state {
    struct con *self;
    const struct con_label *label;
    unsigned type;
    struct con_positive *pos;
    struct con_schema **neg;
    struct con_atom *facts;
    struct con_choice *choices, *denials; // the latter come last
    int pos_count, pos_room, neg_count, neg_room, fact_count, fact_room, choice_count, choice_room,
        denial_count, denial_room;
    int next, next_denial;
    bool murky; // the value needs the validator's word
    const char *cause;
};

struct con_memo {
    struct con_answer answer;
    struct con_literal *items;
    int count;
    bool done, busy;
    int depth, low; // while busy: its depth; afterwards: the outermost label that was assumed
    struct con_memo *next;        // of the same hash
    struct con_memo *provisional; // list of those that were answered while others were busy
    int level;                    // while busy: of the value it is about
};

struct con {
    struct pl_arena *arena; // of the search: emptied now and then
    struct con_side base, head;
    struct cmp_map schemas, memos, digests, patterns;
    struct cmp_views views;
    struct con_memo *provisional;
    uint32_t next_id;
    bool reply;
    bool loosely; // `oneOf` is read as `anyOf`
    bool openly;  // members need not be declared
    int depth, low;
    int level; // of parts in parts
    int64_t steps, steps_left, total_left;
    const char *gave_up;
};

/* contain_schema.c */
struct con_schema *con_schema(struct con *self, struct con_side *side, struct pl_node *node);
bool con_is_hidden(struct con *self, struct con_side *side, struct pl_node *property);
bool con_hides(struct con *self, const struct con_schema *whole, const char *name);
uint64_t con_size(const struct pl_node *number, uint64_t otherwise);

/* contain_digest.c: equal for schemas that say the same in the same words, `$ref`s followed,
 * annotations and order aside. */
uint64_t con_digest(struct con *self, struct con_schema *schema);

/* contain_null.c: a schema of the same meaning that lets null in by an alternative of its own; NULL
 * if ${schema} does not let it in beside one other type. */
struct pl_node *con_null_apart(struct con *self, struct pl_node *schema, enum pl_dialect dialect);

/* contain_label.c */
struct con_answer con_ask(struct con *self, const struct con_label *label);
struct con_answer con_ask_here(struct con *self, const struct con_label *label);
void con_label_add(struct con *self, struct con_label *label, struct con_literal literal);
struct con_answer con_unknown(const char *cause);
int con_fits(struct con *self, const struct con_label *label, const struct pl_node *value);
bool con_spend(struct con *self);

/* contain_literal.c: literals to facts and choices; false where that is impossible. */
bool con_add(struct con_state *state, struct con_literal literal);
bool con_apply(struct con_state *state, const struct con_atom *atom);
void con_deny(struct con_state *state, struct con_schema *schema); // only to know about it

/* contain_options.c: the ways not to be of a schema. */
int con_options(struct con_state *state, const struct con_literal *literal,
                struct con_atom **options);

/* contain_search.c */
struct con_answer con_search(struct con *self, const struct con_label *label);
struct con_answer con_choose(struct con_state *state);

struct con_mark {
    int pos, neg, facts, choices, next, denials, next_denial;
    bool murky;
};
struct con_mark con_mark(const struct con_state *state);
void con_back(struct con_state *state, struct con_mark mark);

/* contain_each.c: keyword by keyword; returns how many. */
int con_each(struct con *con, const struct con_label *label, struct con_literal source,
             struct con_literal target, struct pl_contain_keyword *out, int max);

/* One file each: with all choices made. */
struct con_answer con_solve_number(struct con_state *state);
struct con_answer con_solve_string(struct con_state *state);
struct con_answer con_solve_array(struct con_state *state);
struct con_answer con_solve_object(struct con_state *state);

/* contain_text.c: a string of these patterns and lengths. */
struct con_text {
    const char **match, **avoid; // patterns
    int match_count, avoid_count;
    uint64_t least, most;
};
struct con_answer con_text(struct con *self, const struct con_text *wanted);

#endif
