#include "compare_case.h"
#include "pl_utf8.h"

#define OBJECT(properties) "{ type: object, properties: { " properties " } }"

TEST(a_changed_type_breaks_both_ways)
{
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: integer }"), "error request-type-changed");
    CHECK_STR(IN_RESPONSE("{ type: string }", "{ type: integer }"), "error response-type-changed");
}

TEST(a_wider_type_breaks_the_response_and_a_narrower_one_the_request)
{
    CHECK_STR(IN_REQUEST("{ type: integer }", "{ type: number }"), "info request-type-widened");
    CHECK_STR(IN_REQUEST("{ type: number }", "{ type: integer }"), "error request-type-narrowed");
    CHECK_STR(IN_RESPONSE("{ type: integer }", "{ type: number }"), "error response-type-widened");
    CHECK_STR(IN_RESPONSE("{ type: [string, integer] }", "{ type: string }"),
              "info response-type-narrowed");
}

TEST(null_is_judged_by_direction)
{
    CHECK_STR(IN_REQUEST("{ type: [string, 'null'] }", "{ type: string }"),
              "error request-became-not-nullable");
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: [string, 'null'] }"),
              "info request-became-nullable");
    CHECK_STR(IN_RESPONSE("{ type: string }", "{ type: [string, 'null'] }"),
              "error response-became-nullable");
    CHECK_STR(IN_RESPONSE("{ type: [string, 'null'] }", "{ type: string }"),
              "info response-became-not-nullable");
}

TEST(enum_values_are_judged_by_direction)
{
    CHECK_STR(IN_REQUEST("{ enum: [a, b] }", "{ enum: [a] }"), "error request-enum-value-removed");
    CHECK_STR(IN_REQUEST("{ enum: [a] }", "{ enum: [a, b] }"), "info request-enum-value-added");
    CHECK_STR(IN_RESPONSE("{ enum: [a] }", "{ enum: [a, b] }"), "warn response-enum-value-added");
    CHECK_STR(IN_RESPONSE("{ enum: [a, b] }", "{ enum: [a] }"), "info response-enum-value-removed");
    CHECK_STR(IN_RESPONSE("{ enum: [a] }", "{ enum: [b] }"), "error response-const-changed");
    CHECK_STR(IN_RESPONSE("{ enum: [a, b] }", "{ enum: [c] }"),
              "warn response-enum-value-added, info response-enum-value-removed");
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: string, enum: [a] }"),
              "error request-became-enum");
    CHECK_STR(IN_RESPONSE("{ type: string, enum: [a, b] }", "{ type: string }"),
              "warn response-enum-lifted");
    CHECK_STR(IN_RESPONSE("{ type: string, const: a }", "{ type: string }"),
              "error response-const-lifted");
}

TEST(a_required_property_is_demanded_of_requests_and_promised_by_responses)
{
    const char *optional = OBJECT("a: { type: string }");
    const char *required = "{ type: object, required: [a], properties: { a: { type: string } } }";

    CHECK_STR(IN_REQUEST(optional, required), "error request-property-became-required");
    CHECK_STR(IN_REQUEST(required, optional), "info request-property-became-optional");
    CHECK_STR(IN_RESPONSE(required, optional), "error response-property-became-optional");
    CHECK_STR(IN_RESPONSE(optional, required), "info response-property-became-required");
}

TEST(a_new_optional_property_never_breaks)
{
    const char *one = OBJECT("a: { type: string }");
    const char *two = OBJECT("a: { type: string }, b: { type: string }");

    CHECK_STR(IN_REQUEST(one, two), "info request-property-added-optional");
    CHECK_STR(IN_RESPONSE(one, two), "info response-property-added");
    CHECK_STR(IN_REQUEST(two, one), "info request-property-removed");
    CHECK_STR(IN_RESPONSE(two, one), "warn response-optional-property-removed");
}

TEST(a_required_property_breaks_when_it_comes_or_goes)
{
    const char *one = OBJECT("a: { type: string }");
    const char *two =
        "{ type: object, required: [b], properties: { a: { type: string }, b: { type: string } } }";

    CHECK_STR(IN_REQUEST(one, two), "error request-property-added-required");
    CHECK_STR(IN_RESPONSE(two, one), "error response-property-removed");
    CHECK_STR(IN_RESPONSE(one, two), "info response-property-added");
}

