/* The door itself: framing, methods, header fields, limits, what the library answers alone. */
#include "gateway_fake.h"

#include "pl_check.h"

#include <sys/socket.h>
#include <unistd.h>

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    fake_auth(call, reply, arena);
}

#define GET "GET /health HTTP/1.1\r\nHost: a\r\n"

TEST(each_answer_carries_the_security_headers_and_no_fingerprint)
{
    static const char *const PATHS[] = { "/health", "/openapi.json", "/nothing", "/api/v1/apis",
                                         "/a//b" };
    static const char *const WANTED[][2] = {
        { "X-Content-Type-Options", "nosniff" },
        { "X-Frame-Options", "DENY" },
        { "Referrer-Policy", "no-referrer" },
        { "Content-Security-Policy", "default-src 'none'" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Cache-Control", "no-" },
    };

    gateway_begin(serve);
    for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++) {
        const struct said *said = gateway_ask("GET", PATHS[p], "", NULL);

        for (size_t h = 0; h < sizeof WANTED / sizeof *WANTED; h++)
            CHECK_HAS(said_header(said, WANTED[h][0]), WANTED[h][1]);
        CHECK_INT(strlen(said_header(said, "X-Request-ID")), ==, 32);
        CHECK_STR(said_header(said, "Server"), "");
        CHECK_STR(said_header(said, "X-Powered-By"), "");
        CHECK_STR(said_header(said, "Strict-Transport-Security"), "");
    }
    gateway_end();
}

