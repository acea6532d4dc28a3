/* page -- the parts of index.html (F-20): one function a part, each a slot of page/index.html.
 *
 * The page works without JavaScript and under `default-src 'none'; style-src 'self'; img-src
 * 'self'`: no script, no inline style, no outside resource; its look is status.css.
 */
#ifndef PAGE_H
#define PAGE_H

#include "html.h"
#include "set.h"

/* Words, class and sign of a verdict. */
struct page_state {
    const char *verdict; // of the run
    const char *word;    // for people
    const char *tone;    // class: good, fair, bad, none
    const char *sign;    // path data of its sign, in a box of 24
    const char *ink;     // colour of the icon
};

/* The state of ${verdict}; one for "unknown" too, never NULL. */
const struct page_state *page_state_of(const char *verdict);

/* The sign of a state as inline SVG; the shape differs too, not only the colour. */
void page_sign(struct pl_buf *out, const struct page_state *state);

/* Share in percent, as the badges print it. */
const char *page_percent(const struct artifact_set *set, double fraction);

/* "3 operations": a count with its noun. */
void page_count(struct pl_buf *out, int64_t count, const char *one, const char *many);

/* The slots: ${page} is the struct artifact_set. */
void page_headline(const void *page, struct pl_buf *out);
void page_canonical(const void *page, struct pl_buf *out);
void page_identity(const void *page, struct pl_buf *out);
void page_verdict(const void *page, struct pl_buf *out);
void page_tiles(const void *page, struct pl_buf *out);
void page_badges(const void *page, struct pl_buf *out);
void page_footer(const void *page, struct pl_buf *out);
void page_trend(const void *page, struct pl_buf *out);    // page_trend.c
void page_changes(const void *page, struct pl_buf *out);  // page_changes.c
void page_semver(const void *page, struct pl_buf *out);   // page_changes.c
void page_findings(const void *page, struct pl_buf *out); // page_changes.c
void page_runs(const void *page, struct pl_buf *out);     // page_record.c
void page_milestones(const void *page, struct pl_buf *out);
void page_integrity(const void *page, struct pl_buf *out);
void page_files(const void *page, struct pl_buf *out);

#endif
