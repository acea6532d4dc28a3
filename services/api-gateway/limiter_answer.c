#include "limiter_answer.h"

#include "exchange.h"
#include "problem.h"
#include "settings.h"

#include <inttypes.h>
#include <string.h>

#define SECOND_US 1000000

enum fields { NONE = 0, DRAFT = 1, LEGACY = 2 };

static const struct {
    const char *name;
    int fields;
} WORDS[] = {
    { "none", NONE }, { "draft", DRAFT }, { "legacy", LEGACY }, { "both", DRAFT | LEGACY }
};

static int
wanted_fields(void)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strcmp(settings.limit_headers, WORDS[i].name) == 0)
            return WORDS[i].fields;
    return -1;
}

bool
limiter_answer_check(void)
{
    return wanted_fields() >= 0;
}

static int64_t
seconds_up(int64_t us)
{
    return (us + SECOND_US - 1) / SECOND_US;
}

/* Seconds until one more is allowed than now; a cost that never fits waits for a full bucket. */
static int64_t
next_s(const struct limit_part *part)
{
    const struct limit_verdict *verdict = &part->verdict;
    int64_t us = verdict->reset_us % part->policy->limit.interval_us;

    if (!verdict->allowed)
        us = verdict->retry_us >= 0 ? verdict->retry_us : verdict->reset_us;
    else if (us == 0)
        us = part->policy->limit.interval_us;
    return us > 0 ? seconds_up(us) : 1;
}

static void
tell_draft(struct exchange *exchange, const struct limit_part *parts, int count)
{
    struct pl_buf policies = { .arena = exchange->arena }, now = { .arena = exchange->arena };

    for (int i = 0; i < count; i++) {
        if (parts[i].policy->shadow)
            continue;
        pl_buf_printf(&policies, "%s%s", policies.length ? ", " : "", parts[i].policy->field);
        pl_buf_printf(&now, "%s\"%s\";r=%" PRId64 ";t=%" PRId64, now.length ? ", " : "",
                      parts[i].policy->name, parts[i].verdict.remaining, next_s(&parts[i]));
    }
    answer_replace_header(exchange, "RateLimit-Policy", pl_buf_text(&policies));
    answer_replace_header(exchange, "RateLimit", pl_buf_text(&now));
}

/* The older fields have room for one policy: that with the least left. */
static void
tell_legacy(struct exchange *exchange, const struct limit_part *parts, int count)
{
    static const char *const NAMES[][3] = {
        { "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset" },
        { "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset" },
    };
    const struct limit_part *least = NULL;

    for (int i = 0; i < count; i++)
        if (!parts[i].policy->shadow &&
            (least == NULL || parts[i].verdict.remaining < least->verdict.remaining))
            least = &parts[i];
    for (int i = 0; least && i < 2; i++) {
        struct pl_arena *arena = exchange->arena;

        answer_replace_header(exchange, NAMES[i][0],
                              pl_arena_printf(arena, "%" PRId64, least->policy->limit.burst));
        answer_replace_header(exchange, NAMES[i][1],
                              pl_arena_printf(arena, "%" PRId64, least->verdict.remaining));
        answer_replace_header(exchange, NAMES[i][2],
                              pl_arena_printf(arena, "%" PRId64, next_s(least)));
    }
}

static void
tell(struct exchange *exchange, const struct limit_part *parts, int count)
{
    int fields = wanted_fields(), enforced = 0;

    for (int i = 0; i < count; i++)
        enforced += !parts[i].policy->shadow;
    if (enforced && fields & DRAFT)
        tell_draft(exchange, parts, count);
    if (enforced && fields & LEGACY)
        tell_legacy(exchange, parts, count);
}

static bool
refuses(const struct limit_part *part)
{
    return !part->verdict.allowed && !part->policy->shadow;
}

void
limiter_answer(struct exchange *exchange, const struct limit_part *parts, int count)
{
    const char *violated[MAX_POLICIES];
    int64_t wait = 0;
    int refused = 0;

    for (int i = 0; i < count; i++)
        if (refuses(&parts[i])) {
            violated[refused++] = parts[i].policy->name;
            if (next_s(&parts[i]) > wait)
                wait = next_s(&parts[i]);
        }
    if (refused) {
        exchange->answered = false; // what it was going to be, a 404 say, is not for this client
        exchange->answer = (struct answer){ 0 };
    }
    tell(exchange, parts, count);
    if (refused)
        problem_quota(exchange, violated, refused, wait);
}
