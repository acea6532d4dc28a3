#include "compare_case.h"
#include "pl_report.h"

/* A finding of its own making, in each format. */
static const char *
reported(enum pl_format format, int findings)
{
    static char out[20000];
    struct pl_arena *arena = pl_arena_new();
    static const char TEXT[] =
        "openapi: 3.0.3\ninfo: {title: '<T> & Co', version: '1'}\npaths: {}\n";
    struct pl_document *document = load_case(TEXT, "a b.yaml", arena);
    const struct pl_rule *rule = pl_rule_find("operation-removed");
    struct pl_finding list[2] = {
        { .rule = rule,
          .level = PL_LEVEL_ERROR,
          .kind = "removed",
          .operation = { "GET", "/a<b>", "x" },
          .base = { "a b.yaml", "/info", 2, 7 },
          .text = "`<gone>` is no more",
          .operations = 1,
          .fingerprint = "0123456789abcdef",
          .witness = { .kind = PL_WITNESS_VALUE,
                       .side = "request",
                       .value = "{\"a\":\"</pre>\"}",
                       .valid_in = "base",
                       .invalid_in = "head",
                       .pointer = "/a",
                       .keyword = "maxLength" } },
        { .rule = rule,
          .level = PL_LEVEL_INFO,
          .kind = "changed",
          .head = { "a b.yaml", "/paths", 3, 1 },
          .text = "a bell\a",
          .operations = 1 },
    };
    struct pl_diff diff = {
        .findings = list, .finding_count = findings, .breaking = findings > 0, .infos = findings > 1
    };
    struct pl_semver semver = { .status = "fail", .required = "major" };
    struct pl_report report = { .base = document,
                                .head = document,
                                .base_sha256 = "aa",
                                .head_sha256 = "bb",
                                .diff = &diff,
                                .semver = &semver };
    struct pl_buf text = { .arena = arena };

    pl_report_diff(&text, &report, format);
    snprintf(out, sizeof out, "%s", pl_buf_text(&text));
    pl_arena_destroy(&arena);
    return out;
}

TEST(yaml_is_what_json_says)
{
    struct pl_arena *arena = pl_arena_new();
    char *json = pl_arena_strdup(arena, reported(PL_FORMAT_JSON, 2));
    const char *yaml = reported(PL_FORMAT_YAML, 2);
    struct pl_err err = { 0 };
    struct pl_node *one = pl_json_parse(arena, json, strlen(json), NULL, &err);
    struct pl_node *two = pl_yaml_parse(arena, yaml, strlen(yaml), NULL, &err);

    CHECK(one && pl_node_equal(one, two));
    pl_arena_destroy(&arena);
}

TEST(yaml_quotes_what_would_mean_something_else)
{
    static const char *const values[] = {
        "[\"no\",\"yes\",\"null\",\"1\",\"1.5\",\"\",\" a\",\"a \",\"a: b\",\"- a\",\"#a\",\"a #b\"]",
        "{\"\":1,\"a b\":[],\"c\":{},\"1\":[[1],[{\"x\":[]}]],\"d\":\"l1\\nl2\",\"e\":null}",
        "[[[1,2],[]],{\"a\":{\"b\":[true,{\"c\":1e400}]}}]",
        "\"\\u0007\"",
        "\"~\"",
        "[\".inf\",\"0x1f\",\"On\",\"2026-01-01\",\"*a\",\"&a\",\"!t\",\"%d\",\"@x\",\"`x\"]",
        "3",
    };
    struct pl_arena *arena = pl_arena_new();

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct pl_buf text = { .arena = arena };
        struct pl_err err = { 0 };
        struct pl_node *node = pl_json_parse(arena, values[i], strlen(values[i]), NULL, &err);
        struct pl_node *again;

        pl_node_write_yaml(&text, node);
        again = pl_yaml_parse(arena, text.data, text.length, NULL, &err);
        CHECK_THAT(again && pl_node_equal(node, again), "%s became %s (%s)", values[i], text.data,
                   err.text);
    }
    pl_arena_destroy(&arena);
}

TEST(html_escapes_and_shows_the_line)
{
    const char *page = reported(PL_FORMAT_HTML, 2);

    CHECK_HAS(page, "<h1>&lt;T&gt; &amp; Co</h1>");
    CHECK_HAS(page, "<h2>GET /a&lt;b&gt;</h2>");
    CHECK_HAS(page, "<code>&lt;gone&gt;</code> is no more");
    CHECK_HAS(page, "<span class=\"here\"><i>2</i>info: {title: '&lt;T&gt; &amp; Co'");
    CHECK_HAS(page, "{&quot;a&quot;:&quot;&lt;/pre&gt;&quot;}");
    CHECK_HAS(page, "a bell\xef\xbf\xbd");
    CHECK_HAS(reported(PL_FORMAT_HTML, 0), "There is no difference that a caller could notice.");
}

TEST(junit_has_a_case_for_each_finding)
{
    const char *suite = reported(PL_FORMAT_JUNIT, 2);

    CHECK_HAS(suite, "<testsuites name=\"plumb diff\" tests=\"2\" failures=\"1\" errors=\"0\"");
    CHECK_HAS(suite, "<testcase classname=\"GET /a&lt;b&gt;\" name=\"operation-removed: ");
    CHECK_HAS(suite, "<failure type=\"operation-removed\" message=\"`&lt;gone&gt;` is no more\">");
    CHECK_HAS(suite, "e.g. the request {&quot;a&quot;:");
    CHECK_HAS(reported(PL_FORMAT_JUNIT, 0), "nothing that a caller could notice");
}

