/* documents -- documents that were read already, so that the next push need not read its base
 * again.
 *
 * A document has an arena of its own; whoever holds it owns it.  take() hands it over, give()
 * hands it back, and the oldest are dropped when all together outgrow the limit.
 */
#ifndef DOCUMENTS_H
#define DOCUMENTS_H

#include "pl_checksum.h"
#include "pl_document.h"

struct document {
    char sha256[PL_SHA256_HEX];
    struct pl_arena *arena;
    char *bytes; // in the arena
    size_t length;
    struct pl_document *read; // NULL until it was read
    struct document *next;
};

struct documents;

/* Keep documents up to ${most_bytes} together; 0 keeps none. */
struct documents *documents_new(size_t most_bytes);
void documents_destroy(struct documents **self_p);

/* Take a kept document out; NULL if it is not there. */
struct document *documents_take(struct documents *self, const char *sha256);

/* Hand a document over, in whatever state; NULL is fine, *document_p is cleared. */
void documents_give(struct documents *self, struct document **document_p);

/* An empty one with an arena; free what was not given away. */
struct document *document_new(const char *sha256);
void document_destroy(struct document **self_p);

#endif
