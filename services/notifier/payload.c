#include "payload.h"

#include <string.h>

const struct reason reasons[] = {
    { "semver_fail", true, "The version number does not tell what changed" },
    { "stability_drop", true, "The stability ratio is below its threshold" },
    { "placeholder_streak", true, "Real documents have stopped arriving" },
    { "semver_recovered", false, "The version number is honest again" },
    { "stability_recovered", false, "The stability ratio is back above its threshold" },
    { "placeholder_recovered", false, "Real documents arrive again" },
    { 0 },
};

const struct payload_kind payload_kinds[] = {
    { "webhook", "every_run", 0, true, payload_webhook },
    { "slack", "on_change", 60, false, payload_slack }, // one a second is what Slack takes
    { "teams", "on_change", 60, false, payload_teams },
    { 0 },
};

const struct payload_kind *
payload_kind(const char *name)
{
    for (const struct payload_kind *kind = payload_kinds; name && kind->name; kind++)
        if (strcmp(kind->name, name) == 0)
            return kind;
    return NULL;
}

bool
payload_has(char *const *texts, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(texts[i], name) == 0)
            return true;
    return false;
}

const char *
payload_title(const Events__Notice *notice)
{
    if (notice->title && *notice->title)
        return notice->title;
    return notice->api && *notice->api ? notice->api : "an api";
}

char *
payload_body(const struct payload_kind *kind, const Events__Notice *notice, const char *url,
             bool test, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    pl_node_write(&out, kind->build(notice, url ? url : "", test, arena), PL_COMPACT);
    return pl_arena_strdup(arena, pl_buf_text(&out));
}

const Events__Notice *
payload_example(const char *api, struct pl_arena *arena)
{
    Events__Notice *notice = pl_arena_alloc(arena, sizeof *notice);

    events__notice__init(notice);
    notice->api = pl_arena_strdup(arena, api);
    notice->sha = pl_arena_strdup(arena, "0000000");
    notice->semver_status = pl_arena_strdup(arena, "unknown");
    return notice;
}
