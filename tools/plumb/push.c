#include "push.h"

#include "pl_gzip.h"

#include <string.h>

#define LARGEST_DOCUMENT  (32u << 20)
#define WORTH_COMPRESSING 16384
#define LONGEST_SHA       40

static void
add_query(struct pl_buf *path, const char *name, const char *value)
{
    if (value)
        pl_buf_printf(path, "%c%s=%s", strchr(pl_buf_text(path), '?') ? '&' : '?', name,
                      url_escape(path->arena, value));
}

/* The gateway reads the type from the first character anyway; this is for its log and for the
 * file that is handed back later. */
static const char *
type_of(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (strchr(" \t\r\n", bytes[i]) == NULL)
            return bytes[i] == '{' || bytes[i] == '[' ? "application/json" : "application/yaml";
    return "application/yaml";
}

static int
load(const struct push *push, struct request *request, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    char *bytes;
    size_t length;

    if (read_file(push->file, LARGEST_DOCUMENT, arena, &bytes, &length, &err))
        return trouble("%s", err.text);
    request->content_type = type_of(bytes, length);
    request->body = bytes;
    request->body_length = length;
    if (length < WORTH_COMPRESSING)
        return EXIT_FINE;
    request->body = pl_gzip(bytes, length, arena, &request->body_length);
    request->content_encoding = "gzip";
    return EXIT_FINE;
}

int
push_send(const struct push *push, struct pl_arena *arena, struct pl_node **run)
{
    struct pl_buf path = { .arena = arena };
    struct request request = { .method = "POST", .retry = true };
    struct answer answer;

    pl_buf_printf(&path, "/api/v1/apis/%s/runs", url_escape(arena, push->api));
    add_query(&path, "sha", pl_arena_printf(arena, "%.*s", LONGEST_SHA, push->sha));
    add_query(&path, "branch", push->branch);
    add_query(&path, "version", push->version);
    add_query(&path, "committed_at", push->committed_at);
    add_query(&path, "placeholder_reason", push->placeholder);
    add_query(&path, "breaking_ack", push->breaking_ack ? "true" : NULL);
    if (push->file && load(push, &request, arena))
        return EXIT_TROUBLE;
    request.path = pl_buf_text(&path);
    if (http_must(&request, arena, &answer))
        return EXIT_TROUBLE;
    *run = answer.json;
    return answer.json ? EXIT_FINE : trouble("the server's answer is not JSON");
}
