#include "target.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_TARGETS   20000
#define LEAST_INTERVAL 100
#define MOST_INTERVAL  86400000
#define MOST_RETRIES   5
#define NAME_CHARS     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static const struct {
    const char *scheme, *instead;
    enum target_kind kind;
} SCHEMES[] = {
    { "http://", "http://", TARGET_HTTP },
    { "https://", "https://", TARGET_HTTP },
    { "tcp://", "http://", TARGET_TCP }, // libcurl only connects
    { "tls://", "https://", TARGET_TLS },
};

static int
read_url(struct target *target, struct pl_arena *arena, struct pl_err *err)
{
    const char *url = target->url;

    for (const char *at = url; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return pl_fail(err, INVALID, "%s: the url has white space in it", target->name);
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        size_t length = strlen(SCHEMES[i].scheme);
        const char *host = url + length;
        size_t authority = strncmp(url, SCHEMES[i].scheme, length) ? 0 : strcspn(host, "/?#");

        if (authority == 0)
            continue;
        if (memchr(host, '@', authority))
            return pl_fail(err, INVALID, "%s: credentials do not belong into a url", target->name);
        if (SCHEMES[i].kind != TARGET_HTTP &&
            (host[authority] || memchr(host, ':', authority) == NULL))
            return pl_fail(err, INVALID, "%s: %s needs a host and a port, and nothing else",
                           target->name, SCHEMES[i].scheme);
        target->kind = SCHEMES[i].kind;
        target->host_url = pl_arena_printf(arena, "%s%s", SCHEMES[i].instead, host);
        return 0;
    }
    return pl_fail(err, INVALID, "%s: the url begins with none of http:// https:// tcp:// tls://",
                   target->name);
}

/* "2026-11-20T22:00:00Z" as Unix milliseconds; -1 if it is none. */
static int64_t
read_time(const char *text)
{
    struct tm tm = { 0 };
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

    if (rest && *rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    return rest && strcmp(rest, "Z") == 0 ? (int64_t)timegm(&tm) * 1000 : -1;
}

static int
read_pauses(struct target *target, const struct pl_node *list, struct pl_arena *arena,
            struct pl_err *err)
{
    target->pause_count = list ? list->count : 0;
    target->pauses = pl_arena_alloc(arena, (target->pause_count + 1) * sizeof *target->pauses);
    for (uint32_t i = 0; i < target->pause_count; i++) {
        const struct pl_node *node = pl_node_at(list, i);
        struct target_pause *pause = &target->pauses[i];

        pause->from = read_time(pl_node_text(pl_node_get(node, "from"), ""));
        pause->to = read_time(pl_node_text(pl_node_get(node, "to"), ""));
        if (pause->from < 0 || pause->to <= pause->from)
            return pl_fail(err, INVALID,
                           "%s: a maintenance window goes from a time to a later one, in UTC (…Z)",
                           target->name);
    }
    return 0;
}

static bool
status_ok(const char *ranges)
{
    char *end;

    for (const char *at = ranges;; at = end + 1) {
        long low = strtol(at, &end, 10), high = low;

        if (end == at)
            return false;
        if (*end == '-') {
            at = end + 1;
            high = strtol(at, &end, 10);
        }
        if (low < 100 || high > 599 || high < low)
            return false;
        if (*end == '\0')
            return true;
        if (*end != ',')
            return false;
    }
}

static int
read_expect(struct target *target, const struct pl_node *expect, struct pl_arena *arena,
            struct pl_err *err)
{
    const char *header = pl_node_text(pl_node_get(expect, "header"), NULL);
    const struct pl_node *json = pl_node_get(expect, "json");
    const char *colon = header ? strchr(header, ':') : NULL;

    target->status = pl_node_text(pl_node_get(expect, "status"), "200-399");
    target->body = pl_node_text(pl_node_get(expect, "body"), NULL);
    target->pointer = pl_node_text(pl_node_get(json, "pointer"), NULL);
    target->value = pl_node_get(json, "value");
    if (!status_ok(target->status))
        return pl_fail(err, INVALID, "%s: \"%.40s\" are no statuses like 200-299,401", target->name,
                       target->status);
    if (header && (colon == NULL || colon == header))
        return pl_fail(err, INVALID, "%s: a header is wanted as \"Name: text\"", target->name);
    if (header) {
        target->header_name = pl_arena_memdup(arena, header, (size_t)(colon - header));
        target->header_text = colon + 1 + strspn(colon + 1, " ");
    }
    if (target->pointer && *target->pointer && *target->pointer != '/')
        return pl_fail(err, INVALID, "%s: a JSON Pointer begins with /", target->name);
    if (target->kind != TARGET_HTTP && expect)
        return pl_fail(err, INVALID, "%s: only http and https have answers to expect of",
                       target->name);
    if (target->head && (target->body || target->pointer))
        return pl_fail(err, INVALID, "%s: the answer to HEAD has no body", target->name);
    return 0;
}

static int
read_target(struct target *target, const struct pl_node *node, int64_t interval_ms,
            struct pl_arena *arena, struct pl_err *err)
{
    const char *name = pl_node_text(pl_node_get(node, "name"), "");
    const char *method = pl_node_text(pl_node_get(node, "method"), "GET");
    size_t length = strspn(name, NAME_CHARS);

    if (length < 1 || length > 100 || name[length])
        return pl_fail(err, INVALID, "\"%.40s\" is no name: 1 to 100 of letters, digits, _ . -",
                       name);
    target->name = name;
    target->url = pl_node_text(pl_node_get(node, "url"), "");
    target->interval_ms = pl_node_int(pl_node_get(node, "interval_ms"), interval_ms);
    target->timeout_ms = pl_node_int(pl_node_get(node, "timeout_ms"), 5000);
    target->retries = (int)pl_node_int(pl_node_get(node, "retries"), 0);
    target->fresh = pl_node_true(pl_node_get(node, "fresh"), false);
    target->public_badges = pl_node_true(pl_node_get(node, "public_badges"), false);
    target->head = strcmp(method, "HEAD") == 0;
    if (!target->head && strcmp(method, "GET") != 0)
        return pl_fail(err, INVALID, "%s: the method is GET or HEAD", name);
    if (target->interval_ms < LEAST_INTERVAL || target->interval_ms > MOST_INTERVAL)
        return pl_fail(err, INVALID, "%s: interval_ms is from %d to %d", name, LEAST_INTERVAL,
                       MOST_INTERVAL);
    if (target->timeout_ms < 1 || target->timeout_ms > 60000)
        return pl_fail(err, INVALID, "%s: timeout_ms is from 1 to 60000", name);
    if (target->retries < 0 || target->retries > MOST_RETRIES)
        return pl_fail(err, INVALID, "%s: retries is from 0 to %d", name, MOST_RETRIES);
    if (read_url(target, arena, err) ||
        read_pauses(target, pl_node_get(node, "maintenance"), arena, err))
        return -1;
    return read_expect(target, pl_node_get(node, "expect"), arena, err);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct target *)a)->name, ((const struct target *)b)->name);
}

