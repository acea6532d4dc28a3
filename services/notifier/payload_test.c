#include "payload.h"
#include "pl_check.h"

#include <math.h>

#define SLACK_BUDGET 12000
#define TEAMS_BUDGET 20000
#define HUGE_TEXT    100000

static char *some_reasons[] = { "placeholder_recovered", "semver_fail" };
static char *some_changes[] = { "placeholder_recovered" };
static char *some_findings[] = { "GET /a was removed", "POST /b demands <c> & more" };

static Events__Notice
a_notice(void)
{
    Events__Notice notice = EVENTS__NOTICE__INIT;

    notice.api = "museum";
    notice.run = "run_1";
    notice.sha = "51gn3d1";
    notice.title = "Museum";
    notice.semver_status = "fail";
    notice.stability_ratio = 0.89;
    notice.reasons = some_reasons;
    notice.n_reasons = 2;
    notice.changed = some_changes;
    notice.n_changed = 1;
    notice.operations_added = 3;
    notice.operations_removed = 1;
    notice.version = "1.3.0";
    notice.previous_version = "1.2.9";
    notice.breaking = 2;
    notice.findings = some_findings;
    notice.n_findings = 2;
    notice.severity = "high";
    return notice;
}

/* Body of ${kind} for ${notice}, parsed. */
static struct pl_node *
build(struct pl_arena *a, const char *kind, const Events__Notice *notice, const char *url)
{
    char *text = payload_body(payload_kind(kind), notice, url, false, a);
    struct pl_err err = { 0 };
    struct pl_node *root = pl_json_parse(a, text, strlen(text), NULL, &err);

    if (root == NULL)
        printf("%s\n", err.text);
    return root;
}

static const char *
at(struct pl_node *root, const char *pointer)
{
    struct pl_node *node = pl_node_pointer(root, pointer);

    return pl_node_text(node, "(nothing)");
}

TEST(a_webhook_gets_the_seven_keys_and_the_optional_ones)
{
    struct pl_arena *a = pl_arena_new();
    Events__Notice notice = a_notice();

    CHECK_STR(payload_body(payload_kind("webhook"), &notice, "http://h/status/museum/", false, a),
              "{\"event\":\"governance_notice\",\"version\":1,\"sha\":\"51gn3d1\","
              "\"semver_status\":\"fail\",\"stability_ratio\":0.89,"
              "\"reasons\":[\"semver_fail\",\"placeholder_recovered\"],"
              "\"operations\":{\"added\":3,\"removed\":1},\"api\":\"museum\",\"run\":\"run_1\","
              "\"url\":\"http://h/status/museum/\",\"changed\":[\"placeholder_recovered\"],"
              "\"severity\":\"high\"}");
    pl_arena_destroy(&a);
}

TEST(an_empty_event_still_gives_a_payload_of_the_promised_form)
{
    struct pl_arena *a = pl_arena_new();
    Events__Notice notice = EVENTS__NOTICE__INIT;

    notice.stability_ratio = NAN;
    notice.operations_added = -4;
    CHECK_STR(payload_body(payload_kind("webhook"), &notice, NULL, false, a),
              "{\"event\":\"governance_notice\",\"version\":1,\"sha\":\"\","
              "\"semver_status\":\"unknown\",\"stability_ratio\":0,\"reasons\":[],"
              "\"operations\":{\"added\":0,\"removed\":0},\"changed\":[]}");
    for (const struct payload_kind *kind = payload_kinds; kind->name; kind++)
        CHECK(build(a, kind->name, &notice, "") != NULL);
    pl_arena_destroy(&a);
}

TEST(reasons_the_schema_does_not_know_are_not_sent)
{
    struct pl_arena *a = pl_arena_new();
    char *unknown[] = { "semver_fail", "moon_phase", "semver_fail" };
    Events__Notice notice = a_notice();

    notice.reasons = unknown;
    notice.n_reasons = 3;
    notice.semver_status = "splendid";
    CHECK_HAS(
        payload_body(payload_kind("webhook"), &notice, "", false, a),
        "\"semver_status\":\"unknown\",\"stability_ratio\":0.89,\"reasons\":[\"semver_fail\"],");
    pl_arena_destroy(&a);
}

TEST(a_test_message_says_that_it_is_one)
{
    struct pl_arena *a = pl_arena_new();
    const Events__Notice *example = payload_example("museum", a);

    for (const struct payload_kind *kind = payload_kinds; kind->name; kind++) {
        char *body = payload_body(kind, example, "", true, a);

        CHECK_HAS(body, "test");
        CHECK_HAS(body, "museum");
    }
    CHECK_HAS(payload_body(payload_kind("webhook"), example, "", true, a), "\"test\":true");
    pl_arena_destroy(&a);
}

TEST(a_slack_message_has_blocks_and_a_fallback_text)
{
    struct pl_arena *a = pl_arena_new();
    Events__Notice notice = a_notice();
    struct pl_node *root = build(a, "slack", &notice, "http://h/status/museum/");

    CHECK_HAS(at(root, "/text"), "Museum: The version number does not tell what changed");
    CHECK_STR(at(root, "/blocks/0/type"), "header");
    CHECK_STR(at(root, "/blocks/0/text/type"), "plain_text");
    CHECK_STR(at(root, "/blocks/0/text/text"), "Museum");
    CHECK_HAS(at(root, "/blocks/1/text/text"), "`semver_fail`");
    CHECK_HAS(at(root, "/blocks/1/text/text"), "(`placeholder_recovered`) *new*");
    CHECK_STR(at(root, "/blocks/2/fields/1/text"), "*Version*\n1.2.9 → 1.3.0");
    CHECK_HAS(at(root, "/blocks/3/text/text"), "POST /b demands &lt;c&gt; &amp; more");
    CHECK_STR(at(root, "/blocks/4/elements/0/url"), "http://h/status/museum/");
    pl_arena_destroy(&a);
}

