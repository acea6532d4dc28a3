/* report_html -- one page that needs nothing beside it: no script, no font, no request. */
#include "report_private.h"

#include "pl_embed.h"

#include <string.h>

#define AROUND  3   // lines of the document shown before and after
#define LONGEST 200 // characters of a line that are shown

extern const struct pl_embedded report_style[]; // report.css, see CMakeLists.txt

/* Where the lines of one file begin, found once. */
struct lines {
    const struct pl_document_file *file;
    size_t *starts; // [count] is the end
    uint32_t count;
};

struct html {
    struct pl_buf *out;
    const struct pl_report *report;
    struct lines *sides[2]; // of base and head, one for each file; starts NULL: not yet needed
};

static void
find_lines(struct pl_arena *arena, struct lines *self)
{
    const char *bytes = self->file->bytes;
    size_t length = self->file->length;
    uint32_t count = 1;

    for (size_t i = 0; i < length; i++)
        count += bytes[i] == '\n';
    self->starts = pl_arena_alloc(arena, (count + 1) * sizeof *self->starts);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '\n')
            self->starts[++self->count] = i + 1;
    if (length && bytes[length - 1] == '\n') // which ends the last line and begins no other
        return;
    self->starts[++self->count] = length + 1;
}

static struct lines *
lines_of(struct html *self, const struct pl_document *document, const char *name, int side)
{
    struct pl_arena *arena = self->out->arena;

    if (self->sides[side] == NULL) {
        self->sides[side] =
            pl_arena_alloc(arena, (size_t)document->file_count * sizeof **self->sides);
        for (int i = 0; i < document->file_count; i++)
            self->sides[side][i].file = &document->files[i];
    }
    for (int i = 0; i < document->file_count; i++) {
        struct lines *lines = &self->sides[side][i];

        if (strcmp(lines->file->name, name) != 0 || lines->file->bytes == NULL)
            continue;
        if (lines->starts == NULL)
            find_lines(arena, lines);
        return lines;
    }
    return NULL;
}

/* At most LONGEST characters of a line; documents are UTF-8, which is checked on loading. */
static void
write_line(struct pl_buf *out, const char *at, size_t length)
{
    size_t used = 0, characters = 0;

    while (used < length && (characters < LONGEST || ((unsigned char)at[used] & 0xc0) == 0x80)) {
        characters += ((unsigned char)at[used] & 0xc0) != 0x80;
        used++;
    }
    pl_report_xml_text(out, pl_arena_memdup(out->arena, at, used));
    if (used < length)
        pl_buf_str(out, "\xe2\x80\xa6");
}

static void
write_excerpt(struct html *self, const struct lines *lines, uint32_t line)
{
    uint32_t first = line > AROUND ? line - AROUND : 1, last = line + AROUND;

    pl_buf_str(self->out, "<pre tabindex=\"0\">");
    for (uint32_t n = first; n <= last && n <= lines->count; n++) {
        size_t start = lines->starts[n - 1], end = lines->starts[n] - 1;

        while (end > start && lines->file->bytes[end - 1] == '\r')
            end--;
        pl_buf_printf(self->out, "<span%s><i>%u</i>", n == line ? " class=\"here\"" : "", n);
        write_line(self->out, lines->file->bytes + start, end - start);
        pl_buf_str(self->out, "</span>");
    }
    pl_buf_str(self->out, "</pre>");
}

static void
write_side(struct html *self, const struct pl_document *document, const struct pl_place *place,
           const char *word, int side)
{
    struct pl_buf *out = self->out;
    const struct lines *lines;

    if (place->file == NULL)
        return;
    pl_buf_printf(out, "<figure><figcaption>%s: ", word);
    pl_report_xml_text(out, place->file);
    pl_buf_printf(out, ":%u <code>", place->line);
    pl_report_xml_text(out, place->pointer);
    pl_buf_str(out, "</code></figcaption>");
    lines = lines_of(self, document, place->file, side);
    if (lines && place->line)
        write_excerpt(self, lines, place->line);
    pl_buf_str(out, "</figure>\n");
}

static void
write_witness(struct pl_buf *out, const struct pl_witness *witness)
{
    const char *text = report_witness(out->arena, witness);

    if (text == NULL)
        return;
    pl_buf_str(out, "<div class=\"witness\">");
    if (witness->kind == PL_WITNESS_NONE) {
        pl_report_xml_text(out, text);
    } else {
        pl_buf_printf(out, "A %s that is valid in %s and not in %s", witness->side,
                      witness->valid_in, witness->invalid_in);
        if (witness->keyword) {
            pl_buf_str(out, " (<code>");
            pl_report_xml_text(out, witness->keyword);
            pl_buf_str(out, " ");
            pl_report_xml_text(out, witness->pointer ? witness->pointer : "");
            pl_buf_str(out, "</code>)");
        }
        pl_buf_str(out, ":<pre>");
        pl_report_xml_text(out, witness->value ? witness->value : "");
        pl_buf_str(out, "</pre>");
    }
    pl_buf_str(out, "</div>\n");
}

