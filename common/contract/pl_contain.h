/* pl_contain -- does one schema let in every value that another one declares?
 *
 * The question "is each value of the source accepted by the target" is turned into "is there a
 * value that the source accepts and the target refuses": a search that either builds such a
 * value (the witness), or closes every way to one (contained), or gives up with a cause
 * (unknown).  All keywords take part; `$ref`s may go in circles: a value is finite, so that a
 * question inside of itself adds no way to a value.
 *
 * Over declared values (RULINGS 55, docs/CONTAINMENT.md): at an object that is open only by
 * default, the source has no members but those that it declares.  Requests have no readOnly
 * members and responses no writeOnly ones, unless their schema cannot do without.
 *
 * Steps are counted, never time; same questions in the same order get the same answers.  Answers
 * are remembered.
 */
#ifndef PL_CONTAIN_H
#define PL_CONTAIN_H

#include "pl_document.h"

enum pl_containment { PL_CONTAINED, PL_NOT_CONTAINED, PL_UNDECIDED };

struct pl_contain_answer {
    enum pl_containment verdict;
    struct pl_node *witness; // PL_NOT_CONTAINED: accepted by the source, refused by the target
    const char *pointer;     // what the target objects to first: a place in the witness,
    const char *keyword;     // and a keyword
    const char *cause;       // PL_UNDECIDED: a few words that many causes share
};

#define PL_CONTAIN_MOST INT64_C(1000000000000) // of each

struct pl_contain_limits { // zero: the default
    int64_t steps;         // for one question: 30 000
    int64_t total;         // for all of them: 1 200 000
    int64_t memory;        // bytes of the search that are kept between questions: 64 MiB
};

struct pl_contain;

/* Questions between two documents.  The arena keeps compiled schemas; the search has memory of
 * its own, which pl_contain_free() gives back and pl_contain_tidy() bounds. */
struct pl_contain *pl_contain_new(const struct pl_document *base, const struct pl_document *head,
                                  const struct pl_contain_limits *limits, struct pl_arena *arena);

void pl_contain_free(struct pl_contain **self_p);

/* Between questions: if the search has taken more memory than it may keep, what it knows is
 * forgotten.  Witnesses and texts of earlier answers are gone then. */
void pl_contain_tidy(struct pl_contain *self);

/* ${base} and ${head} are schemas of their documents (or made up of such).  ${reply}: what is
 * sent back may only shrink, so that the head is the source; else the base is. */
struct pl_contain_answer pl_contain_ask(struct pl_contain *self, struct pl_node *base,
                                        struct pl_node *head, bool reply);

/* Is the value valid in the document (${in_head}: or base)?  1, 0; -1 if it cannot be told. */
int pl_contain_judge(struct pl_contain *self, struct pl_node *schema, bool in_head,
                     const struct pl_node *value);

/* What the schema objects to; false if to nothing. */
bool pl_contain_objection(struct pl_contain *self, struct pl_node *schema, bool in_head,
                          const struct pl_node *value, struct pl_violation *out);

/* A keyword of the target, or a member that it requires or declares (else "": all of them). */
struct pl_contain_keyword {
    const char *keyword, *name;
    enum pl_containment verdict;
    struct pl_node *witness; // what the keyword refuses; not confirmed yet
    const char *cause;
};

/* Which keywords of the target refuse something, each for itself?  Returns how many are in
 * ${out}. */
int pl_contain_each(struct pl_contain *self, struct pl_node *base, struct pl_node *head, bool reply,
                    struct pl_contain_keyword *out, int max);

/* As pl_contain_ask(), but the witness has ${value} at the place of ${steps} below it.  Steps are
 * names of members, or NULL for the first item. */
struct pl_contain_answer pl_contain_at(struct pl_contain *self, struct pl_node *base,
                                       struct pl_node *head, bool reply, const char *const *steps,
                                       int count, struct pl_node *value);

/* A value of ${schema}, as it travels in the direction of ${reply}, with ${value} at the place of
 * ${steps} below it, in *out.  1: that is one; 0: there is none; -1: nobody knows. */
int pl_contain_build(struct pl_contain *self, struct pl_node *schema, bool in_head, bool reply,
                     const char *const *steps, int count, struct pl_node *value,
                     struct pl_node **out);

/* Does ${keyword} of the target (NULL: any) refuse any value of the source at all, one with members that nobody
 * declared among them? */
bool pl_contain_openly(struct pl_contain *self, struct pl_node *base, struct pl_node *head,
                       bool reply, const char *keyword);

/* As pl_contain_at(), with `oneOf` read as `anyOf` on both sides, as most programs read it: is
 * there a value, in that reading?  It is not confirmed by a validator and not shown. */
bool pl_contain_loosely_at(struct pl_contain *self, struct pl_node *base, struct pl_node *head,
                           bool reply, const char *const *steps, int count, struct pl_node *value);

/* Does the schema object to the value at the place of ${steps}, to a part of that or to what
 * stands around it?  To what is beside it does not count. */
bool pl_contain_objection_at(struct pl_contain *self, struct pl_node *schema, bool in_head,
                             const struct pl_node *value, const char *const *steps, int count,
                             struct pl_violation *out);

/* How many steps each question from here on may take; zero: as many as at first. */
void pl_contain_limit(struct pl_contain *self, int64_t steps);

/* Are the steps for all questions used up? */
bool pl_contain_is_spent(const struct pl_contain *self);

/* Steps taken so far, for tests and for those who tune budgets. */
int64_t pl_contain_steps(const struct pl_contain *self);

#endif
