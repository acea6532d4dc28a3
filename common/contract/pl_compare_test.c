#include "compare_case.h"

#define HEAD                                  \
    "openapi: 3.0.3\n"                        \
    "info: { title: case, version: 1.0.0 }\n" \
    "paths:\n"

static const char *
found(const char *base, const char *head)
{
    static char out[2000];
    struct pl_arena *arena = pl_arena_new();

    snprintf(out, sizeof out, "%s", compare_texts(base, head, arena));
    pl_arena_destroy(&arena);
    return out;
}

#define OP(parts) \
    HEAD "  /a/{id}:\n    get: { " parts " responses: { '200': { description: x } } }\n"
#define WITH(parameter)                                                                   \
    OP("parameters: [ { name: id, in: path, required: true, schema: { type: string } }, " \
       "{ " parameter " } ],")
#define BARE OP("parameters: [ { name: id, in: path, required: true, schema: { type: string } } ],")

TEST(operations_come_and_go)
{
    const char *one = HEAD "  /a:\n    get: { responses: { '200': { description: x } } }\n";
    const char *two = HEAD "  /a:\n    get: { responses: { '200': { description: x } } }\n"
                           "    post: { responses: { '200': { description: x } } }\n";

    CHECK_STR(found(one, two), "info operation-added");
    CHECK_STR(found(two, one), "error operation-removed");
    CHECK_STR(found(two, two), "");
}

TEST(names_of_path_parameters_do_not_matter)
{
    const char *one = HEAD "  /a/{id}:\n    get: { parameters: [ { name: id, in: path, required: "
                           "true, schema: { type: string } } ], "
                           "responses: { '200': { description: x } } }\n";
    const char *two = HEAD "  /a/{key}:\n    get: { parameters: [ { name: key, in: path, required: "
                           "true, schema: { type: integer } } ], "
                           "responses: { '200': { description: x } } }\n";

    CHECK_STR(found(one, two), "error request-type-narrowed");
}

TEST(parameters_come_and_go)
{
    CHECK_STR(found(BARE, WITH("name: q, in: query, schema: { type: string }")),
              "info parameter-added-optional");
    CHECK_STR(found(BARE, WITH("name: q, in: query, required: true, schema: { type: string }")),
              "error parameter-added-required");
    CHECK_STR(found(WITH("name: q, in: query, schema: { type: string }"), BARE),
              "warn parameter-removed");
}

TEST(parameters_change)
{
    const char *optional = WITH("name: q, in: query, schema: { type: string }");
    const char *required = WITH("name: q, in: query, required: true, schema: { type: string }");

    CHECK_STR(found(optional, required), "error parameter-became-required");
    CHECK_STR(found(required, optional), "info parameter-became-optional");
    CHECK_STR(found(optional, WITH("name: q, in: header, schema: { type: string }")),
              "warn parameter-removed, info parameter-added-optional");
    CHECK_STR(found(WITH("name: X-Q, in: header, schema: { type: string }"),
                    WITH("name: x-q, in: header, schema: { type: string }")),
              "");
    CHECK_STR(found(optional, WITH("name: q, in: query, style: pipeDelimited, "
                                   "schema: { type: string }")),
              "error parameter-style-changed");
    CHECK_STR(found(optional, WITH("name: q, in: query, style: form, explode: true, "
                                   "schema: { type: string }")),
              "");
}

TEST(parameters_may_move_to_the_path_or_to_components)
{
    const char *moved =
        HEAD "  /a/{id}:\n"
             "    parameters: [ { $ref: '#/components/parameters/Id' } ]\n"
             "    get: { responses: { '200': { description: x } } }\n"
             "components: { parameters: { Id: { name: id, in: path, required: true, "
             "schema: { type: string } } } }\n";

    CHECK_STR(found(BARE, moved), "");
    CHECK_STR(found(moved, BARE), "");
}

TEST(bodies_come_and_go)
{
    const char *body = BARE;
    const char *with = OP("parameters: [ { name: id, in: path, required: true, schema: "
                          "{ type: string } } ], requestBody: { content: { a/b: {} } },");
    const char *must = OP("parameters: [ { name: id, in: path, required: true, schema: "
                          "{ type: string } } ], requestBody: { required: true, "
                          "content: { a/b: {}, c/d: {} } },");

    CHECK_STR(found(body, with), "info request-body-added-optional");
    CHECK_STR(found(body, must), "error request-body-added-required");
    CHECK_STR(found(with, body), "error request-body-removed");
    CHECK_STR(found(with, must),
              "error request-body-became-required, info request-media-type-added");
    CHECK_STR(found(must, with),
              "error request-media-type-removed, info request-body-became-optional");
}

