/* html -- printing HTML so that no text from outside can become markup.
 *
 * Every %s is escaped, without exception; markup stands in the format or comes from another
 * call.  So a forgotten escape cannot happen: there is no way to print a raw argument.
 */
#ifndef HTML_H
#define HTML_H

#include "pl_buf.h"

/* Append ${text} escaped for element content and quoted attributes.  Control characters and
 * those that turn the writing direction (a path could pretend to be another) become U+FFFD. */
void html_text(struct pl_buf *out, const char *text);

/* Append; knows %s (escaped, NULL as ""), %d, %ld, %.Nf and %%. */
void html_put(struct pl_buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A sentence of another part of the product: escaped, it begins with a capital, and what stands
 * between two backticks becomes <code>. */
void html_prose(struct pl_buf *out, const char *text);

/* Append a moment for people: "2026-11-20 19:30 UTC" of an RFC 3339 text, inside <time>. */
void html_time(struct pl_buf *out, const char *rfc3339);

/* One slot of a template: {{name}} becomes what fill() appends. */
struct html_slot {
    const char *name;
    void (*fill)(const void *page, struct pl_buf *out);
};

/* Append ${template} with its slots filled; ${slots} ends with a zero row.  A slot that is not
 * in the table is a mistake of ours. */
void html_fill(struct pl_buf *out, const char *template, const struct html_slot *slots,
               const void *page);

#endif
