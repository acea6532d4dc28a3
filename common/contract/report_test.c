#include "compare_case.h"
#include "pl_report.h"

#define FRAME                                                              \
    "openapi: 3.0.3\n"                                                     \
    "info: { title: 'A | *title*', version: %s }\n"                        \
    "paths:\n"                                                             \
    "  /a:\n"                                                              \
    "    get:\n"                                                           \
    "      parameters: [ { name: q, in: query, schema: { type: %s } } ]\n" \
    "      responses: { '200': { description: x } }\n"                     \
    "%s"

static const char SECOND[] = "  /b:\n    get: { responses: { '200': { description: x } } }\n";

/* base 1.0.0 -> head 1.1.0: one error, and one operation removed or one added. */
static const char *
reported(enum pl_format format, bool removal, bool colour)
{
    static char out[8000];
    struct pl_arena *arena = pl_arena_new();
    struct pl_report report = { .colour = colour };
    struct pl_semver_input in = { .previous = "1.0.0", .current = "1.1.0" };
    struct pl_semver semver;
    struct pl_buf text = { .arena = arena };

    report.base = load_case(pl_arena_printf(arena, FRAME, "1.0.0", "string", removal ? SECOND : ""),
                            "b,1.yaml", arena);
    report.head = load_case(
        pl_arena_printf(arena, FRAME, "1.1.0", "integer", removal ? "" : SECOND), "h.yaml", arena);
    report.base_sha256 = "aa";
    report.head_sha256 = "bb";
    report.diff = pl_compare(report.base, report.head, NULL, arena);
    in.breaking = report.diff->breaking > 0;
    in.additive = report.diff->additive;
    in.changed = true;
    pl_semver_judge(&in, arena, &semver);
    report.semver = &semver;
    pl_report_diff(&text, &report, format);
    snprintf(out, sizeof out, "%s", pl_buf_text(&text));
    pl_arena_destroy(&arena);
    return out;
}

TEST(text_groups_by_operation_and_says_what_the_version_needs)
{
    const char *text = reported(PL_FORMAT_TEXT, false, false);

    CHECK_HAS(text, "1 breaking, 0 warnings, 1 note; operations: 1 added, 0 removed, 1 changed\n");
    CHECK_HAS(text, "version: fail (1.0.0 -> 1.1.0; required: major)\n");
    CHECK_HAS(
        text,
        "\nGET /a\n  error  the type of query parameter `q` was narrowed from string "
        "to integer\n         e.g. the request \"a\" is valid in base, not in head "
        "(type)\n         request-type-narrowed (c436a7e53f68fe47) at h.yaml:6, was b,1.yaml:6\n");
    CHECK_HAS(text, "\nGET /b\n  info   the operation was added\n");
    CHECK(strstr(text, "\033[") == NULL);
    CHECK_HAS(reported(PL_FORMAT_TEXT, false, true), "\033[1;31merror\033[0m");
}

TEST(text_fits_80_columns)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };

    pl_report_wrap(&out, "word word word", 2, 0, 11);
    CHECK_STR(pl_buf_text(&out), "  word word\n  word\n");
    out = (struct pl_buf){ .arena = arena };
    pl_report_wrap(&out, "a incredibly-long-word b", 2, 0, 8);
    CHECK_STR(pl_buf_text(&out), "  a\n  incredibly-long-word\n  b\n");
    out = (struct pl_buf){ .arena = arena };
    pl_report_wrap(&out, "\xc3\xa4\xc3\xb6\xc3\xbc x", 0, 0, 5);
    CHECK_STR(pl_buf_text(&out), "\xc3\xa4\xc3\xb6\xc3\xbc x\n");
    pl_arena_destroy(&arena);
}

TEST(json_has_the_agreed_shape)
{
    struct pl_arena *arena = pl_arena_new();
    const char *text = reported(PL_FORMAT_JSON, true, false);
    struct pl_err err = { 0 };
    struct pl_node *root = pl_json_parse(arena, text, strlen(text), NULL, &err);
    struct pl_node *first = pl_node_pointer(root, "/findings/0");

    CHECK(root != NULL);
    CHECK_INT(pl_node_int(pl_node_get(root, "version"), 0), ==, 1);
    CHECK_STR(pl_node_text(pl_node_pointer(root, "/base/version"), ""), "1.0.0");
    CHECK_STR(pl_node_text(pl_node_pointer(root, "/head/sha256"), ""), "bb");
    CHECK_INT(pl_node_int(pl_node_pointer(root, "/summary/breaking"), 0), ==, 2);
    CHECK_INT(pl_node_int(pl_node_pointer(root, "/summary/operations_affected"), 0), ==, 2);
    CHECK_STR(pl_node_text(pl_node_pointer(root, "/operations/removed/0/path"), ""), "/b");
    CHECK_STR(pl_node_text(pl_node_pointer(root, "/operations/changed/0/method"), ""), "GET");
    CHECK_STR(pl_node_text(pl_node_pointer(root, "/semver/required"), ""), "major");
    CHECK_STR(pl_node_text(pl_node_pointer(root, "/semver/status"), ""), "fail");
    CHECK_STR(pl_node_text(pl_node_get(first, "id"), ""), "request-type-narrowed");
    CHECK_STR(pl_node_text(pl_node_get(first, "migration"), ""), "manual");
    CHECK_STR(pl_node_text(pl_node_pointer(first, "/location/head/pointer"), ""),
              "/paths/~1a/get/parameters/0/schema");
    CHECK(pl_node_is(pl_node_pointer(root, "/findings/1/location/head"), PL_NULL));
    pl_arena_destroy(&arena);
}