#define ANSWERS(list) HEAD "  /a:\n    get: { responses: { " list " } }\n"

TEST(responses_come_and_go)
{
    const char *one = ANSWERS("'200': { description: x }");
    const char *two = ANSWERS("'200': { description: x }, '204': { description: y }");
    const char *bad = ANSWERS("'200': { description: x }, '404': { description: y }");

    CHECK_STR(found(one, two), "info response-added");
    CHECK_STR(found(two, one), "error response-success-removed");
    CHECK_STR(found(bad, one), "info response-error-removed");
    CHECK_STR(found(bad, ANSWERS("'200': { description: x }, default: { description: y }")),
              "info response-added");
    CHECK_STR(found(two, ANSWERS("2XX: { description: x }")), "info response-added");
}

TEST(media_types_of_responses_come_and_go)
{
    const char *one = ANSWERS("'200': { description: x, content: { a/b: {} } }");
    const char *two = ANSWERS("'200': { description: x, content: { a/b: {}, c/d: {} } }");

    CHECK_STR(found(one, two), "info response-media-type-added");
    CHECK_STR(found(two, one), "error response-media-type-removed");
    CHECK_STR(found(one, ANSWERS("'200': { description: x, content: { A/B; charset=utf-8: {} } }")),
              "");
}

TEST(headers_of_responses_come_and_go)
{
    const char *none = ANSWERS("'200': { description: x }");
    const char *may = ANSWERS("'200': { description: x, headers: { A: { schema: {} } } }");
    const char *must =
        ANSWERS("'200': { description: x, headers: { a: { required: true, schema: {} } } }");

    CHECK_STR(found(none, may), "info response-header-added");
    CHECK_STR(found(may, none), "warn response-optional-header-removed");
    CHECK_STR(found(must, none), "error response-header-removed");
    CHECK_STR(found(must, may), "error response-header-became-optional");
    CHECK_STR(found(may, must), "info response-header-became-required");
}

#define SECURED(list)                                                                    \
    HEAD "  /a:\n    get: { " list "responses: { '200': { description: x } } }\n"        \
         "components: { securitySchemes: { key: { type: apiKey, in: header, name: K }, " \
         "schluessel: { type: apiKey, in: header, name: k }, "                           \
         "oauth: { type: oauth2, flows: {} } } }\n"

TEST(credentials_that_sufficed_must_still_do)
{
    CHECK_STR(found(SECURED(""), SECURED("security: [ { key: [] } ], ")), "error security-added");
    CHECK_STR(found(SECURED("security: [ { key: [] } ], "), SECURED("")), "info security-relaxed");
    CHECK_STR(
        found(SECURED("security: [ { key: [] } ], "), SECURED("security: [ { oauth: [] } ], ")),
        "error security-narrowed, info security-relaxed");
    CHECK_STR(found(SECURED("security: [ { oauth: [r] } ], "),
                    SECURED("security: [ { oauth: [r, w] } ], ")),
              "error security-scope-added");
    CHECK_STR(found(SECURED("security: [ { oauth: [r, w] } ], "),
                    SECURED("security: [ { oauth: [r] } ], ")),
              "info security-relaxed");
    CHECK_STR(found(SECURED("security: [ { key: [] } ], "),
                    SECURED("security: [ { key: [] }, { oauth: [] } ], ")),
              "info security-relaxed");
}

TEST(the_name_of_a_security_scheme_does_not_matter)
{
    CHECK_STR(found(SECURED("security: [ { key: [] } ], "),
                    SECURED("security: [ { schluessel: [] } ], ")),
              "");
}

#define SHARED_SCHEMA                                                        \
    HEAD "  /a: { get: &o { responses: { '200': { description: x, content: " \
         "{ a/b: { schema: { $ref: '#/components/schemas/T' } } } } } } }\n" \
         "  /b: { get: *o }\n  /c: { get: *o }\n"                            \
         "components: { schemas: { T: { type: object, required: [n], "       \
         "properties: { n: { type: %s } } } } }\n"

TEST(one_cause_is_one_finding_with_the_count_of_operations)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_diff *diff =
        pl_compare(load_case(pl_arena_printf(arena, SHARED_SCHEMA, "string"), "base.yaml", arena),
                   load_case(pl_arena_printf(arena, SHARED_SCHEMA, "integer"), "head.yaml", arena),
                   NULL, arena);

    CHECK_INT(diff->finding_count, ==, 1);
    CHECK_INT(diff->findings[0].operations, ==, 3);
    CHECK_STR(diff->findings[0].operation.path, "/a");
    CHECK_STR(diff->findings[0].text,
              "3 operations: the type of `T.n` changed from string to integer");
    CHECK_STR(diff->findings[0].base.pointer, "/components/schemas/T/properties/n");
    CHECK_STR(diff->findings[0].head.file, "head.yaml");
    CHECK_INT(diff->changed_count, ==, 3);
    CHECK_STR(diff->required_bump, "major");
    pl_arena_destroy(&arena);
}