TEST(read_only_properties_are_no_part_of_a_request)
{
    const char *one = OBJECT("a: { type: string }");
    const char *two = "{ type: object, required: [id], properties: { a: { type: string }, "
                      "id: { type: string, readOnly: true } } }";

    CHECK_STR(IN_REQUEST(one, two), "");
    CHECK_STR(IN_RESPONSE(one, two), "info response-property-added");
}

TEST(write_only_properties_are_no_part_of_a_response)
{
    const char *one = OBJECT("a: { type: string }");
    const char *two = OBJECT("a: { type: string }, pin: { type: string, writeOnly: true }");

    CHECK_STR(IN_RESPONSE(two, one), "");
    CHECK_STR(IN_RESPONSE(one, two), "");
    CHECK_STR(IN_RESPONSE(OBJECT("a: { type: string, writeOnly: true }"), one),
              "info response-property-added");
}

TEST(only_explicit_additional_properties_are_promises)
{
    const char *open = "{ type: object }";
    const char *strings = "{ type: object, additionalProperties: { type: string } }";
    const char *numbers = "{ type: object, additionalProperties: { type: number } }";
    const char *closed = "{ type: object, additionalProperties: false }";

    CHECK_STR(IN_REQUEST(strings, numbers), "error request-type-changed");
    CHECK_STR(IN_REQUEST(strings, closed), "error request-additional-narrowed");
    CHECK_STR(IN_REQUEST(open, closed), "warn request-additional-forbidden");
    CHECK_STR(IN_REQUEST(closed, open), "info request-additional-widened");
    CHECK_STR(IN_RESPONSE(closed, strings), "error response-additional-widened");
    CHECK_STR(IN_RESPONSE(strings, closed), "info response-additional-narrowed");
    CHECK_STR(IN_RESPONSE(closed, open), "");
    CHECK_STR(IN_REQUEST(open, strings), "warn request-additional-restricted");
    CHECK_STR(IN_RESPONSE(strings, open), "warn response-additional-lifted");
    CHECK_STR(IN_REQUEST(strings, open), "");
    CHECK_STR(IN_RESPONSE(open, strings), "");
    CHECK_STR(IN_REQUEST("{ type: object, additionalProperties: true }",
                         "{ type: object, additionalProperties: true, properties: { a: { type: "
                         "string } } }"),
              "info request-property-added-optional");
    CHECK_STR(IN_REQUEST(strings, "{ type: object, additionalProperties: { type: string }, "
                                  "properties: { a: { type: integer } } }"),
              "error request-type-changed, info request-property-added-optional");
}

TEST(a_property_that_goes_from_a_closed_request_is_refused)
{
    CHECK_STR(IN_REQUEST(OBJECT("a: {}, b: {}"),
                         "{ type: object, properties: { a: {} }, additionalProperties: false }"),
              "error request-property-forbidden, warn request-additional-forbidden");
}

TEST(limits_are_judged_by_direction)
{
    CHECK_STR(IN_REQUEST("{ type: string, maxLength: 9 }", "{ type: string, maxLength: 8 }"),
              "error request-length-limit-tightened");
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: string, minLength: 1 }"),
              "error request-length-limit-tightened");
    CHECK_STR(IN_RESPONSE("{ type: integer, maximum: 9 }", "{ type: integer }"),
              "error response-number-limit-loosened");
    CHECK_STR(IN_RESPONSE("{ type: integer }", "{ type: integer, minimum: 1 }"),
              "info response-number-limit-tightened");
    CHECK_STR(IN_REQUEST("{ type: array, items: {}, maxItems: 2 }",
                         "{ type: array, items: {}, maxItems: 3 }"),
              "info request-items-limit-loosened");
    CHECK_STR(
        IN_REQUEST("{ type: array, items: {} }", "{ type: array, items: {}, uniqueItems: true }"),
        "error request-items-limit-tightened");
    CHECK_STR(IN_REQUEST("{ type: integer, multipleOf: 2 }", "{ type: integer, multipleOf: 4 }"),
              "error request-number-limit-tightened");
}

TEST(limits_that_say_the_same_are_silent)
{
    CHECK_STR(IN_REQUEST("{ type: integer, minimum: 1 }", "{ type: integer, exclusiveMinimum: 0 }"),
              "");
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: string, minLength: 0 }"), "");
    CHECK_STR(IN_REQUEST("{ type: integer }", "{ type: integer, maxLength: 5 }"), "");
    CHECK_STR(IN_REQUEST("{ type: number, maximum: 1.0 }", "{ type: number, maximum: 1 }"), "");
}

