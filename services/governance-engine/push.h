/* push -- one push on its way: its parameters, its document and what it is compared with.
 * handlers_push.c says in which order.
 */
#ifndef PUSH_H
#define PUSH_H

#include "documents.h"
#include "pl_compare.h"
#include "pl_service.h"
#include "store.h"

#include "governance.pb-c.h"

/* `{ 0 }` is a valid empty one. */
struct push {
    const Governance__CreateRunRequest *request;
    const char *branch;  // never NULL once the api is known
    const char *version; // the parameter's or the document's; "" if neither says
    bool placeholder;

    char sha256[PL_SHA256_HEX]; // of the document, "" of a placeholder
    size_t size;                // of the document
    char *gzip;
    size_t gzip_size;
    struct document *head, *base; // owned until push_end()

    struct pl_diff *diff; // NULL of a placeholder
    const char *base_run; // what it was compared with
    struct pl_node *overrides;
    ProtobufCBinaryData overrides_text;
    const char *accepted_text; // what was accepted when it was compared
};

/* Check the parameters, without a look at the body. */
int push_check(struct pl_call *call, struct push *push);

/* Bring the body in: inflate, hash, compress for the store. */
int push_read(struct pl_call *call, struct push *push);

/* Read it as an API description; every problem becomes a violation. */
int push_load(struct pl_call *call, struct push *push);

/* Compare with the base that ${state} names, unless that was done with the same settings. */
int push_compare(struct pl_call *call, struct push *push, const struct api_state *state);

/* Hand the documents back. */
void push_end(struct documents *documents, struct push *push);

#endif
