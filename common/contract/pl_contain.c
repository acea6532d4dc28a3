#include "pl_contain.h"

#include "contain.h"

#include <string.h>

#define STEPS 30000
#define TOTAL 1200000

#define MOST_OBJECTIONS 20
#define MOST_KEYWORDS   100

#define KEPT ((int64_t)64 << 20)

struct pl_contain {
    struct con con;
    struct pl_arena *arena; // of what stays
    struct con_side made;   // schemas that we make up, in the latest dialect
    struct pl_document made_document;
    struct pl_contain_limits limits;
    int64_t steps; // for one question, now
};

/* Everything but the schemas that were compiled. */
static void
forget(struct con *con)
{
    const struct cmp_map empty = { .arena = con->arena };

    con->schemas = con->memos = con->digests = con->patterns = empty;
    con->views = (struct cmp_views){ .arena = con->arena, .map = empty, .merged = empty };
    con->provisional = NULL;
}

void
pl_contain_tidy(struct pl_contain *self)
{
    if (pl_arena_size(self->con.arena) < (size_t)self->limits.memory)
        return;
    pl_arena_reset(self->con.arena);
    forget(&self->con);
}

void
pl_contain_free(struct pl_contain **self_p)
{
    if (*self_p)
        pl_arena_destroy(&(*self_p)->con.arena);
    *self_p = NULL;
}

static void
open_side(struct con_side *side, const struct pl_document *document, struct pl_arena *arena)
{
    side->document = document;
    side->set = pl_schema_set_new(document->root, document->dialect, arena);
}

void
pl_contain_limit(struct pl_contain *self, int64_t steps)
{
    self->steps = steps ? steps * self->limits.steps / STEPS + 1 : self->limits.steps;
}

struct pl_contain *
pl_contain_new(const struct pl_document *base, const struct pl_document *head,
               const struct pl_contain_limits *limits, struct pl_arena *arena)
{
    struct pl_contain *self = pl_arena_alloc(arena, sizeof *self);
    struct con *con = &self->con;

    self->arena = arena;
    con->arena = pl_arena_new();
    forget(con);
    open_side(&con->base, base, arena);
    open_side(&con->head, head, arena);
    if (limits)
        self->limits = *limits;
    self->limits.steps = self->limits.steps ? self->limits.steps : STEPS;
    self->steps = self->limits.steps;
    self->limits.memory = self->limits.memory ? self->limits.memory : KEPT;
    con->total_left = self->limits.total ? self->limits.total : TOTAL;
    self->made_document = (struct pl_document){ .arena = arena,
                                                .root = pl_node_object(arena),
                                                .file = "",
                                                .spec = PL_OPENAPI_31,
                                                .dialect = PL_DIALECT_2020_12 };
    open_side(&self->made, &self->made_document, arena);
    return self;
}

bool
pl_contain_is_spent(const struct pl_contain *self)
{
    return self->con.total_left <= 0;
}

int64_t
pl_contain_steps(const struct pl_contain *self)
{
    return self->con.steps;
}

static struct pl_schema *
validator(struct pl_contain *self, struct pl_node *schema, bool in_head)
{
    struct con_side *side = in_head ? &self->con.head : &self->con.base;

    return pl_schema_of(side->set, schema);
}

int
pl_contain_judge(struct pl_contain *self, struct pl_node *schema, bool in_head,
                 const struct pl_node *value)
{
    return pl_schema_judge(validator(self, schema, in_head), value, self->con.arena);
}

bool
pl_contain_objection(struct pl_contain *self, struct pl_node *schema, bool in_head,
                     const struct pl_node *value, struct pl_violation *out)
{
    return pl_schema_check(validator(self, schema, in_head), value, self->con.arena, out, 1) > 0;
}

/* What the search says, confirmed by the validator on both sides. */
static struct pl_contain_answer
conclude(struct pl_contain *self, struct con_answer found, struct pl_node *base,
         struct pl_node *head, bool reply)
{
    struct pl_contain_answer out = { .verdict = PL_UNDECIDED, .cause = found.cause };
    struct pl_violation objection;