TEST(sarif_has_places_and_what_to_know_again)
{
    struct pl_arena *arena = pl_arena_new();
    const char *text = reported(PL_FORMAT_SARIF, 2);
    struct pl_err err = { 0 };
    struct pl_node *root = pl_json_parse(arena, text, strlen(text), NULL, &err);
    struct pl_node *first = pl_node_pointer(root, "/runs/0/results/0");
    const struct pl_node *place;

    CHECK_STR(pl_node_text(pl_node_get(root, "version"), ""), "2.1.0");
    CHECK_INT(pl_node_pointer(root, "/runs/0/tool/driver/rules")->count, ==, 1);
    CHECK_STR(pl_node_text(pl_node_get(first, "level"), ""), "error");
    place = pl_node_pointer(first, "/locations/0/physicalLocation");
    CHECK_STR(pl_node_text(pl_node_pointer((struct pl_node *)place, "/artifactLocation/uri"), ""),
              "a%20b.yaml");
    CHECK_INT(pl_node_int(pl_node_pointer((struct pl_node *)place, "/region/startLine"), 0), ==, 1);
    CHECK_INT(
        pl_node_int(pl_node_pointer(first, "/relatedLocations/0/physicalLocation/region/startLine"),
                    0),
        ==, 2);
    CHECK_STR(pl_node_text(pl_node_pointer(first, "/partialFingerprints/plumb~1v2"), ""),
              "0123456789abcdef");
    CHECK_STR(pl_node_text(pl_node_pointer(root, "/runs/0/results/1/level"), ""), "note");
    pl_arena_destroy(&arena);
}

TEST(text_shows_the_witness)
{
    CHECK_HAS(reported(PL_FORMAT_TEXT, 1), "e.g. the request {\"a\":\"</pre>\"} is valid in base");
    CHECK_HAS(reported(PL_FORMAT_GITHUB, 1), "%0Ae.g. the request");
}

/* What a document may be called: it must stay text in each format. */
#define NASTY "/a|b<c>&\"\n::error::x]]>\x1b[31m`%0A"

static const char *
nasty(enum pl_format format, struct pl_arena *arena)
{
    const struct pl_finding finding = { .rule = pl_rule_find("operation-removed"),
                                        .level = PL_LEVEL_ERROR,
                                        .kind = "removed",
                                        .operation = { "GET", NASTY, NASTY },
                                        .base = { NASTY, NASTY, 1, 1 },
                                        .text = NASTY,
                                        .operations = 1,
                                        .fingerprint = "a123456789abcdef" };
    const struct pl_diff diff = { .findings = (struct pl_finding *)&finding,
                                  .finding_count = 1,
                                  .breaking = 1 };
    struct pl_document *document =
        load_case("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n", "x", arena);
    struct pl_semver semver = { .status = "ok", .required = "major" };
    struct pl_report report = { .base = document,
                                .head = document,
                                .base_sha256 = "aa",
                                .head_sha256 = "bb",
                                .diff = &diff,
                                .semver = &semver };
    struct pl_buf text = { .arena = arena };

    pl_report_diff(&text, &report, format);
    return pl_buf_text(&text);
}

static int
lines_of(const char *text, const char *begin)
{
    int count = 0;

    for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        count += strncmp(at, begin, strlen(begin)) == 0;
    return count;
}

TEST(what_a_document_says_stays_text_in_each_format)
{
    struct pl_arena *arena = pl_arena_new();
    const char *github = nasty(PL_FORMAT_GITHUB, arena), *junit = nasty(PL_FORMAT_JUNIT, arena);
    const char *markdown = nasty(PL_FORMAT_MARKDOWN, arena);

    CHECK(strchr(nasty(PL_FORMAT_TEXT, arena), 0x1b) == NULL);
    CHECK_INT(lines_of(github, "::"), ==, 1);
    CHECK_INT(lines_of(github, ""), ==, 2); // the last one is empty
    CHECK_HAS(github, "b<c>&\"%0A::error::x]]>");
    CHECK_HAS(github, "`%250A");
    CHECK(strchr(junit, 0x1b) == NULL && strstr(junit, "]]>") == NULL);
    CHECK_HAS(junit, "message=\"/a|b&lt;c&gt;&amp;&quot;&#10;::error::x]]&gt;");
    CHECK_HAS(markdown, "| `GET /a\\|b<c>&\"'::error::x");
    CHECK_INT(lines_of(markdown, "| "), ==, 2); // the heading and the one row
    pl_arena_destroy(&arena);
}

TEST(json_that_no_line_holds_is_broken_where_it_may_be)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };

    pl_report_wrap(&out, "e.g. {\"first\":1,\"second\":2,\"third\":[3]} is valid", 2, 0, 24);
    CHECK_STR(pl_buf_text(&out),
              "  e.g.\n  {\"first\":1,\"second\":2,\n  \"third\":[3]} is valid\n");
    pl_arena_destroy(&arena);
}

TEST(a_sentence_names_its_operation_and_counts_the_others)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_finding finding = { .operation = { "GET", "/a", "" },
                                  .operations = 3,
                                  .text = "3 operations: `x` is gone" };

    CHECK_STR(pl_report_sentence(arena, &finding), "GET /a and 2 more: `x` is gone");
    finding.operations = 1;
    finding.text = "`x` is gone";
    CHECK_STR(pl_report_sentence(arena, &finding), "GET /a: `x` is gone");
    pl_arena_destroy(&arena);
}
