/* report_private -- one function per format, and what they share. */
#ifndef REPORT_PRIVATE_H
#define REPORT_PRIVATE_H

#include "pl_report.h"

void report_json(struct pl_buf *out, const struct pl_report *report);
struct pl_node *report_json_node(struct pl_arena *arena, const struct pl_report *report);
struct pl_node *report_json_list(struct pl_arena *arena, const struct pl_finding *findings,
                                 int count);
void report_json_findings(struct pl_buf *out, const struct pl_finding *findings, int count);
void report_text(struct pl_buf *out, const struct pl_report *report);
void report_text_findings(struct pl_buf *out, const struct pl_finding *findings, int count,
                          bool colour);
void report_markdown(struct pl_buf *out, const struct pl_report *report);
void report_markdown_findings(struct pl_buf *out, const struct pl_finding *findings, int count);
void report_github(struct pl_buf *out, const struct pl_report *report);
void report_github_findings(struct pl_buf *out, const struct pl_finding *findings, int count,
                            const char *head_file);

void report_yaml(struct pl_buf *out, const struct pl_report *report);
void report_html(struct pl_buf *out, const struct pl_report *report);
void report_junit(struct pl_buf *out, const struct pl_report *report);
void report_sarif(struct pl_buf *out, const struct pl_report *report);

/* "e.g. the request {...} is valid in base, not in head (maximum at /a)"; NULL if there is no
 * witness and none was called for. */
const char *report_witness(struct pl_arena *arena, const struct pl_witness *witness);

/* "GET /a"; "the document" */
/* ${length} bytes of text for a terminal: what would steer it is written as an escape of JSON. */
const char *report_plain(struct pl_arena *arena, const char *text, size_t length);

const char *report_operation(struct pl_arena *arena, const struct pl_finding *finding);

/* "12 findings", "1 finding" */
void report_count(struct pl_buf *out, int count, const char *one, const char *many);

bool report_same_operation(const struct pl_finding *a, const struct pl_finding *b);

/* Where to look: the head document, else the base one. */
const struct pl_place *report_place(const struct pl_finding *finding);

#endif
