/* Kept answers as clients see them: who shares them, what ends them, what is never kept. */
#include "cache_tags.h"
#include "gateway_fake.h"
#include "redis_fixture.h"
#include "settings.h"

#include "pl_check.h"
#include "pl_health.h"
#include "pl_pack.h"

#include "governance.pb-c.h"
#include "publisher.pb-c.h"
#include "sampler.pb-c.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

NEEDS_ENV("REDIS_SERVER");

static atomic_int asked; // of the services, other than auth and health
static atomic_bool held; // answer only when told to
static enum { PLAIN, COOKIE, NO_STORE, FAILING, LARGE } how;

/* A page that says who asked for it and the how-manieth it is. */
static void
page(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    Publisher__GetArtifactReply *out = pl_arena_alloc(arena, sizeof *out);
    char *text = pl_arena_printf(arena, "%s asked %d", call->principal->subject ?: "nobody", asked);
    size_t size = how == LARGE ? 300000 : strlen(text);

    publisher__get_artifact_reply__init(out);
    out->body = pl_arena_alloc(arena, sizeof *out->body);
    pl__http_body__init(out->body);
    out->body->content_type = "text/html";
    out->body->has_data = 1;
    out->body->data.data = pl_arena_alloc(arena, size + 1);
    out->body->data.len = size;
    memset(out->body->data.data, 'x', size);
    memcpy(out->body->data.data, text, strlen(text));
    reply->message = &out->base;
}

static void
achievements(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    Governance__ListAchievementsReply *out = pl_arena_alloc(arena, sizeof *out);

    (void)call;
    governance__list_achievements_reply__init(out);
    out->has_count = out->has_total = 1;
    out->count = 0;
    out->total = asked;
    reply->message = &out->base;
}

static void
latency(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    Sampler__GetLatencyReply *out = pl_arena_alloc(arena, sizeof *out);

    (void)call;
    sampler__get_latency_reply__init(out);
    out->service = pl_arena_printf(arena, "asked %d", asked);
    reply->message = &out->base;
}

/* The default api's page is asked for at some time of the start. */
static bool
is_warming(const struct pl_outcall *call, struct pl_arena *arena)
{
    const Publisher__GetArtifactRequest *request;

    if (strcmp(call->operation, "publisher.GetArtifact") != 0)
        return false;
    request = pl_unpack(&publisher__get_artifact_request__descriptor, call->message, arena);
    return strcmp(request->api, "demo") == 0;
}

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    static char *cookie[] = { "Set-Cookie", "a=b" };

    if (fake_auth(call, reply, arena) || strcmp(call->operation, "pl.Health") == 0)
        return;
    asked += !is_warming(call, arena);
    *reply = (struct fake_reply){
        .code = how == FAILING ? PL_UNAVAILABLE : PL_OK, .text = "", .late = true, .held = held
    };
    reply->http = pl_arena_alloc(arena, sizeof *reply->http);
    pl__http_meta__init(reply->http);
    reply->http->headers = how == COOKIE ? cookie : NULL;
    reply->http->n_headers = how == COOKIE ? 2 : 0;
    reply->http->cache_control = how == NO_STORE ? "no-store" : NULL;
    if (strcmp(call->operation, "publisher.GetArtifact") == 0)
        page(call, reply, arena);
    else if (strcmp(call->operation, "governance.ListAchievements") == 0)
        achievements(call, reply, arena);
    else
        latency(call, reply, arena);
}

static const char *redis_at;

static void
tune(void)
{
    settings.redis = redis_at;
    settings.limit_rate = 0;
    settings.cache = 1;
}

static void
begin(void)
{
    redis_start(NULL, NULL);
    redis_at = redis_fixture_address();
    how = PLAIN;
    held = false;
    gateway_tune = tune;
    gateway_begin(serve);
    while (strstr(gateway_ask("GET", "/health", "", NULL)->body,
                  "{\"name\":\"redis\",\"state\":\"ok\"") == NULL)
        sched_yield();
    asked = 0;
}

static void
end(void)
{
    gateway_end();
    redis_kill();
    pl_health_forget("redis");
}

