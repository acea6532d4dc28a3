/* page_record.c -- the record: last runs, milestones, the proof, and every file. */
#include "page.h"

#include "producers.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_RUNS 20

static void
run_row(const struct artifact_set *set, const Governance__RunSummary *run, struct pl_buf *out)
{
    const struct page_state *state = page_state_of(run->verdict);

    html_put(out, "<tr><td class=\"num\">%ld</td><td class=\"state\">", (long)run->seq);
    page_sign(out, state);
    html_put(out, "%s</td><td class=\"num\">%s</td><td>%s</td><td>", state->word,
             page_percent(set, run->stability_ratio), run->semver_status);
    html_put(out, "%s</td><td><code>%s</code></td><td>", run->version, run->sha);
    html_time(out, run->committed_at ? run->committed_at : run->created_at);
    html_put(out, "</td><td class=\"num\">+%ld &minus;%ld</td></tr>\n", (long)run->operations_added,
             (long)run->operations_removed);
}

void
page_runs(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__GetRunRecordReply *record = set->from->record;

    pl_buf_str(out, "<section aria-labelledby=\"runs\">\n<h2 id=\"runs\">Last runs</h2>\n"
                    "<div class=\"wide\" role=\"region\" aria-labelledby=\"runs\" tabindex=\"0\">"
                    "<table>\n<thead><tr><th class=\"num\">Run</th><th>Verdict</th>"
                    "<th class=\"num\">Ratio</th><th>SemVer</th><th>Version</th><th>Commit</th>"
                    "<th>Committed</th><th class=\"num\">Operations</th></tr></thead>\n"
                    "<tbody>\n");
    for (size_t i = 0; i < record->n_history && i < SHOWN_RUNS; i++)
        run_row(set, record->history[i], out);
    pl_buf_str(out, "</tbody>\n</table></div>\n<p class=\"more\"><a "
                    "href=\"stability-history.jsonl\">The whole history</a></p>\n</section>\n");
}

void
page_milestones(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__GetRunRecordReply *record = set->from->record;

    if (record->n_milestones == 0)
        return;
    html_put(out,
             "<section aria-labelledby=\"milestones\">\n<h2 id=\"milestones\">Milestones "
             "<span class=\"count\">%s</span></h2>\n<ul class=\"milestones\">\n",
             page_percent(set, record->milestone_percent / 100));
    for (size_t i = 0; i < record->n_milestones; i++) {
        const Governance__Milestone *m = record->milestones[i];

        html_put(out,
                 "<li><label for=\"m%ld\">%s <span class=\"quiet\">weight %.1f</span></label>"
                 "<progress id=\"m%ld\" max=\"100\" value=\"%.1f\"></progress>",
                 (long)i, m->category, m->weight, (long)i, m->percent);
        html_put(out, "<span class=\"num\">%ld of %ld, %s</span></li>\n", (long)m->complete,
                 (long)m->total, page_percent(set, m->percent / 100));
    }
    pl_buf_str(out, "</ul>\n</section>\n");
}

static void
signature(const struct artifact_set *set, struct pl_buf *out)
{
    if (!set->is_signed) {
        pl_buf_str(out, "<p class=\"unsigned\"><strong>Not signed.</strong> No signing key is "
                        "configured; the hashes prove that files belong together, not who made "
                        "them.</p>\n");
        return;
    }
    html_put(out,
             "<p><strong>Signed</strong> with Ed25519. Check it: <code>plumb verify --checksums "
             "checksums.json --signature checksums-signature.json --dir .</code></p>\n"
             "<dl class=\"hashes\">\n<div><dt>Key fingerprint</dt><dd><code>%s</code></dd></div>\n",
             signer_fingerprint(set->from->signer, set->arena));
    pl_buf_str(out, "</dl>\n");
}

void
page_integrity(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;

    pl_buf_str(out, "<section class=\"integrity\" aria-labelledby=\"integrity\">\n"
                    "<h2 id=\"integrity\">Integrity</h2>\n");
    signature(set, out);
    html_put(out,
             "<dl class=\"hashes\">\n<div><dt>Aggregate SHA-256</dt><dd><code>%s</code></dd>"
             "</div>\n",
             set->aggregate);
    if (set->from->previous_aggregate)
        html_put(out, "<div><dt>Set before it</dt><dd><code>%s</code></dd></div>\n",
                 set->from->previous_aggregate);
    pl_buf_str(out, "</dl>\n</section>\n");
}

static const char *
size_text(size_t size, struct pl_arena *arena)
{
    if (size < 1000)
        return pl_arena_printf(arena, "%zu B", size);
    if (size < 1000000)
        return pl_arena_printf(arena, "%.1f kB", (double)size / 1e3);
    return pl_arena_printf(arena, "%.1f MB", (double)size / 1e6);
}

void
page_files(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;

    pl_buf_str(out, "<section aria-labelledby=\"files\">\n<h2 id=\"files\">Files of this run</h2>\n"
                    "<div class=\"wide\" role=\"region\" aria-labelledby=\"files\" tabindex=\"0\">"
                    "<table class=\"files\">\n<thead><tr><th>File</th><th>What it is</th>"
                    "<th class=\"num\">Size</th><th>SHA-256</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < set->count; i++) {
        const struct artifact *file = &set->files[i];
        const struct producer *row = producer_find(file->path);

        html_put(out, "<tr><td><a href=\"%s\">%s</a></td><td>%s</td>", file->path, file->path,
                 row ? row->doc : "dropped in");
        html_put(out, "<td class=\"num\">%s</td><td><code title=\"%s\">%s</code></td></tr>\n",
                 size_text(file->size, set->arena), file->sha256,
                 pl_arena_printf(set->arena, "%.12s", file->sha256));
    }
    pl_buf_str(out, "</tbody>\n</table></div>\n</section>\n");
}
