/* docs/RULES.md, written from rules.def so that the two cannot differ. */
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

void
pl_rules_markdown(struct pl_buf *out)
{
    pl_buf_str(out,
               "# Rules of comparison\n\n"
               "Written by `plumb rules list --format markdown` from `common/contract/rules.def`; "
               "do not edit.\n"
               "Levels are the usual ones; an api may set others (`severity_overrides`). What "
               "*adds* asks for a minor version.\n"
               "[`CONTAINMENT.md`](CONTAINMENT.md) says what \"may only grow\" means.\n\n"
               "| Rule | Level | Adds | Migration | What happened | What to do |\n"
               "|---|---|---|---|---|---|\n");
    for (const struct pl_rule *rule = pl_rules; rule->id; rule++)
        row(out, rule);
}
