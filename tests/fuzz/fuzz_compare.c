/* The comparer and its reports: {"base": document, "head": document}. */
#include "fuzz.h"

#include "pl_report.h"

static const struct pl_limits LIMITS = { .bytes = 1 << 16, .nodes = 5000 };

static const struct pl_document *
load(struct pl_arena *arena, const struct pl_node *node)
{
    struct pl_buf text = { .arena = arena };
    struct pl_document *document;
    struct pl_err err = { 0 };

    if (node == NULL)
        return NULL;
    pl_node_write(&text, node, PL_COMPACT);
    return pl_document_load(&document, arena, "document", pl_buf_text(&text), text.length, &LIMITS,
                            &err)
               ? NULL
               : document;
}

static void
check_same(const struct pl_document *document, struct pl_arena *arena)
{
    const struct pl_diff *diff = pl_compare(document, document, NULL, arena);

    HOLDS(diff->finding_count == 0 && !diff->different && !diff->additive,
          "a document differs from itself: %d findings", diff->finding_count);
}

/* All forms can be written, and what tools read is JSON. */
static void
check_reports(const struct pl_document *base, const struct pl_document *head,
              const struct pl_diff *diff, struct pl_arena *arena)
{
    struct pl_semver_input input = { .previous = base->version,
                                     .current = head->version,
                                     .breaking = diff->breaking,
                                     .additive = diff->additive,
                                     .changed = diff->different,
                                     .scheme = "semver" };
    struct pl_semver semver = { 0 };
    struct pl_report report = { .base = base,
                                .head = head,
                                .base_sha256 = "",
                                .head_sha256 = "",
                                .diff = diff,
                                .semver = &semver };
    struct pl_err err = { 0 };

    pl_semver_judge(&input, arena, &semver);
    for (int format = PL_FORMAT_TEXT; format <= PL_FORMAT_GITHUB; format++) {
        struct pl_buf out = { .arena = arena };

        pl_report_diff(&out, &report, (enum pl_format)format);
        if (format == PL_FORMAT_JSON)
            HOLDS(pl_json_parse(arena, pl_buf_text(&out), out.length, NULL, &err),
                  "the report is no JSON: %s", err.text);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_err err = { 0 };
    struct pl_node *root = pl_json_parse(arena, (const char *)data, size, &LIMITS, &err);
    const struct pl_document *base = load(arena, pl_node_get(root, "base"));
    const struct pl_document *head = load(arena, pl_node_get(root, "head"));

    if (base && head) {
        const struct pl_diff *diff = pl_compare(base, head, NULL, arena);

        HOLDS(pl_compare(base, head, NULL, arena)->finding_count == diff->finding_count,
              "not the same twice");
        check_reports(base, head, diff, arena);
        check_same(base, arena);
        check_same(head, arena);
    }
    pl_arena_destroy(&arena);
    return 0;
}
