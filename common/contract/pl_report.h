/* pl_report -- a diff, or the findings of a run, for people and for tools.
 *
 * Formats: text (80 columns, colours if asked for), json (a contract: issue trackers and CI jobs
 * read it), yaml (the same), markdown (for a comment on a pull request), github (workflow
 * annotations), html (one page that needs nothing beside it, with an excerpt around each finding),
 * junit (a test suite), sarif (2.1.0, for code scanning).
 */
#ifndef PL_REPORT_H
#define PL_REPORT_H

#include "pl_compare.h"
#include "pl_semver.h"

enum pl_format {
    PL_FORMAT_TEXT,
    PL_FORMAT_JSON,
    PL_FORMAT_MARKDOWN,
    PL_FORMAT_GITHUB,
    PL_FORMAT_YAML,
    PL_FORMAT_HTML,
    PL_FORMAT_JUNIT,
    PL_FORMAT_SARIF,
};

/* By its name in lower case: "text", "json", ... */
bool pl_format_parse(const char *name, enum pl_format *out);

struct pl_report {
    const struct pl_document *base, *head;
    const char *base_sha256, *head_sha256; // of the files' bytes, lowercase hex
    const struct pl_diff *diff;
    const struct pl_semver *semver; // the judgement of the two versions
    bool colour;                    // text only
    bool only_breaking;             // list errors only; the counts stay
};

/* Append the whole report. */
void pl_report_diff(struct pl_buf *out, const struct pl_report *report, enum pl_format format);

/* The pieces, for a run whose findings came from elsewhere. */

/* One finding as a JSON object, and back; what came back lives in the arena and keeps the ids of
 * rules that this program does not know. */
struct pl_node *pl_finding_node(struct pl_arena *arena, const struct pl_finding *finding);
void pl_finding_read(struct pl_arena *arena, const struct pl_node *node, struct pl_finding *out);

/* The list alone, grouped by operation; as JSON or YAML an array.  html, junit and sarif are whole
 * reports only: for them the list is JSON. */
void pl_report_findings(struct pl_buf *out, const struct pl_finding *findings, int count,
                        enum pl_format format, bool colour);

/* ${text} with what XML and HTML would take for their own escaped; what XML 1.0 cannot hold at all
 * becomes U+FFFD. */
void pl_report_xml_text(struct pl_buf *out, const char *text);

/* The finding's sentence with the operation it is about, and how many more it hits. */
const char *pl_report_sentence(struct pl_arena *arena, const struct pl_finding *finding);

/* Words folded at ${width} columns, each line led by ${indent} blanks, the first line already
 * ${column} columns full. */
void pl_report_wrap(struct pl_buf *out, const char *text, int indent, int column, int width);

/* ${text} with what a Markdown table or a workflow command would take for its own escaped. */
void pl_report_markdown_text(struct pl_buf *out, const char *text);
void pl_report_github_line(struct pl_buf *out, enum pl_finding_level level, const char *file,
                           uint32_t line, uint32_t column, const char *title, const char *text);

#endif
