/* Achievements: the milestones that were reached. */
#include "governance.h"
#include "store.h"

#include "pl_node.h"
#include "pl_pack.h"

#include <sodium.h>
#include <string.h>

#define PAGE 200

static void
add(Governance__ListAchievementsReply *reply, const char *api, const struct pl_node *category,
    const struct pl_node *milestone, size_t *room, struct pl_arena *arena)
{
    Governance__Achievement *one = pl_arena_alloc(arena, sizeof *one);

    if (reply->n_achievements == *room) {
        Governance__Achievement **more = pl_arena_alloc(arena, (*room * 2 + 64) * sizeof *more);

        if (*room)
            memcpy(more, reply->achievements, *room * sizeof *more);
        reply->achievements = more;
        *room = *room * 2 + 64;
    }
    governance__achievement__init(one);
    one->api = (char *)api;
    one->category = (char *)pl_node_text(pl_node_get(category, "name"), "");
    one->milestone = (char *)pl_node_text(pl_node_get(milestone, "name"), "");
    PUT(one, weight, pl_node_double(pl_node_get(milestone, "weight"), 1));
    reply->achievements[reply->n_achievements++] = one;
}

static bool
is_reached(const struct pl_node *milestone)
{
    const struct pl_node *complete = pl_node_get(milestone, "complete");

    return pl_node_is(complete, PL_BOOL) ? pl_node_true(complete, false)
                                         : pl_node_double(complete, 0) >= 1;
}

static void
add_api(struct pl_call *call, const Governance__Api *api, size_t *room)
{
    Governance__ListAchievementsReply *reply = call->reply;
    struct pl_err err = { 0 }; // it was checked when it was put
    const struct pl_node *root =
        api->has_milestones ? pl_json_parse(call->arena, (const char *)api->milestones.data,
                                            api->milestones.len, NULL, &err)
                            : NULL;
    const struct pl_node *categories = pl_node_get(root, "categories");

    for (uint32_t i = 0; categories && i < categories->count; i++) {
        const struct pl_node *list = pl_node_get(categories->items[i], "milestones");

        reply->total += list ? list->count : 0;
        for (uint32_t k = 0; list && k < list->count; k++)
            if (is_reached(list->items[k]))
                add(reply, api->api, categories->items[i], list->items[k], room, call->arena);
    }
}

/* The same achievements have the same tag, so that who knows them is told so by a 304. */
static const char *
tag(struct pl_call *call)
{
    ProtobufCBinaryData packed = pl_pack(call->reply, call->arena);
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];

    crypto_hash_sha256(digest, packed.data, packed.len);
    return pl_arena_printf(call->arena, "\"%.32s\"",
                           sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
}

/* governance.ListAchievements */
int
list_achievements(struct pl_call *call)
{
    Governance__ListAchievementsReply *reply = call->reply;
    const Pl__Principal *who = call->principal;
    const char *after = "";
    size_t count = PAGE, room = 0;

    PUT(reply, total, 0);
    while (count == PAGE) {
        Governance__Api **apis;

        if (store_list_apis(call->db, after, who->n_apis, who->apis, PAGE, call->arena, &apis,
                            &count, &call->err))
            return -1;
        for (size_t i = 0; i < count; i++)
            if (!apis[i]->archived)
                add_api(call, apis[i], &room);
        after = count ? apis[count - 1]->api : after;
    }
    PUT(reply, count, (int64_t)reply->n_achievements);
    call->http.etag = tag(call);
    call->http.cache_control = "private, no-cache";
    return 0;
}
