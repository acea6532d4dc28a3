/* The rate limit as a client sees it, with Redis and without. */
#include "gateway_fake.h"
#include "limiter_local.h"
#include "redis_fixture.h"
#include "settings.h"

#include "pl_check.h"
#include "pl_health.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

NEEDS_ENV("REDIS_SERVER");

static int verified;

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    verified += strcmp(call->operation, "pl.Health") != 0;
    fake_auth(call, reply, arena);
}

static const struct said *
get(const char *path)
{
    char text[512];

    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    return gateway_text(text);
}

static const char *redis_at, *fallback_is;
static int burst_is;

/* One more an hour: none comes back during a test, on any machine. */
static const char *
limits_file(void)
{
    static char path[] = "/tmp/pl-gateway-limits-XXXXXX";
    FILE *file;

    if (strchr(path, 'X'))
        close(mkstemp(path));
    file = fopen(path, "w");
    fprintf(file, "policies: [{name: client, rate: 1, per: hour, burst: %d}]", burst_is);
    fclose(file);
    return path;
}

static void
tune(void)
{
    settings.redis = redis_at;
    settings.limits = limits_file();
    settings.limit_fallback = fallback_is;
    if (strcmp(fallback_is, "closed") == 0) // those wait for what Redis says, on any machine
        settings.limit_wait_ms = 20000;
}

/* So many at once. */
static void
begin(const char *redis, int burst, const char *fallback)
{
    limit_local_forget();
    pl_health_forget("redis"); // what the gateway before knew
    verified = 0;
    redis_at = redis;
    burst_is = burst;
    fallback_is = fallback;
    gateway_tune = tune;
    gateway_begin(serve);
}

static void
end(void)
{
    gateway_end();
    remove(limits_file());
}

static void
wait_for_redis(const char *state)
{
    char wanted[64];

    snprintf(wanted, sizeof wanted, "{\"name\":\"redis\",\"state\":\"%s\"", state);
    while (strstr(get("/health")->body, wanted) == NULL)
        poll(NULL, 0, 5);
}

TEST(beyond_the_limit_the_answer_is_429_and_says_when_to_come_again)
{
    const struct said *said;

    begin("", 3, "local");
    CHECK_INT(get("/openapi.json")->status, ==, 200);
    said = get("/openapi.json");
    CHECK_STR(said_header(said, "RateLimit-Policy"), "\"client\";q=3;w=10800");
    CHECK_HAS(said_header(said, "RateLimit"), "\"client\";r=1;t=3");
    CHECK_HAS(said_header(get("/openapi.json"), "RateLimit"), "\"client\";r=0;t=3");
    said = get("/openapi.json");
    CHECK_INT(said->status, ==, 429);
    CHECK_STR(said_header(said, "Content-Type"), "application/problem+json");
    CHECK_HAS(said_header(said, "RateLimit"), "\"client\";r=0;t=3");
    CHECK_INT(atoi(said_header(said, "Retry-After")), >, 3000);
    CHECK_STR(said_header(said, "X-Content-Type-Options"), "nosniff");
    CHECK_STR(said_header(said, "Cache-Control"), "no-store");
    CHECK_HAS(said->body, "http-problem-types#quota-exceeded\"");
    CHECK_HAS(said->body, "\"violated-policies\":[\"client\"]");
    end();
}

TEST(the_limit_comes_before_the_token_and_counts_what_is_not_there)
{
    const struct said *said;

    begin("", 2, "local");
    CHECK_INT(get("/nothing")->status, ==, 404);
    CHECK_INT(gateway_ask("GET", "/api/v1/apis", "Authorization: Bearer bad\r\n", NULL)->status, ==,
              401);
    CHECK_INT(verified, ==, 1);
    said = gateway_ask("GET", "/api/v1/apis", "Authorization: Bearer bad\r\n", NULL);
    CHECK_INT(said->status, ==, 429);
    CHECK_STR(said_header(said, "WWW-Authenticate"), "");
    CHECK_INT(get("/nothing")->status, ==, 429);
    CHECK_INT(gateway_ask("PATCH", "/api/v1/apis", "", NULL)->status, ==, 429);
    CHECK_STR(said_header(get("/nothing"), "Allow"), "");
    CHECK_INT(verified, ==, 1);
    end();
}

TEST(who_watches_the_gateway_is_not_limited)
{
    static const char *const FREE[] = { "/health", "/health/liveness", "/health/readiness",
                                        "/metrics" };

    begin("", 1, "local");
    for (int i = 0; i < 3; i++)
        for (size_t j = 0; j < 4; j++) {
            CHECK_INT(get(FREE[j])->status, ==, 200);
            CHECK_STR(said_header(get(FREE[j]), "RateLimit"), "");
        }
    CHECK_INT(get("/openapi.json")->status, ==, 200);
    CHECK_INT(get("/openapi.json")->status, ==, 429);
    CHECK_HAS(get("/metrics")->body, "gateway_limited_total{result=\"limited\"}");
    end();
}