    if (found.is == CON_NO)
        out.verdict = PL_CONTAINED;
    if (found.is != CON_YES)
        return out;
    out.cause = "a value that the validator does not confirm";
    if (pl_contain_judge(self, reply ? head : base, reply, found.value) != 1 ||
        pl_contain_judge(self, reply ? base : head, !reply, found.value) != 0 ||
        !pl_contain_objection(self, reply ? base : head, !reply, found.value, &objection))
        return out;
    return (struct pl_contain_answer){ .verdict = PL_NOT_CONTAINED,
                                       .witness = found.value,
                                       .pointer = objection.pointer,
                                       .keyword = objection.keyword };
}

/* A question of its own begins. */
static void
start(struct pl_contain *self, bool reply)
{
    struct con *con = &self->con;

    con->reply = reply;
    con->steps_left = self->steps;
    con->gave_up = NULL;
    con->depth = 0;
    con->low = INT32_MAX;
    con->level = 0;
    con->provisional = NULL;
}

/* The two literals of a question. */
static void
prepare(struct pl_contain *self, struct pl_node *base, struct pl_node *head, bool reply,
        struct con_literal out[2])
{
    struct con *con = &self->con;
    struct con_side *source = reply ? &con->head : &con->base;
    struct con_side *target = reply ? &con->base : &con->head;

    start(self, reply);
    out[0] =
        (struct con_literal){ con_schema(con, source, reply ? head : base), NULL, false, true };
    out[1] =
        (struct con_literal){ con_schema(con, target, reply ? base : head), NULL, true, false };
}

static struct pl_contain_answer
ask(struct pl_contain *self, struct pl_node *base, struct pl_node *head, bool reply,
    struct pl_node *pin)
{
    struct con *con = &self->con;
    struct con_label label = { 0 };
    struct con_literal literals[2];

    prepare(self, base, head, reply, literals);
    con_label_add(con, &label, literals[0]);
    con_label_add(con, &label, literals[1]);
    if (pin)
        con_label_add(
            con, &label,
            (struct con_literal){ con_schema(con, &self->made, pin), NULL, false, false });
    return conclude(self, con_ask(con, &label), base, head, reply);
}

int
pl_contain_each(struct pl_contain *self, struct pl_node *base, struct pl_node *head, bool reply,
                struct pl_contain_keyword *out, int max)
{
    struct con_label label = { 0 };
    struct con_literal literals[2];

    prepare(self, base, head, reply, literals);
    con_label_add(&self->con, &label, literals[0]);
    con_label_add(&self->con, &label, literals[1]);
    return con_each(&self->con, &label, literals[0], literals[1], out, max);
}

struct pl_contain_answer
pl_contain_ask(struct pl_contain *self, struct pl_node *base, struct pl_node *head, bool reply)
{
    return ask(self, base, head, reply, NULL);
}

/* `{"required": [step], "properties": {step: ...}}`, or the first of `prefixItems`. */
static struct pl_node *
pin_of(struct pl_arena *arena, const char *const *steps, int count, struct pl_node *value)
{
    struct pl_node *pin = pl_node_object(arena), *inside;

    if (count == 0) {
        pl_node_set(arena, pin, "const", value);
        return pin;
    }
    inside = pin_of(arena, steps + 1, count - 1, value);
    pl_node_set(arena, pin, "type", pl_node_string(arena, *steps ? "object" : "array"));
    if (*steps) {
        pl_node_set(arena, pl_node_set(arena, pin, "properties", pl_node_object(arena)), *steps,
                    inside);
        pl_node_push(arena, pl_node_set(arena, pin, "required", pl_node_array(arena)),
                     pl_node_string(arena, *steps));
    } else {
        pl_node_push(arena, pl_node_set(arena, pin, "prefixItems", pl_node_array(arena)), inside);
        pl_node_set(arena, pin, "minItems", pl_node_integer(arena, 1));
    }
    return pin;
}

struct pl_contain_answer
pl_contain_at(struct pl_contain *self, struct pl_node *base, struct pl_node *head, bool reply,
              const char *const *steps, int count, struct pl_node *value)
{
    return ask(self, base, head, reply, pin_of(self->con.arena, steps, count, value));
}

