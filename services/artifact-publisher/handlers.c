/* handlers.c -- what was published, for whoever may see it (RULINGS 26). */
#include "publisher.h"

#include "publisher.pb-c.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

static bool
ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);

    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Is the file open to everybody?  An api we do not know counts as private, so that a stranger
 * cannot tell the one from the other. */
static bool
is_open(const struct published *set, const char *file)
{
    return strcmp(set->visibility, "public") == 0 ||
           (strcmp(set->visibility, "badges") == 0 && ends_with(file, "-badge.json"));
}

static int
not_found(struct pl_call *call, const char *api, const char *file)
{
    return pl_fail(&call->err, NOT_FOUND, "there is no \"%s\" of \"%s\"", file, api);
}

/* Who may ask for what is not open.  The answer is the same for an api that is not there. */
static int
admit(struct pl_call *call, const char *api, const char *file)
{
    const char *subject = call->principal->subject;

    if (subject == NULL || subject[0] == '\0')
        return pl_fail(&call->err, UNAUTHENTICATED, "a token is needed to see that");
    if (!pl_call_may(call, "runs:read"))
        return pl_fail(&call->err, DENIED, "the token lacks the scope \"runs:read\"");
    if (!pl_call_may_see(call, api))
        return not_found(call, api, file);
    return 0;
}

/* A set never changes, the current one is replaced: so revalidate, which costs a 304. */
static const char *
cache_control(bool open, bool pinned, const char *file)
{
    if (!open)
        return "private, no-cache";
    if (pinned)
        return "public, max-age=86400, immutable";
    return ends_with(file, "-badge.json") ? "public, max-age=300" : "public, no-cache";
}

int
get_artifact(struct pl_call *call)
{
    const Publisher__GetArtifactRequest *request = call->request;
    Publisher__GetArtifactReply *reply = call->reply;
    const char *api = request->api ? request->api : "";
    const char *name = request->file && request->file[0] ? request->file : "index.html";
    const char *run = request->run ? request->run : "";
    struct published set;
    struct artifact file;
    bool found = false, open;

    if (store_get_set(call->db, api, run, call->arena, &set, &call->err))
        return -1;
    open = is_open(&set, name);
    if (!open && admit(call, api, name))
        return -1;
    if (set.seq &&
        store_get_file(call->db, api, set.seq, name, call->arena, &file, &found, &call->err))
        return -1;
    if (!found && set.seq == 0 && run[0] == '\0')
        return pl_fail(&call->err, NOT_FOUND,
                       "nothing of \"%s\" is published yet: push a document, its page follows",
                       api);
    if (!found)
        return not_found(call, api, name);

    call->http.etag = pl_arena_printf(call->arena, "\"%s\"", file.sha256);
    call->http.last_modified = set.published_at;
    call->http.cache_control = cache_control(open, run[0] != '\0', name);
    call->http.cross_origin = open;
    reply->body = pl_arena_alloc(call->arena, sizeof *reply->body);
    pl__http_body__init(reply->body);
    reply->body->content_type = (char *)file.content_type;
    reply->body->has_data = 1;
    reply->body->data.data = (uint8_t *)file.bytes;
    reply->body->data.len = file.size;
    return 0;
}

static Publisher__Artifact *
artifact_message(const struct artifact *file, struct pl_arena *arena)
{
    Publisher__Artifact *message = pl_arena_alloc(arena, sizeof *message);

    publisher__artifact__init(message);
    message->path = (char *)file->path;
    message->sha256 = pl_arena_strdup(arena, file->sha256);
    message->has_size = 1;
    message->size = (int64_t)file->size;
    message->content_type = (char *)file->content_type;
    return message;
}

int
list_artifacts(struct pl_call *call)
{
    const Publisher__ListArtifactsRequest *request = call->request;
    Publisher__ListArtifactsReply *reply = call->reply;
    const char *api = request->api ? request->api : "";
    const char *run = request->run ? request->run : "";
    struct artifact *files;
    struct published set;
    int count;

    if (admit(call, api, "set") || store_get_set(call->db, api, run, call->arena, &set, &call->err))
        return -1;
    if (set.seq == 0)
        return pl_fail(&call->err, NOT_FOUND, "nothing of \"%s\" is published%s", api,
                       run[0] ? " for that run" : "");
    if (store_list_files(call->db, api, set.seq, call->arena, &files, &count, &call->err))
        return -1;

    reply->api = (char *)api;
    reply->run = (char *)set.run;
    reply->sha = (char *)set.sha;
    reply->has_seq = reply->has_is_signed = 1;
    reply->seq = set.seq;
    reply->is_signed = set.is_signed;
    reply->aggregate_sha256 = (char *)set.aggregate;
    reply->published_at = (char *)set.published_at;
    reply->n_artifacts = (size_t)count;
    reply->artifacts = pl_arena_alloc(call->arena, ((size_t)count + 1) * sizeof *reply->artifacts);
    for (int i = 0; i < count; i++)
        reply->artifacts[i] = artifact_message(&files[i], call->arena);
    pl_call_header(call, "X-Governance-Status", set.verdict); // as the engine's answers (AMB-62)
    pl_call_header(call, "X-API-Version", set.version);
    pl_call_header(call, "X-Schema-SHA256", set.document_sha256);
    return 0;
}
