/* What one worker thread owns, and what is checked once at start. */
#include "documents.h"
#include "governance.h"
#include "params.h"

#include <stdlib.h>

int
governance_start(struct pl_err *err)
{
    if (!visibility_ok(default_visibility))
        return pl_fail(err, INVALID,
                       "PLUMB_DEFAULT_VISIBILITY is \"%s\", not private, badges or public",
                       default_visibility);
    return 0;
}

int
governance_open_worker(void **self_out, struct pl_err *err)
{
    struct governance *self = calloc(1, sizeof *self);

    *self_out = self;
    if (self == NULL)
        return pl_fail(err, INTERNAL, "out of memory");
    self->documents = documents_new((size_t)document_cache_mib << 20);
    return 0;
}

void
governance_close_worker(void **self_p)
{
    struct governance *self = *self_p;

    if (self == NULL)
        return;
    documents_destroy(&self->documents);
    free(self);
    *self_p = NULL;
}
