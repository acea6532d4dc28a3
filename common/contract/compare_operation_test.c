#include "compare_case.h"

#define HEAD "openapi: 3.1.0\ninfo: { title: t, version: 1.0.0 }\n"

static const char *
found(const char *base, const char *head)
{
    static char out[2000];
    struct pl_arena *arena = pl_arena_new();

    snprintf(out, sizeof out, "%s", compare_texts(base, head, arena));
    pl_arena_destroy(&arena);
    return out;
}

/* The witness of the first finding, or why there is none. */
static const char *
shown(const char *base, const char *head)
{
    static char out[1000];
    struct pl_arena *arena = pl_arena_new();
    const struct pl_diff *diff =
        pl_compare(load_case(base, "b", arena), load_case(head, "h", arena), NULL, arena);
    const struct pl_witness *witness = &diff->findings[0].witness;

    snprintf(out, sizeof out, "%s",
             witness->value    ? witness->value
             : witness->reason ? witness->reason
                               : "nothing");
    pl_arena_destroy(&arena);
    return out;
}

#define CALLBACK(property)                                                               \
    HEAD "paths:\n  /s:\n    post:\n      responses: { '200': { description: x } }\n"    \
         "      callbacks:\n        done:\n          '{$request.query.u}':\n"            \
         "            post: { requestBody: { content: { a/b: { schema: { type: object, " \
         "properties: { p: " property " } } } } }, responses: { '200': { description: x } } }\n"
#define SUBSCRIBE HEAD "paths:\n  /s:\n    post:\n      responses: { '200': { description: x } }\n"

TEST(callbacks_are_compared_as_what_the_server_sends)
{
    CHECK_STR(found(CALLBACK("{ type: string }"), CALLBACK("{ type: integer }")),
              "error response-type-changed");
    CHECK_STR(found(CALLBACK("{ type: [string, integer] }"), CALLBACK("{ type: string }")),
              "info response-type-narrowed");
    CHECK_STR(found(CALLBACK("{}"), SUBSCRIBE), "error operation-removed");
    CHECK_STR(found(SUBSCRIBE, CALLBACK("{}")), "info operation-added");
    CHECK_STR(found(CALLBACK("{}"), HEAD "paths: {}\n"), "error operation-removed");
}

#define RESPONSE(more) \
    HEAD "paths: { /a: { get: { responses: { '200': { description: x" more " } } } } }\n"

TEST(links_are_compared_by_where_they_lead)
{
    const char *one = RESPONSE(", links: { next: { operationId: a, description: x } }");

    CHECK_STR(found(one, RESPONSE(", links: { next: { operationId: a } }")), "");
    CHECK_STR(found(one, RESPONSE(", links: { next: { operationId: b } }")),
              "warn response-link-changed");
    CHECK_STR(found(one, RESPONSE("")), "warn response-link-removed");
    CHECK_STR(found(RESPONSE(""), one), "info response-link-added");
}

#define FORM(encoding)                                                                          \
    HEAD "paths: { /a: { post: { requestBody: { content: { multipart/form-data: { schema: { "   \
         "type: object, properties: { f: { type: string } } }" encoding " } } }, responses: { " \
         "'200': { description: x } } } } }\n"

TEST(the_encoding_of_a_part_may_only_take_more)
{
    const char *one = FORM(", encoding: { f: { contentType: 'image/png, text/plain' } }");

    CHECK_STR(found(one, FORM(", encoding: { f: { contentType: 'text/plain, image/*' } }")),
              "info request-encoding-widened");
    CHECK_STR(found(one, FORM(", encoding: { f: { contentType: text/plain } }")),
              "error request-encoding-changed");
    CHECK_STR(found(FORM(""), FORM(", encoding: { f: { explode: true } }")), ""); // no list
    CHECK_STR(found(FORM(""), FORM(", encoding: { f: { allowReserved: true } }")),
              "error request-encoding-changed");
    CHECK_STR(found(FORM(""), FORM(", encoding: { other: { contentType: a/b } }")), "");
    CHECK_STR(found(one, one), "");
}

#define QUERY(extras)                                                                        \
    HEAD "paths: { /a: { get: { parameters: [ { name: q, in: query, schema: { type: string " \
         "} " extras " } ], responses: { '200': { description: x } } } } }\n"

TEST(reserved_characters_may_be_allowed_but_not_refused)
{
    CHECK_STR(found(QUERY(", allowReserved: true"), QUERY("")), "error parameter-reserved-refused");
    CHECK_STR(found(QUERY(""), QUERY(", allowReserved: true")), "info parameter-reserved-allowed");
}

#define ANSWERS(list) HEAD "paths: { /a: { get: { responses: { " list " } } } }\n"

TEST(a_range_may_become_one_of_its_statuses)
{
    CHECK_STR(found(ANSWERS("2XX: { description: x }"), ANSWERS("'200': { description: x }")), "");
    CHECK_STR(found(ANSWERS("'200': { description: x }"), ANSWERS("2XX: { description: x }")),
              "info response-added");
    CHECK_STR(found(ANSWERS("2XX: { description: x }"), ANSWERS("'404': { description: x }")),
              "error response-success-removed, info response-added");
}