TEST(a_teams_message_is_one_adaptive_card)
{
    struct pl_arena *a = pl_arena_new();
    Events__Notice notice = a_notice();
    struct pl_node *root = build(a, "teams", &notice, "http://h/status/museum/");

    CHECK_STR(at(root, "/type"), "message");
    CHECK_STR(at(root, "/attachments/0/contentType"), "application/vnd.microsoft.card.adaptive");
    CHECK(pl_node_is(pl_node_pointer(root, "/attachments/0/contentUrl"), PL_NULL));
    CHECK_STR(at(root, "/attachments/0/content/type"), "AdaptiveCard");
    CHECK_STR(at(root, "/attachments/0/content/version"), "1.4");
    CHECK_STR(at(root, "/attachments/0/content/body/0/inlines/0/text"), "Museum");
    CHECK_STR(at(root, "/attachments/0/content/actions/0/type"), "Action.OpenUrl");
    CHECK_STR(at(root, "/attachments/0/content/actions/0/url"), "http://h/status/museum/");
    pl_arena_destroy(&a);
}

TEST(without_a_page_there_is_no_link)
{
    struct pl_arena *a = pl_arena_new();
    Events__Notice notice = a_notice();

    CHECK(strstr(payload_body(payload_kind("webhook"), &notice, "", false, a), "url") == NULL);
    CHECK(strstr(payload_body(payload_kind("slack"), &notice, "", false, a), "actions") == NULL);
    CHECK(strstr(payload_body(payload_kind("teams"), &notice, "", false, a), "actions") == NULL);
    pl_arena_destroy(&a);
}

/* A notice in which every text is ${piece} over and over, and every list is long. */
static Events__Notice
hostile(struct pl_arena *a, const char *piece)
{
    static char *findings[500];
    Events__Notice notice = a_notice();
    struct pl_buf huge = { .arena = a };
    char *text;

    while (huge.length < HUGE_TEXT)
        pl_buf_str(&huge, piece);
    text = pl_arena_strdup(a, pl_buf_text(&huge));
    for (int i = 0; i < 500; i++)
        findings[i] = text;
    notice.api = notice.run = notice.sha = notice.title = notice.version = text;
    notice.previous_version = notice.semver_status = notice.severity = text;
    notice.findings = findings;
    notice.n_findings = 500;
    notice.breaking = INT64_MAX;
    notice.operations_added = notice.operations_removed = notice.placeholder_streak = INT64_MIN;
    return notice;
}

/* The characters of all texts in the blocks together, and none over ${most}. */
static size_t
sum_texts(const struct pl_node *node, size_t most)
{
    size_t sum = 0;

    if (pl_node_is(node, PL_STRING))
        return node->length > most ? 1000000 : node->length;
    for (uint32_t i = 0; node && i < node->count; i++)
        sum += sum_texts(node->kind == PL_ARRAY ? node->items[i] : node->members[i].value, most);
    return sum;
}

TEST(no_text_is_too_long_for_its_chat)
{
    static const char *const pieces[] = { "x",  "&",  "\"", "\\",   "<!here>",
                                          "\n", "漢", "😀",  "\xff", "[a](b)" };

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct pl_arena *a = pl_arena_new();
        Events__Notice notice = hostile(a, pieces[i]);
        struct pl_node *slack = build(a, "slack", &notice, "http://h/");
        struct pl_node *blocks = pl_node_get(slack, "blocks"), *fields;

        CHECK_INT(blocks->count, <=, 50);
        CHECK_INT(sum_texts(blocks, 3000), <, SLACK_BUDGET);
        CHECK_INT(strlen(at(slack, "/text")), <, 3000);
        CHECK_INT(strlen(at(slack, "/blocks/0/text/text")), <=, 150);
        fields = pl_node_pointer(slack, "/blocks/2/fields");
        CHECK_INT(fields->count, <=, 10);
        CHECK_INT(sum_texts(fields, 2000), <, 10000);
        CHECK_INT(strlen(payload_body(payload_kind("teams"), &notice, "http://h/", false, a)), <=,
                  TEAMS_BUDGET);
        CHECK_INT(strlen(payload_body(payload_kind("webhook"), &notice, "http://h/", false, a)), <,
                  TEAMS_BUDGET);
        pl_arena_destroy(&a);
    }
}

TEST(a_long_list_ends_in_how_many_more_there_are)
{
    struct pl_arena *a = pl_arena_new();
    Events__Notice notice = a_notice();

    notice.breaking = 40;
    CHECK_HAS(payload_body(payload_kind("slack"), &notice, "", false, a), "… 38 more");
    CHECK_HAS(payload_body(payload_kind("teams"), &notice, "", false, a), "… 38 more");
    pl_arena_destroy(&a);
}

TEST(the_published_examples_are_what_a_notice_looks_like)
{
    struct pl_arena *a = pl_arena_new();
    char *recovered[] = { "stability_recovered" };
    Events__Notice notice = EVENTS__NOTICE__INIT;

    notice.sha = "d3adb33";
    notice.semver_status = "ok";
    notice.stability_ratio = 0.91;
    notice.reasons = notice.changed = recovered;
    notice.n_reasons = notice.n_changed = 1;
    CHECK_HAS(payload_body(payload_kind("webhook"), &notice, "", false, a),
              "\"sha\":\"d3adb33\",\"semver_status\":\"ok\",\"stability_ratio\":0.91,"
              "\"reasons\":[\"stability_recovered\"]");
    pl_arena_destroy(&a);
}