TEST(overrides_change_levels_and_what_counts)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *one = load_case(WITH("name: q, in: query, schema: {}"), "a", arena);
    struct pl_document *two = load_case(BARE, "b", arena);
    struct pl_node *overrides = pl_node_object(arena);
    struct pl_err err = { 0 };
    struct pl_diff *diff;

    pl_node_set(arena, overrides, "parameter-removed", pl_node_string(arena, "error"));
    CHECK_INT(pl_overrides_check(overrides, &err), ==, 0);
    diff = pl_compare(one, two, overrides, arena);
    CHECK_INT(diff->breaking, ==, 1);
    CHECK_STR(diff->required_bump, "major");
    pl_node_set(arena, overrides, "parameter-removed", pl_node_string(arena, "none"));
    diff = pl_compare(one, two, overrides, arena);
    CHECK_INT(diff->finding_count, ==, 0);
    pl_node_set(arena, overrides, "no-such-rule", pl_node_string(arena, "warn"));
    CHECK_INT(pl_overrides_check(overrides, &err), ==, -1);
    CHECK_HAS(err.text, "no-such-rule");
    pl_arena_destroy(&arena);
}

TEST(without_a_base_there_is_nothing_to_find)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_diff *diff = pl_compare(NULL, load_case(BARE, "a", arena), NULL, arena);

    CHECK_INT(diff->finding_count + diff->added_count, ==, 0);
    CHECK_STR(diff->required_bump, "none");
    pl_arena_destroy(&arena);
}

#define TITLE_AND_VERSION "openapi: 3.0.3\ninfo: { title: %s, version: '%s' }\npaths: {}\n"

TEST(words_alone_ask_for_a_patch_and_the_version_alone_for_nothing)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *one =
        load_case(pl_arena_printf(arena, TITLE_AND_VERSION, "a", "1"), "a", arena);

    CHECK_STR(pl_compare(one,
                         load_case(pl_arena_printf(arena, TITLE_AND_VERSION, "b", "1"), "b", arena),
                         NULL, arena)
                  ->required_bump,
              "patch");
    CHECK_STR(pl_compare(one,
                         load_case(pl_arena_printf(arena, TITLE_AND_VERSION, "a", "2"), "b", arena),
                         NULL, arena)
                  ->required_bump,
              "none");
    pl_arena_destroy(&arena);
}

#define WEBHOOK                                                          \
    "openapi: 3.1.0\ninfo: { title: a, version: 1.0.0 }\npaths: {}\n"    \
    "webhooks: { w: { post: { requestBody: { content: { a/b: { schema: " \
    "{ type: %s } } } }, responses: { '200': { description: x } } } } }\n"

TEST(webhooks_are_compared_the_other_way_round)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *narrow = load_case(pl_arena_printf(arena, WEBHOOK, "integer"), "a", arena);
    struct pl_document *wide = load_case(pl_arena_printf(arena, WEBHOOK, "number"), "b", arena);

    CHECK_STR(list_findings(pl_compare(narrow, wide, NULL, arena), arena),
              "error response-type-widened");
    CHECK_STR(list_findings(pl_compare(wide, narrow, NULL, arena), arena),
              "info response-type-narrowed");
    pl_arena_destroy(&arena);
}

#define SWAGGER(body)                                                                    \
    "swagger: '2.0'\ninfo: { title: a, version: 1.0.0 }\nconsumes: [application/json]\n" \
    "produces: [application/json]\npaths:\n  /a:\n    post: { " body                     \
    "responses: { '200': { description: x, schema: { $ref: '#/definitions/T' } } } }\n"  \
    "definitions: { T: { type: object, properties: { n: { type: string } } } }\n"

