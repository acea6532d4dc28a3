/* What containment says where the rules about keywords say nothing, or say too much. */
#include "compare_case.h"

TEST(what_only_several_conditions_together_take_away_is_found)
{
    const char *both = "{ type: object, required: [a, b], properties: { a: { type: string }, "
                       "b: { type: string } } }";
    const char *one_of = "{ oneOf: [ { type: object, required: [a], properties: { a: { type: "
                         "string }, b: { type: string } } }, { type: object, required: [b], "
                         "properties: { a: { type: string }, b: { type: string } } } ] }";

    CHECK_STR(IN_REQUEST(both, one_of),
              "error request-values-narrowed, info request-property-became-optional, "
              "info request-alternative-added");
    CHECK_STR(IN_REQUEST("{ oneOf: [ { type: integer }, { type: string } ] }",
                         "{ oneOf: [ { type: integer }, { type: number }, { type: string } ] }"),
              "error request-values-narrowed, info request-alternative-added");
}

TEST(a_cause_inside_is_told_there_and_not_again_around_it)
{
    const char *old = "{ type: object, properties: { p: { type: object, properties: { q: { oneOf: "
                      "[ { type: integer }, { type: string } ] } } } } }";
    const char *new = "{ type: object, properties: { p: { type: object, properties: { q: { oneOf: "
                      "[ { type: integer }, { type: number }, { type: string } ] } } } } }";

    CHECK_STR(IN_REQUEST(old, new),
              "error request-values-narrowed, info request-alternative-added");
}

TEST(alternatives_that_only_undeclared_members_would_meet_take_nothing_away)
{
    CHECK_STR(IN_REQUEST("{ oneOf: [ { $ref: '#/components/schemas/Cat' }, { type: string } ] }",
                         "{ oneOf: [ { $ref: '#/components/schemas/Cat' }, { type: string }, "
                         "{ $ref: '#/components/schemas/Dog' } ] }"),
              "info request-alternative-added");
}

TEST(a_part_that_programs_meet_is_judged_though_alternatives_overlap)
{
    static const char twins[] =
        "{ oneOf: [ { title: A, type: object, required: [k], properties: { k: "
        "{ type: %s } } }, { title: B, type: object, required: [k], "
        "properties: { k: { type: %s } } } ] }";
    char integers[300], numbers[300];

    snprintf(integers, sizeof integers, twins, "integer", "integer");
    snprintf(numbers, sizeof numbers, twins, "number", "number");
    CHECK_STR(IN_RESPONSE(integers, numbers),
              "error response-type-widened, error response-type-widened");
    CHECK_STR(IN_RESPONSE(numbers, integers),
              "info response-type-narrowed, info response-type-narrowed");
}

TEST(conditions_on_undeclared_members_are_warnings)
{
    const char *open = "{ type: object, properties: { a: { type: string } } }";
    const char *named = "{ type: object, properties: { a: { type: string } }, propertyNames: "
                        "{ pattern: '^[a-z]' } }";
    const char *patterned = "{ type: object, properties: { a: { type: string } }, "
                            "patternProperties: { ^x-: { type: string } } }";
    const char *not_both = "{ type: object, properties: { a: { type: string } }, not: { required: "
                           "[b, c] } }";

    CHECK_STR(IN_REQUEST(open, named), "warn request-constraint-added");
    CHECK_STR(IN_RESPONSE(named, open), "warn response-constraint-removed");
    CHECK_STR(IN_REQUEST(open, patterned), "warn request-constraint-added");
    CHECK_STR(IN_RESPONSE(patterned, open), "warn response-constraint-removed");
    CHECK_STR(IN_REQUEST(open, not_both), "warn request-constraint-added");
}

TEST(a_list_whose_items_fit_nothing_that_it_must_contain_loses_no_value)
{
    const char *few = "{ type: array, items: { type: string }, contains: { type: integer }, "
                      "maxContains: 5 }";
    const char *many = "{ type: array, items: { type: string }, contains: { type: integer }, "
                       "maxContains: 6 }";

    CHECK_STR(IN_REQUEST(many, few), "");
    CHECK_STR(IN_RESPONSE(few, many), "");
}

TEST(what_is_refused_whatever_a_type_that_is_none_means_has_a_witness)
{
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: int, enum: [a, b] }"),
              "error request-became-enum");
}

TEST(what_nobody_can_judge_does_not_differ_from_itself)
{
    const char *none =
        "{ type: b, required: [id], properties: { id: { type: email, enum: [a, b] }, n: { type: "
        "integer, minimum: 1 } } }";

    CHECK_STR(IN_REQUEST(none, none), "");
    CHECK_STR(IN_RESPONSE(none, none), "");
}

TEST(what_nobody_can_decide_is_silent_where_no_keyword_says_another_thing)
{
    const char *one = "{ type: object, propertyNames: { pattern: '^x' }, minProperties: 2, "
                      "additionalProperties: { type: string } }";
    const char *two = "{ allOf: [ { type: object, propertyNames: { pattern: '^x' }, minProperties: "
                      "2, additionalProperties: { type: string, minLength: 0 } } ] }";

    CHECK_STR(IN_REQUEST(one, two), "");
    CHECK_STR(IN_RESPONSE(two, one), "");
}

TEST(int64_holds_every_number_in_use)
{
    CHECK_STR(IN_REQUEST("{ anyOf: [ { type: integer }, { type: boolean } ] }",
                         "{ anyOf: [ { type: integer, format: int64 }, { type: boolean } ] }"),
              "");
    CHECK_STR(IN_REQUEST("{ anyOf: [ { type: integer }, { type: boolean } ] }",
                         "{ anyOf: [ { type: integer, format: int32 }, { type: boolean } ] }"),
              "error request-format-narrowed");
}
