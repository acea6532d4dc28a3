/* Kept answers when something is away: Redis, the service, whoever holds the lock. */
#include "cache_key.h"
#include "contract.h"
#include "gateway_fake.h"
#include "redis_fixture.h"
#include "server.h"
#include "settings.h"

#include "pl_check.h"
#include "pl_embed.h"
#include "pl_health.h"
#include "pl_pack.h"

#include "sampler.pb-c.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

NEEDS_ENV("REDIS_SERVER");

extern const struct pl_embedded gateway_contract[];

static atomic_int asked;
static atomic_bool failing;

static void
serve(const struct pl_outcall *call, struct fake_reply *reply, struct pl_arena *arena)
{
    Sampler__GetLatencyReply *out = pl_arena_alloc(arena, sizeof *out);

    if (fake_auth(call, reply, arena) || strcmp(call->operation, "pl.Health") == 0)
        return;
    asked += strncmp(call->operation, "sampler.", 8) == 0; // not what warms
    sampler__get_latency_reply__init(out);
    out->service = pl_arena_printf(arena, "asked %d", asked);
    *reply = (struct fake_reply){ .code = failing ? PL_UNAVAILABLE : PL_OK,
                                  .text = "away",
                                  .message = &out->base };
}

static const char *contract_file = "";
static int64_t follow_ms = 60000;

static void
tune(void)
{
    settings.redis = redis_fixture_address();
    settings.contract = contract_file;
    settings.cache_follow_ms = follow_ms;
    settings.limit_rate = 0;
    settings.cache = 1;
}

static void
wait_for_redis(const char *state)
{
    char wanted[64];

    snprintf(wanted, sizeof wanted, "{\"name\":\"redis\",\"state\":\"%s\"", state);
    while (strstr(gateway_ask("GET", "/health", "", NULL)->body, wanted) == NULL)
        sched_yield();
}

static void
begin(void)
{
    failing = false;
    gateway_tune = tune;
    gateway_begin(serve);
    asked = 0;
}

static void
end(void)
{
    gateway_end();
    redis_kill();
    pl_health_forget("redis");
}

static const char *
get(const char *path)
{
    static char word[32];
    const struct said *said = gateway_ask("GET", path, "", NULL);

    snprintf(word, sizeof word, "%d %s", said->status, said_header(said, "X-Cache"));
    return word;
}

TEST(without_Redis_each_gateway_keeps_answers_itself)
{
    redis_kill();
    begin();
    wait_for_redis("down");
    CHECK_STR(get("/api/v1/latency/web"), "200 MISS");
    CHECK_STR(get("/api/v1/latency/web"), "200 HIT");
    CHECK_INT(asked, ==, 1);
    end();
}

TEST(a_Redis_that_dies_costs_nothing_and_when_it_is_back_it_is_asked_again)
{
    redis_start(NULL, NULL);
    begin();
    wait_for_redis("ok");
    CHECK_STR(get("/api/v1/latency/web"), "200 MISS");
    CHECK_STR(get("/api/v1/latency/web"), "200 HIT");
    redis_kill();
    for (int i = 0; i < 20; i++)
        CHECK_HAS(get("/api/v1/latency/web"), "200 ");
    wait_for_redis("down");
    while (strcmp(get("/api/v1/latency/web"), "200 HIT") != 0)
        continue;
    CHECK_HAS(gateway_ask("GET", "/metrics", "", NULL)->body,
              "gateway_breaker_transitions_total{dependency=\"redis\",to=\"open\"}");
    redis_start(NULL, NULL);
    wait_for_redis("ok");
    CHECK_STR(get("/api/v1/latency/web"), "200 MISS"); // it is a new one
    CHECK_STR(get("/api/v1/latency/web"), "200 HIT");
    end();
}

/* The contract with another rule for getLatency. */
static void
write_contract(const char *rule)
{
    static const char OLD[] = "{ttl: 10, stale: 300, vary: all, events: [latency.targets.changed]}";
    static char path[] = "/tmp/pl-gateway-contract-XXXXXX";
    const char *text = gateway_contract[0].text, *at = strstr(text, OLD);
    FILE *out;

    if (at == NULL)
        abort();
    if (strchr(path, 'X'))
        close(mkstemp(path));
    out = fopen(path, "w");
    fprintf(out, "%.*s%s%s", (int)(at - text), text, rule, at + strlen(OLD));
    fclose(out);
    contract_file = path;
}

TEST(what_was_true_lately_is_told_when_nobody_can_answer)
{
    write_contract("{ttl: 1, stale: 3600, jitter: 0, vary: all}");
    redis_start(NULL, NULL);
    begin();
    wait_for_redis("ok");
    CHECK_STR(get("/api/v1/latency/web"), "200 MISS");
    failing = true;
    while (strcmp(get("/api/v1/latency/web"), "200 HIT") == 0)
        sched_yield();
    CHECK_STR(get("/api/v1/latency/web"), "200 STALE");
    CHECK_INT(asked, >, 1); // it was tried
    CHECK_STR(get("/api/v1/latency/other"), "503 MISS");
    failing = false;
    CHECK_STR(get("/api/v1/latency/web"), "200 MISS");
    end();
    remove(contract_file);
    contract_file = "";
}

TEST(who_took_the_lock_and_went_away_holds_nobody_up)
{
    Sampler__GetLatencyRequest request = SAMPLER__GET_LATENCY_REQUEST__INIT;
    struct pl_arena *arena = pl_arena_new();
    struct contract *contract;
    struct pl_err err = { 0 };
    struct cache_key key;
    char lock[CACHE_KEY_TEXT];

    redis_start(NULL, NULL);
    follow_ms = 50;
    begin();
    wait_for_redis("ok");
    CHECK_INT(server_contract(&contract, &err), ==, 0);
    request.service = "web";
    key = cache_key_make(contract->etag, "sampler.GetLatency", VARY_ALL, NULL,
                         pl_pack(&request.base, arena));
    cache_key_print(&key, "lock:", lock);
    CHECK_INT(REDIS_SAY("SET", lock, "another", "NX"), !=, -1);
    CHECK_STR(get("/api/v1/latency/web"), "200 MISS");
    CHECK_HAS(gateway_ask("GET", "/metrics", "", NULL)->body,
              "gateway_cache_lock_waits_total{result=\"given_up\"} 1");
    CHECK_STR(get("/api/v1/latency/web"), "200 HIT");
    CHECK_INT(asked, ==, 1);
    end();
    contract_destroy(&contract);
    pl_arena_destroy(&arena);
}
