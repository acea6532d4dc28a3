#include "sample.h"

#include "html.h"
#include "producers.h"

#include "pl_check.h"

/* With PLUMB_TEST_OUT=DIR the sample's files are written there, to be looked at in a browser. */
static void
write_out(const struct artifact_set *set)
{
    const char *dir = getenv("PLUMB_TEST_OUT");

    for (int i = 0; dir && i < set->count; i++) {
        char name[512];
        FILE *file;

        snprintf(name, sizeof name, "%s/%s", dir, set->files[i].path);
        if ((file = fopen(name, "w")) == NULL)
            continue;
        fwrite(set->files[i].bytes, 1, set->files[i].size, file);
        fclose(file);
    }
}

static const char *
page_of(const struct publication *from, struct pl_arena *arena)
{
    return set_find(sample_set(from, arena), "index.html")->bytes;
}

TEST(the_page_says_what_a_reader_came_for)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    struct artifact_set *set;
    const char *page;

    from->signer = sample_signer();
    from->previous_aggregate = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
    set = sample_set(from, arena);
    write_out(set);
    page = set_find(set, "index.html")->bytes;
    CHECK_HAS(page, "<title>Breaking: " SAMPLE_TITLE "</title>");
    CHECK_HAS(page, "<meta http-equiv=\"refresh\" content=\"300\">");
    CHECK_HAS(page, "2 changes break callers of the version before.");
    CHECK_HAS(page, "Policy <strong>failed</strong>");
    CHECK_HAS(page, "2 breaking changes under an unchanged major version");
    CHECK_HAS(page, "15 of the last 20 runs; goal 85%");
    CHECK_HAS(page, "<desc id=\"chart-text\">From 100% at run 1 to 75% at run 34");
    CHECK_HAS(page, "request-property-became-required");
    CHECK_HAS(page, "DELETE</b> <code>/museum-hours</code>");
    CHECK_HAS(page, "Release this as 2.0.0");
    CHECK_HAS(page, "<progress id=\"m1\" max=\"100\" value=\"41.7\">");
    CHECK_HAS(page, "<strong>Signed</strong> with Ed25519");
    CHECK_HAS(page, signer_fingerprint(from->signer, arena));
    CHECK_HAS(page, from->previous_aggregate);
    CHECK_HAS(page, set->aggregate);
    pl_arena_destroy(&arena);
}

TEST(with_a_public_url_the_page_names_its_one_address)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);

    CHECK(strstr(page_of(from, arena), "rel=\"canonical\"") == NULL);
    from->public_url = "https://plumb.example";
    CHECK_HAS(page_of(from, arena),
              "<link rel=\"canonical\" href=\"https://plumb.example/status/museum/\">");
    pl_arena_destroy(&arena);
}

TEST(the_page_links_every_file_that_is_published)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    struct artifact_set *set = sample_set(from, arena);
    const char *page = set_find(set, "index.html")->bytes;

    for (int i = 0; i < set->count; i++)
        if (strcmp(set->files[i].path, "index.html") != 0)
            CHECK_HAS(page, pl_arena_printf(arena, "href=\"%s\"", set->files[i].path));
    pl_arena_destroy(&arena);
}

TEST(the_page_needs_no_script_no_inline_style_and_nothing_from_elsewhere)
{
    struct pl_arena *arena = pl_arena_new();
    const char *page = page_of(sample_publication(arena), arena);

    CHECK(strstr(page, "<script") == NULL);
    CHECK(strstr(page, "style=") == NULL);
    CHECK(strstr(page, "<style") == NULL);
    CHECK(strstr(page, "http://") == NULL);
    CHECK(strstr(page, "https://") == NULL);
    CHECK(strstr(page, "{{") == NULL);
    pl_arena_destroy(&arena);
}

TEST(the_page_follows_light_and_dark)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact_set *set = sample_set(sample_publication(arena), arena);

    CHECK_HAS(set_find(set, "index.html")->bytes, "content=\"light dark\"");
    CHECK_HAS(set_find(set, "status.css")->bytes, "prefers-color-scheme: dark");
    pl_arena_destroy(&arena);
}

