/* compare -- the graph of comparisons behind pl_compare().
 *
 * A comparison is a pair: something of the base document with something of the head document.
 * Each pair is compared once, whoever asks; what it needs is other pairs, its children.  A pair
 * keeps what it found, and operations reach pairs: so that one cause is one finding, with the
 * operations it hits counted by reachability, and circular documents end.
 */
#ifndef CMP_COMPARE_H
#define CMP_COMPARE_H

#include "operations.h"
#include "rules.h"
#include "view.h"

enum cmp_kind {
    CMP_PAIR_OPERATION,
    CMP_PAIR_PARAMETER,
    CMP_PAIR_BODY,
    CMP_PAIR_RESPONSE,
    CMP_PAIR_HEADER,
    CMP_PAIR_SECURITY,
    CMP_PAIR_SCHEME,
    CMP_PAIR_SERVERS,
    CMP_PAIR_SCHEMA,
};

enum { CMP_TEXT_WHOLE = 1, CMP_TEXT_INSIDE = 2 }; // of a parameter; of an object or list of it

struct cmp_found {
    enum cmp_rule rule;
    const char *kind; // added, removed, changed
    struct cmp_spot base, head;
    const char *text;
    const char *lines; // header lines that the request of its witness carries; NULL: none
    struct pl_witness witness;
    struct cmp_spot within;      // whose alternative it is about
    const char *about;           // the keyword or the property, if it is about one
    const char *detail;          // what else tells it from another of its rule and place
    enum pl_finding_level level; // instead of the rule's; PL_LEVEL_NONE: the rule's
    struct cmp_found *next;
};

struct cmp_pair {
    enum cmp_kind kind;
    bool reply;         // what comes back: it may only shrink
    bool moved;         // of servers: a base path went into the paths or back; only hosts count
    unsigned char text; // of a schema: the value travels as text, where a string says least
    bool done, has_error;
    bool listed, is_root;       // of verdict.c: of a schema, whether it is a whole body or the like
    bool undecided;             // of verdict.c: nobody knows whether it takes values away
    bool told_below;            // of verdict_general.c: something is said of it or of its parts
    int number;                 // of verdict.c: among those that are listed
    struct cmp_pair *via;       // the pair that leads to it, on a short way from a root
    bool unlike;                // one side declares members that the other does not know
    struct cmp_spot base, head; // no node: there is none on that side
    const void *base_item, *head_item; // by kind: of operations.h
    struct cmp_pair **children, *next; // next: in order of making
    struct cmp_found *found, *last_found;
    int child_count, operations;
    int *hits;       // the operations that reach it, if it found something: ${operations} numbers
    unsigned walked; // stamp of the last walk; stamp: of the last question
    unsigned stamp;
};

struct cmp {
    struct pl_arena *arena;
    const struct pl_document *base, *head;
    const struct pl_compare_options *options;
    struct cmp_views views;
    struct cmp_map pairs, sames;
    void *same_mark;
    struct cmp_pair *first, *last;
    const struct cmp_model *base_model, *head_model;
    unsigned stamp, walks;
    int depth;        // of containment questions inside containment questions
    int64_t meetings; // of branches of large unions, so far
};

/* pairs.c */

/* The pair of two items, made at the first call; ${parent} needs it. ${extra} tells two
 * comparisons of the same nodes apart. */
struct cmp_pair *cmp_pair(struct cmp *self, struct cmp_pair *parent, struct cmp_pair like,
                          uint64_t extra);

/* The pair of two schemas.  NULL if both are plainly the same and there is nothing to do. */
struct cmp_pair *cmp_pair_schemas(struct cmp *self, struct cmp_pair *parent, struct cmp_spot base,
                                  struct cmp_spot head, bool reply);

/* The same for a value that travels as text: a parameter or a header. */
struct cmp_pair *cmp_pair_texts(struct cmp *self, struct cmp_pair *parent, struct cmp_spot base,
                                struct cmp_spot head, bool reply);

/* Note a finding at ${base} and ${head}. */
void cmp_found(struct cmp *self, struct cmp_pair *pair, enum cmp_rule rule, const char *kind,
               struct cmp_spot base, struct cmp_spot head, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));

/* Prove the finding that the pair noted last; texts live as long as the comparison. */
void cmp_proven(struct cmp_pair *pair, struct pl_witness witness);

/* The finding that the pair noted last is about this keyword or property. */
void cmp_about(struct cmp_pair *pair, const char *name);

/* What tells the finding that the pair noted last from another of the same rule at the same place,
 * such as the values: part of its fingerprint, so that accepting one is not accepting the next. */
#define cmp_detail(self, pair, ...) \
    ((pair)->last_found->detail = pl_arena_printf((self)->arena, __VA_ARGS__))

/* A value as canonical JSON, whole; "" for none. */
const char *cmp_value_whole(const struct pl_node *value, struct pl_arena *arena);

