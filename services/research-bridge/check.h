/* check -- what callers may send.  The gateway has checked it against the contract; a Call may come
 * from elsewhere too.  Each adds its violation and says whether it is good.
 */
#ifndef CHECK_H
#define CHECK_H

#include "pl_service.h"

/* UTF-8 without control characters but line ends, ${least} to ${most} characters; NULL is good. */
bool check_text(struct pl_call *call, const char *name, const char *text, size_t least,
                size_t most);

/* At most 20 tags of 1 to 50 of a-z 0-9 - _ . each, none twice. */
bool check_tags(struct pl_call *call, size_t count, char *const *tags);

bool check_impact(struct pl_call *call, bool has, int64_t impact);

/* The page asked for: 1 to 500 (50 if absent), and a cursor that is a whole number (${start} if
 * absent).  Fails with MALFORMED. */
int check_page(struct pl_call *call, const char *cursor, bool has_limit, int64_t limit,
               int64_t start, int64_t *limit_out, int64_t *cursor_out);

#endif
