/* page_changes.c -- what this run changed, what the version says, and what broke last. */
#include "page.h"

#include <string.h>

#define SHOWN_OPERATIONS 12
#define SHOWN_FINDINGS   25

static void
operations(struct pl_buf *out, const char *name, const char *tone, size_t count,
           Governance__OperationRef *const *list)
{
    if (count == 0)
        return;
    html_put(out, "<h3>%s <span class=\"count\">%ld</span></h3>\n<ul class=\"ops %s\">\n", name,
             (long)count, tone);
    for (size_t i = 0; i < count && i < SHOWN_OPERATIONS; i++)
        html_put(out, "<li><b>%s</b> <code>%s</code></li>\n", list[i]->method, list[i]->path);
    if (count > SHOWN_OPERATIONS)
        html_put(out,
                 "<li class=\"more\"><a href=\"operations-classification.json\">and %ld "
                 "more</a></li>\n",
                 (long)(count - SHOWN_OPERATIONS));
    pl_buf_str(out, "</ul>\n");
}

void
page_changes(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__Run *run = set->from->record->run;

    pl_buf_str(out, "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">This run</h2>\n");
    if (run->n_operations_added + run->n_operations_removed + run->n_operations_changed == 0)
        pl_buf_str(out, "<p class=\"quiet\">No operation was added, removed or changed.</p>\n");
    operations(out, "Added", "good", run->n_operations_added, run->operations_added);
    operations(out, "Removed", "bad", run->n_operations_removed, run->operations_removed);
    operations(out, "Changed", "fair", run->n_operations_changed, run->operations_changed);
    pl_buf_str(out, "</section>\n");
}

static void
sentences(struct pl_buf *out, const char *class, size_t count, char *const *texts)
{
    if (count == 0)
        return;
    html_put(out, "<ul class=\"%s\">\n", class);
    for (size_t i = 0; i < count; i++) {
        pl_buf_str(out, "<li>");
        html_prose(out, texts[i]);
        pl_buf_str(out, "</li>\n");
    }
    pl_buf_str(out, "</ul>\n");
}

static const char *
or_none(const char *version)
{
    return version && version[0] ? version : "none";
}

void
page_semver(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__SemverValidation *semver = set->from->record->run->semver;

    pl_buf_str(out, "<section aria-labelledby=\"semver\">\n<h2 id=\"semver\">Version</h2>\n");
    if (semver == NULL || semver->status == NULL || strcmp(semver->status, "unknown") == 0)
        pl_buf_str(out, "<p class=\"quiet\">There is no pair of versions to judge yet.</p>\n");
    if (semver) {
        html_put(out,
                 "<p class=\"bump\"><code>%s</code> <span aria-hidden=\"true\">&rarr;</span>"
                 "<span class=\"hidden\">to</span> <code>%s</code></p>\n",
                 or_none(semver->previous_version), or_none(semver->current_version));
        if (semver->n_messages == 0 && semver->status && strcmp(semver->status, "ok") == 0)
            pl_buf_str(out, "<p>The version says what the change is.</p>\n");
        sentences(out, "says", semver->n_messages, semver->messages);
        sentences(out, "says advice", semver->n_recommendations, semver->recommendations);
    }
    pl_buf_str(out, "</section>\n");
}

static void
finding(struct pl_buf *out, const Governance__Finding *f)
{
    pl_buf_str(out, "<li>\n<p class=\"what\">");
    if (f->operation && f->operation->method)
        html_put(out, "<b>%s</b> <code>%s</code> ", f->operation->method, f->operation->path);
    html_put(out, "<span class=\"rule\">%s</span></p>\n<p>", f->id);
    html_prose(out, f->text);
    pl_buf_str(out, "</p>\n");
    if (f->hint && f->hint[0]) {
        pl_buf_str(out, "<p class=\"hint\">");
        html_prose(out, f->hint);
        pl_buf_str(out, "</p>\n");
    }
    pl_buf_str(out, "</li>\n");
}

static bool
breaks(const Governance__Finding *f)
{
    return f->level && strcmp(f->level, "error") == 0;
}

void
page_findings(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__Run *run = set->from->record->last_breaking;
    int64_t shown = 0;

    pl_buf_str(out, "<section class=\"findings\" aria-labelledby=\"findings\">\n"
                    "<h2 id=\"findings\">Last breaking run</h2>\n");
    if (run == NULL) {
        pl_buf_str(out, "<p class=\"quiet\">No recorded run broke a caller.</p>\n</section>\n");
        return;
    }
    html_put(out, "<p class=\"quiet\">Run %ld, commit <code>%s</code>", (long)run->seq, run->sha);
    if (run->version && run->version[0])
        html_put(out, ", version %s", run->version);
    pl_buf_str(out, ", ");
    html_time(out, run->committed_at ? run->committed_at : run->created_at);
    pl_buf_str(out, "</p>\n<ol>\n");
    for (size_t i = 0; i < run->n_findings && shown < SHOWN_FINDINGS; i++)
        if (breaks(run->findings[i])) {
            finding(out, run->findings[i]);
            shown++;
        }
    pl_buf_str(out, "</ol>\n");
    if (run->breaking > shown)
        html_put(out, "<p class=\"more\">and %ld more: <code>plumb runs show %s</code></p>\n",
                 (long)(run->breaking - shown), run->id);
    pl_buf_str(out, "</section>\n");
}
