#include "report_private.h"

#include <string.h>

static const char *const NAMES[] = { "text", "json", "markdown", "github",
                                     "yaml", "html", "junit",    "sarif" };

bool
pl_format_parse(const char *name, enum pl_format *out)
{
    for (int i = PL_FORMAT_TEXT; i <= PL_FORMAT_SARIF; i++) {
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
    static void (*const WRITERS[])(struct pl_buf *, const struct pl_report *) = {
        [PL_FORMAT_TEXT] = report_text,         [PL_FORMAT_JSON] = report_json,
        [PL_FORMAT_MARKDOWN] = report_markdown, [PL_FORMAT_GITHUB] = report_github,
        [PL_FORMAT_YAML] = report_yaml,         [PL_FORMAT_HTML] = report_html,
        [PL_FORMAT_JUNIT] = report_junit,       [PL_FORMAT_SARIF] = report_sarif,
    };
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
    case PL_FORMAT_YAML:
        pl_node_write_yaml(out, report_json_list(out->arena, findings, count));
        break;
    case PL_FORMAT_HTML:
    case PL_FORMAT_JUNIT:
    case PL_FORMAT_SARIF:
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

const char *
report_operation(struct pl_arena *arena, const struct pl_finding *finding)
{
    if (finding->operation.method == NULL)
        return "the document";
    return pl_arena_printf(arena, "%s %s", finding->operation.method, finding->operation.path);
}

const char *
pl_report_sentence(struct pl_arena *arena, const struct pl_finding *finding)
{
    const char *rest = finding->text + strspn(finding->text, "0123456789");
    const char *operation = report_operation(arena, finding);

    if (finding->operation.method == NULL)
        return finding->text;
    if (finding->operations < 2 || strncmp(rest, " operations: ", 13) != 0)
        return pl_arena_printf(arena, "%s: %s", operation, finding->text);
    return pl_arena_printf(arena, "%s and %d more: %s", operation, finding->operations - 1,
                           rest + 13);
}

const char *
report_plain(struct pl_arena *arena, const char *text, size_t length)
{
    struct pl_buf out = { .arena = arena };

    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            pl_buf_printf(&out, "\\u%04x", (unsigned char)text[i]);
        else
            pl_buf_char(&out, text[i]);
    return pl_buf_text(&out);
}

const char *
report_witness(struct pl_arena *arena, const struct pl_witness *witness)
{
    struct pl_buf out = { .arena = arena };

    if (witness->kind == PL_WITNESS_NONE)
        return witness->reason == NULL ? NULL
               : strncmp(witness->reason, "could not", 9) == 0
                   ? witness->reason
                   : pl_arena_printf(arena, "no example: %s", witness->reason);
    if (witness->kind == PL_WITNESS_STATUS && strchr(witness->value, ' ') == NULL)
        return NULL; // the sentence names the status already
    pl_buf_printf(&out, "e.g. the %s %s", witness->side ? witness->side : "value",
                  witness->value ? witness->value : "");
    if (witness->valid_in && witness->invalid_in)
        pl_buf_printf(&out, " is valid in %s, not in %s", witness->valid_in, witness->invalid_in);
    if (witness->keyword)
        pl_buf_printf(&out, " (%s%s%s)", witness->keyword,
                      witness->pointer && *witness->pointer ? " at " : "",
                      witness->pointer ? witness->pointer : "");
    return pl_buf_text(&out);
}

/* The length of a well-formed character that XML 1.0 allows; 0: it does not. */
static size_t
xml_character(const unsigned char *at)
{
    if (*at < 0x20)
        return *at == '\t' || *at == '\n' || *at == '\r' ? 1 : 0;
    if (*at < 0x80)
        return *at != 0x7f;
    if (at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe) // U+FFFE, U+FFFF
        return 0;
    return *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
}

void
pl_report_xml_text(struct pl_buf *out, const char *text)
{
    static const struct {
        char c;
        const char *as;
    } escapes[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" } };

    while (*text) {
        size_t length = xml_character((const unsigned char *)text);
        const char *as = length ? NULL : "\xef\xbf\xbd";

        for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
            if (*text == escapes[i].c)
                as = escapes[i].as;
        if (as)
            pl_buf_str(out, as);
        else
            pl_buf_add(out, text, length);
        text += length ? length : 1;
    }
}
