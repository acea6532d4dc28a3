/* Which keywords of the target refuse something that the source accepts?  Each is asked for
 * itself, so that each change can have a witness of its own. */
#include "contain.h"

#include <string.h>

#define DEEPEST 30 // of allOf in allOf

struct each {
    struct con *con;
    struct con_state *state;
    struct cmp_map asked; // schemas, by type
    struct pl_contain_keyword *out;
    int count, max;
};

static bool
was_asked(struct each *self, const struct con_schema *schema)
{
    void **slot = cmp_map_slot(&self->asked, (struct cmp_key){ schema, NULL, self->state->type });
    bool before = *slot != NULL;

    *slot = self;
    return before;
}

static const char *
number_keyword(const struct con_atom *atom)
{
    if (atom->name)
        return "format";
    if (atom->kind == CON_NO_MULTIPLE)
        return "multipleOf";
    return atom->kind == CON_UNDER ? "minimum" : "maximum";
}

static const char *
keyword_of(const struct con_atom *atom)
{
    static const struct {
        enum con_kind kind;
        const char *keyword;
    } table[] = {
        { CON_IS, "not" },
        { CON_IF, "if" },
        { CON_ELSE, "if" },
        { CON_TWO_OF, "oneOf" },
        { CON_ABSENT, "required" },
        { CON_PRESENT_NOT, "dependentSchemas" },
        { CON_NOT_LISTED, "enum" },
        { CON_SHORTER, "minLength" },
        { CON_LONGER, "maxLength" },
        { CON_NO_MATCH, "pattern" },
        { CON_NO_FORMAT, "format" },
        { CON_ITEM_NOT, "prefixItems" },
        { CON_FEW, "contains" },
        { CON_MANY, "contains" },
        { CON_FEWER_ITEMS, "minItems" },
        { CON_MORE_ITEMS, "maxItems" },
        { CON_TWINS, "uniqueItems" },
        { CON_MEMBER_NOT, "properties" },
        { CON_PATTERN_NOT, "patternProperties" },
        { CON_NAME_NOT, "propertyNames" },
        { CON_LACKS, "dependentRequired" },
        { CON_FEWER_MEMBERS, "minProperties" },
        { CON_MORE_MEMBERS, "maxProperties" },
        { CON_ANYTHING, "$dynamicRef" },
    };

    if (atom->kind == CON_UNDER || atom->kind == CON_OVER || atom->kind == CON_NO_MULTIPLE)
        return number_keyword(atom);
    if (atom->kind == CON_REST_NOT)
        return atom->name ? atom->name : "items";
    if (atom->kind == CON_OTHER_NOT)
        return atom->name ? atom->name : "additionalProperties";
    if (atom->kind == CON_NONE_OF)
        return atom->list == atom->owner->any ? "anyOf" : "oneOf";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].kind == atom->kind)
            return table[i].keyword;
    return "";
}

static void
note(struct each *self, const char *keyword, const char *name, struct con_answer answer)
{
    struct pl_contain_keyword *one = NULL;

    for (int i = 0; i < self->count && one == NULL; i++)
        if (strcmp(self->out[i].keyword, keyword) == 0 && strcmp(self->out[i].name, name) == 0)
            one = &self->out[i];
    if (one == NULL && self->count == self->max)
        return;
    if (one == NULL) {
        one = &self->out[self->count++];
        *one = (struct pl_contain_keyword){ .keyword = keyword,
                                            .name = name,
                                            .verdict = PL_CONTAINED };
    }
    if (answer.is == CON_YES && one->witness == NULL) {
        one->verdict = PL_NOT_CONTAINED;
        one->witness = answer.value;
    } else if (answer.is == CON_UNKNOWN && one->witness == NULL) {
        one->verdict = PL_UNDECIDED;
        one->cause = answer.cause;
    }
}

static void
ask_atom(struct each *self, const struct con_atom *atom)
{
    struct con_mark mark = con_mark(self->state);
    bool named = atom->kind == CON_ABSENT || atom->kind == CON_MEMBER_NOT;
    struct con_answer answer = { .is = CON_NO };

    if (con_apply(self->state, atom))
        answer = con_choose(self->state);
    con_back(self->state, mark);
    note(self, keyword_of(atom), named ? atom->name : "", answer);
}

/* The options of ${literal}; what `$ref` and `allOf` bring is asked part by part. */
static void
ask_options(struct each *self, struct con_literal literal, int depth)
{
    struct con_atom *options;
    int count;

    if (depth == 0 || literal.schema->trivial || was_asked(self, literal.schema))
        return;
    if (literal.schema->never || !(literal.schema->types & self->state->type)) {
        struct con_mark mark = con_mark(self->state);

        note(self, "type", "", con_choose(self->state));
        con_back(self->state, mark);
        return;
    }
    con_deny(self->state, literal.schema);
    count = con_options(self->state, &literal, &options);
    for (int i = 0; i < count; i++) {
        if (options[i].kind == CON_IS_NOT)
            ask_options(self,
                        (struct con_literal){ options[i].schema, options[i].whole, true, false },
                        depth - 1);
        else
            ask_atom(self, &options[i]);
    }
}

int
con_each(struct con *con, const struct con_label *label, struct con_literal source,
         struct con_literal target, struct pl_contain_keyword *out, int max)
{
    struct each self = { .con = con, .asked = { .arena = con->arena }, .out = out, .max = max };

    for (unsigned type = 1; type < CMP_ALL; type <<= 1) {
        struct con_state state = { .self = con, .label = label, .type = type };

        self.state = &state;
        if (con_add(&state, source))
            ask_options(&self, target, DEEPEST);
    }
    return self.count;
}