/* Some value of the schema that has the pinned part. */
static struct con_answer
build(struct pl_contain *self, struct con_side *side, struct pl_node *schema, bool reply,
      struct pl_node *pin)
{
    struct con *con = &self->con;
    struct con_label label = { 0 };

    start(self, reply);
    con_label_add(con, &label,
                  (struct con_literal){ con_schema(con, side, schema), NULL, false, true });
    con_label_add(con, &label,
                  (struct con_literal){ con_schema(con, &self->made, pin), NULL, false, false });
    return con_ask(con, &label);
}

int
pl_contain_build(struct pl_contain *self, struct pl_node *schema, bool in_head, bool reply,
                 const char *const *steps, int count, struct pl_node *value, struct pl_node **out)
{
    struct con_side *side = in_head ? &self->con.head : &self->con.base;
    struct pl_node *pin = pin_of(self->con.arena, steps, count, value);
    struct con_answer answer;

    // that a value is of one alternative only is mostly so by itself, and long to search for
    self->con.loosely = true;
    answer = build(self, side, schema, reply, pin);
    self->con.loosely = false;
    if (answer.is != CON_YES || pl_contain_judge(self, schema, in_head, answer.value) != 1)
        answer = build(self, side, schema, reply, pin);
    if (answer.is == CON_NO)
        return 0;
    if (answer.is == CON_UNKNOWN || pl_contain_judge(self, schema, in_head, answer.value) != 1)
        return -1;
    *out = answer.value;
    return 1;
}

bool
pl_contain_openly(struct pl_contain *self, struct pl_node *base, struct pl_node *head, bool reply,
                  const char *keyword)
{
    struct pl_contain_keyword all[MOST_KEYWORDS];
    bool refuses = false;
    int count;

    self->con.openly = true;
    count = pl_contain_each(self, base, head, reply, all, MOST_KEYWORDS);
    self->con.openly = false;
    for (int i = 0; i < count && !refuses; i++)
        refuses = all[i].verdict == PL_NOT_CONTAINED &&
                  (keyword == NULL || strcmp(all[i].keyword, keyword) == 0);
    return refuses;
}

bool
pl_contain_loosely_at(struct pl_contain *self, struct pl_node *base, struct pl_node *head,
                      bool reply, const char *const *steps, int count, struct pl_node *value)
{
    struct con *con = &self->con;
    struct con_label label = { 0 };
    struct con_literal literals[2];
    struct pl_node *pin = pin_of(con->arena, steps, count, value);
    struct con_answer answer;

    con->loosely = true;
    prepare(self, base, head, reply, literals);
    con_label_add(con, &label, literals[0]);
    con_label_add(con, &label, literals[1]);
    con_label_add(con, &label,
                  (struct con_literal){ con_schema(con, &self->made, pin), NULL, false, false });
    answer = con_ask(con, &label);
    con->loosely = false;
    return answer.is == CON_YES;
}

/* Does one of the two JSON Pointers lead to the other? */
static bool
is_on_way(const char *one, const char *other)
{
    size_t shared = strlen(one) < strlen(other) ? strlen(one) : strlen(other);

    return strncmp(one, other, shared) == 0 && (one[shared] == '\0' || one[shared] == '/') &&
           (other[shared] == '\0' || other[shared] == '/');
}

bool
pl_contain_objection_at(struct pl_contain *self, struct pl_node *schema, bool in_head,
                        const struct pl_node *value, const char *const *steps, int count,
                        struct pl_violation *out)
{
    struct pl_arena *arena = self->con.arena;
    struct pl_violation all[MOST_OBJECTIONS];
    const char *place = "";
    int found =
        pl_schema_check(validator(self, schema, in_head), value, arena, all, MOST_OBJECTIONS);

    for (int i = 0; i < count; i++)
        place = pl_pointer_add(arena, place, steps[i] ? steps[i] : "0");
    for (int i = 0; i < found && i < MOST_OBJECTIONS; i++)
        if (is_on_way(all[i].pointer, place)) {
            *out = all[i];
            return true;
        }
    return false;
}
