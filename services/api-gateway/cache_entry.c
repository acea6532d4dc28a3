#include "cache_entry.h"

#include "exchange.h"

#include "pl_pack.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static bool
forbids(const char *cache_control)
{
    return cache_control && strstr(cache_control, "no-store");
}

bool
cache_entry_may_keep(const struct exchange *exchange)
{
    const struct answer *answer = &exchange->answer;

    if (!exchange->answered || answer->status != 200 || answer->close ||
        forbids(answer->cache_control))
        return false;
    for (int i = 0; i < answer->extra_count; i++)
        if (strcasecmp(answer->extra_names[i], "Set-Cookie") == 0)
            return false;
    return true;
}

ProtobufCBinaryData
cache_entry_write(struct exchange *exchange, int first, int64_t life_ms)
{
    const struct answer *answer = &exchange->answer;
    Gateway__CachedAnswer entry = GATEWAY__CACHED_ANSWER__INIT;

    entry.has_life_ms = entry.has_body = entry.has_cross_origin = entry.has_page = 1;
    entry.life_ms = life_ms;
    entry.type = (char *)(uintptr_t)answer->type;
    entry.encoding = (char *)(uintptr_t)answer->encoding;
    entry.body = (ProtobufCBinaryData){ answer->length, (uint8_t *)(uintptr_t)answer->body };
    entry.etag = (char *)(uintptr_t)answer->etag;
    entry.last_modified = (char *)(uintptr_t)answer->last_modified;
    entry.cache_control = (char *)(uintptr_t)answer->cache_control;
    entry.cross_origin = answer->cross_origin;
    entry.page = answer->page;
    entry.headers =
        pl_arena_alloc(exchange->arena, 2 * (size_t)answer->extra_count * sizeof(char *) + 1);
    for (int i = first; i < answer->extra_count; i++) {
        entry.headers[entry.n_headers++] = (char *)(uintptr_t)answer->extra_names[i];
        entry.headers[entry.n_headers++] = (char *)(uintptr_t)answer->extra_values[i];
    }
    return pl_pack(&entry.base, exchange->arena);
}

const Gateway__CachedAnswer *
cache_entry_read(struct exchange *exchange, ProtobufCBinaryData bytes)
{
    const Gateway__CachedAnswer *entry =
        pl_unpack(&gateway__cached_answer__descriptor, bytes, exchange->arena);

    return entry && entry->has_life_ms && entry->has_body ? entry : NULL;
}

void
cache_entry_answer(struct exchange *exchange, const Gateway__CachedAnswer *entry, int64_t left_ms)
{
    int64_t age_s = (entry->life_ms - left_ms) / 1000;
    struct answer *answer = &exchange->answer;

    answer_bytes(exchange, 200, entry->type, entry->body.data ? (char *)entry->body.data : "",
                 entry->body.len);
    answer->encoding = entry->encoding;
    answer->etag = entry->etag;
    answer->last_modified = entry->last_modified;
    answer->cache_control = entry->cache_control;
    answer->cross_origin = entry->cross_origin;
    answer->page = entry->page;
    for (size_t i = 0; i + 1 < entry->n_headers; i += 2)
        answer_header(exchange, entry->headers[i], entry->headers[i + 1]);
    answer_header(exchange, "Age",
                  pl_arena_printf(exchange->arena, "%" PRId64, age_s > 0 ? age_s : 0));
}