/* Our own sentences mark names by backticks. */
static void
write_sentence(struct pl_buf *out, const char *text)
{
    bool code = false;

    while (*text) {
        size_t length = strcspn(text, "`");

        pl_report_xml_text(out, pl_arena_memdup(out->arena, text, length));
        text += length;
        if (*text == '`') {
            code = !code;
            pl_buf_str(out, code ? "<code>" : "</code>");
            text++;
        }
    }
    pl_buf_str(out, code ? "</code>" : "");
}

static void
write_hits(struct pl_buf *out, const struct pl_finding *finding)
{
    if (finding->operations < 2 || finding->hits == NULL)
        return;
    pl_buf_printf(out, "<details><summary>%d operations are hit</summary><code>",
                  finding->operations);
    for (int i = 0; i < finding->operations; i++) {
        pl_buf_str(out, i ? "<br>" : "");
        pl_report_xml_text(out, pl_arena_printf(out->arena, "%s %s", finding->hits[i].method,
                                                finding->hits[i].path));
    }
    pl_buf_str(out, "</code></details>\n");
}

static void
write_finding(struct html *self, const struct pl_finding *finding)
{
    struct pl_buf *out = self->out;
    const char *level = pl_level_name(finding->level);

    pl_buf_printf(out,
                  "<article class=\"%s\"><p><span class=\"level\">%s</span><span class=\"what\">",
                  level, level);
    write_sentence(out, finding->text);
    pl_buf_str(out, "</span></p>\n<p class=\"soft\"><code>");
    pl_report_xml_text(out, finding->rule->id);
    pl_buf_str(out, "</code>");
    if (finding->level >= PL_LEVEL_WARN) {
        pl_buf_str(out, " &middot; ");
        pl_report_xml_text(out, finding->rule->hint);
    }
    pl_buf_str(out, "</p>\n");
    write_hits(out, finding);
    pl_buf_str(out, "<div class=\"sides\">\n");
    write_side(self, self->report->base, &finding->base, "before", 0);
    write_side(self, self->report->head, &finding->head, "now", 1);
    pl_buf_str(out, "</div>\n");
    write_witness(out, &finding->witness);
    pl_buf_str(out, "</article>\n");
}

static void
write_count(struct pl_buf *out, const char *class, int count, const char *one, const char *many)
{
    pl_buf_printf(out, "<li class=\"%s\"><b>%d</b>%s</li>\n", class, count,
                  count == 1 ? one : many);
}

static void
write_summary(struct html *self)
{
    const struct pl_report *report = self->report;
    const struct pl_semver *semver = report->semver;
    const struct pl_diff *diff = report->diff;
    struct pl_buf *out = self->out;

    pl_buf_str(out, "<ul class=\"counts\">\n");
    write_count(out, diff->breaking ? "error" : "", diff->breaking, "breaking", "breaking");
    write_count(out, diff->warnings ? "warn" : "", diff->warnings, "warning", "warnings");
    write_count(out, "info", diff->infos, "note", "notes");
    write_count(out, "", diff->added_count, "operation added", "operations added");
    write_count(out, "", diff->removed_count, "operation removed", "operations removed");
    write_count(out, "", diff->changed_count, "operation changed", "operations changed");
    pl_buf_printf(out, "</ul>\n<p>Version policy: <b class=\"%s\">%s</b>, required: %s",
                  strcmp(semver->status, "ok") == 0     ? "fine"
                  : strcmp(semver->status, "fail") == 0 ? "fail"
                                                        : "unsure",
                  semver->status, semver->required);
    for (int i = 0; i < semver->message_count; i++) {
        pl_buf_str(out, i ? "; " : ": ");
        pl_report_xml_text(out, semver->messages[i]);
    }
    pl_buf_str(out, "</p>\n");
    if (diff->finding_count == 0)
        pl_buf_str(out, diff->breaking + diff->warnings + diff->infos
                            ? "<p>Nothing of that is to be listed here.</p>\n"
                            : "<p>There is no difference that a caller could notice.</p>\n");
}

void
report_html(struct pl_buf *out, const struct pl_report *report)
{
    struct html self = { .out = out, .report = report };
    const struct pl_diff *diff = report->diff;
    const char *title = *report->head->title ? report->head->title : report->head->file;

    pl_buf_str(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" "
                    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>");
    pl_report_xml_text(out, title);
    pl_buf_str(out, ": what changed</title>\n<style>\n");
    pl_buf_str(out, report_style[0].text);
    pl_buf_str(out, "</style>\n</head>\n<body>\n<main>\n<h1>");
    pl_report_xml_text(out, title);
    pl_buf_str(out, "</h1>\n<p class=\"soft\">");
    pl_report_xml_text(out, *report->base->version ? report->base->version : "no version");
    pl_buf_str(out, " &rarr; ");
    pl_report_xml_text(out, *report->head->version ? report->head->version : "no version");
    pl_buf_str(out, "</p>\n");
    write_summary(&self);
    for (int i = 0; i < diff->finding_count; i++) {
        if (i == 0 || !report_same_operation(&diff->findings[i], &diff->findings[i - 1])) {
            pl_buf_str(out, "<h2>");
            pl_report_xml_text(out, report_operation(out->arena, &diff->findings[i]));
            pl_buf_str(out, "</h2>\n");
        }
        write_finding(&self, &diff->findings[i]);
    }
    pl_buf_str(out, "</main>\n</body>\n</html>\n");
}
