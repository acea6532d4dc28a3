/* What a service says: what a client gets back. */
#include "gateway_fake.h"

#include "pl_check.h"

#include "governance.pb-c.h"
#include "notifier.pb-c.h"

#define JSON "Content-Type: application/json\r\n"

static struct fake_reply next;

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    if (!fake_auth(call, reply, arena))
        *reply = next;
}

static void
begin(enum pl_code code, const char *text, const ProtobufCMessage *message)
{
    next = (struct fake_reply){ .code = code, .text = text, .message = message, .late = true };
    gateway_begin(serve);
}

TEST(a_reply_becomes_JSON_with_its_status_and_fields)
{
    Governance__PutApiReply reply = GOVERNANCE__PUT_API_REPLY__INIT;
    Governance__Api api = GOVERNANCE__API__INIT;
    Pl__HttpMeta http = PL__HTTP_META__INIT;
    const struct said *said;

    reply.api = &api;
    api.api = "museum";
    api.has_milestones = 1;
    api.milestones.data = (uint8_t *)"{\"n\": 1.50}";
    api.milestones.len = strlen("{\"n\": 1.50}");
    begin(PL_OK, "", &reply.base);
    said = gateway_ask("PUT", "/api/v1/apis/museum", JSON, "{}");
    CHECK_INT(said->status, ==, 200);
    CHECK_STR(said->body, "{\"api\":\"museum\",\"milestones\":{\"n\": 1.50}}");
    CHECK_STR(said_header(said, "Content-Type"), "application/json");
    http.has_status = 1;
    http.status = 201;
    http.location = "/api/v1/apis/museum";
    next.http = &http;
    said = gateway_ask("PUT", "/api/v1/apis/museum", JSON, "{}");
    CHECK_INT(said->status, ==, 201);
    CHECK_STR(said_header(said, "Location"), "/api/v1/apis/museum");
    http.location = "/x\r\nSet-Cookie: a=b";
    said = gateway_ask("PUT", "/api/v1/apis/museum", JSON, "{}");
    CHECK_STR(said_header(said, "Set-Cookie"), "");
    gateway_end();
}

TEST(the_contract_says_the_status_where_the_service_does_not)
{
    Notifier__CreateEndpointReply created = NOTIFIER__CREATE_ENDPOINT_REPLY__INIT;
    Governance__DeleteApiReply deleted = GOVERNANCE__DELETE_API_REPLY__INIT;
    const struct said *said;

    begin(PL_OK, "", &created.base);
    said = gateway_ask("POST", "/api/v1/notify/endpoints", JSON,
                       "{\"name\":\"n\",\"url\":\"https://a.example\",\"kind\":\"slack\"}");
    CHECK_INT(said->status, ==, 201);
    next.message = &deleted.base;
    said = gateway_ask("DELETE", "/api/v1/apis/museum", "", NULL);
    CHECK_INT(said->status, ==, 204);
    CHECK_INT(said->length, ==, 0);
    CHECK_STR(said_header(said, "Content-Type"), "");
    gateway_end();
}

TEST(a_document_comes_back_as_it_is)
{
    Governance__GetDocumentReply reply = GOVERNANCE__GET_DOCUMENT_REPLY__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;
    const struct said *said;

    reply.body = &body;
    body.content_type = "application/yaml";
    body.has_data = 1;
    body.data.data = (uint8_t *)"openapi: 3.1.0\n";
    body.data.len = 15;
    begin(PL_OK, "", &reply.base);
    said = gateway_ask("GET", "/api/v1/apis/museum/runs/latest/document", "", NULL);
    CHECK_INT(said->status, ==, 200);
    CHECK_STR(said_header(said, "Content-Type"), "application/yaml");
    CHECK_STR(said->body, "openapi: 3.1.0\n");
    gateway_end();
}

TEST(each_failure_of_a_service_is_a_problem_with_its_type)
{
    Pl__Violation violation = PL__VIOLATION__INIT;
    Pl__Violation *violations[] = { &violation };
    const struct said *said;

    violation.pointer = "/paths/~1a";
    violation.text = "leads nowhere";
    violation.has_line = 1;
    violation.line = 12;
    begin(PL_OK, NULL, NULL);
    for (int code = PL_OK + 1; code < PL_CODE_COUNT; code++) {
        char type[100];

        next.code = (enum pl_code)code;
        next.text = "why \"not\"";
        snprintf(type, sizeof type, "\"type\":\"urn:plumbline:problem:%s\"",
                 pl_code_slug((enum pl_code)code));
        said = gateway_ask("GET", "/api/v1/apis/museum", "", NULL);
        CHECK_INT(said->status, ==, pl_code_http((enum pl_code)code));
        CHECK_HAS(said->body, type);
        CHECK_HAS(said->body, "\"detail\":\"why \\\"not\\\"\"");
        CHECK_STR(said_header(said, "Retry-After"),
                  code == PL_UNAVAILABLE || code == PL_TOO_MANY ? "1" : "");
    }
    next.code = PL_INVALID;
    next.violations = violations;
    next.violation_count = 1;
    said = gateway_ask("GET", "/api/v1/apis/museum", "", NULL);
    CHECK_HAS(
        said->body,
        "\"violations\":[{\"pointer\":\"/paths/~1a\",\"text\":\"leads nowhere\",\"line\":12}]");
    gateway_end();
}

TEST(a_reply_that_makes_no_sense_is_our_failure)
{
    Governance__GetApiReply reply = GOVERNANCE__GET_API_REPLY__INIT;

    begin(PL_OK, "", &reply.base); // without the api that is to be unwrapped
    CHECK_INT(gateway_ask("GET", "/api/v1/apis/museum", "", NULL)->status, ==, 500);
    gateway_end();
}
