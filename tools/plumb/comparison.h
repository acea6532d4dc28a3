/* comparison -- two sources compared as the user wishes: what diff, changelog, bump and push share.
 */
#ifndef PLUMB_COMPARISON_H
#define PLUMB_COMPARISON_H

#include "pl_compare.h"
#include "pl_report.h"
#include "pl_semver.h"
#include "source.h"

/* As given on the command line; NULL and false where nothing was. */
struct wishes {
    const char *rules, *ignore;          // files
    const char *strip_base, *strip_head; // prefixes
    const char *scheme;                  // "semver" or "calendar"
    bool match_operation_id, stats, stats_as_json;
    struct pl_contain_limits budget; // of the questions about values; zero: the usual
    struct limit_wishes limits;
};

// clang-format off
#define WISHES(w) TEXT_OPTION("--rules", (w).rules), TEXT_OPTION("--ignore", (w).ignore), \
                  TEXT_OPTION("--strip-prefix-base", (w).strip_base), \
                  TEXT_OPTION("--strip-prefix-head", (w).strip_head), \
                  FLAG_OPTION("--match-operation-id", (w).match_operation_id), \
                  FLAG_OPTION("--stats", (w).stats), \
                  NUMBER_OPTION("--max-steps", (w).budget.steps), \
                  NUMBER_OPTION("--max-total-steps", (w).budget.total), \
                  NUMBER_OPTION("--max-memory", (w).budget.memory), \
                  LIMIT_OPTIONS((w).limits)
// clang-format on

struct comparison {
    struct source base, head;
    struct pl_diff *diff;
    struct pl_semver semver;
};

/* The options of a comparison: .plumbline.yaml of this folder (or the file of --rules), the
 * ignore file, then the rest.  An exit status. */
int wishes_read(const struct wishes *wishes, struct pl_arena *arena,
                struct pl_compare_options *out);

/* Load both (unless both are loaded already) and compare.  An exit status. */
int compare_sources(const char *base, const char *head, const struct wishes *wishes,
                    struct pl_arena *arena, struct comparison *out);

/* The report in a format, as a text. */
struct pl_buf comparison_report(const struct comparison *comparison, const char *format,
                                bool only_breaking, bool colour, struct pl_arena *arena);

/* Exit status for --fail-on error|warn|never. */
int comparison_exit(const struct comparison *comparison, const char *fail_on);

/* stats.c: what the comparison asked and cost, as a line of JSON, {"stats":{...}}, or for people.
 * To standard error: reports stay the same bytes each time.  ${started}: when it began. */
void stats_say(const struct comparison *comparison, int64_t started, bool as_json);
int64_t stats_clock(void); // microseconds since some moment

/* To standard output, or a file. */
int write_output(const struct pl_buf *text, const char *file);

#endif
