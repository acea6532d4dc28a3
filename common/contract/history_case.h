/* history_case -- a folder of versions with its index.tsv, replayed through comparison, version
 * judgement and the record's arithmetic as the engine does it, without any service.
 */
#ifndef HISTORY_CASE_H
#define HISTORY_CASE_H

#include "pl_check.h"
#include "pl_compare.h"
#include "pl_semver.h"
#include "pl_stability.h"

#define MOST_STEPS 300

struct step {
    const char *file, *sha; // file "-": a placeholder
    const struct pl_document *document;
    const struct pl_diff *diff; // NULL: a placeholder
    enum pl_verdict verdict;
    struct pl_semver semver;
    struct pl_metrics metrics;
    int reasons;
};

struct history {
    struct pl_arena *arena;
    const char *folder;
    struct step steps[MOST_STEPS];
    enum pl_verdict newest_first[MOST_STEPS];
    int count;
    struct pl_record record;
    struct pl_conditions conditions;
    const struct pl_document *last;
};

/* A whole file with a NUL behind it; NULL if it cannot be read. */
static inline char *
read_whole(const char *path, size_t *length, struct pl_arena *arena)
{
    FILE *file = fopen(path, "rb");
    struct pl_buf out = { .arena = arena };
    char part[65536];
    size_t n;

    if (file == NULL)
        return NULL;
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        pl_buf_add(&out, part, n);
    fclose(file);
    *length = out.length;
    return out.data ? out.data : pl_arena_strdup(arena, "");
}

static inline const struct pl_document *
read_document(struct history *self, const char *file)
{
    const char *path = pl_arena_printf(self->arena, "%s/%s", self->folder, file);
    struct pl_document *document;
    struct pl_err err = { 0 };
    size_t length;
    char *bytes = read_whole(path, &length, self->arena);

    if (bytes == NULL ||
        pl_document_load(&document, self->arena, file, bytes, length, NULL, &err) < 0) {
        fprintf(stderr, "\n  %s: %s\n", path, bytes ? err.text : "cannot be read");
        abort();
    }
    return document;
}

static inline void
judge_step(struct history *self, struct step *step)
{
    static const struct pl_stability_settings SETTINGS = { 20, 0.85, 5, 0 };
    struct pl_semver_input in = { .scheme = "semver", .first = self->last == NULL };
    int changed;

    step->semver.status = "unknown";
    step->verdict = PL_PLACEHOLDER;
    if (step->document) {
        step->diff = pl_compare(self->last, step->document, NULL, self->arena);
        in.previous = self->last ? self->last->version : NULL;
        in.current = step->document->version;
        in.breaking = step->diff->breaking > 0;
        in.additive = step->diff->additive;
        in.changed = step->diff->different;
        pl_semver_judge(&in, self->arena, &step->semver);
        step->verdict = in.breaking ? PL_BREAKING : step->diff->warnings ? PL_WARNINGS : PL_STABLE;
        self->last = step->document;
    }
    pl_stability_count(step->verdict, self->newest_first, self->count, &SETTINGS, &self->record,
                       &step->metrics);
    step->reasons = pl_conditions_judge(&step->metrics, step->semver.status, &SETTINGS,
                                        &self->conditions, &changed);
    memmove(self->newest_first + 1, self->newest_first,
            (size_t)self->count * sizeof *self->newest_first);
    self->newest_first[0] = step->verdict;
    self->count++;
}

/* Everything lives in the arena. */
static inline struct history *
replay_history(const char *folder, struct pl_arena *arena)
{
    struct history *self = pl_arena_alloc(arena, sizeof *self);
    size_t length;
    char *line, *save = NULL;
    char *text = read_whole(pl_arena_printf(arena, "%s/index.tsv", folder), &length, arena);

    self->arena = arena;
    self->folder = folder;
    line = text ? strtok_r(text, "\r\n", &save) : NULL; // the names of the columns
    while (line && self->count < MOST_STEPS && (line = strtok_r(NULL, "\r\n", &save))) {
        struct step *step = &self->steps[self->count];
        char *fields = NULL;

        step->file = strtok_r(line, "\t", &fields);
        step->sha = strtok_r(NULL, "\t", &fields);
        if (strcmp(step->file, "-") != 0)
            step->document = read_document(self, step->file);
        judge_step(self, step);
    }
    return self;
}

#endif
