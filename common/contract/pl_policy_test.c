#include "compare_case.h"
#include "date.h"
#include "pl_policy.h"

static struct pl_node *
yaml(const char *text, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    struct pl_node *root = pl_yaml_parse(arena, text, strlen(text), NULL, &err);

    if (root == NULL)
        fprintf(stderr, "%s\n", err.text);
    return root;
}

/* What is wrong with the settings, "" if nothing. */
static const char *
wrong_settings(const char *text, struct pl_arena *arena)
{
    struct pl_compare_options options = { 0 };
    struct pl_err err = { 0 };

    return pl_policy_read(&options, yaml(text, arena), &err) ? pl_arena_strdup(arena, err.text)
                                                             : "";
}

static const char *
wrong_acceptance(const char *text, struct pl_arena *arena)
{
    struct pl_compare_options options = { 0 };
    struct pl_err err = { 0 };

    return pl_policy_read_accepted(&options, yaml(text, arena), arena, &err)
               ? pl_arena_strdup(arena, err.text)
               : "";
}

TEST(settings_are_read)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_compare_options options = { 0 };
    struct pl_err err = { 0 };
    struct pl_node *root = yaml("rules: { response-enum-value-added: error }\n"
                                "strip-prefix-base: /api/v1\n"
                                "strip-prefix-head: /api\n"
                                "match-operation-id: true\n"
                                "deprecation-days: { beta: 31, stable: 180 }\n"
                                "ignore: accepted.yaml\n",
                                arena);

    CHECK_INT(pl_policy_read(&options, root, &err), ==, 0);
    CHECK_STR(pl_node_text(pl_node_get(options.levels, "response-enum-value-added"), ""), "error");
    CHECK_STR(options.strip_base, "/api/v1");
    CHECK_STR(options.strip_head, "/api");
    CHECK(options.match_operation_id);
    CHECK_INT(options.notice_beta, ==, 31);
    CHECK_INT(options.notice_stable, ==, 180);
    CHECK_STR(pl_policy_ignore_file(root), "accepted.yaml");
    pl_arena_destroy(&arena);
}

TEST(settings_that_mean_nothing_are_refused_with_their_line)
{
    struct pl_arena *arena = pl_arena_new();

    CHECK_HAS(wrong_settings("- a", arena), "must be an object");
    CHECK_HAS(wrong_settings("a: 1", arena), "line 1: there is no setting \"a\"");
    CHECK_HAS(wrong_settings("rules: { a: error }", arena), "there is no rule \"a\"");
    CHECK_HAS(wrong_settings("\nmatch-operation-id: yes", arena), "line 2: match-operation-id");
    CHECK_HAS(wrong_settings("strip-prefix-base: 1", arena), "must be a text");
    CHECK_HAS(wrong_settings("deprecation-days: { beta: -1 }", arena), "number of days");
    CHECK_HAS(wrong_settings("deprecation-days: { gamma: 1 }", arena), "\"beta\" and");
    pl_arena_destroy(&arena);
}

TEST(an_acceptance_has_a_name_a_reason_and_an_end_that_exists)
{
    struct pl_arena *arena = pl_arena_new();

#define GOOD "- { fingerprint: a123456789abcdef, author: Ada, reason: unused"
    CHECK_STR(wrong_acceptance(GOOD " }", arena), "");
    CHECK_STR(wrong_acceptance(GOOD ", expires: 2028-02-29 }", arena), "");
    CHECK_HAS(wrong_acceptance(GOOD ", expires: 2027-02-29 }", arena), "line 1: \"expires\"");
    CHECK_HAS(wrong_acceptance(GOOD ", expires: soon }", arena), "\"expires\"");
    CHECK_HAS(wrong_acceptance("- { fingerprint: a123456789abcdef, author: Ada }", arena),
              "author and a reason");
    CHECK_HAS(wrong_acceptance("- { fingerprint: xyz, author: Ada, reason: r }", arena),
              "16 hexadecimal");
    CHECK_HAS(wrong_acceptance("a: 1", arena), "must be a list");
    pl_arena_destroy(&arena);
}

