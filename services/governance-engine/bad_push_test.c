/* What is wrong with a push is said clearly, and leaves nothing behind. */
#include "pl_check.h"

#include "engine_test.h"
#include "governance.h"
#include "pl_gzip.h"

NEEDS_ENV("PL_TEST_DB_URL");

#define GOOD_HEAD "{\"openapi\": \"3.0.3\", \"info\": {\"title\": \"t\", \"version\": \"1\"}, "

static struct push_answer
push_bytes(struct engine *e, const char *bytes, size_t length, const char *encoding)
{
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;

    request.api = "bad";
    request.sha = "sha0001";
    PUT(&body, data, ((ProtobufCBinaryData){ length, (uint8_t *)bytes }));
    body.content_encoding = (char *)encoding;
    request.body = &body;
    return engine_push_request(e, &request, NULL);
}

static bool
no_trace(struct engine *e)
{
    return engine_count(e, "SELECT count(*) FROM run WHERE api = $1", "bad") == 0 &&
           engine_count(e, "SELECT count(*) FROM document WHERE $1 <> ''", "x") == 0 &&
           engine_count(e, "SELECT count(*) FROM outbox WHERE aggregateid = $1", "bad") == 1;
}

TEST(each_kind_of_bad_document_has_its_own_error_and_leaves_no_row)
{
    static const struct {
        const char *bytes;
        size_t length; // 0: strlen
        enum pl_code code;
        const char *text;
        bool violation; // with a place
    } rows[] = {
        { "", 0, PL_INVALID, "the body is empty", false },
        { "\x89PNG\r\n\x1a\n\0\0\0", 11, PL_MALFORMED, "", false },
        { "{\"openapi\": \"3.0.3\", \"info\": {", 0, PL_MALFORMED, "", false },
        { "{\"openapi\": \"3.0.3\", \"openapi\": \"3.0.3\"}", 0, PL_MALFORMED, "openapi", false },
        { "{\"title\": \"\xff\xfe\"}", 0, PL_MALFORMED, "", false },
        { "{\"hello\": \"world\"}", 0, PL_INVALID, "", true },
        { "just a text", 0, PL_INVALID, "", true },
        { GOOD_HEAD "\"paths\": {\"/a\": {\"$ref\": \"other.yaml#/a\"}}}", 0, PL_INVALID, "",
          true },
        { GOOD_HEAD "\"paths\": {\"/a\": {\"get\": {\"responses\": {\"200\": {\"$ref\": "
                    "\"http://169.254.169.254/x\"}}}}}}",
          0, PL_INVALID, "", true },
        { GOOD_HEAD "\"paths\": {\"/a\": {\"get\": {\"responses\": {\"200\": {\"$ref\": "
                    "\"#/components/responses/none\"}}}}}}",
          0, PL_INVALID, "", true },
        { "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
          "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n"
          "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e]\n"
          "g: [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]\n",
          0, PL_MALFORMED, "alias", false },
    };
    struct engine e;

    engine_open(&e);
    engine_api(&e, "bad");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = rows[i].length ? rows[i].length : strlen(rows[i].bytes);
        struct push_answer a = push_bytes(&e, rows[i].bytes, length, NULL);

        CHECK_THAT(a.code == rows[i].code, "row %zu answers %s: %s", i, pl_code_name(a.code),
                   a.text);
        CHECK_HAS(a.text, rows[i].text);
        CHECK_INT(strlen(a.text), >, 10);
        CHECK_THAT(!rows[i].violation || a.reply->n_violations > 0, "row %zu names no place", i);
    }
    CHECK(no_trace(&e));
    engine_close(&e);
}

TEST(ten_thousand_levels_are_refused)
{
    struct engine e;
    struct push_answer a;
    struct pl_buf deep;

    engine_open(&e);
    engine_api(&e, "bad");
    deep = (struct pl_buf){ .arena = e.worker.arena };
    for (int i = 0; i < 10000; i++)
        pl_buf_str(&deep, "{\"a\":");
    pl_buf_str(&deep, "1");
    for (int i = 0; i < 10000; i++)
        pl_buf_char(&deep, '}');
    a = push_bytes(&e, deep.data, deep.length, NULL);
    CHECK_INT(a.code, ==, PL_MALFORMED);
    CHECK(no_trace(&e));
    engine_close(&e);
}

