#include "push.h"

#include "pl_gzip.h"
#include "source.h"

#include <string.h>

#define LARGEST_PUSH      (32u << 20)
#define WORTH_COMPRESSING 16384
#define LONGEST_SHA       40

static void
add_query(struct pl_buf *path, const char *name, const char *value)
{
    if (value)
        pl_buf_printf(path, "%c%s=%s", strchr(pl_buf_text(path), '?') ? '&' : '?', name,
                      url_escape(path->arena, value));
}

/* The engine reads the type from the first characters anyway; this is for its log and for the
 * file that is handed back later. */
static const char *
type_of(const char *bytes, size_t length)
{
    return pl_is_json(bytes, length) ? "application/json" : "application/yaml";
}

/* A document of several files is sent as one (positions of a single file stay what they are).
 * Problems of a single file are the server's to tell. */
static int
self_contained(const char *file, struct pl_arena *arena, char **bytes, size_t *length)
{
    struct source source = { 0 };
    struct pl_buf text = { .arena = arena };

    if (source_read(file, NULL, NULL, arena, &source))
        return EXIT_TROUBLE;
    *bytes = (char *)source.document->files[0].bytes;
    *length = source.document->files[0].length;
    if (!source.document->several)
        return EXIT_FINE;
    if (source.document->problem_count) {
        trouble("%s cannot be used:", file);
        source_complain(source.document, stderr);
        return EXIT_TROUBLE;
    }
    pl_node_write(&text, source.document->root, PL_PRETTY);
    *bytes = text.data;
    *length = text.length;
    return EXIT_FINE;
}

static int
load(const struct push *push, struct request *request, struct pl_arena *arena)
{
    char *bytes;
    size_t length;

    if (self_contained(push->file, arena, &bytes, &length))
        return EXIT_TROUBLE;
    if (length > LARGEST_PUSH)
        return trouble("\"%s\" is larger than %u bytes", push->file, LARGEST_PUSH);
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