TEST(a_body_of_a_request_beyond_the_limit_is_read_and_the_connection_stays)
{
    const struct said *said;

    begin("", 1, "local");
    get("/openapi.json");
    said = gateway_ask("PUT", "/api/v1/apis/museum", "Content-Type: application/json\r\n", "{}");
    CHECK_INT(said->status, ==, 429);
    CHECK(!said->closed);
    end();
}

TEST(a_limit_in_Redis_outlives_the_gateway)
{
    redis_start(NULL, NULL);
    begin(redis_fixture_address(), 3, "closed");
    wait_for_redis("ok");
    for (int i = 0; i < 2; i++)
        CHECK_INT(get("/openapi.json")->status, ==, 200);
    end();
    begin(redis_fixture_address(), 3, "closed");
    wait_for_redis("ok");
    CHECK_HAS(said_header(get("/openapi.json"), "RateLimit"), "\"client\";r=0;t=3");
    CHECK_INT(get("/openapi.json")->status, ==, 429);
    CHECK_INT(gateway_ask("GET", "/api/v1/apis", "", NULL)->status, ==, 429);
    CHECK_INT(verified, ==, 0);
    end();
    redis_kill();
}

TEST(a_request_with_a_token_and_a_body_waits_for_Redis_and_then_for_auth)
{
    const struct said *said;

    redis_start(NULL, NULL);
    begin(redis_fixture_address(), 10, "closed");
    wait_for_redis("ok");
    said = gateway_ask("PUT", "/api/v1/apis/museum", "Content-Type: application/json\r\n", "{}");
    CHECK_INT(said->status, ==, 503); // nobody is there to answer it
    CHECK_HAS(said->body, "nobody is there");
    CHECK_INT(verified, ==, 2);
    CHECK_HAS(said_header(said, "RateLimit"), "\"client\";r=9;t=3");
    end();
    redis_kill();
}

static void
check_without_redis(const char *fallback, int status, int next_status)
{
    begin(redis_fixture_address(), 1, fallback);
    wait_for_redis("down");
    CHECK_THAT(get("/openapi.json")->status == status, "%s", fallback);
    CHECK_THAT(get("/openapi.json")->status == next_status, "%s", fallback);
    CHECK_INT(get("/health/readiness")->status, ==, 200);
    CHECK_HAS(get("/health")->body, "\"status\":\"degraded\"");
    CHECK_HAS(get("/metrics")->body, "gateway_limit_fallback_total{reason=\"down\"}");
    CHECK_HAS(get("/metrics")->body, "plumb_dependency_up{dependency=\"redis\"} 0");
    end();
}

TEST(without_Redis_the_setting_decides)
{
    redis_kill();
    check_without_redis("local", 200, 429);
    check_without_redis("open", 200, 200);
    check_without_redis("closed", 503, 503);
}

/* On a busy machine a beat may have found it hung before any request had to wait. */
static void
hang_until_a_request_has_waited(void)
{
    static const char WAITED[] = "gateway_limit_fallback_total{reason=\"timeout\"}";

    do {
        redis_hang(true);
        for (int i = 0; i < 20; i++)
            CHECK_INT(get("/openapi.json")->status, ==, 200);
        wait_for_redis("down");
        redis_hang(false);
        wait_for_redis("ok");
    } while (strstr(get("/metrics")->body, WAITED) == NULL);
}

TEST(a_hung_Redis_delays_five_requests_and_a_killed_one_none)
{
    redis_start(NULL, NULL);
    begin(redis_fixture_address(), 2000, "local");
    wait_for_redis("ok");
    hang_until_a_request_has_waited();
    redis_kill();
    for (int i = 0; i < 20; i++)
        CHECK_INT(get("/openapi.json")->status, ==, 200);
    wait_for_redis("down");
    redis_start(NULL, NULL);
    wait_for_redis("ok");
    end();
    redis_kill();
}

TEST(a_gateway_that_ends_while_Redis_hangs_answers_what_waits_for_it)
{
    redis_start(NULL, NULL);
    begin(redis_fixture_address(), 1000, "local");
    wait_for_redis("ok");
    redis_hang(true);
    get("/openapi.json");
    end();
    redis_kill();
    pl_health_forget("redis");
}

TEST(operators_see_the_limits_and_one_bucket_and_reset_it)
{
    redis_start(NULL, NULL);
    begin(redis_fixture_address(), 9, "closed");
    wait_for_redis("ok");
    CHECK_HAS(gateway_ask("GET", "/api/v1/limits", "", NULL)->body, "\"redis\":\"up\"");
    CHECK_HAS(gateway_ask("GET", "/api/v1/limits", "", NULL)->body, "\"name\":\"client\"");
    CHECK_HAS(gateway_ask("GET", "/api/v1/limits/client:127.0.0.1", "", NULL)->body,
              "\"store\":\"redis\",\"burst\":9,\"remaining\":6");
    CHECK_INT(gateway_ask("DELETE", "/api/v1/limits/client:127.0.0.1", "", NULL)->status, ==, 204);
    CHECK_HAS(gateway_ask("GET", "/api/v1/limits/client:127.0.0.1", "", NULL)->body,
              "\"remaining\":8");
    CHECK_INT(gateway_ask("GET", "/api/v1/limits/none:1", "", NULL)->status, ==, 404);
    CHECK_INT(gateway_ask("GET", "/api/v1/limits/client:x", "", NULL)->status, ==, 400);
    CHECK_INT(get("/api/v1/limits")->status, ==, 401);
    end();
    redis_kill();
    begin("", 9, "local");
    CHECK_HAS(gateway_ask("GET", "/api/v1/limits/client:127.0.0.1", "", NULL)->body,
              "\"store\":\"local\",\"burst\":9,\"remaining\":8");
    end();
}