TEST(too_large_is_said_for_plain_bytes_and_for_what_inflates_to_too_many)
{
    struct engine e;
    size_t size = (32u << 20) + 1, zipped_size;
    char *bytes, *zipped;
    uint64_t seed = 88172645463325252u;

    engine_open(&e);
    engine_api(&e, "bad");
    bytes = pl_arena_alloc(e.worker.arena, size);
    for (size_t i = 0; i + 8 <= size; i += 16) { // half zeros: compresses, but not 200 times
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        memcpy(bytes + i, &seed, 8);
    }
    CHECK_INT(push_bytes(&e, bytes, size, NULL).code, ==, PL_TOO_LARGE);
    zipped = pl_gzip(bytes, size, e.worker.arena, &zipped_size);
    CHECK_INT(push_bytes(&e, zipped, zipped_size, "gzip").code, ==, PL_TOO_LARGE);
    memset(bytes, ' ', size);
    zipped = pl_gzip(bytes, size - 2, e.worker.arena, &zipped_size);
    CHECK_HAS(push_bytes(&e, zipped, zipped_size, "gzip").text, "200 times");
    CHECK_INT(push_bytes(&e, "not gzip at all", 15, "gzip").code, ==, PL_MALFORMED);
    CHECK(no_trace(&e));
    engine_close(&e);
}

TEST(wrong_parameters_are_named)
{
    static const struct {
        const char *sha, *branch, *committed_at, *reason, *pointer;
    } rows[] = {
        { "short", NULL, NULL, "r", "query/sha" },
        { "has spaces", NULL, NULL, "r", "query/sha" },
        { NULL, NULL, NULL, "r", "query/sha" },
        { "sha0001", "\x01", NULL, "r", "query/branch" },
        { "sha0001", "\xc3\x28", NULL, "r", "query/branch" },
        { "sha0001", NULL, "2025-02-30T00:00:00Z", "r", "query/committed_at" },
        { "sha0001", NULL, "yesterday", "r", "query/committed_at" },
        { "sha0001", NULL, NULL, "", "query/placeholder_reason" },
    };
    struct engine e;

    engine_open(&e);
    engine_api(&e, "bad");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
        struct push_answer a;

        request.api = "bad";
        request.sha = (char *)rows[i].sha;
        request.branch = (char *)rows[i].branch;
        request.committed_at = (char *)rows[i].committed_at;
        request.placeholder_reason = (char *)rows[i].reason;
        a = engine_push_request(&e, &request, NULL);
        CHECK_INT(a.code, ==, PL_MALFORMED);
        CHECK_INT(a.reply->n_violations, ==, 1);
        CHECK_STR(a.reply->violations[0]->pointer, rows[i].pointer);
    }
    CHECK(no_trace(&e));
    engine_close(&e);
}

TEST(a_document_and_a_placeholder_reason_together_or_neither_are_refused)
{
    struct engine e;
    Governance__CreateRunRequest request = GOVERNANCE__CREATE_RUN_REQUEST__INIT;
    Pl__HttpBody body = PL__HTTP_BODY__INIT;
    struct push_answer a;

    engine_open(&e);
    engine_api(&e, "bad");
    request.api = "bad";
    request.sha = "sha0001";
    a = engine_push_request(&e, &request, NULL);
    CHECK_INT(a.code, ==, PL_INVALID);
    CHECK_HAS(a.text, "placeholder_reason");
    PUT(&body, data, ((ProtobufCBinaryData){ 2, (uint8_t *)"{}" }));
    request.body = &body;
    request.placeholder_reason = "why";
    a = engine_push_request(&e, &request, NULL);
    CHECK_INT(a.code, ==, PL_INVALID);
    CHECK_HAS(a.text, "not both");
    CHECK(no_trace(&e));
    engine_close(&e);
}

TEST(a_reference_in_a_circle_is_fine)
{
    struct engine e;
    struct push_answer a;
    const char *document = GOOD_HEAD
        "\"paths\": {\"/a\": {\"get\": {\"responses\": {\"200\": {\"description\": \"ok\", "
        "\"content\": {\"application/json\": {\"schema\": {\"$ref\": "
        "\"#/components/schemas/Node\"}}}}}}}}, \"components\": {\"schemas\": {\"Node\": "
        "{\"type\": \"object\", \"properties\": {\"next\": {\"$ref\": "
        "\"#/components/schemas/Node\"}}}}}}";

    engine_open(&e);
    engine_api(&e, "circle");
    a = engine_push(&e, "circle", "sha0001", NULL, document);
    CHECK_THAT(a.code == PL_OK, "%s", a.text);
    a = engine_push(&e, "circle", "sha0002", NULL, document);
    CHECK_STR(a.run->verdict, "stable");
    engine_close(&e);
}
