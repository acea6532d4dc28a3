/* What this service reads from its environment beside what all do; `--settings` prints it. */
#include "governance.h"

#include "params.h"

const char *default_visibility;
int64_t document_cache_mib;

// clang-format off
const struct pl_setting governance_settings[] = {
    PL_TEXT(default_visibility, "PLUMB_DEFAULT_VISIBILITY", "private",
            "visibility of a new api: private, badges, public"),
    PL_NUMBER(document_cache_mib, "PLUMB_DOCUMENT_CACHE_MIB", "128", 0, 4096,
              "memory per worker for documents that are compared with next"),
    { 0 },
};
// clang-format on

int
governance_start(struct pl_err *err)
{
    if (!visibility_ok(default_visibility))
        return pl_fail(err, INVALID, "PLUMB_DEFAULT_VISIBILITY is \"%s\", not private, badges or public",
                       default_visibility);
    return 0;
}
