/* What this service reads from its environment beside what all do; `--settings` prints it. */
#include "governance.h"

const char *default_visibility;
int64_t document_cache_mib, max_depth, max_nodes, max_aliases, max_steps, max_total_steps,
    max_memory;

// clang-format off
const struct pl_setting governance_settings[] = {
    PL_TEXT(default_visibility, "PLUMB_DEFAULT_VISIBILITY", "private",
            "visibility of a new api: private, badges, public"),
    PL_NUMBER(document_cache_mib, "PLUMB_DOCUMENT_CACHE_MIB", "128", 0, 4096,
              "memory per worker for documents that are compared with next"),
    PL_NUMBER(max_depth, "PLUMB_MAX_DEPTH", "200", 10, 2000, "levels of a document (max-depth)"),
    PL_NUMBER(max_nodes, "PLUMB_MAX_NODES", "5000000", 1000, 50000000, "values of a document (max-nodes)"),
    PL_NUMBER(max_aliases, "PLUMB_MAX_ALIASES", "100000", 1, 5000000,
              "values that YAML aliases may add (max-aliases)"),
    PL_NUMBER(max_steps, "PLUMB_MAX_STEPS", "30000", 100, 100000000,
              "steps for one question about values (max-steps)"),
    PL_NUMBER(max_total_steps, "PLUMB_MAX_TOTAL_STEPS", "1200000", 100, 1000000000,
              "steps for all questions of a comparison (max-total-steps)"),
    PL_NUMBER(max_memory, "PLUMB_MAX_MEMORY", "67108864", 1048576, 4294967296,
              "bytes that the search keeps between questions (max-memory)"),
    { 0 },
};
// clang-format on
