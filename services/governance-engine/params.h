/* params -- what callers may send: each check adds its violation and says so.
 *
 * The gateway has checked most of it against the contract; a Call may come from elsewhere too.
 */
#ifndef PARAMS_H
#define PARAMS_H

#include "pl_service.h"

bool visibility_ok(const char *text);

/* Is ${text} UTF-8 without control characters, of ${least} to ${most} bytes? */
bool text_ok(const char *text, size_t least, size_t most);

/* RFC 3339 with a zone, and a day that exists, from 1970 on. */
bool timestamp_ok(const char *text);

/* Each returns whether it is good; if not, the violation is in the call already. */
bool check_slug(struct pl_call *call, const char *api);
bool check_sha(struct pl_call *call, const char *sha);

/* The page asked for: limit 1..500 (50 if absent), and a cursor that is a whole number (${start}
 * if absent).  Fails with MALFORMED. */
struct page {
    int64_t limit, cursor;
};
int check_page(struct pl_call *call, const char *cursor, bool has_limit, int64_t limit,
               int64_t start, struct page *out);

#endif
