/* The file of limits: what it may say, what is refused, and that it is read again. */
#include "limits.h"
#include "limits_file.h"
#include "settings.h"

#include "pl_check.h"
#include "pl_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct limits *
read_text(const char *text, struct pl_err *err)
{
    struct limits *out;

    settings.limit_fallback = "local";
    limits_read(&out, text, strlen(text), err);
    return out;
}

TEST(a_policy_is_a_bucket_with_a_rate_a_burst_and_what_it_counts)
{
    struct pl_err err = { 0 };
    struct limits *limits =
        read_text("policies:\n"
                  "  - {name: client, key: address, rate: 10, burst: 20}\n"
                  "  - {name: login, key: user, rate: 6, per: minute, burst: 3, routes: [login, "
                  "'/x/{y}'], shadow: true, away: closed}\n"
                  "  - {name: all, key: global, rate: 5000, burst: 10000}\n"
                  "costs: {login: 2}\n",
                  &err);
    const struct policy *login;

    CHECK_STR(err.text, "");
    CHECK_INT(limits->count, ==, 3);
    CHECK_INT(limits->policies[0].limit.interval_us, ==, 100000);
    CHECK_INT(limits->policies[0].lease_us, ==, 0);
    CHECK_STR(limits->policies[0].field, "\"client\";q=20;w=2");
    login = limits_find(limits, "login");
    CHECK_INT(login->limit.interval_us, ==, 10000000);
    CHECK_STR(login->field, "\"login\";q=3;w=30");
    CHECK(login->shadow && login->away == AWAY_CLOSED && login->by == BY_USER);
    CHECK(policy_counts(login, "login", "/api/auth/login"));
    CHECK(policy_counts(login, NULL, "/x/{y}"));
    CHECK(!policy_counts(login, "logout", "/api/auth/logout"));
    CHECK(policy_counts(&limits->policies[0], NULL, "none"));
    CHECK_INT(limits_cost(limits, "login", "/"), ==, 2);
    CHECK_INT(limits_cost(limits, "logout", "/"), ==, 1);
    CHECK_INT(limits->policies[2].lease_us, ==, 100000);
    limits_destroy(&limits);
}

TEST(a_file_that_is_wrong_is_refused_with_the_reason)
{
    static const char *const WRONG[][2] = {
        { "policies: {}", "policies is a list" },
        { "policies: [", "line" },
        { "policies: []\nlimits: 3", "\"limits\" means nothing" },
        { "policies: [{name: a, rate: 1, burst: 1, rout: [b]}]", "\"rout\" means nothing" },
        { "policies: [{name: A, rate: 1, burst: 1}]", "has a name" },
        { "policies: [{name: a, rate: 1, burst: 1}, {name: a, rate: 1, burst: 1}]", "two" },
        { "policies: [{name: a, rate: 0, burst: 1}]", "the rate" },
        { "policies: [{name: a, rate: 200000, burst: 1}]", "the rate" },
        { "policies: [{name: a, rate: 1, burst: 0}]", "the burst" },
        { "policies: [{name: a, rate: 1, per: week, burst: 1}]", "per is" },
        { "policies: [{name: a, rate: 1, per: day, burst: 1000}]", "90 days" },
        { "policies: [{name: a, key: cookie, rate: 1, burst: 1}]", "key cannot be" },
        { "policies: [{name: a, away: maybe, rate: 1, burst: 1}]", "away cannot be" },
        { "policies: [{name: a, shadow: maybe, rate: 1, burst: 1}]", "shadow is" },
        { "policies: [{name: a, routes: [], rate: 1, burst: 1}]", "routes is a list" },
        { "policies: [{name: a, routes: [1], rate: 1, burst: 1}]", "a route is a text" },
        { "policies: []\ncosts: {a: 0}", "a cost" },
        { "policies: [{name: a, rate: 1, burst: 4}]\ncosts: {b: 5}", "more than the policy" },
    };

    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct pl_err err = { 0 };

        CHECK_THAT(read_text(WRONG[i][0], &err) == NULL, "%s", WRONG[i][0]);
        CHECK_THAT(strstr(err.text, WRONG[i][1]) && err.code == PL_INVALID, "%s: %s", WRONG[i][0],
                   err.text);
    }
}

TEST(the_built_in_limits_take_the_numbers_of_a_client_from_the_settings)
{
    struct pl_err err = { 0 };
    struct limits *limits;

    settings.limit_fallback = "local";
    settings.limit_rate = 7;
    settings.limit_burst = 9;
    CHECK_INT(limits_builtin(&limits, &err), ==, 0);
    CHECK_INT(limits_find(limits, "client")->limit.burst, ==, 9);
    CHECK(limits_find(limits, "login") && limits_find(limits, "refresh"));
    CHECK(limits_find(limits, "register") && limits_find(limits, "forgot"));
    limits_destroy(&limits);
    settings.limit_rate = 0;
    CHECK_INT(limits_builtin(&limits, &err), ==, 0);
    CHECK_INT(limits->count, ==, 0);
    limits_destroy(&limits);
}

// ---- read again -----------------------------------------------------------------------------

static char folder[] = "/tmp/pl-limits-XXXXXX";
static int64_t now_ms;

static char *
inside(const char *name)
{
    static char path[2][128];
    static int next;

    next = !next;
    snprintf(path[next], sizeof *path, "%s/%s", folder, name);
    return path[next];
}

/* As Kubernetes does it: a folder of its own for each version, and a link that is swapped. */
static void
publish(const char *version, int rate)
{
    FILE *file;

    file = fopen(inside(version), "w");
    fprintf(file, rate ? "policies: [{name: client, rate: %d, burst: 5}]" : "policies: [oops",
            rate);
    fclose(file);
    symlink(version, inside("next"));
    rename(inside("next"), inside("limits.yaml"));
    limits_look(now_ms += 1000);
}

static int64_t
interval(void)
{
    const struct limits *held = limits_hold();
    int64_t out = held->policies[0].limit.interval_us;

    limits_release(&held);
    return out;
}

TEST(a_changed_file_holds_at_once_and_a_wrong_one_leaves_the_old_in_force)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    const struct limits *old;
    unsigned generation;
    char at[128];

    pl_log_open("test", PL_ERROR + 1, true);
    mkdtemp(folder);
    snprintf(at, sizeof at, "%s/limits.yaml", folder);
    settings.limits = at;
    settings.limit_fallback = "local";
    CHECK(limits_open(&err));
    publish("v1", 10);
    limits_close();
    CHECK_INT(limits_open(&err), ==, 0);
    CHECK_INT(interval(), ==, 100000);
    old = limits_hold();
    generation = limits_generation();
    publish("v2", 100);
    CHECK_INT(interval(), ==, 10000);
    CHECK_INT(limits_generation(), !=, generation);
    CHECK_INT(old->policies[0].limit.interval_us, ==, 100000); // who holds the old one may go on
    limits_release(&old);
    publish("v3", 0);
    CHECK_INT(interval(), ==, 10000);
    CHECK(*limits_refusal(arena));
    unlink(inside("limits.yaml"));
    limits_look(now_ms += 1000);
    CHECK_INT(interval(), ==, 10000);
    publish("v4", 1000);
    CHECK_INT(interval(), ==, 1000);
    CHECK_STR(limits_refusal(arena), "");
    limits_close();
    settings.limits = "";
    for (int i = 1; i <= 4; i++)
        unlink(inside((char[]){ 'v', (char)('0' + i), '\0' }));
    unlink(inside("limits.yaml"));
    rmdir(folder);
    pl_arena_destroy(&arena);
}
