/* Apis: create, change, show, list, archive. */
#include "pl_compare.h"
#include "pl_log.h"

#include "events.h"
#include "governance.h"
#include "milestones.h"
#include "params.h"
#include "reply.h"
#include "store.h"

#include <string.h>

static bool
one_of(struct pl_call *call, const char *name, const char *text, const char *const *words)
{
    if (text == NULL)
        return true;
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    pl_call_violation(call, pl_arena_printf(call->arena, "/%s", name), 0, 0,
                      "\"%.40s\" is not a %s", text, name);
    return false;
}

static bool
text_good(struct pl_call *call, const char *name, const char *text)
{
    if (text == NULL || text_ok(text, 1, 800))
        return true;
    pl_call_violation(call, pl_arena_printf(call->arena, "/%s", name), 0, 0,
                      "%s must be 1 to 800 bytes of UTF-8 without control characters", name);
    return false;
}

static bool
number_good(struct pl_call *call, const char *name, bool has, int64_t value, int64_t least)
{
    if (!has || (value >= least && value <= 1000))
        return true;
    pl_call_violation(call, pl_arena_printf(call->arena, "/%s", name), 0, 0,
                      "%s must be from %d to 1000", name, (int)least);
    return false;
}

static bool
overrides_good(struct pl_call *call, ProtobufCBinaryData json)
{
    struct pl_err err = { 0 };
    struct pl_node *node =
        pl_json_parse(call->arena, (const char *)json.data, json.len, NULL, &err);

    if (node && pl_overrides_check(node, &err) == 0)
        return true;
    pl_call_violation(call, "/severity_overrides", 0, 0, "%s", err.text);
    return false;
}

static bool
numbers_good(struct pl_call *call, const Governance__PutApiRequest *request)
{
    bool good = number_good(call, "window", request->has_window, request->window, 1);

    good = number_good(call, "placeholder_streak_alert_threshold",
                       request->has_placeholder_streak_alert_threshold,
                       request->placeholder_streak_alert_threshold, 0) &&
           good;
    good = number_good(call, "placeholder_max_runs", request->has_placeholder_max_runs,
                       request->placeholder_max_runs, 0) &&
           good;
    if (request->has_stability_threshold &&
        !(request->stability_threshold >= 0 && request->stability_threshold <= 1)) {
        pl_call_violation(call, "/stability_threshold", 0, 0,
                          "stability_threshold is a fraction from 0 to 1");
        good = false;
    }
    return good;
}

static int
check_settings(struct pl_call *call, const Governance__PutApiRequest *request)
{
    static const char *const VISIBILITIES[] = { "private", "badges", "public", NULL };
    static const char *const SCHEMES[] = { "semver", "calendar", NULL };
    static const char *const POLICIES[] = { "", "every_run", "on_change", NULL };

    bool good = check_slug(call, request->api);

    good = text_good(call, "title", request->title) && good;
    good = text_good(call, "default_branch", request->default_branch) && good;
    good = one_of(call, "visibility", request->visibility, VISIBILITIES) && good;
    good = one_of(call, "version_scheme", request->version_scheme, SCHEMES) && good;
    good = one_of(call, "notice_policy", request->notice_policy, POLICIES) && good;
    good = numbers_good(call, request) && good;
    if (request->has_severity_overrides)
        good = overrides_good(call, request->severity_overrides) && good;
    if (request->has_milestones)
        good = milestones_check(call, request->milestones) && good;
    return good ? 0 : pl_fail(&call->err, INVALID, "the settings of the api are not valid");
}

/* What is absent keeps its value. */
static void
merge(Governance__Api *api, const Governance__PutApiRequest *request)
{
    // clang-format off
    if (request->title)                   api->title = request->title;
    if (request->visibility)              api->visibility = request->visibility;
    if (request->default_branch)          api->default_branch = request->default_branch;
    if (request->version_scheme)          api->version_scheme = request->version_scheme;
    if (request->notice_policy)           api->notice_policy = request->notice_policy;
    if (request->has_stability_threshold) api->stability_threshold = request->stability_threshold;
    if (request->has_window)              api->window = request->window;
    if (request->has_strict_zero)         api->strict_zero = request->strict_zero;
    if (request->has_placeholder_max_runs)
        api->placeholder_max_runs = request->placeholder_max_runs;
    if (request->has_placeholder_streak_alert_threshold)
        api->placeholder_streak_alert_threshold = request->placeholder_streak_alert_threshold;
    if (request->has_severity_overrides)
        PUT(api, severity_overrides, request->severity_overrides);
    if (request->has_milestones)
        PUT(api, milestones, request->milestones);
    // clang-format on
}