TEST(days_are_counted_as_the_calendar_does)
{
    int64_t day;

    CHECK(date_parse("1970-01-01", &day));
    CHECK_INT(day, ==, 0);
    CHECK(date_parse("2000-03-01T00:00:00Z", &day));
    CHECK_INT(day, ==, 11017);
    CHECK(date_parse("1969-12-31", &day));
    CHECK_INT(day, ==, -1);
    CHECK(!date_parse("2023-13-01", &day));
    CHECK(!date_parse("2023-1-1", &day));
    CHECK(!date_parse("2023-01-01 10:00", &day));
    CHECK(!date_parse(NULL, &day));
}

#define API(server, lines)                                                          \
    "openapi: 3.0.3\ninfo: { title: t, version: 1.0.0 }\nservers: [ { url: " server \
    " } ]\npaths:\n" lines
#define OPERATION(id) "    get: { operationId: " id ", responses: { '200': { description: x } } }\n"

static struct pl_diff *
compared(const char *base, const char *head, struct pl_compare_options options,
         struct pl_arena *arena)
{
    return pl_compare_with(load_case(base, "base.yaml", arena), load_case(head, "head.yaml", arena),
                           &options, arena);
}

static const char *
found(const char *base, const char *head, struct pl_compare_options options, struct pl_arena *arena)
{
    return list_findings(compared(base, head, options, arena), arena);
}

TEST(prefixes_that_do_not_count_are_left_out)
{
    struct pl_arena *arena = pl_arena_new();
    const char *old = API("http://a", "  /v1/pets/{id}:\n" OPERATION("one"));
    const char *new = API("http://a", "  /v2/pets/{pet}:\n" OPERATION("one"));
    struct pl_compare_options both = { .strip_base = "/v1", .strip_head = "/v2/" };

    CHECK_STR(found(old, new, both, arena), "");
    both.strip_head = "/v"; // only whole steps
    CHECK_STR(found(old, new, both, arena), "error operation-removed, info operation-added");
    pl_arena_destroy(&arena);
}

TEST(a_base_path_may_move_between_servers_and_paths)
{
    struct pl_arena *arena = pl_arena_new();
    const char *server = API("https://a/v1/", "  /pets/{id}:\n" OPERATION("one"));
    const char *path = API("https://a", "  /v1/pets/{pet}:\n" OPERATION("one"));
    const char *other = API("https://b", "  /v1/pets/{pet}:\n" OPERATION("one"));
    struct pl_compare_options usual = { 0 };

    CHECK_STR(found(server, path, usual, arena), "");
    CHECK_STR(found(path, server, usual, arena), "");
    CHECK_STR(found(server, other, usual, arena), "warn server-removed, info server-added");
    pl_arena_destroy(&arena);
}

TEST(a_moved_operation_is_recognised_by_its_id)
{
    struct pl_arena *arena = pl_arena_new();
    const char *old = API("http://a", "  /pets:\n" OPERATION("list"));
    const char *new = API("http://a", "  /animals:\n" OPERATION("list"));
    struct pl_compare_options by_id = { .match_operation_id = true }, usual = { 0 };
    struct pl_diff *diff = compared(old, new, usual, arena);

    CHECK_STR(list_findings(diff, arena), "info operation-added, error operation-removed");
    CHECK_STR(diff->findings[1].text, "the operation was removed; `list` is GET /animals now");
    CHECK_STR(found(old, new, by_id, arena), "error operation-moved");
    pl_arena_destroy(&arena);
}