TEST(formats_and_patterns_narrow)
{
    CHECK_STR(IN_REQUEST("{ type: integer, format: int64 }", "{ type: integer, format: int32 }"),
              "error request-format-narrowed");
    CHECK_STR(IN_REQUEST("{ type: integer, format: int32 }", "{ type: integer, format: int64 }"),
              "info request-format-widened");
    CHECK_STR(IN_REQUEST("{ type: integer }", "{ type: integer, format: int64 }"), "");
    CHECK_STR(IN_RESPONSE("{ type: string, format: date }", "{ type: string }"),
              "error response-format-widened");
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: string, format: nickname }"), "");
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: string, pattern: '^a' }"),
              "error request-pattern-added");
    CHECK_STR(IN_REQUEST("{ type: string, pattern: '^a' }", "{ type: string, pattern: '^b' }"),
              "error request-pattern-added");
    CHECK_STR(IN_RESPONSE("{ type: string, pattern: '^a' }", "{ type: string }"),
              "error response-pattern-removed");
}

TEST(alternatives_are_judged_by_direction)
{
    const char *cat = "{ oneOf: [ { $ref: '#/components/schemas/Cat' }, { type: string } ] }";
    const char *both = "{ oneOf: [ { type: string }, { $ref: '#/components/schemas/Cat' }, "
                       "{ $ref: '#/components/schemas/Dog' } ] }";

    CHECK_STR(IN_REQUEST(cat, both), "info request-alternative-added");
    CHECK_STR(IN_REQUEST(both, cat), "error request-alternative-removed");
    CHECK_STR(IN_RESPONSE(cat, both), "error response-alternative-added");
    CHECK_STR(IN_RESPONSE(both, cat), "info response-alternative-removed");
}

TEST(a_schema_that_becomes_one_of_several_alternatives_is_still_let_in)
{
    const char *one = "{ $ref: '#/components/schemas/Dog' }";
    const char *two = "{ anyOf: [ { $ref: '#/components/schemas/Dog' }, { type: string } ] }";

    CHECK_STR(IN_REQUEST(one, two), "info request-alternative-added");
    CHECK_STR(IN_RESPONSE(one, two), "error response-alternative-added");
    CHECK_STR(IN_REQUEST(two, one), "error request-alternative-removed");
}

TEST(conditions_are_judged_by_direction)
{
    CHECK_STR(IN_REQUEST("{ type: string }", "{ type: string, not: { const: a } }"),
              "error request-constraint-added");
    CHECK_STR(IN_RESPONSE("{ type: string, not: { const: a } }", "{ type: string }"),
              "error response-constraint-removed");
    CHECK_STR(
        IN_REQUEST("{ type: string, not: { const: a } }", "{ type: string, not: { const: b } }"),
        "error request-constraint-added");
}

TEST(notes_for_people_are_silent)
{
    CHECK_STR(IN_REQUEST("{ type: string, description: a, example: b }",
                         "{ title: T, type: string, examples: [c], x-note: 1 }"),
              "");
}

TEST(defaults_and_deprecation_are_told)
{
    CHECK_STR(IN_REQUEST("{ type: string, default: a }", "{ type: string, default: b }"),
              "info default-changed");
    CHECK_STR(IN_RESPONSE("{ type: string }", "{ type: string, deprecated: true }"),
              "info deprecated");
}

TEST(refactoring_is_silent)
{
    CHECK_STR(IN_REQUEST("{ type: string }", "{ $ref: '#/components/schemas/Name' }"), "");
    CHECK_STR(IN_RESPONSE("{ $ref: '#/components/schemas/Name' }", "{ type: string }"), "");
    CHECK_STR(IN_REQUEST("{ const: a }", "{ enum: [a] }"), "");
    CHECK_STR(IN_REQUEST("{ enum: [a, b] }", "{ enum: [b, a] }"), "");
    CHECK_STR(IN_REQUEST("{ type: [string, 'null'] }", "{ type: ['null', string] }"), "");
    CHECK_STR(IN_RESPONSE("{ anyOf: [ { type: string }, { type: 'null' } ] }",
                          "{ type: [string, 'null'] }"),
              "");
    CHECK_STR(IN_RESPONSE("{ oneOf: [ { type: string } ] }", "{ type: string }"), "");
    CHECK_STR(IN_REQUEST("{ anyOf: [ { type: string }, { type: integer } ] }",
                         "{ anyOf: [ { type: integer }, { type: string } ] }"),
              "");
}