TEST(framing_that_cannot_be_trusted_is_refused_and_the_connection_closed)
{
    static const struct {
        const char *text;
        int status;
    } CASES[] = {
        { "GET /health HTTP/1.1\r\n\r\n", 400 },
        { GET "Host: b\r\n\r\n", 400 },
        { GET "X-A: one\r\n two\r\n\r\n", 400 },
        { GET "X A: one\r\n\r\n", 400 },
        { GET "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400 },
        { GET "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501 },
        { "GET /he alth HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "GET /h{}h HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
        { "PUT /api/v1/apis/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
          400 },
        { "PATCH /x HTTP/1.1\r\nHost: a\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 400 },
    };

    gateway_begin(serve);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct said *said = gateway_text(CASES[i].text);

        CHECK_THAT(said->status == CASES[i].status, "%s is %d", CASES[i].text, said->status);
        CHECK_THAT(said->closed, "%s left the connection open", CASES[i].text);
    }
    gateway_end();
}

TEST(a_request_hidden_in_a_body_is_never_served)
{
    const struct said *said;

    gateway_begin(serve);
    said = gateway_text("POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
                        "Content-Length: 40\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(said->status, ==, 400);
    CHECK(said->closed);
    CHECK(strstr(said->body, "HTTP/1.1") == NULL);
    gateway_end();
}

TEST(methods_that_are_not_there_name_those_that_are)
{
    const struct said *said;

    gateway_begin(serve);
    said = gateway_ask("POST", "/api/v1/apis", "", "");
    CHECK_INT(said->status, ==, 405);
    CHECK_STR(said_header(said, "Allow"), "GET, HEAD, OPTIONS");
    CHECK_HAS(said->body, "urn:plumbline:problem:method-not-allowed");
    said = gateway_ask("DELETE", "/health", "", NULL);
    CHECK_INT(said->status, ==, 405);
    CHECK_STR(said_header(said, "Allow"), "GET, HEAD, OPTIONS");
    said = gateway_ask("OPTIONS", "/api/v1/apis/museum", "", NULL);
    CHECK_INT(said->status, ==, 204);
    CHECK_STR(said_header(said, "Allow"), "DELETE, GET, HEAD, OPTIONS, PUT");
    said = gateway_text("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_INT(said->status, ==, 204);
    said = gateway_ask("BREW", "/health", "", NULL);
    CHECK_INT(said->status, ==, 405);
    gateway_end();
}

TEST(HEAD_has_the_fields_of_GET_and_no_body)
{
    const struct said *said;
    long length;

    gateway_begin(serve);
    said = gateway_ask("GET", "/openapi.json", "", NULL);
    length = (long)said->length;
    said = gateway_ask("HEAD", "/openapi.json", "", NULL);
    CHECK_INT(said->status, ==, 200);
    CHECK_INT(said->length, ==, 0);
    CHECK_INT(atol(said_header(said, "Content-Length")), ==, length);
    gateway_end();
}

TEST(the_request_id_is_the_clients_own_where_it_is_proper)
{
    gateway_begin(serve);
    CHECK_STR(said_header(gateway_ask("GET", "/health", "X-Request-ID: mine-1\r\n", NULL),
                          "X-Request-ID"),
              "mine-1");
    CHECK_INT(strlen(said_header(gateway_ask("GET", "/health", "X-Request-ID: a b\r\n", NULL),
                                 "X-Request-ID")),
              ==, 32);
    CHECK_HAS(gateway_ask("GET", "/nothing", "X-Request-ID: mine-2\r\n", NULL)->body,
              "\"instance\":\"mine-2\"");
    gateway_end();
}

TEST(browsers_may_call_from_the_origins_that_are_listed)
{
    static const char PREFLIGHT[] = "Origin: %s\r\nAccess-Control-Request-Method: PUT\r\n";
    char headers[256];
    const struct said *said;

    gateway_begin(serve);
    snprintf(headers, sizeof headers, PREFLIGHT, "https://ok.example");
    said = gateway_ask("OPTIONS", "/api/v1/apis/museum", headers, NULL);
    CHECK_INT(said->status, ==, 204);
    CHECK_STR(said_header(said, "Access-Control-Allow-Origin"), "https://ok.example");
    CHECK_HAS(said_header(said, "Access-Control-Allow-Methods"), "PUT");
    CHECK_HAS(said_header(said, "Access-Control-Allow-Headers"), "Authorization");
    said = gateway_ask("GET", "/health", "Origin: https://ok.example\r\n", NULL);
    CHECK_STR(said_header(said, "Access-Control-Allow-Origin"), "https://ok.example");
    CHECK_HAS(said_header(said, "Vary"), "Origin");
    CHECK_STR(said_header(said, "Access-Control-Allow-Credentials"), "");
    said = gateway_ask("GET", "/health", "Origin: https://ok.example.evil\r\n", NULL);
    CHECK_STR(said_header(said, "Access-Control-Allow-Origin"), "");
    snprintf(headers, sizeof headers, PREFLIGHT, "null");
    said = gateway_ask("OPTIONS", "/api/v1/apis/museum", headers, NULL);
    CHECK_STR(said_header(said, "Access-Control-Allow-Methods"), "");
    gateway_end();
}

TEST(large_answers_are_compressed_for_those_who_take_it)
{
    const struct said *said;
    size_t plain;

    gateway_begin(serve);
    plain = gateway_ask("GET", "/openapi.json", "", NULL)->length;
    said = gateway_ask("GET", "/openapi.json", "Accept-Encoding: gzip\r\n", NULL);
    CHECK_STR(said_header(said, "Content-Encoding"), "gzip");
    CHECK_INT(said->length, <, plain / 3);
    CHECK_INT((unsigned char)said->body[0], ==, 0x1f);
    CHECK_HAS(said_header(said, "Vary"), "Accept-Encoding");
    said = gateway_ask("GET", "/health/liveness", "Accept-Encoding: gzip\r\n", NULL);
    CHECK_STR(said_header(said, "Content-Encoding"), "");
    gateway_end();
}

TEST(what_the_client_has_already_is_not_sent_again)
{
    const struct said *said;
    char headers[200];

    gateway_begin(serve);
    said = gateway_ask("GET", "/openapi.json", "", NULL);
    snprintf(headers, sizeof headers, "If-None-Match: W/\"x\", %s\r\n", said_header(said, "ETag"));
    said = gateway_ask("GET", "/openapi.json", headers, NULL);
    CHECK_INT(said->status, ==, 304);
    CHECK_INT(said->length, ==, 0);
    CHECK_HAS(headers, said_header(said, "ETag"));
    CHECK_INT(gateway_ask("GET", "/openapi.json", "If-None-Match: \"other\"\r\n", NULL)->status, ==,
              200);
    CHECK_INT(gateway_ask("GET", "/openapi.json", "If-None-Match: *\r\n", NULL)->status, ==, 304);
    gateway_end();
}

TEST(long_header_blocks_are_taken_up_to_the_documented_size)
{
    char request[40000];
    int n;

    gateway_begin(serve);
    n = snprintf(request, sizeof request, GET "Cookie: %07000d\r\n\r\n", 0);
    CHECK_INT(gateway_send(request, (size_t)n)->status, ==, 200);
    n = snprintf(request, sizeof request, GET "Cookie: %09000d\r\n\r\n", 0);
    CHECK_INT(gateway_send(request, (size_t)n)->status, ==, 431); // by the library, as HTML
    n = snprintf(request, sizeof request, "GET /%030000d HTTP/1.1\r\nHost: a\r\n\r\n", 0);
    CHECK_INT(gateway_send(request, (size_t)n)->status, ==, 414);
    gateway_end();
}

TEST(a_thousand_pipelined_requests_get_a_thousand_answers)
{
    static const char ONE[] = GET "\r\n", FIELD[] = "X-Frame-Options";
    int fd, answers = 0;
    char part[65536 + 1];
    size_t kept = 0; // of the last part: a field may be cut in two by the reads

    gateway_begin(serve);
    fd = gateway_connect();
    for (int i = 0; i < 1000; i++)
        CHECK_INT(send(fd, ONE, sizeof ONE - 1, MSG_NOSIGNAL), ==, sizeof ONE - 1);
    while (answers < 1000) {
        ssize_t got = recv(fd, part + kept, sizeof part - 1 - kept, 0);
        size_t length = kept + (size_t)got;

        if (got <= 0)
            break;
        part[length] = '\0';
        for (const char *at = part; (at = strstr(at, FIELD)); at++)
            answers++;
        kept = length < sizeof FIELD - 2 ? length : sizeof FIELD - 2;
        memmove(part, part + length - kept, kept);
    }
    CHECK_INT(answers, ==, 1000);
    close(fd);
    gateway_end();
}

TEST(a_refusal_without_a_body_keeps_the_connection)
{
    static const char *const PATHS[] = { "/nothing", "/api/v1/apis", "/a//b", "/index.html" };

    gateway_begin(serve);
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        const struct said *said =
            gateway_ask("GET", PATHS[i], "Authorization: Bearer wrong\r\n", NULL);

        CHECK_INT(said->status, >=, 400);
        CHECK_STR(said_header(said, "Connection"), "");
    }
    gateway_end();
}

TEST(a_request_may_arrive_byte_by_byte)
{
    static const char ONE[] =
        "PUT /api/v1/apis/museum HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
    int fd;
    char answer[4096];
    ssize_t got;

    gateway_begin(serve);
    fd = gateway_connect();
    for (size_t i = 0; i < sizeof ONE - 1; i++)
        CHECK_INT(send(fd, ONE + i, 1, MSG_NOSIGNAL), ==, 1);
    got = recv(fd, answer, sizeof answer - 1, 0);
    CHECK_INT(got, >, 12);
    answer[12] = '\0';
    CHECK_STR(answer, "HTTP/1.1 401");
    close(fd);
    gateway_end();
}