TEST(swagger_2_is_compared_like_the_rest)
{
    const char *plain = SWAGGER("");

    CHECK_STR(found(plain, SWAGGER("parameters: [ { in: query, name: q, type: string, "
                                   "required: true } ], ")),
              "error parameter-added-required");
    CHECK_STR(found(SWAGGER("parameters: [ { in: query, name: q, type: string } ], "),
                    SWAGGER("parameters: [ { in: query, name: q, type: integer } ], ")),
              "error request-type-narrowed");
    CHECK_STR(found(SWAGGER("parameters: [ { in: formData, name: f, type: string } ], "),
                    SWAGGER("parameters: [ { in: formData, name: f, type: string, "
                            "required: true } ], ")),
              "error request-body-became-required, error request-property-became-required");
    CHECK_STR(found(SWAGGER("parameters: [ { in: body, name: b, schema: { type: string } } ], "),
                    SWAGGER("parameters: [ { in: body, name: c, schema: { type: integer } } ], ")),
              "error request-type-changed");
    CHECK_STR(found(plain, SWAGGER("produces: [text/csv], ")),
              "error response-media-type-removed, info response-media-type-added");
}

TEST(upgrading_swagger_2_to_openapi_3_is_silent)
{
    CHECK_STR(found(SWAGGER("parameters: [ { in: body, name: b, required: true, "
                            "schema: { $ref: '#/definitions/T' } } ], "),
                    "openapi: 3.0.3\ninfo: { title: a, version: 1.0.0 }\npaths:\n  /a:\n    post:\n"
                    "      requestBody: { required: true, content: { application/json: { schema: "
                    "{ $ref: '#/components/schemas/T' } } } }\n"
                    "      responses: { '200': { description: x, content: { application/json: "
                    "{ schema: { $ref: '#/components/schemas/T' } } } } }\n"
                    "components: { schemas: { T: { type: object, properties: { n: "
                    "{ type: string } } } } }\n"),
              "");
}

TEST(every_rule_is_documented_and_its_id_unique)
{
    for (const struct pl_rule *rule = pl_rules; rule->id; rule++) {
        CHECK(strspn(rule->id, "abcdefghijklmnopqrstuvwxyz-") == strlen(rule->id));
        CHECK(*rule->summary && *rule->hint);
        CHECK(strcmp(rule->migration, "none") == 0 || strcmp(rule->migration, "manual") == 0 ||
              strcmp(rule->migration, "automatic") == 0);
        CHECK(pl_rule_find(rule->id) == rule);
        CHECK(!rule->adds || rule->level == PL_LEVEL_INFO);
    }
}

TEST(a_schema_on_one_side_only_restricts_or_frees)
{
    const char *none = ANSWERS("'200': { description: x, content: { a/b: {} } }");
    const char *some = ANSWERS("'200': { description: x, content: { a/b: { schema: "
                               "{ type: string } } } }");

    CHECK_STR(found(some, none), "warn response-schema-removed");
    CHECK_STR(found(none, some), "info response-constraint-added");
}

TEST(a_parameter_that_becomes_a_string_accepts_what_it_did)
{
    CHECK_STR(found(WITH("name: q, in: query, schema: { type: integer }"),
                    WITH("name: q, in: query, schema: { type: string }")),
              "info request-type-widened");
    CHECK_STR(found(WITH("name: q, in: query, schema: { type: string }"),
                    WITH("name: q, in: query, schema: { type: integer }")),
              "error request-type-narrowed");
}

TEST(an_address_that_is_gone_is_a_warning)
{
    const char *one = HEAD "  /a: { get: { responses: { '200': { description: x } } } }\n"
                           "servers: [ { url: 'https://a' } ]\n";
    const char *two = HEAD "  /a: { get: { responses: { '200': { description: x } } } }\n"
                           "servers: [ { url: 'https://b' }, { url: 'https://a' } ]\n";

    CHECK_STR(found(one, two), "info server-added");
    CHECK_STR(found(two, one), "warn server-removed");
}

TEST(a_note_about_a_schema_that_travels_both_ways_is_said_once)
{
    const char *plain = SWAGGER("parameters: [ { in: body, name: b, schema: "
                                "{ $ref: '#/definitions/T' } } ], ");
    struct pl_arena *arena = pl_arena_new();
    char *marked = pl_arena_strdup(arena, plain);
    char *at = strstr(marked, "n: { type: string }");

    CHECK(at != NULL);
    marked = pl_arena_printf(arena, "%.*sn: { type: string, deprecated: true } } } }\n",
                             (int)(at - marked), marked);
    CHECK_STR(found(plain, marked), "info deprecated");
    pl_arena_destroy(&arena);
}

TEST(credentials_may_be_demanded_together)
{
    CHECK_STR(found(SECURED("security: [ { key: [], oauth: [r] } ], "),
                    SECURED("security: [ { oauth: [r] } ], ")),
              "info security-relaxed");
    CHECK_STR(found(SECURED("security: [ { oauth: [r] } ], "),
                    SECURED("security: [ { key: [], oauth: [r] } ], ")),
              "error security-narrowed");
}