/* cmp_found() at the pair's own spots, as a change. */
#define cmp_changed(self, pair, rule, ...) \
    cmp_found(self, pair, rule, "changed", (pair)->base, (pair)->head, __VA_ARGS__)

/* What people call the pair: as in the head document, but where a reusable schema took the place
 * of another schema, the place. */
const char *cmp_pair_words(const struct cmp *self, const struct cmp_pair *pair);

/* Compare what is not compared yet among the pairs that ${operation} reaches. */
void cmp_walk(struct cmp *self, struct cmp_pair *operation);

/* What ${operation} reaches and has findings, counts it among those that are hit. */
void cmp_count(struct cmp *self, struct cmp_pair *operation, int number, bool *hit);

/* Does the pair, with all it needs, find no error, and does the accepting side know every member
 * by name?  Circles count as fine.  (An open object lets everything in: that alone would make
 * any two alternatives the same.) */
bool cmp_contained(struct cmp *self, struct cmp_pair *pair);

/* As cmp_contained(), but nothing at all may be found. */
bool cmp_identical(struct cmp *self, struct cmp_pair *pair);

/* compare_same.c: do two schemas say the same, annotations aside? */
bool cmp_same(struct cmp *self, struct cmp_spot base, struct cmp_spot head);
bool cmp_plainly_same(const struct pl_node *base, const struct pl_node *head);

struct cmp_rows; // match.h

/* collect.c: fill in the findings, counts and the required bump. */
void cmp_collect(struct cmp *self, struct pl_diff *diff, const struct cmp_rows *rows);

/* fingerprint.c: what tells a finding from others, wherever its lines move and however its sentence
 * is worded: the rule, the places on both sides, what it is about, and the detail. */
const char *cmp_fingerprint(struct cmp *self, const struct cmp_found *found);

/* Did somebody accept it?  If that is over, the finding gets a note. */
bool cmp_accepted(struct cmp *self, const struct cmp_found *found, struct pl_finding *finding);

/* compare_announced.c: deprecation, sunset, stability of ${what}, the pair's nodes. */
void cmp_announced(struct cmp *self, struct cmp_pair *pair, const char *what);

enum cmp_end { CMP_ENDS_NEVER, CMP_ENDS_INVALID, CMP_ENDS_LATER, CMP_ENDED };

/* What is deprecated may say on which day it ends; *day as written. */
enum cmp_end cmp_sunset(const struct cmp *self, const struct pl_node *node, const char **day);

/* A draft or alpha promises nothing. */
bool cmp_is_unstable(const struct pl_node *operation);

/* compare_parts.c */
void cmp_encoding(struct cmp *self, struct cmp_pair *pair, const struct cmp_media *b,
                  const struct cmp_media *h);
void cmp_links(struct cmp *self, struct cmp_pair *pair, const struct cmp_response *b,
               const struct cmp_response *h);

/* compare_discriminator.c */
void cmp_discriminator(struct cmp *self, struct cmp_pair *pair, struct cmp_spot b,
                       struct cmp_spot h);

/* One function per kind of pair. */
void cmp_operation(struct cmp *self, struct cmp_pair *pair);
void cmp_parameter(struct cmp *self, struct cmp_pair *pair);
void cmp_body(struct cmp *self, struct cmp_pair *pair);
void cmp_response(struct cmp *self, struct cmp_pair *pair);
void cmp_header(struct cmp *self, struct cmp_pair *pair);
void cmp_security(struct cmp *self, struct cmp_pair *pair);
void cmp_scheme(struct cmp *self, struct cmp_pair *pair);
void cmp_servers(struct cmp *self, struct cmp_pair *pair);
void cmp_schema(struct cmp *self, struct cmp_pair *pair);

/* The servers of two operations, once for all that have the same. */
void cmp_pair_servers(struct cmp *self, struct cmp_pair *parent, const struct cmp_operation *base,
                      const struct cmp_operation *head);

/* Parts of cmp_schema(); ${b} and ${h} are the views of the pair. */
void cmp_schema_parts(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                      const struct cmp_view *h);
void cmp_schema_values(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                       const struct cmp_view *h);
void cmp_schema_limits(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                       const struct cmp_view *h);
void cmp_schema_object(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                       const struct cmp_view *h);
void cmp_schema_unions(struct cmp *self, struct cmp_pair *pair, const struct cmp_view *b,
                       const struct cmp_view *h);

/* A rule by direction and by what happened to the set of values. */
struct cmp_rules {
    enum cmp_rule request_less, request_more, reply_more, reply_less;
};
enum cmp_rule cmp_rule_of(const struct cmp_rules *rules, bool reply, bool less);

/* A value as people read it, shortened. */
const char *cmp_value_text(const struct pl_node *value, struct pl_arena *arena);

#endif
