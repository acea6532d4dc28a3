/* Operations of the contract: what a service gets, and what is refused before. */
#include "gateway_fake.h"

#include "pl_buf.h"
#include "pl_check.h"
#include "pl_pack.h"

#include "governance.pb-c.h"

#define JSON "Content-Type: application/json\r\n"
#define WAIT "Expect: 100-continue\r\n"

static struct pl_arena *arena; // of what the tests look at

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *a)
{
    if (!fake_auth(call, reply, a))
        *reply = (struct fake_reply){ .code = PL_NOT_FOUND, .text = "no", .late = true };
}

static void
begin(void)
{
    arena = pl_arena_new();
    gateway_begin(serve);
}

static void
end(void)
{
    gateway_end();
    pl_arena_destroy(&arena);
}

static const void *
seen(const ProtobufCMessageDescriptor *type)
{
    return pl_unpack(type, fake_seen.message, arena);
}

TEST(path_query_and_body_become_one_message)
{
    const Governance__PutApiRequest *put;
    const Governance__ListRunsRequest *list;

    begin();
    gateway_ask("PUT", "/api/v1/apis/museum", JSON,
                "{\"title\":\"Museum\",\"window\":5,\"strict_zero\":false,\"visibility\":null,"
                "\"severity_overrides\":{ \"b\": \"warn\", \"a\": \"none\" }}");
    put = seen(&governance__put_api_request__descriptor);
    CHECK_STR(fake_seen.operation, "governance.PutApi");
    CHECK_STR(put->api, "museum");
    CHECK_STR(put->title, "Museum");
    CHECK_INT(put->window, ==, 5);
    CHECK(put->has_strict_zero && !put->strict_zero);
    CHECK(put->visibility == NULL && !put->has_stability_threshold);
    CHECK_INT(put->severity_overrides.len, ==, strlen("{\"b\":\"warn\",\"a\":\"none\"}"));
    CHECK(fake_seen.idempotent && !fake_seen.heavy);
    gateway_ask("GET", "/api/v1/apis/museum/runs?limit=7&branch=a%2Fb+c&cursor=", "", NULL);
    list = seen(&governance__list_runs_request__descriptor);
    CHECK_INT(list->limit, ==, 7);
    CHECK_STR(list->branch, "a/b c");
    CHECK_STR(list->cursor, "");
    end();
}

TEST(a_document_is_passed_on_untouched)
{
    static const char DOCUMENT[] = "openapi: 3.1.0\n\tnot even YAML {{";
    const Governance__CreateRunRequest *run;

    begin();
    gateway_ask("POST", "/api/v1/apis/museum/runs?sha=0624581",
                "Content-Type: application/yaml\r\n", DOCUMENT);
    run = seen(&governance__create_run_request__descriptor);
    CHECK_STR(run->sha, "0624581");
    CHECK_STR(run->body->content_type, "application/yaml");
    CHECK(run->body->content_encoding == NULL && run->body->data.len == 0);
    CHECK_INT(fake_seen.body.len, ==, sizeof DOCUMENT - 1);
    CHECK_INT(memcmp(fake_seen.body.data, DOCUMENT, sizeof DOCUMENT - 1), ==, 0);
    CHECK(fake_seen.heavy && !fake_seen.idempotent);
    gateway_ask("POST", "/api/v1/apis/museum/runs?sha=0624581",
                JSON "Content-Encoding: gzip\r\nIdempotency-Key: k1\r\n", "\x1f\x8b");
    run = seen(&governance__create_run_request__descriptor);
    CHECK_STR(run->body->content_encoding, "gzip");
    CHECK_STR(fake_seen.key, "k1");
    CHECK(!fake_seen.idempotent); // an upload is never retried here
    gateway_ask("POST", "/api/v1/apis/museum/runs?sha=0624581",
                "Content-Type: application/x-www-form-urlencoded\r\n", "{}"); // as curl sends it
    run = seen(&governance__create_run_request__descriptor);
    CHECK_STR(run->body->content_type, "application/x-www-form-urlencoded");
    gateway_ask("POST", "/api/v1/apis/museum/runs?sha=0624581&placeholder_reason=none", "", "");
    run = seen(&governance__create_run_request__descriptor);
    CHECK(run->body == NULL);
    CHECK_STR(run->placeholder_reason, "none");
    end();
}

