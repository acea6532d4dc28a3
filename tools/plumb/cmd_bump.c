/* plumb bump -- is the version number honest, and which one would be? */
#include "comparison.h"

#include <string.h>

#define SHOWN 8 // reasons

/* The version the changes ask for; NULL if the present one cannot be read as one. */
static const char *
needed(const struct comparison *self, struct pl_arena *arena)
{
    return pl_semver_next(self->base.document->version, self->semver.required, arena);
}

/* What asks for the required bump: what breaks, else what adds, else anything. */
static bool
is_reason(const struct comparison *self, const struct pl_finding *finding)
{
    if (self->diff->breaking)
        return finding->level == PL_LEVEL_ERROR;
    return !self->diff->additive || finding->rule->adds;
}

static void
print_text(const struct comparison *self, struct pl_buf *out)
{
    struct pl_arena *arena = out->arena;
    const char *next = needed(self, arena), *required = self->semver.required;
    bool fits = strcmp(self->semver.status, "fail") != 0;
    int shown = 0, reasons = 0;

    pl_buf_printf(out, "%s \xe2\x86\x92 %s, ", self->base.document->version,
                  self->head.document->version);
    if (strcmp(required, "none") == 0)
        pl_buf_str(out, "needs no new version");
    else
        pl_buf_printf(out, "needs %s%s", next ? "" : "a new ", next ? next : required);
    pl_buf_printf(out, " (%s; %s)\n", required, fits ? self->semver.status : "fail");
    for (int i = 0; i < self->semver.message_count; i++)
        pl_report_wrap(out, self->semver.messages[i], 2, 0, 80);
    for (int i = 0; i < self->diff->finding_count; i++)
        reasons += is_reason(self, &self->diff->findings[i]);
    for (int i = 0; i < self->diff->finding_count && shown < SHOWN; i++) {
        const struct pl_finding *finding = &self->diff->findings[i];

        if (!is_reason(self, finding))
            continue;
        pl_report_wrap(out, pl_arena_printf(arena, "- %s", pl_report_sentence(arena, finding)), 2,
                       0, 80);
        shown++;
    }
    if (reasons > shown)
        pl_buf_printf(out, "  - and %d more\n", reasons - shown);
}

static void
print_as_json(const struct comparison *self, struct pl_buf *out)
{
    struct pl_arena *arena = out->arena;
    struct pl_node *root = pl_node_object(arena), *reasons = pl_node_array(arena);
    const char *next = needed(self, arena);

    pl_node_set(arena, root, "base", pl_node_string(arena, self->base.document->version));
    pl_node_set(arena, root, "head", pl_node_string(arena, self->head.document->version));
    pl_node_set(arena, root, "required", pl_node_string(arena, self->semver.required));
    pl_node_set(arena, root, "next", next ? pl_node_string(arena, next) : pl_node_null(arena));
    pl_node_set(arena, root, "status", pl_node_string(arena, self->semver.status));
    pl_node_set(arena, root, "reasons", reasons);
    for (int i = 0; i < self->diff->finding_count; i++)
        if (is_reason(self, &self->diff->findings[i]))
            pl_node_push(arena, reasons, pl_finding_node(arena, &self->diff->findings[i]));
    pl_node_write(out, root, PL_PRETTY);
    pl_buf_char(out, '\n');
}

/* A version that is higher than what is needed is fine too; only "fail" is not. */
static int
answer(const struct comparison *self, const char *format, struct pl_buf *out)
{
    const char *next = needed(self, out->arena);

    if (strcmp(format, "next-version") == 0) {
        if (next == NULL)
            return trouble("\"%s\" is no version that can be raised", self->base.document->version);
        pl_buf_printf(out, "%s\n", next);
        return EXIT_FINE;
    }
    if (strcmp(format, "json") == 0)
        print_as_json(self, out);
    else
        print_text(self, out);
    return strcmp(self->semver.status, "fail") == 0 ? EXIT_NO : EXIT_FINE;
}

int
cmd_bump(int argc, char **argv)
{
    const char *words[2], *format = "text";
    struct wishes wishes = { 0 };
    const struct option options[] = { WISHES(wishes),
                                      TEXT_OPTION("--format", format),
                                      TEXT_OPTION("--scheme", wishes.scheme),
                                      { 0 } };
    struct comparison comparison = { 0 };
    struct pl_buf out = { 0 };
    int count, status;

    if (!parse_options(argc, argv, options, words, 2, &count) ||
        !check_choice("--format", format, "text|json|next-version") ||
        (wishes.scheme && !check_choice("--scheme", wishes.scheme, "semver|calendar")))
        return EXIT_TROUBLE;
    if (count != 2)
        return usage_error("which two documents? (plumb bump BASE HEAD)");
    out.arena = pl_arena_new();
    status = compare_sources(words[0], words[1], &wishes, out.arena, &comparison);
    if (status == EXIT_FINE) {
        status = answer(&comparison, format, &out);
        fputs(pl_buf_text(&out), stdout);
    }
    pl_arena_destroy(&out.arena);
    return status;
}
