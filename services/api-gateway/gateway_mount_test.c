/* The paths beside the contract. */
#include "gateway_fake.h"

#include "pl_check.h"
#include "pl_gzip.h"
#include "pl_pack.h"

#include "publisher.pb-c.h"

static const char PAGE[] = "<!doctype html><title>museum</title>";

static Pl__HttpMeta *
meta(struct pl_arena *arena)
{
    Pl__HttpMeta *out = pl_arena_alloc(arena, sizeof *out);

    pl__http_meta__init(out);
    out->etag = "\"abc\"";
    out->last_modified = "2026-11-20T19:00:05.000Z";
    out->cache_control = "public, max-age=60";
    out->has_cross_origin = 1;
    out->cross_origin = 1;
    return out;
}

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    Publisher__GetArtifactReply *out = pl_arena_alloc(arena, sizeof *out);
    const Publisher__GetArtifactRequest *request;
    Pl__MetricsReply *metrics = pl_arena_alloc(arena, sizeof *metrics);

    if (fake_auth(call, reply, arena))
        return;
    if (strcmp(call->operation, "pl.Metrics") == 0) {
        pl__metrics_reply__init(metrics);
        metrics->text = "# HELP x y\n# TYPE x counter\nx 2\n";
        *reply = (struct fake_reply){ .code = PL_OK, .message = &metrics->base, .late = true };
        return;
    }
    if (strcmp(call->operation, "publisher.GetArtifact") != 0)
        return;
    request = pl_unpack(&publisher__get_artifact_request__descriptor, call->message, arena);
    *reply = (struct fake_reply){ .code = PL_NOT_FOUND, .text = "no such artifact", .late = true };
    if (strcmp(request->api, "private") == 0)
        *reply = (struct fake_reply){ .code = PL_UNAUTHENTICATED, .text = "private", .late = true };
    if (strcmp(request->file, "") != 0 && strcmp(request->file, "data.json") != 0)
        return;
    publisher__get_artifact_reply__init(out);
    out->body = pl_arena_alloc(arena, sizeof *out->body);
    pl__http_body__init(out->body);
    out->body->content_type =
        strcmp(request->file, "") == 0 ? "text/html; charset=utf-8" : "application/json";
    out->body->has_data = 1;
    out->body->data.data = (uint8_t *)PAGE;
    out->body->data.len = sizeof PAGE - 1;
    if (strcmp(request->api, "zipped") == 0) {
        out->body->content_encoding = "gzip";
        out->body->data.data =
            (uint8_t *)pl_gzip(PAGE, sizeof PAGE - 1, arena, &out->body->data.len);
    }
    if (strcmp(request->api, "private") != 0)
        *reply = (struct fake_reply){
            .code = PL_OK, .message = &out->base, .http = meta(arena), .late = true
        };
}

static const struct said *
get(const char *path)
{
    char text[512];

    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    return gateway_text(text);
}

static const char *
asked(struct pl_arena *arena)
{
    const Publisher__GetArtifactRequest *request =
        pl_unpack(&publisher__get_artifact_request__descriptor, fake_seen.message, arena);

    return pl_arena_printf(arena, "%s|%s|%s", request->api, request->file,
                           request->run ? request->run : "");
}

TEST(each_path_asks_for_the_artifact_it_names)
{
    static const char *const CASES[][2] = {
        { "/status/museum/", "museum||" },
        { "/status/museum/?t=1", "museum||" },
        { "/status/museum/data.json", "museum|data.json|" },
        { "/status/museum/data.json?run=r1", "museum|data.json|r1" },
        { "/status/data.json", "demo|data.json|" },
        { "/data.json", "demo|data.json|" },
        { "/status/openapi.json", "demo|openapi.json|" },
        { "/status/index.html", "demo|index.html|" },
        { "/stability-badge.json", "demo|stability-badge.json|" },
    };
    struct pl_arena *arena = pl_arena_new();

    gateway_begin(serve);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        get(CASES[i][0]);
        CHECK_STR(asked(arena), CASES[i][1]);
        CHECK_STR(fake_seen.subject, "");
    }
    gateway_end();
    pl_arena_destroy(&arena);
}

TEST(what_is_no_path_of_ours_asks_nobody)
{
    static const char *const CASES[] = {
        "/index.html",          "/nothing",  "/status/MUSEUM",         "/status/museum/data",
        "/status/museum/a/b.c", "/health/",  "/status/museum/.hidden", "/api",
        "/api/v1/apis/",        "/metrics/",
    };

    gateway_begin(serve);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct said *said = get(CASES[i]);

        CHECK_THAT(said->status == 404, "%s is %d", CASES[i], said->status);
    }
    CHECK_INT(fake_seen.count, ==, 0);
    gateway_end();
}

TEST(short_names_lead_to_the_status_page)
{
    gateway_begin(serve);
    CHECK_INT(get("/")->status, ==, 302);
    CHECK_STR(said_header(get("/"), "Location"), "/status/demo/");
    CHECK_STR(said_header(get("/status"), "Location"), "/status/demo/");
    CHECK_STR(said_header(get("/status/museum"), "Location"), "/status/museum/");
    gateway_end();
}