TEST(a_finding_survives_being_json)
{
    struct pl_arena *arena = pl_arena_new();
    const char *text = reported(PL_FORMAT_JSON, true, false);
    struct pl_err err = { 0 };
    struct pl_node *root = pl_json_parse(arena, text, strlen(text), NULL, &err);
    struct pl_node *before = pl_node_pointer(root, "/findings/0"), *after;
    struct pl_finding finding;

    pl_finding_read(arena, before, &finding);
    after = pl_finding_node(arena, &finding);
    CHECK(pl_node_equal(before, after));
    finding.witness = (struct pl_witness){ .kind = PL_WITNESS_VALUE,
                                           .side = "request",
                                           .value = "{\"a\":[1]}",
                                           .valid_in = "base",
                                           .invalid_in = "head",
                                           .pointer = "/a/0",
                                           .keyword = "type" };
    before = pl_finding_node(arena, &finding);
    pl_finding_read(arena, before, &finding);
    CHECK(pl_node_equal(before, pl_finding_node(arena, &finding)));
    CHECK_INT(pl_node_int(pl_node_pointer(before, "/witness/value/a/0"), 0), ==, 1);
    pl_node_set(arena, before, "id", pl_node_string(arena, "rule-of-tomorrow"));
    pl_finding_read(arena, before, &finding);
    CHECK_STR(finding.rule->id, "rule-of-tomorrow");
    CHECK_INT(finding.level, ==, PL_LEVEL_ERROR);
    pl_finding_read(arena, NULL, &finding);
    CHECK(finding.operation.method == NULL);
    pl_arena_destroy(&arena);
}

TEST(markdown_escapes_what_documents_say)
{
    const char *text = reported(PL_FORMAT_MARKDOWN, false, false);

    CHECK_HAS(text, "## A \\| \\*title\\*: 1.0.0 to 1.1.0\n");
    CHECK_HAS(text, "### Breaking (1)");
    CHECK_HAS(text, "| `GET /a` | the type of query parameter `q` was");
    CHECK_HAS(text, "<details><summary>Notes (1)</summary>");
}

TEST(github_annotations_escape_their_properties)
{
    const char *text = reported(PL_FORMAT_GITHUB, true, false);

    CHECK_HAS(text, "::error file=h.yaml,title=version-policy::1.0.0 -> 1.1.0: ");
    CHECK_HAS(text, "::error file=h.yaml,line=6,col=");
    CHECK_HAS(text, "::error file=h.yaml,title=operation-removed::GET /b: the operation");
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };
    pl_report_github_line(&out, PL_LEVEL_WARN, "a,b:c", 1, 0, "t", "x%\ny");
    CHECK_STR(pl_buf_text(&out), "::warning file=a%2Cb%3Ac,line=1,title=t::x%25%0Ay\n");
    pl_arena_destroy(&arena);
}

TEST(formats_have_names)
{
    enum pl_format format;

    CHECK(pl_format_parse("markdown", &format) && format == PL_FORMAT_MARKDOWN);
    CHECK(!pl_format_parse("xml", &format));
}

TEST(accepted_findings_are_counted_and_kept_apart)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_report report = { 0 };
    struct pl_semver semver = { .required = "none", .status = "ok" };
    struct pl_diff diff = { .required_bump = "none" };
    struct pl_finding finding = { .rule = &pl_rules[0], .kind = "removed", .text = "gone" };
    struct pl_buf text = { .arena = arena }, json = { .arena = arena };

    report.base = report.head =
        load_case("openapi: 3.0.3\ninfo: { title: t, version: 1.0.0 }\npaths: {}\n", "a", arena);
    report.semver = &semver;
    report.diff = &diff;
    finding.level = PL_LEVEL_ERROR;
    diff.findings = diff.accepted = &finding;
    diff.accepted_count = 1;
    pl_report_diff(&text, &report, PL_FORMAT_TEXT);
    CHECK_HAS(pl_buf_text(&text), "0 breaking, 0 warnings, 0 notes;");
    CHECK_HAS(pl_buf_text(&text), "accepted: 1\n");
    diff.finding_count = 1;
    finding.note = "Ada accepted it until 2026-01-01: unused";
    text = (struct pl_buf){ .arena = arena };
    pl_report_diff(&text, &report, PL_FORMAT_TEXT);
    CHECK_HAS(pl_buf_text(&text), "note: Ada accepted it until 2026-01-01: unused\n");
    pl_report_diff(&json, &report, PL_FORMAT_JSON);
    CHECK_HAS(pl_buf_text(&json), "\"accepted\"");
    pl_arena_destroy(&arena);
}
