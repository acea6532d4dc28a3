/* page.c -- index.html: what is said first, and the table of its parts. */
#include "page.h"

#include "pl_embed.h"
#include "producers.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

extern const struct pl_embedded publisher_page[];

static const struct page_state STATES[] = {
    { "stable", "Stable", "good", "M7 12.5l3.4 3.4L17 9", "#1a7f4b" },
    { "warnings", "Warnings", "fair", "M12 7v6M12 16.4v.2", "#a56400" },
    { "breaking", "Breaking", "bad", "M8.4 8.4l7.2 7.2M15.6 8.4l-7.2 7.2", "#c4302b" },
    { "placeholder", "No document", "none", "M7.5 12h9", "#6b7280" },
    { NULL, "Unknown", "none", "M12 12v.2", "#6b7280" },
};

const struct page_state *
page_state_of(const char *verdict)
{
    const struct page_state *state = STATES;

    while (state->verdict && (verdict == NULL || strcmp(state->verdict, verdict)))
        state++;
    return state;
}

void
page_sign(struct pl_buf *out, const struct page_state *state)
{
    html_put(out,
             "<svg class=\"sign %s\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">"
             "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"%s\"/></svg>",
             state->tone, state->sign);
}

const char *
page_percent(const struct artifact_set *set, double fraction)
{
    return percent_text(fraction, set->arena);
}

void
page_count(struct pl_buf *out, int64_t count, const char *one, const char *many)
{
    html_put(out, "%ld %s", (long)count, count == 1 ? one : many);
}

static const char *
title_of(const Governance__Api *api)
{
    return api->title && api->title[0] ? api->title : api->api;
}

void
page_headline(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__GetRunRecordReply *record = set->from->record;

    html_put(out, "%s: %s", page_state_of(record->run->verdict)->word, title_of(record->api));
}

void
page_canonical(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;

    if (set->from->public_url && set->from->public_url[0])
        html_put(out, "<link rel=\"canonical\" href=\"%s/status/%s/\">\n", set->from->public_url,
                 set->from->record->api->api);
}

void
page_identity(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__GetRunRecordReply *record = set->from->record;
    const Governance__Run *run = record->run;

    html_put(out, "<p class=\"brand\">Plumbline <span>contract status</span></p>\n<h1>%s</h1>\n",
             title_of(record->api));
    html_put(out, "<dl class=\"facts\">\n<div><dt>Api</dt><dd><code>%s</code></dd></div>\n",
             record->api->api);
    if (run->version && run->version[0])
        html_put(out, "<div><dt>Version</dt><dd>%s</dd></div>\n", run->version);
    html_put(out,
             "<div><dt>Commit</dt><dd><code>%s</code></dd></div>\n"
             "<div><dt>Branch</dt><dd>%s</dd></div>\n<div><dt>Run</dt><dd>%ld</dd></div>\n",
             run->sha, run->branch, (long)run->seq);
    pl_buf_str(out, "<div><dt>Recorded</dt><dd>");
    html_time(out, run->created_at);
    pl_buf_str(out, "</dd></div>\n</dl>\n");
}

/* One sentence: what this run means. */
static void
say(const Governance__Run *run, struct pl_buf *out)
{
    if (run->placeholder) {
        pl_buf_str(out, "This run recorded no document");
        if (run->placeholder_reason && run->placeholder_reason[0])
            html_put(out, ": %s", run->placeholder_reason);
    } else if (run->breaking > 0) {
        page_count(out, run->breaking, "change breaks", "changes break");
        pl_buf_str(out, " callers of the version before");
    } else if (run->base_run == NULL || run->base_run[0] == '\0') {
        pl_buf_str(out, "The first document of this api; the record starts here");
    } else if (run->warnings > 0) {
        pl_buf_str(out, "Nothing breaks, but ");
        page_count(out, run->warnings, "change wants a look", "changes want a look");
    } else if (run->n_operations_added + run->n_operations_changed + run->n_operations_removed) {
        pl_buf_str(out, "The contract changed and no caller breaks");
    } else {
        pl_buf_str(out, "No operation changed");
    }
    pl_buf_str(out, ".");
}

void
page_verdict(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__Run *run = set->from->record->run;
    const struct page_state *state = page_state_of(run->verdict);
    bool failed = run->policy && strcmp(run->policy, "fail") == 0;

    html_put(out, "<section class=\"verdict %s\" id=\"verdict\" aria-labelledby=\"word\">\n",
             state->tone);
    page_sign(out, state);
    html_put(out, "\n<div>\n<h2 id=\"word\">%s</h2>\n<p>", state->word);
    say(run, out);
    pl_buf_str(out, "</p>\n");
    if (failed && run->n_policy_reasons) {
        pl_buf_str(out, "<ul class=\"why\">\n");
        for (size_t i = 0; i < run->n_policy_reasons; i++) {
            pl_buf_str(out, "<li>");
            html_prose(out, run->policy_reasons[i]);
            pl_buf_str(out, "</li>\n");
        }
        pl_buf_str(out, "</ul>\n");
    }
    html_put(out, "</div>\n<p class=\"policy %s\">Policy <strong>%s</strong></p>\n</section>\n",
             failed ? "bad" : "good", failed ? "failed" : "passed");
}