TEST(without_a_key_the_page_says_that_nothing_is_signed)
{
    struct pl_arena *arena = pl_arena_new();
    const char *page = page_of(sample_publication(arena), arena);

    CHECK_HAS(page, "<strong>Not signed.</strong>");
    CHECK(strstr(page, "<strong>Signed</strong>") == NULL);
    pl_arena_destroy(&arena);
}

TEST(no_text_from_outside_becomes_markup)
{
    static char evil[] = "\"><script>alert('x')</script><img src=x onerror=alert(1)>";
    static char *evils[] = { evil };
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    Governance__Run *run = from->record->run;
    const char *page;

    from->record->api->title = evil;
    run->branch = run->version = run->placeholder_reason = evil;
    run->operations_added[0]->path = run->operations_added[0]->method = evil;
    run->findings[0]->text = run->findings[0]->hint = run->findings[0]->id = evil;
    run->policy_reasons = run->semver->messages = run->semver->recommendations = evils;
    run->semver->current_version = run->semver->previous_version = run->semver->required = evil;
    from->record->history[0]->version = from->record->history[0]->sha = evil;
    from->record->history[0]->committed_at = evil;
    from->record->milestones[0]->category = evil;
    page = page_of(from, arena);
    CHECK(strstr(page, "<script") == NULL);
    CHECK(strstr(page, "<img") == NULL);
    CHECK_HAS(page, "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)");
    run->placeholder = true;
    CHECK(strstr(page_of(from, arena), "<img") == NULL);
    pl_arena_destroy(&arena);
}

TEST(characters_that_hide_or_turn_text_are_shown_as_unknown)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };

    html_text(&out, "a\x01"
                    "b\xe2\x80\xae"
                    "c\xe2\x81\xa6"
                    "d\xe2\x82\xac");
    CHECK_STR(out.data, "a\xef\xbf\xbd"
                        "b\xef\xbf\xbd"
                        "c\xef\xbf\xbd"
                        "d\xe2\x82\xac");
    pl_arena_destroy(&arena);
}

TEST(printed_html_escapes_every_argument_and_keeps_the_format)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };

    html_put(&out, "<a b=\"%s\">%ld %d %.2f%%</a>", "x&\"y\"", 7L, 3, 0.5);
    html_text(&out, NULL);
    CHECK_STR(out.data, "<a b=\"x&amp;&quot;y&quot;\">7 3 0.50%</a>");
    pl_arena_destroy(&arena);
}

TEST(a_sentence_begins_with_a_capital_and_its_backticks_become_code)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };

    html_prose(&out, "the `/<b>` of `x` is `odd");
    CHECK_STR(out.data, "The <code>/&lt;b&gt;</code> of <code>x</code> is `odd");
    pl_arena_destroy(&arena);
}

TEST(a_moment_is_short_for_people_and_exact_for_programs)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf out = { .arena = arena };

    html_time(&out, "2026-11-20T19:30:14.123Z");
    CHECK_STR(out.data, "<time datetime=\"2026-11-20T19:30:14.123Z\">2026-11-20 19:30 UTC</time>");
    out = (struct pl_buf){ .arena = arena };
    html_time(&out, "soon");
    CHECK_STR(out.data, "soon");
    pl_arena_destroy(&arena);
}

TEST(a_first_run_without_document_has_a_page_too)
{
    struct pl_arena *arena = pl_arena_new();
    struct publication *from = sample_publication(arena);
    Governance__GetRunRecordReply *record = sample_record(arena);
    const char *page;

    record->n_history = 1;
    record->n_milestones = 0;
    record->last_breaking = NULL;
    record->run->placeholder = true;
    record->run->placeholder_reason = "export failed";
    record->run->verdict = record->history[0]->verdict = "placeholder";
    record->run->semver = NULL;
    record->run->policy = "pass";
    from->record = record;
    from->document = NULL;
    page = page_of(from, arena);
    CHECK_HAS(page, "This run recorded no document: export failed.");
    CHECK_HAS(page, "No recorded run broke a caller.");
    CHECK_HAS(page, "There is no pair of versions to judge yet.");
    CHECK(strstr(page, "openapi.json") == NULL);
    pl_arena_destroy(&arena);
}