TEST(an_answer_of_an_operation_has_a_version_and_is_not_sent_twice)
{
    char header[128];

    begin("", 9, "local");
    snprintf(header, sizeof header, "If-None-Match: %s\r\n",
             said_header(gateway_ask("GET", "/api/v1/limits", "", NULL), "ETag"));
    CHECK_INT(strlen(header), >, 40);
    CHECK_INT(gateway_ask("GET", "/api/v1/limits", header, NULL)->status, ==, 304);
    CHECK_INT(gateway_ask("GET", "/api/v1/limits", "If-None-Match: \"x\"\r\n", NULL)->status, ==,
              200);
    end();
}

static char policies_file[] = "/tmp/pl-gateway-policies-XXXXXX";

static void
policies_write(const char *text)
{
    FILE *file;

    if (strchr(policies_file, 'X'))
        close(mkstemp(policies_file));
    file = fopen(policies_file, "w");
    fputs(text, file);
    fclose(file);
}

static void
by_file(void)
{
    settings.limits = policies_file;
}

static void
by_file_and_redis(void)
{
    settings.limits = policies_file;
    settings.redis = redis_at;
    settings.limit_wait_ms = 20000;
}

TEST(users_and_tokens_are_counted_after_the_token_and_a_shadow_never_refuses)
{
    const struct said *said;

    policies_write("policies:\n"
                   "  - {name: user, key: user, rate: 0.001, burst: 3}\n"
                   "  - {name: one, key: token, rate: 0.001, burst: 2, routes: [listLimits]}\n"
                   "  - {name: trial, key: global, rate: 0.001, burst: 2, shadow: true}\n"
                   "costs: {getLimit: 2}\n");
    limit_local_forget();
    gateway_tune = by_file;
    gateway_begin(serve);
    CHECK_INT(get("/openapi.json")->status, ==, 200);
    CHECK_INT(get("/openapi.json")->status, ==, 200);
    CHECK_STR(said_header(get("/openapi.json"), "RateLimit"), "");
    said = gateway_ask("GET", "/api/v1/limits", "", NULL);
    CHECK_HAS(said_header(said, "RateLimit"), "\"user\";r=2;t=");
    CHECK_HAS(said_header(said, "RateLimit"), ", \"one\";r=1;t=");
    CHECK_INT(gateway_ask("GET", "/api/v1/limits/trial", "", NULL)->status, ==, 200); // costs 2
    said = gateway_ask("GET", "/api/v1/limits", "", NULL);
    CHECK_INT(said->status, ==, 429);
    CHECK_HAS(said->body, "\"violated-policies\":[\"user\"]");
    CHECK_HAS(get("/metrics")->body, "policy=\"trial\",result=\"shadow_limited\"");
    gateway_end();
    remove(policies_file);
}

TEST(once_a_token_is_known_all_its_limits_are_one_question)
{
    redis_start(NULL, NULL);
    policies_write("policies:\n"
                   "  - {name: client, key: address, rate: 0.001, burst: 9}\n"
                   "  - {name: user, key: user, rate: 0.001, burst: 3}\n");
    limit_local_forget();
    redis_at = redis_fixture_address();
    gateway_tune = by_file_and_redis;
    gateway_begin(serve);
    wait_for_redis("ok");
    for (int i = 1; i <= 3; i++) // the first is asked in two
        CHECK_INT(gateway_ask("GET", "/api/v1/limits", "", NULL)->status, ==, 200);
    for (int i = 0; i < 4; i++)
        CHECK_INT(gateway_ask("GET", "/api/v1/limits", "", NULL)->status, ==, 429);
    CHECK_HAS(said_header(get("/openapi.json"), "RateLimit"),
              "\"client\";r=5"); // as none was charged
    gateway_end();
    remove(policies_file);
    redis_kill();
}

TEST(a_token_without_the_right_is_charged_to_its_address_only)
{
    policies_write("policies:\n"
                   "  - {name: client, key: address, rate: 0.001, burst: 9}\n"
                   "  - {name: user, key: user, rate: 0.001, burst: 3}\n");
    limit_local_forget();
    gateway_tune = by_file;
    gateway_begin(serve);
    for (int i = 0; i < 5; i++)
        CHECK_INT(
            gateway_text(
                "GET /api/v1/limits HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer reader\r\n\r\n")
                ->status,
            ==, 403);
    CHECK_HAS(said_header(get("/openapi.json"), "RateLimit"), "\"client\";r=3");
    gateway_end();
    remove(policies_file);
}
