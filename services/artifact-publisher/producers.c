/* producers.c -- the table of what is published. */
#include "producers.h"

#include <string.h>

#define JSON "application/json"

// clang-format off
#define FILE_(kind, path, type, make, doc)  { path, type, kind, make, NULL, false, doc }
#define DATA(path, make, doc)               FILE_(ARTIFACT_DATA, path, JSON, make, doc)
#define BADGE(kind, path, badge, doc)       { path, JSON, kind, NULL, badge, false, doc }

const struct producer producers[] = {
    DATA("openapi.json", make_openapi, "the contract, canonical"),
    DATA("stability-metrics.json", make_metrics, "the stability record at this run"),
    DATA("governance-summary.json", make_summary, "the run in one object"),
    DATA("operations-classification.json", make_operations, "operations added, removed, changed"),
    DATA("semver-validation.json", make_semver, "whether the version number is honest"),
    DATA("milestone-summary.json", make_milestones, "weighted completion"),
    { "stability-history.jsonl", "application/jsonl", ARTIFACT_DATA, make_history, NULL, true,
      "one line per run" },
    BADGE(ARTIFACT_DATA, "governance-summary-badge.json", badge_summary, "verdict and ratio"),
    BADGE(ARTIFACT_DATA, "governance-combined-badge.json", badge_combined, "verdict and semver"),
    BADGE(ARTIFACT_DATA, "stability-badge.json", badge_stability, "stability ratio"),
    BADGE(ARTIFACT_DATA, "placeholder-streak-badge.json", badge_streak, "runs without a document"),
    BADGE(ARTIFACT_DATA, "milestone-badge.json", badge_milestones, "percent complete"),
    BADGE(ARTIFACT_DATA, "payload-version-badge.json", badge_payload, "webhook contract version"),
    FILE_(ARTIFACT_DERIVED, "checksums.json", JSON, make_checksums, "SHA-256 of each data file"),
    FILE_(ARTIFACT_DERIVED, "checksums-signature.json", JSON, make_signature,
          "Ed25519 signature over the checksums"),
    FILE_(ARTIFACT_DERIVED, "checksums-pubkey.txt", "text/plain; charset=utf-8", make_public_key,
          "public key, base64"),
    BADGE(ARTIFACT_DERIVED, "checksums-badge.json", badge_checksums, "aggregate digest"),
    FILE_(ARTIFACT_DERIVED, "status.css", "text/css; charset=utf-8", make_style,
          "style of the page"),
    FILE_(ARTIFACT_DERIVED, "favicon.svg", "image/svg+xml", make_icon, "icon of the page"),
    FILE_(ARTIFACT_DERIVED, "index.html", "text/html; charset=utf-8", make_page, "this page"),
    { 0 },
};
// clang-format on

const struct producer *
producer_find(const char *path)
{
    for (const struct producer *row = producers; row->path; row++)
        if (strcmp(row->path, path) == 0)
            return row;
    return NULL;
}