#define UNION(discriminator)                                                                      \
    HEAD "paths: { /a: { get: { responses: { '200': { description: x, content: { a/b: { schema: " \
         "{ oneOf: [ { $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' } " \
         "]" discriminator " } } } } } } } }\n"                                                   \
         "components: { schemas: { Cat: { type: object, properties: { k: { const: c } } }, "      \
         "Dog: { type: object, properties: { k: { const: d } } } } }\n"

TEST(discriminators_are_compared_value_by_value)
{
    const char *one = UNION(", discriminator: { propertyName: k, mapping: { c: Cat } }");

    CHECK_STR(found(one, UNION(", discriminator: { propertyName: k, mapping: { c: "
                               "'#/components/schemas/Cat' } }")),
              "");
    CHECK_STR(found(one, UNION(", discriminator: { propertyName: k, mapping: { c: Dog } }")),
              "warn discriminator-mapping-changed");
    CHECK_STR(found(one, UNION(", discriminator: { propertyName: k }")),
              "warn discriminator-mapping-removed");
    CHECK_STR(
        found(one, UNION(", discriminator: { propertyName: k, mapping: { c: Cat, d: Dog } }")),
        "info discriminator-mapping-added");
    CHECK_STR(found(one, UNION(", discriminator: { propertyName: l, mapping: { c: Cat } }")),
              "info discriminator-changed");
    CHECK_STR(found(one, UNION("")), "info discriminator-removed");
    CHECK_STR(found(UNION(""), one), "info discriminator-added");
}

#define SECURED(security, url)                                                               \
    HEAD "security: " security                                                               \
         "\npaths: { '/a/{id}': { get: { parameters: [ { name: id, in: path, "               \
         "required: true, schema: { type: integer, minimum: 7 } } ], responses: { '200': { " \
         "description: x } } } } }\n"                                                        \
         "components: { securitySchemes: { key: { type: apiKey, in: header, name: X-Key }, " \
         "o: { type: oauth2, flows: { clientCredentials: { tokenUrl: '" url                  \
         "', scopes: {} } } } } "                                                            \
         "}\n"

TEST(a_request_shows_what_is_refused_now)
{
    const char *key = SECURED("[ key: [] ]", "http://a"),
               *both = SECURED("[ key: [], o: [ r ] ]", "http://a");
    const char *one = SECURED("[]", "http://a");

    CHECK_STR(shown(key, SECURED("[ { key: [], o: [ r ] } ]", "http://a")),
              "GET /a/10\nX-Key: <key>");
    CHECK_STR(shown(one, key), "GET /a/10");
    CHECK_STR(shown(both, key), "GET /a/10\nAuthorization: Bearer <o> (scopes: r)");
    CHECK_STR(shown(one, HEAD "paths: {}\n"), "GET /a/10");
    CHECK_STR(shown(one, HEAD "paths: { '/{any}/{id}': { get: { responses: {} } } }\n"),
              "GET /{any}/{id} takes requests to the same address");
    CHECK_STR(shown(ANSWERS("'200': { description: x }, '201': { description: x }"),
                    ANSWERS("'200': { description: x }")),
              "201");
    CHECK_STR(shown(RESPONSE(", headers: { X-A: { required: true } }"), RESPONSE("")),
              "200 without the header X-A");
}

TEST(the_addresses_of_a_scheme_in_use_are_told)
{
    CHECK_STR(found(SECURED("[ o: [] ]", "http://a"), SECURED("[ o: [] ]", "http://b")),
              "info security-scheme-changed");
    CHECK_STR(found(SECURED("[ key: [] ]", "http://a"), SECURED("[ key: [] ]", "http://b")), "");
}

#define SERVED(servers, here)                                                            \
    HEAD "servers: " servers                                                             \
         "\npaths: { /a: { get: { responses: {} } }, '/b/{id}': { servers: " here        \
         ", get: { parameters: [ { name: id, in: path, required: true, schema: { type: " \
         "integer } } ], responses: {} }, put: { responses: {} } } }\n"

TEST(a_request_goes_to_the_address_that_is_gone)
{
    const char *old = SERVED("[ url: 'http://a/' ]", "[ { url: 'http://a/' }, { url: /v1 } ]");

    CHECK_STR(shown(old, SERVED("[ url: 'http://a' ]", "[ { url: 'http://a' } ]")), "GET /v1/b/1");
    CHECK_STR(shown(old, SERVED("[ url: 'http://a' ]", "[ { url: '/v1/' } ]")), "GET http://a/b/1");
}

#define SWAGGER(more)                                                                    \
    "swagger: '2.0'\ninfo: { title: t, version: '1' }\n" more "\npaths: { /a: { get: { " \
    "responses: { '200': { description: x } } } } }\n"

TEST(swagger_has_an_address_for_each_scheme)
{
    const char *both = SWAGGER("host: a\nbasePath: /v1\nschemes: [ http, https ]");
    const char *one = SWAGGER("host: a\nbasePath: /v1\nschemes: [ https ]");
    const char *none = SWAGGER("host: a\nbasePath: /v1");
    const char *upgraded =
        HEAD "servers: [ { url: 'https://a/v1' } ]\npaths: { /a: { get: { responses: { '200': { "
             "description: x } } } } }\n";

    CHECK_STR(found(both, one), "warn server-removed");
    CHECK_STR(found(one, both), "info server-added");
    CHECK_STR(found(none, one), "");
    CHECK_STR(found(one, upgraded), "");
    CHECK_STR(found(none, upgraded), "");
}