TEST(a_parameter_that_does_not_fit_is_a_400_with_each_violation)
{
    static const char *const CASES[][3] = {
        { "GET", "/api/v1/apis?limit=0", "query/limit" },
        { "GET", "/api/v1/apis?limit=501", "query/limit" },
        { "GET", "/api/v1/apis?limit=x", "query/limit" },
        { "GET", "/api/v1/apis?limit=1.5", "query/limit" },
        { "GET", "/api/v1/apis?limit=", "query/limit" },
        { "GET", "/api/v1/apis?limit=1&limit=2", "may be given once" },
        { "GET", "/api/v1/apis?lmit=1", "there is no such parameter" },
        { "GET", "/api/v1/apis/Museum", "path/api" },
        { "GET", "/api/v1/apis/museum/issues?state=ajar", "query/state" },
        { "POST", "/api/v1/apis/museum/runs", "query/sha" },
        { "POST", "/api/v1/apis/museum/runs?sha=abc", "query/sha" },
        { "POST", "/api/v1/apis/museum/runs?sha=abcdefg&breaking_ack=yes", "query/breaking_ack" },
        { "POST", "/api/v1/apis/museum/runs?sha=abcdefg&committed_at=now", "query/committed_at" },
        { "GET", "/api/v1/apis?cursor=%ff", "UTF-8" },
        { "GET", "/api/v1/apis?cursor=%00", "control character" },
        { "GET", "/api/v1/apis?cursor=%g0", "escapes nothing" },
    };

    begin();
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct said *said = gateway_ask(CASES[i][0], CASES[i][1], "", NULL);

        CHECK_THAT(said->status == 400, "%s is %d: %s", CASES[i][1], said->status, said->body);
        CHECK_STR(said_header(said, "Content-Type"), "application/problem+json");
        CHECK_HAS(said->body, CASES[i][2]);
    }
    CHECK_HAS(gateway_ask("GET", "/api/v1/apis?limit=0&x=1", "", NULL)->body, "query/x");
    end();
}

TEST(a_body_that_cannot_be_read_is_a_400_and_one_that_does_not_fit_a_422)
{
    static const struct {
        int status;
        const char *body, *says;
    } CASES[] = {
        { 400, "", "a body is needed" },
        { 400, "{", "" },
        { 400, "{\"window\":1,\"window\":2}", "" },
        { 400, "{\"title\":\"\xff\"}", "" },
        { 400, "\x01\x02", "" },
        { 422, "[]", "" },
        { 422, "null", "" },
        { 422, "{\"windw\":1}", "windw" },
        { 422, "{\"window\":0}", "/window" },
        { 422, "{\"window\":\"1\"}", "/window" },
        { 422, "{\"visibility\":\"secret\"}", "/visibility" },
        { 422, "{\"title\":\"a\\u0000b\"}", "/title" },
        { 422, "{\"severity_overrides\":{\"a\":\"fatal\"}}", "/severity_overrides/a" },
        { 422, "{\"milestones\":{\"categories\":[{}]}}", "/milestones/categories/0" },
    };

    begin();
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct said *said = gateway_ask("PUT", "/api/v1/apis/museum", JSON, CASES[i].body);

        CHECK_THAT(said->status == CASES[i].status, "%s is %d: %s", CASES[i].body, said->status,
                   said->body);
        CHECK_HAS(said->body, CASES[i].says);
    }
    CHECK_HAS(gateway_ask("PUT", "/api/v1/apis/museum", JSON, "{\n \"window\":0}")->body,
              "\"line\":2");
    CHECK_INT(fake_seen.count, ==, 1); // the token, nothing else
    end();
}

TEST(a_very_deep_body_is_refused)
{
    char *deep = calloc(1, 20001);

    begin();
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    CHECK_INT(gateway_ask("PUT", "/api/v1/apis/museum", JSON, deep)->status, ==, 400);
    free(deep);
    end();
}

TEST(null_is_absent_except_in_a_PATCH)
{
    begin();
    CHECK_INT(gateway_ask("POST", "/api/v1/notify/endpoints", JSON,
                          "{\"name\":\"n\",\"url\":\"https://a.example\",\"kind\":\"slack\","
                          "\"policy\":null}")
                  ->status,
              ==, 404);
    CHECK_INT(gateway_ask("POST", "/api/v1/notify/endpoints", JSON,
                          "{\"name\":null,\"url\":\"https://a.example\",\"kind\":\"slack\"}")
                  ->status,
              ==, 422);
    CHECK_INT(gateway_ask("PATCH", "/api/v1/notify/endpoints/e1", JSON,
                          "{\"name\":null,\"enabled\":true}")
                  ->status,
              ==, 422);
    CHECK_INT(gateway_ask("PATCH", "/api/v1/notify/endpoints/e1", JSON, "{\"name\":\"n\"}")->status,
              ==, 404);
    end();
}

