/* report_junit -- a test suite: one case per finding, those that break are failures. */
#include "report_private.h"

static void
attribute(struct pl_buf *out, const char *name, const char *value)
{
    struct pl_buf text = { .arena = out->arena };

    pl_report_xml_text(&text, value);
    pl_buf_printf(out, " %s=\"", name);
    for (const char *at = pl_buf_text(&text); *at; at++) // readers make blanks of what breaks lines
        if (*at == '\n' || *at == '\r' || *at == '\t')
            pl_buf_printf(out, "&#%d;", *at);
        else
            pl_buf_char(out, *at);
    pl_buf_char(out, '"');
}

static void
write_place(struct pl_buf *out, const char *word, const struct pl_place *place)
{
    if (place->file == NULL)
        return;
    pl_buf_printf(out, "%s: ", word);
    pl_report_xml_text(out, place->file);
    pl_buf_printf(out, ":%u:%u ", place->line, place->column);
    pl_report_xml_text(out, place->pointer);
    pl_buf_char(out, '\n');
}

static void
write_details(struct pl_buf *out, const struct pl_finding *finding)
{
    const char *witness = report_witness(out->arena, &finding->witness);

    pl_report_xml_text(out, finding->text);
    pl_buf_char(out, '\n');
    write_place(out, "base", &finding->base);
    write_place(out, "head", &finding->head);
    if (witness) {
        pl_report_xml_text(out, witness);
        pl_buf_char(out, '\n');
    }
    pl_buf_str(out, "hint: ");
    pl_report_xml_text(out, finding->rule->hint);
}

static void
write_case(struct pl_buf *out, const struct pl_finding *finding)
{
    bool failed = finding->level == PL_LEVEL_ERROR;

    pl_buf_str(out, "    <testcase");
    attribute(out, "classname", report_operation(out->arena, finding));
    attribute(out, "name", pl_arena_printf(out->arena, "%s: %s", finding->rule->id, finding->text));
    pl_buf_str(out, " time=\"0\">");
    if (failed) {
        pl_buf_str(out, "<failure");
        attribute(out, "type", finding->rule->id);
        attribute(out, "message", finding->text);
        pl_buf_char(out, '>');
    } else {
        pl_buf_printf(out, "<system-out>%s: ", pl_level_name(finding->level));
    }
    write_details(out, finding);
    pl_buf_printf(out, "</%s></testcase>\n", failed ? "failure" : "system-out");
}

void
report_junit(struct pl_buf *out, const struct pl_report *report)
{
    const struct pl_diff *diff = report->diff;
    int failures = 0, cases = diff->finding_count ? diff->finding_count : 1;
    const char *counts;

    for (int i = 0; i < diff->finding_count; i++)
        failures += diff->findings[i].level == PL_LEVEL_ERROR;
    counts = pl_arena_printf(out->arena, " tests=\"%d\" failures=\"%d\" errors=\"0\" time=\"0\"",
                             cases, failures);
    pl_buf_printf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<testsuites name=\"plumb diff\"%s>\n  <testsuite",
                  counts);
    attribute(out, "name",
              pl_arena_printf(out->arena, "%s %s -> %s", report->head->title, report->base->version,
                              report->head->version));
    pl_buf_printf(out, "%s skipped=\"0\">\n", counts);
    for (int i = 0; i < diff->finding_count; i++)
        write_case(out, &diff->findings[i]);
    if (diff->finding_count == 0)
        pl_buf_str(out, "    <testcase classname=\"the document\" name=\"nothing that a caller "
                        "could notice\" time=\"0\"/>\n");
    pl_buf_str(out, "  </testsuite>\n</testsuites>\n");
}
