/* docs/RULES.md, written from rules.def and differences.def so that they cannot differ. */
#include "pl_compare.h"

/* A cell: what would end it or the table is escaped. */
static void
cell(struct pl_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '<')
            pl_buf_char(out, '\\');
        pl_buf_char(out, *text);
    }
}

static void
row(struct pl_buf *out, const struct pl_rule *rule)
{
    pl_buf_printf(out, "| `%s` | %s | %s | %s | ", rule->id, pl_level_name(rule->level),
                  rule->adds ? "yes" : "", rule->migration);
    cell(out, rule->summary);
    pl_buf_str(out, " | ");
    cell(out, rule->hint);
    pl_buf_str(out, " |\n");
}

struct difference {
    const char *what, *ids, *ours, *why, *cases;
};

// clang-format off
static const struct difference DIFFERENCES[] = {
#define PL_DIFFERENCE(what, ids, ours, why, cases) { what, ids, ours, why, cases },
#include "differences.def"
#undef PL_DIFFERENCE
};
// clang-format on

static void
differences(struct pl_buf *out)
{
    pl_buf_str(out,
               "\n## Where another judgement is usual\n\n"
               "oasdiff, which most users come from, judges by rules over the text of two "
               "documents; Plumbline by the\nvalues that they accept. Each change that it knows "
               "is a pair of documents in `common/contract/coverage/`.\nWhere the two differ, "
               "this is why; *cases* are its own recorded tests that come out differently.\n"
               "From `common/contract/differences.def`.\n");
    for (size_t i = 0; i < sizeof DIFFERENCES / sizeof *DIFFERENCES; i++) {
        const struct difference *one = &DIFFERENCES[i];

        pl_buf_printf(out, "\n### %s\n\n%s\n\n- Usual: %s\n- Plumbline: %s\n", one->what, one->why,
                      one->ids, one->ours);
        if (*one->cases)
            pl_buf_printf(out, "- Cases: %s\n", one->cases);
    }
}

void
pl_rules_markdown(struct pl_buf *out)
{
    pl_buf_str(out,
               "# Rules of comparison\n\n"
               "Written by `plumb rules list --format markdown` from `common/contract/rules.def`; "
               "do not edit.\n"
               "Levels are the usual ones; `.plumbline.yaml` (`rules:`) and an api "
               "(`severity_overrides`) may set others. What *adds* asks\nfor a minor version. One "
               "finding is accepted by its fingerprint in the ignore file, with author, reason and "
               "last day\n(`common/contract/pl_policy.h`); its level stays.\n"
               "[`CONTAINMENT.md`](CONTAINMENT.md) says what \"may only grow\" means.\n\n"
               "| Rule | Level | Adds | Migration | What happened | What to do |\n"
               "|---|---|---|---|---|---|\n");
    for (const struct pl_rule *rule = pl_rules; rule->id; rule++)
        row(out, rule);
    differences(out);
}