static void
tile(struct pl_buf *out, const char *name, const char *value, const char *note, const char *tone)
{
    html_put(out, "<li class=\"%s\"><span class=\"name\">%s</span><strong>%s</strong>", tone, name,
             value);
    html_put(out, "<span class=\"note\">%s</span></li>\n", note);
}

void
page_tiles(const void *page, struct pl_buf *out)
{
    static const Governance__StabilityMetrics none = GOVERNANCE__STABILITY_METRICS__INIT;
    const struct artifact_set *set = page;
    const Governance__GetRunRecordReply *record = set->from->record;
    const Governance__StabilityMetrics *m = record->run->metrics ? record->run->metrics : &none;
    const char *semver = record->run->semver ? record->run->semver->status : NULL;
    int64_t streak = m->extensions ? m->extensions->placeholder_streak : 0;
    struct pl_arena *a = set->arena;

    tile(out, "Stability ratio", page_percent(set, m->window_stability_ratio),
         pl_arena_printf(a, "%" PRId64 " of the last %" PRId64 " runs; goal %s",
                         m->window_stable_count, m->window_total_count,
                         page_percent(set, record->api->stability_threshold)),
         m->window_stability_ratio >= record->api->stability_threshold ? "good" : "bad");
    tile(out, "Stable streak", pl_arena_printf(a, "%" PRId64, m->current_stable_streak),
         pl_arena_printf(a, "longest %" PRId64 "; overall %s", m->longest_stable_streak,
                         page_percent(set, m->overall_stability_ratio)),
         "plain");
    tile(out, "Placeholder streak", pl_arena_printf(a, "%" PRId64, streak),
         streak == 0  ? "every run brought a document"
         : streak > 4 ? "the pipeline is stalled"
                      : "runs without a document",
         streak == 0   ? "good"
         : streak <= 4 ? "fair"
                       : "bad");
    tile(out, "Version policy", semver && semver[0] ? semver : "unknown",
         record->run->semver && record->run->semver->required
             ? pl_arena_printf(a, "the change asks for: %s", record->run->semver->required)
             : "no version to judge",
         semver == NULL                ? "plain"
         : strcmp(semver, "ok") == 0   ? "good"
         : strcmp(semver, "warn") == 0 ? "fair"
         : strcmp(semver, "fail") == 0 ? "bad"
                                       : "plain");
}

void
page_badges(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;

    for (const struct producer *row = producers; row->path; row++) {
        struct badge badge;

        if (row->badge == NULL)
            continue;
        badge = row->badge(set);
        html_put(out, "<li><a class=\"badge\" href=\"%s\"><span>%s</span>", row->path, badge.label);
        html_put(out, "<span class=\"%s\">%s</span></a></li>\n", badge.color, badge.message);
    }
}

void
page_footer(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;

    pl_buf_str(out, "<p>Published ");
    html_time(out, set->from->published_at);
    html_put(out, " by Plumbline %s. This page reloads itself every 5 minutes.</p>\n", PL_VERSION);
}

static const struct html_slot SLOTS[] = {
    { "headline", page_headline },   { "canonical", page_canonical },
    { "identity", page_identity },   { "verdict", page_verdict },
    { "tiles", page_tiles },         { "trend", page_trend },
    { "badges", page_badges },       { "changes", page_changes },
    { "semver", page_semver },       { "findings", page_findings },
    { "runs", page_runs },           { "milestones", page_milestones },
    { "integrity", page_integrity }, { "files", page_files },
    { "footer", page_footer },       { NULL, NULL },
};

static const struct pl_embedded *
embedded(const char *name)
{
    const struct pl_embedded *file = publisher_page;

    while (file->name && strcmp(file->name, name))
        file++;
    assert(file->name != NULL);
    return file;
}

int
make_page(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    (void)err;
    html_fill(out, embedded("index.html")->text, SLOTS, set);
    return 0;
}

int
make_style(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const struct pl_embedded *file = embedded("status.css");

    (void)set;
    (void)err;
    pl_buf_add(out, file->text, file->size);
    return 0;
}

int
make_icon(const struct artifact_set *set, struct pl_buf *out, struct pl_err *err)
{
    const struct page_state *state = page_state_of(set->from->record->run->verdict);

    (void)err;
    html_put(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">"
             "<circle cx=\"12\" cy=\"12\" r=\"11\" fill=\"%s\"/>"
             "<path d=\"%s\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2.6\" "
             "stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>\n",
             state->ink, state->sign);
    return 0;
}