static const struct said *
get(const char *path, const char *token, const char *headers)
{
    char lines[256];

    snprintf(lines, sizeof lines, "Authorization: Bearer %s\r\n%s", token, headers);
    return gateway_ask("GET", path, lines, NULL);
}

static void
expect(const char *path, const char *token, const char *cache, const char *body)
{
    const struct said *said = get(path, token, "");

    CHECK_INT(said->status, ==, 200);
    CHECK_STR(said_header(said, "X-Cache"), cache);
    CHECK_HAS(said->body, body);
}

TEST(the_second_answer_is_kept_and_says_how_old_it_is)
{
    const struct said *said;
    char match[128];

    begin();
    expect("/status/museum/", "good", "MISS", "token:good asked 1");
    said = get("/status/museum/", "good", "");
    CHECK_STR(said_header(said, "X-Cache"), "HIT");
    CHECK_INT(strlen(said_header(said, "Age")), >, 0);
    CHECK_STR(said_header(said, "Content-Type"), "text/html");
    CHECK_STR(said_header(said, "Cache-Control"), "private, no-cache");
    CHECK_HAS(said->body, "token:good asked 1");
    expect("/api/achievements", "good", "MISS", "\"total\":2");
    said = get("/api/achievements", "good", "");
    CHECK_STR(said_header(said, "X-Cache"), "HIT");
    snprintf(match, sizeof match, "If-None-Match: %s\r\n", said_header(said, "ETag"));
    said = get("/api/achievements", "good", match);
    CHECK_INT(said->status, ==, 304);
    CHECK_STR(said_header(said, "X-Cache"), "HIT");
    CHECK_INT(asked, ==, 2);
    CHECK_HAS(gateway_ask("GET", "/metrics", "", NULL)->body,
              "gateway_cache_total{route=\"/api/achievements\",result=\"hit\"}");
    end();
}

TEST(the_order_of_parameters_makes_no_difference_their_values_do)
{
    begin();
    expect("/api/v1/latency/web?step=300&to=2026-01-02T00:00:00Z", "good", "MISS", "asked 1");
    expect("/api/v1/latency/web?to=2026-01-02T00%3A00%3A00Z&step=300", "good", "HIT", "asked 1");
    expect("/api/v1/latency/web?to=2026-01-02T00:00:00Z&step=600", "good", "MISS", "asked 2");
    expect("/api/v1/latency/other?to=2026-01-02T00:00:00Z&step=300", "good", "MISS", "asked 3");
    end();
}