TEST(an_accepted_finding_is_silent_until_its_day)
{
    struct pl_arena *arena = pl_arena_new();
    const char *old = API("http://a", "  /a:\n" OPERATION("a") "  /b:\n" OPERATION("b"));
    const char *new = API("http://a", "\n\n  /a:\n" OPERATION("a"));
    struct pl_compare_options options = { 0 };
    struct pl_acceptance one = { "", "Ada", "unused", "2026-10-01" };
    struct pl_diff *diff = compared(old, new, options, arena);

    one.fingerprint = diff->findings[0].fingerprint;
    CHECK_INT(strlen(one.fingerprint), ==, 16);
    options = (struct pl_compare_options){ .accepted = &one, .accepted_count = 1 };
    options.today = "2026-10-01";
    diff = compared(API("http://a", "\n  /a:\n" OPERATION("a") "\n  /b:\n" OPERATION("b")), new,
                    options, arena);
    CHECK_INT(diff->finding_count, ==, 0);
    CHECK_INT(diff->breaking, ==, 0);
    CHECK_STR(diff->required_bump, "patch");
    CHECK_INT(diff->accepted_count, ==, 1);
    CHECK_STR(diff->accepted[0].rule->id, "operation-removed");
    options.today = "2026-10-02";
    diff = compared(old, new, options, arena);
    CHECK_INT(diff->breaking, ==, 1);
    CHECK_STR(diff->findings[0].note, "Ada accepted it until 2026-10-01: unused");
    pl_arena_destroy(&arena);
}

static const char *
fingerprints(const char *base, const char *head, struct pl_arena *arena)
{
    struct pl_diff *diff = compared(base, head, (struct pl_compare_options){ 0 }, arena);
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < diff->finding_count; i++)
        pl_buf_printf(&out, "%s%s", i ? " " : "", diff->findings[i].fingerprint);
    return pl_buf_text(&out);
}

#define ASKS(before, values, after)                                                      \
    API("http://a",                                                                      \
        before "  /a/{id}:\n    get:\n      parameters:\n" after                         \
               "        - { name: sort, in: query, schema: { enum: [ " values " ] } }\n" \
               "      responses: { '200': { description: x } }\n")
#define OTHER "        - { name: other, in: query, schema: { type: string } }\n"

TEST(a_fingerprint_is_about_what_changed_not_where_it_stands)
{
    struct pl_arena *arena = pl_arena_new();
    const char *old = ASKS("", "a, b, c, d", ""),
               *gone = fingerprints(old, ASKS("", "a, b", ""), arena);

    CHECK_INT(strlen(gone), ==, 16);
    // lines, other parameters in front, the order of the values, the name of a path parameter
    CHECK_STR(fingerprints(ASKS("\n\n", "d, c, b, a", OTHER), ASKS("", "b, a", OTHER), arena),
              gone);
    CHECK_STR(fingerprints(old, ASKS("\n", "a, b", ""), arena), gone);
    CHECK(strcmp(fingerprints(old, ASKS("", "a, c", ""), arena), gone) != 0);
    CHECK(strcmp(fingerprints(old, ASKS("", "a", ""), arena), gone) != 0);
    pl_arena_destroy(&arena);
}

TEST(two_parameters_of_one_operation_have_two_fingerprints)
{
    struct pl_arena *arena = pl_arena_new();
    const char *two = fingerprints(
        ASKS("", "a, b", "        - { name: s, in: query, schema: { enum: [ a, b ] } }\n"),
        ASKS("", "a", "        - { name: s, in: query, schema: { enum: [ a ] } }\n"), arena);

    CHECK_INT(strlen(two), ==, 33);
    CHECK(strncmp(two, two + 17, 16) != 0);
    pl_arena_destroy(&arena);
}

/* Of the removal of GET /b, as plumb wrote it when the sentence was part of it. */
#define FORMER "dcb70ea63e028520"

TEST(an_acceptance_by_a_former_fingerprint_holds)
{
    struct pl_arena *arena = pl_arena_new();
    const char *old = API("http://a", "  /a:\n" OPERATION("a") "  /b:\n" OPERATION("b"));
    const char *new = API("http://a", "  /a:\n" OPERATION("a"));
    struct pl_acceptance one = { FORMER, "Ada", "unused", NULL };
    struct pl_compare_options options = { .accepted = &one, .accepted_count = 1 };

    CHECK_INT(compared(old, new, options, arena)->accepted_count, ==, 1);
    CHECK(strcmp(fingerprints(old, new, arena), FORMER) != 0);
    pl_arena_destroy(&arena);
}
