/* expect -- an answer as it comes in, and whether it says what its target should.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include "ring.h"
#include "target.h"

#define ANSWER_MAX (64 * 1024) // bytes of a body that are read; what is longer is cut off

/* { 0 } is an empty one. */
struct answer {
    char *body;
    size_t length, room, seen;
    bool header_found; // the wanted one, with the wanted text
    bool enough;       // the rest of a long body is not wanted
};

/* False: hang up. */
bool answer_add_body(struct answer *self, const char *data, size_t length);
bool answer_add_header(struct answer *self, const struct target *target, const char *line,
                       size_t length);

/* SAMPLE_OK, SAMPLE_STATUS or SAMPLE_ASSERTION with the reason in ${text}. */
enum sample_outcome answer_judge(const struct answer *self, const struct target *target, int status,
                                 char *text, size_t room);

void answer_clear(struct answer *self);

#endif
