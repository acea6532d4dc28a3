#include "guard.h"

#include "pl_check.h"

#define F(name, value)                                 \
    {                                                  \
        name, value, sizeof name - 1, sizeof value - 1 \
    }
#define HOST F("Host", "localhost:8000")

static int
check(const char *method, const char *target, const char *version, const struct field *fields,
      size_t count)
{
    const struct head head = { method, target, version, fields, count, .size = 0 };
    const char *why = NULL;

    return guard_check(&head, &why);
}

static const struct {
    const char *what;
    int status;
    const char *method, *target, *version;
    struct field fields[3];
    size_t count;
} CASES[] = {
    { "plain", 0, "GET", "/health", "HTTP/1.1", { HOST }, 1 },
    { "1.0 without Host", 0, "GET", "/", "HTTP/1.0", { { 0 } }, 0 },
    { "absolute form", 0, "GET", "http://localhost/health", "HTTP/1.1", { HOST }, 1 },
    { "OPTIONS *", 0, "OPTIONS", "*", "HTTP/1.1", { HOST }, 1 },
    { "length", 0, "POST", "/x", "HTTP/1.1", { HOST, F("content-length", "12") }, 2 },
    { "chunked", 0, "POST", "/x", "HTTP/1.1", { HOST, F("Transfer-Encoding", "chunked") }, 2 },
    { "IPv6 host", 0, "GET", "/", "HTTP/1.1", { F("Host", "[::1]:8000") }, 1 },
    { "tab in a value", 0, "GET", "/", "HTTP/1.1", { HOST, F("X-A", "a\tb") }, 2 },

    { "no Host", 400, "GET", "/", "HTTP/1.1", { { 0 } }, 0 },
    { "two Hosts", 400, "GET", "/", "HTTP/1.1", { HOST, HOST }, 2 },
    { "empty Host", 400, "GET", "/", "HTTP/1.1", { F("Host", "") }, 1 },
    { "Host with a space", 400, "GET", "/", "HTTP/1.1", { F("Host", "a b") }, 1 },
    { "Host with a slash", 400, "GET", "/", "HTTP/1.1", { F("Host", "a/b") }, 1 },
    { "two lengths",
      400,
      "POST",
      "/",
      "HTTP/1.1",
      { HOST, F("Content-Length", "1"), F("Content-Length", "1") },
      3 },
    { "length and chunks",
      400,
      "POST",
      "/",
      "HTTP/1.1",
      { HOST, F("Content-Length", "1"), F("Transfer-Encoding", "chunked") },
      3 },
    { "signed length", 400, "POST", "/", "HTTP/1.1", { HOST, F("Content-Length", "+1") }, 2 },
    { "length list", 400, "POST", "/", "HTTP/1.1", { HOST, F("Content-Length", "1, 1") }, 2 },
    { "huge length",
      400,
      "POST",
      "/",
      "HTTP/1.1",
      { HOST, F("Content-Length", "99999999999999999999") },
      2 },
    { "empty length", 400, "POST", "/", "HTTP/1.1", { HOST, F("Content-Length", "") }, 2 },
    { "two codings",
      400,
      "POST",
      "/",
      "HTTP/1.1",
      { HOST, F("Transfer-Encoding", "chunked"), F("Transfer-Encoding", "chunked") },
      3 },
    { "chunks in 1.0", 400, "POST", "/", "HTTP/1.0", { F("Transfer-Encoding", "chunked") }, 1 },
    { "other coding", 501, "POST", "/", "HTTP/1.1", { HOST, F("Transfer-Encoding", "gzip") }, 2 },
    { "coding list",
      501,
      "POST",
      "/",
      "HTTP/1.1",
      { HOST, F("Transfer-Encoding", "chunked, identity") },
      2 },
    { "space in a name", 400, "GET", "/", "HTTP/1.1", { HOST, F("X A", "1") }, 2 },
    { "empty name", 400, "GET", "/", "HTTP/1.1", { HOST, F("", "1") }, 2 },
    { "colon in a name", 400, "GET", "/", "HTTP/1.1", { HOST, F("X:A", "1") }, 2 },
    { "CR in a value", 400, "GET", "/", "HTTP/1.1", { HOST, F("X-A", "1\r2") }, 2 },
    { "NUL in a value", 400, "GET", "/", "HTTP/1.1", { HOST, F("X-A", "1\0002") }, 2 },
    { "DEL in a value", 400, "GET", "/", "HTTP/1.1", { HOST, F("X-A", "1\1772") }, 2 },
    { "bad method", 400, "G(T", "/", "HTTP/1.1", { HOST }, 1 },
    { "empty method", 400, "", "/", "HTTP/1.1", { HOST }, 1 },
    { "space in the target", 400, "GET", "/a b", "HTTP/1.1", { HOST }, 1 },
    { "brace in the target", 400, "GET", "/{a}", "HTTP/1.1", { HOST }, 1 },
    { "fragment", 400, "GET", "/a#b", "HTTP/1.1", { HOST }, 1 },
    { "byte above ASCII", 400, "GET", "/\xc3\xa4", "HTTP/1.1", { HOST }, 1 },
    { "no slash", 400, "GET", "health", "HTTP/1.1", { HOST }, 1 },
    { "GET *", 400, "GET", "*", "HTTP/1.1", { HOST }, 1 },
    { "CONNECT", 501, "CONNECT", "a:443", "HTTP/1.1", { HOST }, 1 },
    { "2.0", 505, "GET", "/", "HTTP/2.0", { HOST }, 1 },
    { "lower case", 505, "GET", "/", "http/1.1", { HOST }, 1 },
};

TEST(each_row_of_the_table_gets_its_status)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        int status = check(CASES[i].method, CASES[i].target, CASES[i].version, CASES[i].fields,
                           CASES[i].count);

        CHECK_THAT(status == CASES[i].status, "%s is %d, wanted %d", CASES[i].what, status,
                   CASES[i].status);
    }
}

TEST(a_header_block_larger_than_its_fields_is_refused)
{
    const struct field fields[] = { HOST, F("X-A", "12") };
    struct head head = { "GET", "/health", "HTTP/1.1", fields, 2, .size = 0 };
    const char block[] = "GET /health HTTP/1.1\r\nHost: localhost:8000\r\nX-A: 12\r\n\r\n";
    const char *why = NULL;

    head.size = sizeof block - 1;
    CHECK_INT(guard_check(&head, &why), ==, 0);
    head.size++; // a folded line, a NUL, a line that begins with a colon ...
    CHECK_INT(guard_check(&head, &why), ==, 400);
    CHECK_HAS(why, "folded");
    head.blanks = 1; // one that the other reader has seen in front of a value
    CHECK_INT(guard_check(&head, &why), ==, 0);
    head.blanks = 0;
    head.size--;
    head.disputed = true;
    CHECK_INT(guard_check(&head, &why), ==, 400);
}

TEST(the_length_of_the_body_is_what_the_fields_say)
{
    const struct field length[] = { HOST, F("Content-Length", "12") };
    const struct field chunks[] = { HOST, F("Transfer-Encoding", "chunked") };
    const struct head with = { "POST", "/", "HTTP/1.1", length, 2, .size = 0 };
    const struct head chunked = { "POST", "/", "HTTP/1.1", chunks, 2, .size = 0 };
    const struct head without = { "GET", "/", "HTTP/1.1", length, 1, .size = 0 };

    CHECK_INT(guard_body_length(&with), ==, 12);
    CHECK_INT(guard_body_length(&chunked), ==, -1);
    CHECK_INT(guard_body_length(&without), ==, 0);
}
