/* report_markdown -- for a comment on a pull request: the counts, what breaks in sight, the rest
 * folded away. */
#include "report_private.h"

#include <string.h>

/* Text from documents must not become markup.  Our own backticks stay code. */
void
pl_report_markdown_text(struct pl_buf *out, const char *text)
{
    bool code = false;

    for (; *text; text++) {
        if (*text == '`')
            code = !code;
        if (*text == '\n' || *text == '\r')
            pl_buf_char(out, ' ');
        else if (*text == '|')
            pl_buf_str(out, "\\|");
        else if (!code && *text == '<')
            pl_buf_str(out, "&lt;");
        else if (!code && strchr("*_[]#\\", *text))
            pl_buf_printf(out, "\\%c", *text);
        else
            pl_buf_char(out, *text);
    }
    if (code)
        pl_buf_char(out, '`');
}

/* Backticks inside would end the code. */
static void
write_code(struct pl_buf *out, const char *text)
{
    pl_buf_char(out, '`');
    for (; *text; text++)
        if (*text == '|') // it would end the cell
            pl_buf_str(out, "\\|");
        else
            pl_buf_char(out, *text == '`' || *text == '\n' || *text == '\r' ? '\'' : *text);
    pl_buf_char(out, '`');
}

static int
count_level(const struct pl_finding *findings, int count, enum pl_finding_level level)
{
    int n = 0;

    for (int i = 0; i < count; i++)
        n += findings[i].level == level;
    return n;
}

static void
write_row(struct pl_buf *out, const struct pl_finding *finding)
{
    const struct pl_place *place = report_place(finding);
    const char *witness = report_witness(out->arena, &finding->witness);

    pl_buf_str(out, "| ");
    if (finding->operation.method)
        write_code(out, pl_arena_printf(out->arena, "%s %s", finding->operation.method,
                                        finding->operation.path));
    pl_buf_str(out, " | ");
    pl_report_markdown_text(out, finding->text);
    pl_buf_printf(out, " <br> `%s`", finding->rule->id);
    if (witness) {
        pl_buf_str(out, " <br> ");
        pl_report_markdown_text(out, witness);
    }
    pl_buf_str(out, " | ");
    if (place->file)
        write_code(out, pl_arena_printf(out->arena, "%s:%u", place->file, place->line));
    pl_buf_str(out, " |\n");
}

static void
write_level(struct pl_buf *out, const struct pl_finding *findings, int count,
            enum pl_finding_level level, const char *title)
{
    int n = count_level(findings, count, level);
    bool folded = level == PL_LEVEL_INFO;

    if (n == 0)
        return;
    if (folded)
        pl_buf_printf(out, "<details><summary>%s (%d)</summary>\n\n", title, n);
    else
        pl_buf_printf(out, "### %s (%d)\n\n", title, n);
    pl_buf_str(out, "| Operation | What | Where |\n|---|---|---|\n");
    for (int i = 0; i < count; i++)
        if (findings[i].level == level)
            write_row(out, &findings[i]);
    pl_buf_str(out, folded ? "\n</details>\n\n" : "\n");
}

void
report_markdown_findings(struct pl_buf *out, const struct pl_finding *findings, int count)
{
    write_level(out, findings, count, PL_LEVEL_ERROR, "Breaking");
    write_level(out, findings, count, PL_LEVEL_WARN, "Warnings");
    write_level(out, findings, count, PL_LEVEL_INFO, "Notes");
}

void
report_markdown(struct pl_buf *out, const struct pl_report *report)
{
    const struct pl_diff *diff = report->diff;
    const struct pl_semver *semver = report->semver;

    pl_buf_str(out, "## ");
    pl_report_markdown_text(out, *report->head->title ? report->head->title : report->head->file);
    pl_buf_str(out, ": ");
    pl_report_markdown_text(out, *report->base->version ? report->base->version : "none");
    pl_buf_str(out, " to ");
    pl_report_markdown_text(out, *report->head->version ? report->head->version : "none");
    pl_buf_printf(out, "\n\n**%d breaking**, ", diff->breaking);
    report_count(out, diff->warnings, "warning, ", "warnings, ");
    report_count(out, diff->infos, "note.", "notes.");
    pl_buf_printf(out, " Operations: %d added, %d removed, %d changed.\n\n", diff->added_count,
                  diff->removed_count, diff->changed_count);
    pl_buf_printf(out, "Version policy: **%s** (required: %s)", semver->status, semver->required);
    for (int i = 0; i < semver->message_count; i++) {
        pl_buf_str(out, i ? "; " : ": ");
        pl_report_markdown_text(out, semver->messages[i]);
    }
    pl_buf_str(out, ".\n\n");
    report_markdown_findings(out, diff->findings, diff->finding_count);
}
