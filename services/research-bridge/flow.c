#include "flow.h"

#include <stddef.h>
#include <string.h>

struct step {
    const char *from, *to[3], *next;
};

static const struct step INPUTS[] = {
    { "submitted", { "in_review" }, "in_review" },
    { "in_review", { "approved", "rejected" }, "approved or rejected" },
    { "rejected", { "in_review" }, "in_review" },
    { "approved", { 0 }, "" },
};

static const struct step EXPERIMENTS[] = {
    { "planned", { "running" }, "running" },
    { "running", { "concluded" }, "concluded" },
    { "concluded", { 0 }, "" },
};

static const struct step *
find(const struct step *table, size_t count, const char *from)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].from, from) == 0)
            return &table[i];
    return NULL;
}

static bool
leads(const struct step *step, const char *to)
{
    for (int i = 0; step && step->to[i]; i++)
        if (strcmp(step->to[i], to) == 0)
            return true;
    return false;
}

bool
flow_input(const char *from, const char *to)
{
    return leads(find(INPUTS, sizeof INPUTS / sizeof *INPUTS, from), to);
}

bool
flow_experiment(const char *from, const char *to)
{
    return leads(find(EXPERIMENTS, sizeof EXPERIMENTS / sizeof *EXPERIMENTS, from), to);
}

const char *
flow_input_next(const char *from)
{
    const struct step *step = find(INPUTS, sizeof INPUTS / sizeof *INPUTS, from);

    return step ? step->next : "";
}

const char *
flow_experiment_next(const char *from)
{
    const struct step *step = find(EXPERIMENTS, sizeof EXPERIMENTS / sizeof *EXPERIMENTS, from);

    return step ? step->next : "";
}
