/* What this service reads from its environment beside what all do; `--settings` prints it. */
#include "governance.h"

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
