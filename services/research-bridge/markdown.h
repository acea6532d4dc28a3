/* markdown -- one input as a page that people read and keep.
 */
#ifndef MARKDOWN_H
#define MARKDOWN_H

#include "bridge.h"

#define MARKDOWN_CHANGES 1000 // the most changes that a page lists

/* ${experiment} may be NULL.  What people wrote is quoted, so that it cannot pose as our headings. */
ProtobufCBinaryData markdown_input(const Bridge__Input *input, const Bridge__Experiment *experiment,
                                   Bridge__Change *const *changes, size_t count,
                                   struct pl_arena *arena);

#endif
