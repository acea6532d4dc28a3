/* --stats: what a comparison asked, what it found out, and what that cost. */
#include "comparison.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <time.h>

int64_t
stats_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct cost {
    int64_t microseconds, peak_kib;
};

static void
say_json(const struct comparison *comparison, struct cost cost, struct pl_buf *text)
{
    const struct pl_diff *diff = comparison->diff;
    struct pl_arena *arena = text->arena;
    struct pl_node *out = pl_node_object(arena), *stats = pl_node_object(arena), *unknown;
    const struct {
        const char *name;
        int64_t value;
    } rows[] = { { "schema_pairs", diff->schema_pairs },
                 { "asked", diff->asked },
                 { "contained", diff->contained },
                 { "refuted", diff->refuted },
                 { "steps", diff->steps },
                 { "compare_microseconds", cost.microseconds },
                 { "peak_memory_kib", cost.peak_kib } };

    pl_node_set(arena, out, "stats", stats);
    pl_node_set(arena, stats, "base", pl_node_string(arena, comparison->base.name));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        pl_node_set(arena, stats, rows[i].name, pl_node_integer(arena, rows[i].value));
    unknown = pl_node_set(arena, stats, "unknown", pl_node_object(arena));
    for (int i = 0; i < diff->unknown_count; i++)
        pl_node_set(arena, unknown, diff->unknowns[i].cause,
                    pl_node_integer(arena, diff->unknowns[i].pairs));
    pl_node_write(text, out, 0);
    pl_buf_char(text, '\n');
}

static void
say_words(const struct comparison *comparison, struct cost cost, struct pl_buf *text)
{
    const struct pl_diff *diff = comparison->diff;
    int unknown = diff->asked - diff->contained - diff->refuted;

    pl_buf_printf(
        text,
        "stats: %s: %d schema pairs, %d asked about: %d contained, %d refuted, %d "
        "unknown; %" PRId64 " steps, %" PRId64 " ms to compare, %" PRId64 " MiB at most\n",
        comparison->base.name, diff->schema_pairs, diff->asked, diff->contained, diff->refuted,
        unknown, diff->steps, cost.microseconds / 1000, cost.peak_kib / 1024);
    for (int i = 0; i < diff->unknown_count; i++)
        pl_buf_printf(text, "stats: %d unknown: %s\n", diff->unknowns[i].pairs,
                      diff->unknowns[i].cause);
}

void
stats_say(const struct comparison *comparison, int64_t started, bool as_json)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_buf text = { .arena = arena };
    struct cost cost = { .microseconds = stats_clock() - started };
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    cost.peak_kib = used.ru_maxrss;
    if (as_json)
        say_json(comparison, cost, &text);
    else
        say_words(comparison, cost, &text);
    fputs(pl_buf_text(&text), stderr);
    pl_arena_destroy(&arena);
}
