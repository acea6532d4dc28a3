/* report_github -- workflow commands: GitHub shows each at its line of the changed file. */
#include "report_private.h"

#include <string.h>

/* ${property}: commas and colons part properties, so they are escaped there too. */
static void
escape(struct pl_buf *out, const char *text, bool property)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (property && (*text == ':' || *text == ',')))
            pl_buf_printf(out, "%%%02X", (unsigned char)*text);
        else
            pl_buf_char(out, *text);
    }
}

void
pl_report_github_line(struct pl_buf *out, enum pl_finding_level level, const char *file,
                      uint32_t line, uint32_t column, const char *title, const char *text)
{
    pl_buf_printf(out, "::%s ",
                  level == PL_LEVEL_ERROR  ? "error"
                  : level == PL_LEVEL_WARN ? "warning"
                                           : "notice");
    if (file) {
        pl_buf_str(out, "file=");
        escape(out, file, true);
        pl_buf_char(out, ',');
    }
    if (file && line)
        pl_buf_printf(out, "line=%u,", line);
    if (file && line && column)
        pl_buf_printf(out, "col=%u,", column);
    pl_buf_str(out, "title=");
    escape(out, title, true);
    pl_buf_str(out, "::");
    escape(out, text, false);
    pl_buf_char(out, '\n');
}

/* What is gone from the head document can only be shown at the file as a whole. */
void
report_github_findings(struct pl_buf *out, const struct pl_finding *findings, int count,
                       const char *head_file)
{
    for (int i = 0; i < count; i++) {
        const struct pl_finding *finding = &findings[i];
        const char *witness = report_witness(out->arena, &finding->witness);
        bool here = finding->head.file != NULL;

        pl_report_github_line(
            out, finding->level,
            here        ? finding->head.file
            : head_file ? head_file
                        : finding->base.file,
            here ? finding->head.line : 0, here ? finding->head.column : 0, finding->rule->id,
            pl_arena_printf(out->arena, "%s%s%s", pl_report_sentence(out->arena, finding),
                            witness ? "\n" : "", witness ? witness : ""));
    }
}

void
report_github(struct pl_buf *out, const struct pl_report *report)
{
    const struct pl_semver *semver = report->semver;
    const char *file = report->head->file;

    if (strcmp(semver->status, "fail") == 0 || strcmp(semver->status, "warn") == 0)
        pl_report_github_line(
            out, strcmp(semver->status, "fail") == 0 ? PL_LEVEL_ERROR : PL_LEVEL_WARN, file, 0, 0,
            "version-policy",
            pl_arena_printf(out->arena, "%s -> %s: %s", report->base->version,
                            report->head->version,
                            semver->message_count ? semver->messages[0] : semver->status));
    report_github_findings(out, report->diff->findings, report->diff->finding_count, file);
}
