/* pl_semver -- is the version number honest? (E-10..E-18, AMB-10, AMB-11, RULINGS 6, 24) */
#ifndef PL_SEMVER_H
#define PL_SEMVER_H

#include "pl_arena.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_version {
    int64_t major, minor, patch;
    const char *prerelease; // "" if none
    bool strict;            // parsed as SemVer 2.0; else three lenient integers
};

/* Semantic Versioning 2.0 first, then three integers leniently (a leading v, leading zeros,
 * fewer than three parts); false if it is neither. */
bool pl_version_parse(const char *text, struct pl_version *out);

/* SemVer precedence: < 0, 0, > 0. */
int pl_version_order(const struct pl_version *a, const struct pl_version *b);

struct pl_semver_input {
    const char *previous, *current; // NULL or "" if unknown
    bool first;                     // no earlier run to compare with
    bool breaking, additive, changed;
    const char *scheme; // "semver" or "calendar"
    bool strict_zero;   // 0.y.z: minor does not play the major
    bool breaking_ack;  // calendar: the break was declared
};

struct pl_semver {
    const char *status;   // ok, warn, fail, unknown
    const char *required; // major, minor, patch, none: the bump that would be honest
    const char *messages[4], *recommendations[4];
    int message_count, recommendation_count;
};

/* The smallest honest bump for a change after version ${previous} (NULL or "" if unknown):
 * "major", "minor", "patch", "none".  Under 0.y.z, unless ${strict_zero}, minor plays the major
 * and patch the minor.  A diff's `semver.required` and a run's verdict both come from here. */
const char *pl_semver_required(const char *previous, bool strict_zero, bool breaking, bool additive,
                               bool changed);

/* ${previous} raised by ${bump}; NULL if ${previous} cannot be read as a version. */
char *pl_semver_next(const char *previous, const char *bump, struct pl_arena *arena);

/* The one function behind a run's verdict and a diff's `semver`. */
void pl_semver_judge(const struct pl_semver_input *input, struct pl_arena *arena,
                     struct pl_semver *out);

#endif