TEST(splitting_with_all_of_is_silent)
{
    const char *whole = "{ type: object, required: [a], properties: { a: { type: string }, "
                        "b: { type: integer, minimum: 1, maximum: 9 } } }";
    const char *split =
        "{ allOf: [ { type: object, required: [a], properties: { a: { type: string } } }, "
        "{ type: object, properties: { b: { allOf: [ { type: integer, minimum: 1 }, "
        "{ maximum: 9 } ] } } } ] }";

    CHECK_STR(IN_REQUEST(whole, split), "");
    CHECK_STR(IN_RESPONSE(split, whole), "");
}

TEST(a_circular_schema_ends_and_is_compared)
{
    const char *tree = "{ $ref: '#/components/schemas/Tree' }";
    const char *inlined = "{ type: object, properties: { leaf: { type: string }, branches: "
                          "{ type: array, items: { $ref: '#/components/schemas/Tree' } } } }";

    CHECK_STR(IN_REQUEST(tree, inlined), "");
    CHECK_STR(IN_RESPONSE(inlined, tree), "");
}

TEST(conditions_about_circular_schemas_end)
{
    CHECK_STR(IN_REQUEST("{ not: { $ref: '#/components/schemas/Tree' } }",
                         "{ not: { type: object, properties: { leaf: { type: string }, branches: "
                         "{ type: array, items: { $ref: '#/components/schemas/Tree' } } } } }"),
              "");
}

TEST(upgrading_to_openapi_3_1_is_silent)
{
    CHECK_STR(between("3.0.3", "3.1.0", true, "{ type: string, nullable: true }",
                      "{ type: [string, 'null'] }"),
              "");
    CHECK_STR(between("3.0.3", "3.1.0", false,
                      "{ type: number, minimum: 0, exclusiveMinimum: true }",
                      "{ type: number, exclusiveMinimum: 0 }"),
              "");
    CHECK_STR(between("3.0.3", "3.1.0", false, "{ type: string, nullable: true, enum: [a, null] }",
                      "{ type: [string, 'null'], enum: [a, null] }"),
              "");
}

TEST(items_of_both_halves_of_an_all_of_count)
{
    const char *whole = "{ type: array, items: { type: integer, minimum: 1, maximum: 9 } }";
    const char *split = "{ allOf: [ { type: array, items: { type: integer, minimum: 1 } }, "
                        "{ type: array, items: { type: integer, maximum: 9 } } ] }";

    CHECK_STR(IN_REQUEST(whole, split), "");
    CHECK_STR(IN_RESPONSE(split, whole), "");
}

TEST(reordered_alternatives_without_a_name_find_each_other)
{
    const char *one = "{ anyOf: [ { type: object, properties: { id: {}, wait: {} } }, "
                      "{ type: object, properties: { id: {} } } ] }";
    const char *two = "{ anyOf: [ { allOf: [ { type: object, properties: { id: {} } } ] }, "
                      "{ allOf: [ { type: object, properties: { wait: {} } }, "
                      "{ type: object, properties: { id: {} } } ] } ] }";

    CHECK_STR(IN_RESPONSE(one, two), "");
    CHECK_STR(IN_REQUEST(two, one), "");
}

TEST(null_beside_alternatives_without_a_type_is_kept)
{
    CHECK_STR(
        between("3.0.3", "3.1.0", false,
                "{ type: object, nullable: true, anyOf: [ { required: [a] }, { required: [b] } ] }",
                "{ type: [object, 'null'], anyOf: [ { required: [b] }, { required: [a] } ] }"),
        "");
}

TEST(a_sentence_is_utf8_wherever_a_value_was_cut)
{
    struct pl_arena *arena = pl_arena_new();
    const char *base =
        framed("3.1.0", false,
               "{ enum: [a, \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
               "xxx\xc3\xa9\"] }",
               arena);
    const char *head = framed("3.1.0", false, "{ enum: [a] }", arena);
    struct pl_diff *diff = pl_compare(load_case(base, "base.yaml", arena),
                                      load_case(head, "head.yaml", arena), NULL, arena);

    CHECK_INT(diff->finding_count, ==, 1);
    CHECK_HAS(diff->findings[0].text, "xxx?...");
    CHECK_INT(pl_utf8_check(diff->findings[0].text, strlen(diff->findings[0].text)), ==,
              strlen(diff->findings[0].text));
    pl_arena_destroy(&arena);
}
