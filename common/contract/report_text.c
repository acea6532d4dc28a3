/* report_text -- for a terminal: 80 columns, worst first within each operation. */
#include "report_private.h"

#include <string.h>

#define WIDTH  80
#define INDENT 9 // under the level's word

static const struct {
    const char *word, *colour;
} LEVELS[] = {
    [PL_LEVEL_NONE] = { "none", "" },
    [PL_LEVEL_INFO] = { "info", "\033[36m" },
    [PL_LEVEL_WARN] = { "warn", "\033[33m" },
    [PL_LEVEL_ERROR] = { "error", "\033[1;31m" },
};

static void
paint(struct pl_buf *out, bool colour, const char *code, const char *text)
{
    pl_buf_printf(out, "%s%s%s", colour ? code : "", text, colour ? "\033[0m" : "");
}

/* Columns of UTF-8: every byte that does not continue a character. */
static int
columns(const char *text, size_t length)
{
    int n = 0;

    for (size_t i = 0; i < length; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

/* How much of a long word goes on this line: up to the last comma or brace that fits, where JSON
 * may have white space, else all that fits. */
static size_t
part_of(const char *text, size_t length, size_t room)
{
    size_t most = length < room ? length : room, at = most;

    while (at > room / 2 && strchr(",{[", text[at - 1]) == NULL)
        at--;
    if (at > room / 2)
        return at;
    while (most > 1 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--; // never inside a character
    return most;
}

/* A JSON text that no line holds, on lines of its own but for its last part, at which *text is then;
 * the length of that. */
static size_t
write_json(struct pl_buf *out, const char **text, size_t length, int indent, int width, bool fresh)
{
    size_t room = (size_t)(width - indent);

    if (!fresh)
        pl_buf_printf(out, "\n%*s", indent, "");
    while (columns(*text, length) > (int)room) {
        size_t part = part_of(*text, length, room);

        pl_buf_str(out, report_plain(out->arena, *text, part));
        pl_buf_printf(out, "\n%*s", indent, "");
        *text += part;
        length -= part;
    }
    return length;
}

void
pl_report_wrap(struct pl_buf *out, const char *text, int indent, int column, int width)
{
    bool fresh = column <= indent;

    for (; column < indent; column++)
        pl_buf_char(out, ' ');
    while (*text) {
        size_t length = strcspn(text, " \n");
        int size = columns(text, length);

        if ((*text == '{' || *text == '[') && size > width - indent) {
            length = write_json(out, &text, length, indent, width, fresh);
            size = columns(text, length);
            column = indent;
            fresh = true;
        }
        if (!fresh && column + 1 + size > width) {
            pl_buf_printf(out, "\n%*s", indent, "");
            column = indent;
            fresh = true;
        }
        if (length > 0) {
            pl_buf_str(out, fresh ? "" : " ");
            pl_buf_str(out, report_plain(out->arena, text, length));
            column += size + !fresh;
            fresh = false;
        }
        text += length + (text[length] != '\0');
    }
    pl_buf_char(out, '\n');
}

static void
add_place(struct pl_buf *out, const char *word, const struct pl_place *place)
{
    pl_buf_printf(out, "%s%s:%u", word, place->file, place->line);
}

/* ${hint}: the rule was not met before. */
static void
write_finding(struct pl_buf *out, const struct pl_finding *finding, bool colour, bool hint)
{
    const char *witness = report_witness(out->arena, &finding->witness);
    struct pl_buf where = { .arena = out->arena };

    pl_buf_str(out, "  ");
    paint(out, colour, LEVELS[finding->level].colour, LEVELS[finding->level].word);
    pl_report_wrap(out, finding->text, INDENT, 2 + (int)strlen(LEVELS[finding->level].word), WIDTH);
    pl_buf_str(&where, finding->rule->id);
    if (finding->level >= PL_LEVEL_WARN && finding->fingerprint) // what accepting it asks for
        pl_buf_printf(&where, " (%s)", finding->fingerprint);
    if (finding->head.file)
        add_place(&where, " at ", &finding->head);
    if (finding->base.file)
        add_place(&where, finding->head.file ? ", was " : " was ", &finding->base);
    if (witness)
        pl_report_wrap(out, witness, INDENT, 0, WIDTH);
    pl_buf_str(out, colour ? "\033[2m" : "");
    pl_report_wrap(out, pl_buf_text(&where), INDENT, 0, WIDTH);
    if (hint && finding->level >= PL_LEVEL_WARN)
        pl_report_wrap(out, pl_arena_printf(out->arena, "hint: %s", finding->rule->hint), INDENT, 0,
                       WIDTH);
    if (finding->note)
        pl_report_wrap(out, pl_arena_printf(out->arena, "note: %s", finding->note), INDENT, 0,
                       WIDTH);
    pl_buf_str(out, colour ? "\033[0m" : "");
}

static void
write_operation(struct pl_buf *out, const struct pl_operation_ref *operation, bool colour)
{
    const char *name =
        operation->method ? pl_arena_printf(out->arena, "%s %s", operation->method, operation->path)
                          : "the document";

    paint(out, colour, "\033[1m", report_plain(out->arena, name, strlen(name)));
    pl_buf_char(out, '\n');
}

void
report_text_findings(struct pl_buf *out, const struct pl_finding *findings, int count, bool colour)
{
    struct pl_node *said = pl_node_object(out->arena); // rules whose hint was given

    for (int i = 0; i < count; i++) {
        const char *id = findings[i].rule->id;
        bool first = pl_node_get(said, id) == NULL;

        if (i == 0 || !report_same_operation(&findings[i], &findings[i - 1])) {
            pl_buf_str(out, i ? "\n" : "");
            write_operation(out, &findings[i].operation, colour);
        }
        if (first)
            pl_node_set(out->arena, said, id, pl_node_null(out->arena));
        write_finding(out, &findings[i], colour, first);
    }
}

static void
write_summary(struct pl_buf *out, const struct pl_report *report)
{
    const struct pl_diff *diff = report->diff;
    struct pl_buf line = { .arena = out->arena };

    if (diff->breaking + diff->warnings + diff->infos + diff->accepted_count == 0) {
        pl_buf_str(out, "no difference that a caller could notice\n");
        return;
    }
    pl_buf_printf(&line, "%d breaking, ", diff->breaking);
    report_count(&line, diff->warnings, "warning, ", "warnings, ");
    report_count(&line, diff->infos, "note; ", "notes; ");
    pl_buf_printf(&line, "operations: %d added, %d removed, %d changed", diff->added_count,
                  diff->removed_count, diff->changed_count);
    if (diff->accepted_count)
        pl_buf_printf(&line, "; accepted: %d", diff->accepted_count);
    pl_report_wrap(out, pl_buf_text(&line), 0, 0, WIDTH);
}

static void
write_semver(struct pl_buf *out, const struct pl_report *report)
{
    static const char *const COLOURS[] = { "\033[32m", "\033[33m", "\033[1;31m" };
    const struct pl_semver *semver = report->semver;
    int colour = strcmp(semver->status, "ok") == 0     ? 0
                 : strcmp(semver->status, "fail") == 0 ? 2
                                                       : 1;

    pl_buf_str(out, "version: ");
    paint(out, report->colour, COLOURS[colour], semver->status);
    pl_report_wrap(out,
                   pl_arena_printf(out->arena, "(%s -> %s; required: %s)",
                                   *report->base->version ? report->base->version : "none",
                                   *report->head->version ? report->head->version : "none",
                                   semver->required),
                   INDENT, 9 + (int)strlen(semver->status), WIDTH);
    for (int i = 0; i < semver->message_count; i++)
        pl_report_wrap(out, semver->messages[i], INDENT, 0, WIDTH);
    for (int i = 0; i < semver->recommendation_count; i++)
        pl_report_wrap(out, pl_arena_printf(out->arena, "hint: %s", semver->recommendations[i]),
                       INDENT, 0, WIDTH);
}

void
report_text(struct pl_buf *out, const struct pl_report *report)
{
    const char *name = *report->head->title ? report->head->title : report->head->file;
    const char *note = report->head->note ? report->head->note : report->base->note;

    paint(out, report->colour, "\033[1m", report_plain(out->arena, name, strlen(name)));
    pl_buf_char(out, '\n');
    if (note)
        pl_report_wrap(out, pl_arena_printf(out->arena, "note: %s", note), 0, 0, WIDTH);
    write_summary(out, report);
    write_semver(out, report);
    if (report->diff->finding_count)
        pl_buf_char(out, '\n');
    report_text_findings(out, report->diff->findings, report->diff->finding_count, report->colour);
}
