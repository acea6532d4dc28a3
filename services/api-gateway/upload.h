/* upload -- a request body on its way in: one buffer that grows, never beyond its limit, and a
 * budget for all of them together (RULINGS 40). */
#ifndef UPLOAD_H
#define UPLOAD_H

#include <stddef.h>
#include <stdint.h>

/* What all bodies of one reactor may hold together. */
struct upload_budget {
    size_t used, most;
};

struct upload {
    char *bytes; // NUL behind the last one
    size_t length, room, limit;
    size_t thrown_away; // bytes that came in after it was refused
    struct upload_budget *budget;
};

enum upload_result { UPLOAD_OK, UPLOAD_TOO_LARGE, UPLOAD_NO_ROOM };

/* Take memory for ${length} bytes that are announced; 0 if it is not known. */
enum upload_result upload_begin(struct upload *self, struct upload_budget *budget, size_t limit,
                                size_t length);

/* Add what arrived. */
enum upload_result upload_add(struct upload *self, const char *bytes, size_t length);

/* Give the memory back; harmless when there is none. */
void upload_end(struct upload *self);

#endif
