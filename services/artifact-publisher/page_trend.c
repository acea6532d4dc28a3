/* page_trend.c -- the stability ratio over the last runs, as inline SVG.
 *
 * The drawing stretches to any width (preserveAspectRatio="none"): lines keep their thickness by
 * vector-effect, and a dot is a line of no length with a round end, which stays round.  Words
 * stand outside of it, so that they stay readable on a phone; the numbers are in the table of
 * the last runs. */
#include "page.h"

#include <string.h>

#define WIDTH  720.0
#define HEIGHT 160.0
#define MARGIN 8.0 // so that a dot at the edge is whole

static double
x_of(size_t index, size_t count)
{
    if (count < 2)
        return WIDTH / 2;
    return MARGIN + (WIDTH - 2 * MARGIN) * (double)index / (double)(count - 1);
}

static double
y_of(double ratio)
{
    ratio = ratio < 0 ? 0 : ratio > 1 ? 1 : ratio;
    return MARGIN + (HEIGHT - 2 * MARGIN) * (1 - ratio);
}

/* The runs, oldest first: history has the newest first. */
static const Governance__RunSummary *
run_at(const Governance__GetRunRecordReply *record, size_t index)
{
    return record->history[record->n_history - 1 - index];
}

static void
grid(struct pl_buf *out, double threshold)
{
    for (int percent = 0; percent <= 100; percent += 50)
        html_put(out, "<path class=\"grid\" d=\"M0 %.1fH720\"/>\n", y_of(percent / 100.0));
    html_put(out, "<path class=\"goal\" d=\"M0 %.1fH720\"/>\n", y_of(threshold));
}

static void
curve(const Governance__GetRunRecordReply *record, struct pl_buf *out)
{
    size_t n = record->n_history;

    pl_buf_str(out, "<path class=\"area\" d=\"");
    html_put(out, "M%.1f %.1f", x_of(0, n), y_of(0));
    for (size_t i = 0; i < n; i++)
        html_put(out, "L%.1f %.1f", x_of(i, n), y_of(run_at(record, i)->stability_ratio));
    html_put(out, "L%.1f %.1fZ\"/>\n<path class=\"line\" d=\"", x_of(n - 1, n), y_of(0));
    for (size_t i = 0; i < n; i++)
        html_put(out, i == 0 ? "M%.1f %.1f" : "L%.1f %.1f", x_of(i, n),
                 y_of(run_at(record, i)->stability_ratio));
    pl_buf_str(out, "\"/>\n");
}

static void
dots(const struct artifact_set *set, struct pl_buf *out)
{
    const Governance__GetRunRecordReply *record = set->from->record;
    size_t n = record->n_history;

    for (size_t i = 0; i < n; i++) {
        const Governance__RunSummary *run = run_at(record, i);
        const struct page_state *state = page_state_of(run->verdict);

        html_put(out, "<path class=\"dot %s\" d=\"M%.1f %.1fh0\">", state->tone, x_of(i, n),
                 y_of(run->stability_ratio));
        html_put(out, "<title>Run %ld, %s: %s, %s</title></path>\n", (long)run->seq, run->sha,
                 state->word, page_percent(set, run->stability_ratio));
    }
}

/* One bar a run, under its dot: height and colour say the verdict. */
static void
strip(const Governance__GetRunRecordReply *record, struct pl_buf *out)
{
    size_t n = record->n_history;
    double width = n > 36 ? 12.0 * 36 / (double)n : 12;

    pl_buf_str(out, "<svg class=\"strip\" viewBox=\"0 0 720 24\" preserveAspectRatio=\"none\" "
                    "aria-hidden=\"true\">\n");
    for (size_t i = 0; i < n; i++) {
        const struct page_state *state = page_state_of(run_at(record, i)->verdict);
        double height = strcmp(state->tone, "good") == 0   ? 10
                        : strcmp(state->tone, "fair") == 0 ? 16
                        : strcmp(state->tone, "bad") == 0  ? 24
                                                           : 5;

        html_put(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" ", state->tone,
                 x_of(i, n) - width / 2, 24 - height);
        html_put(out, "width=\"%.1f\" height=\"%.1f\"/>\n", width, height);
    }
    pl_buf_str(out, "</svg>\n");
}

void
page_trend(const void *page, struct pl_buf *out)
{
    const struct artifact_set *set = page;
    const Governance__GetRunRecordReply *record = set->from->record;
    size_t n = record->n_history;

    if (n == 0)
        return;
    html_put(out,
             "<section class=\"trend\" aria-labelledby=\"trend\">\n<h2 id=\"trend\">Stability, "
             "last %ld %s</h2>\n<div class=\"plot\">\n"
             "<div class=\"axis\" aria-hidden=\"true\"><span>100%%</span><span>50%%</span>"
             "<span>0%%</span></div>\n",
             (long)n, n == 1 ? "run" : "runs");
    html_put(out,
             "<svg class=\"chart\" viewBox=\"0 0 720 160\" preserveAspectRatio=\"none\" "
             "role=\"img\" aria-labelledby=\"chart-title chart-text\">\n"
             "<title id=\"chart-title\">Trend of the stability ratio</title>\n"
             "<desc id=\"chart-text\">From %s at run %ld ",
             page_percent(set, run_at(record, 0)->stability_ratio), (long)run_at(record, 0)->seq);
    html_put(out, "to %s at run %ld; the goal is %s.</desc>\n",
             page_percent(set, run_at(record, n - 1)->stability_ratio),
             (long)run_at(record, n - 1)->seq, page_percent(set, record->api->stability_threshold));
    grid(out, record->api->stability_threshold);
    curve(record, out);
    dots(set, out);
    pl_buf_str(out, "</svg>\n");
    strip(record, out);
    html_put(out,
             "</div>\n<ul class=\"legend\">\n<li class=\"goal\">goal %s</li>"
             "<li class=\"good\">stable</li><li class=\"fair\">warnings</li>"
             "<li class=\"bad\">breaking</li><li class=\"none\">no document</li>\n</ul>\n"
             "</section>\n",
             page_percent(set, record->api->stability_threshold));
}