TEST(media_types_and_sizes_are_refused_before_the_body_is_read)
{
    static const struct {
        int status;
        const char *method, *path, *headers, *says;
    } CASES[] = {
        { 415, "PUT", "/api/v1/apis/museum",
          "Content-Type: text/plain\r\nContent-Length: 2\r\n" WAIT, "application/json" },
        { 415, "PUT", "/api/v1/apis/museum", "Content-Length: 2\r\n" WAIT, "application/json" },
        { 415, "PUT", "/api/v1/apis/museum",
          JSON "Content-Encoding: gzip\r\nContent-Length: 2\r\n" WAIT, "gzip" },
        { 415, "POST", "/api/v1/apis/museum/runs?sha=0624581",
          JSON "Content-Encoding: br\r\nContent-Length: 2\r\n" WAIT, "br" },
        { 413, "PUT", "/api/v1/apis/museum", JSON "Content-Length: 1048577\r\n" WAIT, "1048576" },
        { 413, "POST", "/api/v1/apis/museum/runs?sha=0624581",
          JSON "Content-Length: 33554433\r\n" WAIT, "33554432" },
        { 413, "POST", "/api/v1/apis/museum/runs?sha=0624581",
          JSON "Content-Length: 99999999999999\r\n", "33554432" },
        { 400, "GET", "/api/v1/apis", "Content-Length: 2\r\n" WAIT, "takes no body" },
        { 406, "GET", "/api/v1/apis", "Accept: text/html\r\n", "application/json" },
        { 400, "PUT", "/api/v1/apis/museum", "Idempotency-Key: \r\n", "Idempotency-Key" },
    };

    begin();
    gateway_ask("GET", "/api/v1/apis", "", NULL); // the token is known from here on
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct said *said =
            gateway_ask(CASES[i].method, CASES[i].path, CASES[i].headers, NULL);

        CHECK_THAT(said->status == CASES[i].status, "%s %s is %d: %s", CASES[i].path,
                   CASES[i].headers, said->status, said->body);
        CHECK_HAS(said->body, CASES[i].says);
        if (strstr(CASES[i].headers, "Content-Length"))
            CHECK(said->closed);
    }
    end();
}

TEST(a_refused_body_is_read_to_its_end_so_that_the_answer_arrives)
{
    size_t size = 33u << 20;
    char *document = malloc(size + 1);
    const struct said *said;

    begin();
    memset(document, ' ', size);
    document[size] = '\0';
    said = gateway_ask("POST", "/api/v1/apis/museum/runs?sha=0624581", JSON, document);
    CHECK_INT(said->status, ==, 413);
    CHECK_STR(said_header(said, "Connection"), "");
    document[1 << 20] = '\0';
    said = gateway_ask("POST", "/nothing", JSON, document);
    CHECK_INT(said->status, ==, 404);
    said = gateway_ask("PATCH", "/api/v1/notify/endpoints/e1",
                       "Authorization: Bearer wrong\r\n" JSON, document);
    CHECK_INT(said->status, ==, 401);
    free(document);
    end();
}

TEST(chunks_are_counted_as_they_come)
{
    struct pl_buf out = { 0 };
    const struct said *said;

    begin();
    out.arena = arena;
    pl_buf_str(&out,
               "PUT /api/v1/apis/museum HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n" JSON
               "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 300; i++)
        pl_buf_printf(&out, "1000\r\n%04096d\r\n", 0);
    pl_buf_str(&out, "0\r\n\r\n");
    said = gateway_send(out.data, out.length);
    CHECK_INT(said->status, ==, 413);
    said = gateway_text(
        "PUT /api/v1/apis/museum HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n" JSON
        "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"w\r\n9\r\nindow\":3}\r\n0\r\n\r\n");
    CHECK_INT(said->status, ==, 404);
    CHECK_INT(
        ((const Governance__PutApiRequest *)seen(&governance__put_api_request__descriptor))->window,
        ==, 3);
    end();
}

TEST(a_large_document_arrives_whole)
{
    size_t size = 20u << 20;
    char *document = malloc(size + 1);

    begin();
    for (size_t i = 0; i < size; i++)
        document[i] = (char)('a' + i % 23);
    document[size] = '\0';
    CHECK_INT(gateway_ask("POST", "/api/v1/apis/museum/runs?sha=0624581", JSON, document)->status,
              ==, 404);
    CHECK_INT(fake_seen.body.len, ==, size);
    CHECK_INT(memcmp(fake_seen.body.data, document, size), ==, 0);
    free(document);
    end();
}
