#include "report_private.h"

#include <string.h>

static const char *const NAMES[] = { "text", "json", "markdown", "github" };

bool
pl_format_parse(const char *name, enum pl_format *out)
{
    for (int i = PL_FORMAT_TEXT; i <= PL_FORMAT_GITHUB; i++) {
        if (name && strcmp(name, NAMES[i]) == 0) {
            *out = (enum pl_format)i;
            return true;
        }
    }
    return false;
}

/* The same diff with nothing but its errors to list. */
static const struct pl_diff *
breaking_only(const struct pl_diff *diff, struct pl_arena *arena)
{
    struct pl_diff *out = pl_arena_alloc(arena, sizeof *out);

    *out = *diff;
    out->findings =
        pl_arena_alloc(arena, ((size_t)diff->finding_count + 1) * sizeof *out->findings);
    out->finding_count = 0;
    for (int i = 0; i < diff->finding_count; i++)
        if (diff->findings[i].level == PL_LEVEL_ERROR)
            out->findings[out->finding_count++] = diff->findings[i];
    return out;
}

void
pl_report_diff(struct pl_buf *out, const struct pl_report *report, enum pl_format format)
{
    static void (*const WRITERS[])(struct pl_buf *,
                                   const struct pl_report *) = { report_text, report_json,
                                                                 report_markdown, report_github };
    struct pl_report copy = *report;

    if (copy.only_breaking)
        copy.diff = breaking_only(copy.diff, out->arena);
    WRITERS[format](out, &copy);
}

void
pl_report_findings(struct pl_buf *out, const struct pl_finding *findings, int count,
                   enum pl_format format, bool colour)
{
    switch (format) {
    case PL_FORMAT_TEXT:
        report_text_findings(out, findings, count, colour);
        break;
    case PL_FORMAT_JSON:
        report_json_findings(out, findings, count);
        break;
    case PL_FORMAT_MARKDOWN:
        report_markdown_findings(out, findings, count);
        break;
    case PL_FORMAT_GITHUB:
        report_github_findings(out, findings, count, NULL);
        break;
    }
}

void
report_count(struct pl_buf *out, int count, const char *one, const char *many)
{
    pl_buf_printf(out, "%d %s", count, count == 1 ? one : many);
}

bool
report_same_operation(const struct pl_finding *a, const struct pl_finding *b)
{
    const char *one = a->operation.method, *two = b->operation.method;

    if (one == NULL || two == NULL)
        return one == two;
    return strcmp(one, two) == 0 && strcmp(a->operation.path, b->operation.path) == 0;
}

const struct pl_place *
report_place(const struct pl_finding *finding)
{
    return finding->head.file ? &finding->head : &finding->base;
}