TEST(nobody_gets_what_was_answered_to_somebody_with_other_rights)
{
    const struct said *said;

    begin();
    expect("/status/museum/", "good", "MISS", "token:good asked 1");
    expect("/status/museum/", "museum", "MISS", "token:museum asked 2");
    expect("/status/museum/", "reader", "MISS", "token:reader asked 3");
    said = gateway_text("GET /status/museum/ HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_STR(said_header(said, "X-Cache"), "MISS");
    CHECK_HAS(said->body, "nobody asked 4");
    expect("/status/museum/", "good", "HIT", "token:good asked 1");
    expect("/status/museum/", "other", "HIT", "token:good asked 1"); // the same rights
    expect("/status/other/", "good", "MISS", "asked 5");
    CHECK_INT(get("/status/museum/", "bad", "")->status, ==, 401);
    CHECK_INT(get("/api/v1/latency/web", "reader", "")->status, ==, 403);
    expect("/api/v1/latency/web", "good", "MISS", "asked 6");
    CHECK_INT(get("/api/v1/latency/web", "reader", "")->status, ==, 403);
    end();
}

static void
expect_never_kept(int what, int status)
{
    how = what;
    for (int i = 0; i < 2; i++) {
        const struct said *said = get("/status/museum/", "good", "");

        CHECK_INT(said->status, ==, status);
        CHECK_STR(said_header(said, "X-Cache"), "MISS");
    }
}

TEST(cookies_errors_large_answers_and_what_the_service_forbids_are_not_kept)
{
    begin();
    expect_never_kept(COOKIE, 200);
    expect_never_kept(NO_STORE, 200);
    expect_never_kept(FAILING, 503);
    expect_never_kept(LARGE, 200);
    CHECK_INT(asked, ==, 8);
    how = PLAIN;
    expect("/status/museum/", "good", "MISS", "asked 9");
    expect("/status/museum/", "good", "HIT", "asked 9");
    end();
}

TEST(a_client_may_ask_for_none_of_ours)
{
    begin();
    expect("/status/museum/", "good", "MISS", "asked 1");
    CHECK_STR(said_header(get("/status/museum/", "good", "Cache-Control: no-cache\r\n"), "X-Cache"),
              "BYPASS");
    CHECK_INT(asked, ==, 2);
    expect("/status/museum/", "good", "HIT", "asked 1");
    end();
}

TEST(an_event_ends_what_is_kept_of_its_api)
{
    begin();
    expect("/status/museum/", "good", "MISS", "asked 1");
    expect("/status/other/", "good", "MISS", "asked 2");
    expect("/api/achievements", "good", "MISS", "\"total\":3");
    cache_tags_end("artifacts.published", "museum");
    expect("/status/museum/", "good", "MISS", "asked 4");
    expect("/status/other/", "good", "HIT", "asked 2");
    expect("/api/achievements", "good", "HIT", "\"total\":3");
    cache_tags_end("governance.run.completed", "any");
    expect("/api/achievements", "good", "MISS", "\"total\":5");
    expect("/status/museum/", "good", "HIT", "asked 4");
    cache_tags_end(NULL, NULL); // nobody knows what was missed
    expect("/status/museum/", "good", "MISS", "asked 6");
    expect("/status/other/", "good", "MISS", "asked 7");
    end();
}

TEST(the_page_of_the_default_api_is_asked_for_at_the_start)
{
    static const char REQUEST[] = "GET /status/demo/ HTTP/1.1\r\nHost: a\r\n\r\n";

    begin();
    while (strstr(gateway_ask("GET", "/metrics", "", NULL)->body, "gateway_cache_warmed_total") ==
           NULL)
        sched_yield();
    CHECK_STR(said_header(gateway_text(REQUEST), "X-Cache"), "HIT");
    end();
}

static char answer[8192];

static const char *
read_one(int fd)
{
    size_t used = 0;
    ssize_t got;

    while (strstr(answer, "asked") == NULL || used == 0) {
        got = recv(fd, answer + used, sizeof answer - 1 - used, 0);
        if (got <= 0)
            break;
        used += (size_t)got;
        answer[used] = '\0';
    }
    close(fd);
    return answer;
}

/* Requests for the same that are under way, the first of them at the service. */
static void
ask_at_once(int *fds, int count)
{
    static const char REQUEST[] = "GET /status/museum/ HTTP/1.1\r\nHost: a\r\n\r\n";

    held = true;
    for (int i = 0; i < count; i++) {
        fds[i] = gateway_connect();
        CHECK_INT(send(fds[i], REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL), ==, sizeof REQUEST - 1);
    }
    while (asked == 0)
        sched_yield();
    for (int i = 0; i < 3; i++) // turns of the loop: the others were read, too
        CHECK_INT(gateway_ask("GET", "/health/liveness", "", NULL)->status, ==, 200);
}

TEST(who_asks_for_what_is_being_fetched_waits_for_it)
{
    int fds[8];

    begin();
    ask_at_once(fds, 8);
    held = false;
    fake_release();
    for (int i = 0; i < 8; i++) {
        answer[0] = '\0';
        CHECK_HAS(read_one(fds[i]), "nobody asked 1");
    }
    CHECK_INT(asked, ==, 1);
    CHECK_HAS(gateway_ask("GET", "/metrics", "", NULL)->body, "result=\"joined\"} 7");
    end();
}

TEST(a_gateway_that_ends_answers_those_who_wait)
{
    int fds[3];

    begin();
    ask_at_once(fds, 3);
    gateway_drain_limit(0);
    end();
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}