TEST(an_artifact_comes_with_its_fields_and_a_page_may_have_styles)
{
    const struct said *said;

    gateway_begin(serve);
    said = get("/status/museum/");
    CHECK_INT(said->status, ==, 200);
    CHECK_STR(said->body, PAGE);
    CHECK_STR(said_header(said, "ETag"), "\"abc\"");
    CHECK_STR(said_header(said, "Last-Modified"), "Fri, 20 Nov 2026 19:00:05 GMT");
    CHECK_STR(said_header(said, "Cache-Control"), "public, max-age=60");
    CHECK_STR(said_header(said, "Access-Control-Allow-Origin"), "*");
    CHECK_STR(said_header(said, "Cross-Origin-Resource-Policy"), "cross-origin");
    CHECK_HAS(said_header(said, "Content-Security-Policy"), "style-src 'self'");
    CHECK_HAS(said_header(said, "Content-Security-Policy"), "frame-ancestors 'none'");
    said = get("/data.json");
    CHECK_HAS(said_header(said, "Content-Security-Policy"), "default-src 'none'; frame");
    gateway_end();
}

TEST(an_artifact_is_not_sent_to_whom_has_it)
{
    static const char *const HAVE[] = { "If-None-Match: \"abc\"", "If-None-Match: W/\"abc\"",
                                        "If-Modified-Since: Fri, 20 Nov 2026 19:00:05 GMT",
                                        "If-Modified-Since: Sat, 21 Nov 2026 00:00:00 GMT" };
    static const char *const NOT[] = {
        "If-None-Match: \"abcd\"", "If-Modified-Since: Fri, 20 Nov 2026 19:00:04 GMT",
        "If-Modified-Since: tomorrow",
        "If-None-Match: \"x\"\r\nIf-Modified-Since: Sat, 21 Nov 2026 00:00:00 GMT"
    };
    char headers[256];

    gateway_begin(serve);
    for (size_t i = 0; i < 4; i++) {
        snprintf(headers, sizeof headers, "%s\r\n", HAVE[i]);
        CHECK_INT(gateway_ask("GET", "/data.json", headers, NULL)->status, ==, 304);
        snprintf(headers, sizeof headers, "%s\r\n", NOT[i]);
        CHECK_INT(gateway_ask("GET", "/data.json", headers, NULL)->status, ==, 200);
    }
    gateway_end();
}

TEST(a_stored_gzip_is_passed_on_or_undone)
{
    const struct said *said;

    gateway_begin(serve);
    said = get("/status/zipped/data.json");
    CHECK_STR(said->body, PAGE);
    CHECK_STR(said_header(said, "Content-Encoding"), "");
    CHECK_STR(said_header(said, "ETag"), "W/\"abc\"");
    said = gateway_ask("GET", "/status/zipped/data.json", "Accept-Encoding: gzip\r\n", NULL);
    CHECK_STR(said_header(said, "Content-Encoding"), "gzip");
    CHECK_INT((unsigned char)said->body[0], ==, 0x1f);
    gateway_end();
}

TEST(what_the_publisher_refuses_is_a_problem)
{
    const struct said *said;

    gateway_begin(serve);
    said = get("/status/private/");
    CHECK_INT(said->status, ==, 401);
    CHECK_HAS(said_header(said, "WWW-Authenticate"), "Bearer");
    said = get("/status/museum/other.json");
    CHECK_INT(said->status, ==, 404);
    CHECK_HAS(said->body, "no such artifact");
    CHECK_INT(
        gateway_ask("GET", "/status/museum/", "Authorization: Bearer wrong\r\n", NULL)->status, ==,
        401);
    CHECK_INT(gateway_ask("GET", "/status/museum/", "", NULL)->status, ==, 200);
    CHECK_STR(fake_seen.subject, "token:good");
    gateway_end();
}

TEST(health_lists_each_service_and_is_always_200)
{
    const struct said *said;

    gateway_begin(serve);
    said = get("/health");
    CHECK_INT(said->status, ==, 200);
    CHECK_HAS(said->body, "\"status\":\"degraded\"");
    CHECK_HAS(said->body, "{\"name\":\"auth\",\"state\":\"ok\"");
    CHECK_HAS(said->body, "{\"name\":\"artifact-publisher\",\"state\":\"down\"");
    CHECK_HAS(said->body, "{\"name\":\"notifier\",\"state\":\"down\"");
    CHECK_INT(get("/health/liveness")->status, ==, 200);
    CHECK_INT(get("/health/readiness")->status, ==, 200);
    gateway_end();
}

TEST(metrics_are_those_of_all_processes_together)
{
    const struct said *said;

    gateway_begin(serve);
    get("/health");
    said = get("/metrics");
    CHECK_INT(said->status, ==, 200);
    CHECK_HAS(said_header(said, "Content-Type"), "version=0.0.4");
    CHECK_HAS(said->body, "\nx 6\n"); // three services say 2
    CHECK_HAS(said->body,
              "app_requests_total_by_route{method=\"GET\",route=\"/health\",status=\"200\"}");
    CHECK_HAS(said->body, "app_request_duration_seconds_bucket{le=");
    gateway_end();
}

TEST(the_contract_is_served_as_JSON)
{
    const struct said *said;

    gateway_begin(serve);
    said = get("/openapi.json");
    CHECK_INT(said->status, ==, 200);
    CHECK_STR(said_header(said, "Content-Type"), "application/json");
    CHECK_HAS(said->body, "{\"openapi\":\"3.1.0\"");
    CHECK_HAS(said->body, "\"operationId\":\"createRun\"");
    gateway_end();
}