int
target_set_read_json(const struct pl_node *array, int64_t interval_ms, struct pl_arena *arena,
                     struct target_set *out, struct pl_err *err)
{
    if (!pl_node_is(array, PL_ARRAY))
        return pl_fail(err, INVALID, "the targets are no list");
    if (array->count > MOST_TARGETS)
        return pl_fail(err, INVALID, "more than %d targets", MOST_TARGETS);
    out->count = (int)array->count;
    out->targets = pl_arena_alloc(arena, (array->count + 1) * sizeof *out->targets);
    for (int i = 0; i < out->count; i++)
        if (read_target(&out->targets[i], array->items[i], interval_ms, arena, err))
            return -1;
    qsort(out->targets, (size_t)out->count, sizeof *out->targets, by_name);
    for (int i = 1; i < out->count; i++)
        if (strcmp(out->targets[i - 1].name, out->targets[i].name) == 0)
            return pl_fail(err, INVALID, "the name \"%s\" is there twice", out->targets[i].name);
    return 0;
}

struct pl_node *
target_set_from_list(const char *list, struct pl_arena *arena, struct pl_err *err)
{
    struct pl_node *array = pl_node_array(arena);

    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        char *entry = pl_arena_memdup(arena, at, length);
        char *colon, *end = entry + length;

        at += length + (at[length] == ',');
        entry += strspn(entry, " \t\r\n");
        while (end > entry && isspace((unsigned char)end[-1]))
            *--end = '\0';
        if (*entry == '\0')
            continue;
        colon = strchr(entry, ':');
        if (colon == NULL || colon == entry) {
            pl_fail(err, INVALID, "\"%.60s\" is no target: name:url", entry);
            return NULL;
        }
        *colon = '\0';
        pl_node_push(arena, array, pl_node_object(arena));
        pl_node_set(arena, pl_node_at(array, array->count - 1), "name",
                    pl_node_string(arena, entry));
        pl_node_set(arena, pl_node_at(array, array->count - 1), "url",
                    pl_node_string(arena, colon + 1));
    }
    return array;
}

bool
target_wants_status(const char *ranges, int status)
{
    char *end;

    for (const char *at = ranges; *at; at = end + (*end == ',')) {
        long low = strtol(at, &end, 10), high = low;

        if (*end == '-')
            high = strtol(end + 1, &end, 10);
        if (status >= low && status <= high)
            return true;
    }
    return false;
}

bool
target_is_paused(const struct target *target, int64_t now_ms)
{
    for (uint32_t i = 0; i < target->pause_count; i++)
        if (now_ms >= target->pauses[i].from && now_ms < target->pauses[i].to)
            return true;
    return false;
}