static ProtobufCBinaryData
packed(const Governance__Api *api, struct pl_arena *arena)
{
    size_t size = governance__api__get_packed_size(api);
    uint8_t *bytes = pl_arena_alloc(arena, size + 1);

    governance__api__pack(api, bytes);
    return (ProtobufCBinaryData){ size, bytes };
}

/* Write ${api} down, and say so, if it differs from ${before}. */
static int
save(struct pl_call *call, const Governance__Api *api, ProtobufCBinaryData before, bool created)
{
    ProtobufCBinaryData after = packed(api, call->arena);

    if (!created && after.len == before.len && memcmp(after.data, before.data, after.len) == 0)
        return 0;
    if (store_save_api(call->db, api, call->arena, &call->err))
        return -1;
    pl_info("api.changed", PL_S("api", api->api), PL_S("visibility", api->visibility),
            PL_I("created", created), PL_I("archived", api->archived));
    return emit_api(call->db, api, &call->err);
}

int
put_api(struct pl_call *call)
{
    const Governance__PutApiRequest *request = call->request;
    Governance__PutApiReply *reply = call->reply;
    struct api_state *state;
    ProtobufCBinaryData before;
    bool created;

    if (check_settings(call, request))
        return -1;
    if (store_add_api(call->db, request->api, default_visibility, &created, &call->err) ||
        store_lock_api(call->db, request->api, &call->err) ||
        store_get_api(call->db, request->api, call->arena, &state, &call->err))
        return -1;
    if (state->api->archived)
        return pl_fail(&call->err, CONFLICT, "the api \"%s\" is archived", request->api);
    before = packed(state->api, call->arena);
    merge(state->api, request);
    if (save(call, state->api, before, created) ||
        store_get_api(call->db, request->api, call->arena, &state, &call->err))
        return -1;
    if (created) {
        call->http.status = 201;
        call->http.location = pl_arena_printf(call->arena, "/api/v1/apis/%s", request->api);
    }
    reply->api = state->api;
    return reply_headers(call, request->api);
}

int
get_api(struct pl_call *call)
{
    const Governance__GetApiRequest *request = call->request;
    Governance__GetApiReply *reply = call->reply;
    struct api_state *state;

    if (!check_slug(call, request->api))
        return pl_fail(&call->err, MALFORMED, "the api's name is not valid");
    if (store_get_api(call->db, request->api, call->arena, &state, &call->err))
        return -1;
    reply->api = state->api;
    return reply_headers(call, request->api);
}

int
delete_api(struct pl_call *call)
{
    const Governance__DeleteApiRequest *request = call->request;
    struct api_state *state;
    ProtobufCBinaryData before;

    if (!check_slug(call, request->api))
        return pl_fail(&call->err, MALFORMED, "the api's name is not valid");
    if (store_lock_api(call->db, request->api, &call->err) ||
        store_get_api(call->db, request->api, call->arena, &state, &call->err))
        return -1;
    before = packed(state->api, call->arena);
    PUT(state->api, archived, true);
    if (save(call, state->api, before, false))
        return -1;
    call->http.status = 204;
    return 0;
}

int
list_apis(struct pl_call *call)
{
    const Governance__ListApisRequest *request = call->request;
    Governance__ListApisReply *reply = call->reply;
    const Pl__Principal *who = call->principal;
    struct page page;

    if (check_page(call, NULL, request->has_limit, request->limit, 0, &page))
        return -1;
    if (store_list_apis(call->db, request->cursor ? request->cursor : "", who->n_apis, who->apis,
                        page.limit + 1, call->arena, &reply->apis, &reply->n_apis, &call->err))
        return -1;
    if (reply->n_apis > (size_t)page.limit) {
        reply->n_apis = (size_t)page.limit;
        reply->next_cursor = reply->apis[page.limit - 1]->api;
    }
    return 0;
}
