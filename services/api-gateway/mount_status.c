#include "cache.h"
#include "contract.h"
#include "exchange.h"
#include "invoke.h"
#include "mount.h"
#include "problem.h"
#include "reactor.h"
#include "settings.h"

#include "pl_caller.h"
#include "pl_pack.h"

#include "publisher.pb-c.h"

#include <stdio.h>
#include <string.h>

#define ARTIFACT_LIMIT_MS 15000

/* What is published next, and who may see it, shows at once by these events; a publisher that hears of
 * the second later than the gateway is asked again after `ttl`. */
static const struct cache_rule KEPT = {
    .ttl_ms = 10000,
    .stale_ms = 300000,
    .jitter = 10,
    .vary = VARY_RIGHTS,
    .events = { "artifacts.published", "governance.api.changed" },
};

void
mount_contract(struct exchange *self)
{
    const struct contract *contract = reactor_contract(self->reactor);

    answer_bytes(self, 200, "application/json", contract->json.data, contract->json.length);
    self->answer.etag = contract->etag;
    self->answer.cache_control = "no-cache";
}

/* Until there is a front end (RULINGS 27). */
void
mount_root(struct exchange *self)
{
    answer_redirect(self, pl_arena_printf(self->arena, "/status/%s/", settings.default_api));
}

void
mount_status_folder(struct exchange *self)
{
    answer_redirect(self,
                    pl_arena_printf(self->arena, "/status/%s/", path_value(&self->values, "api")));
}

/* A page that browsers show must not reveal by its absence what is private: publisher says
 * UNAUTHENTICATED to nobody and DENIED to the wrong one, both as a problem. */
static void
replied(void *arg, const struct pl_answer *answer)
{
    struct exchange *self = arg;
    const Publisher__GetArtifactReply *reply = NULL;

    if (answer->code == PL_OK)
        reply = pl_unpack(&publisher__get_artifact_reply__descriptor, answer->message, self->arena);
    if (answer->code == PL_UNAUTHENTICATED)
        answer_header(self, "WWW-Authenticate", "Bearer realm=\"plumbline\"");
    if (answer->code != PL_OK)
        problem_reply(self, answer->code, answer->text, answer->reply);
    else if (reply == NULL || reply->body == NULL)
        problem(self, PL_INTERNAL, "the answer of artifact-publisher cannot be read");
    else {
        invoke_body(self, 200, reply->body, answer->body);
        invoke_meta(self, answer->reply ? answer->reply->http : NULL);
    }
    cache_fetched(self, answer->code);
    exchange_done(self);
}

static void
fetch(struct exchange *self)
{
    struct pl_outcall call = invoke_call(self, "artifact-publisher", "publisher.GetArtifact",
                                         self->request, ARTIFACT_LIMIT_MS);

    call.idempotent = true;
    self->pending = true;
    pl_caller_start(reactor_caller(self->reactor), &call, replied, self);
}

/* The run that a link to an older page names (?run=...); NULL for the current one. */
static const char *
asked_run(struct exchange *self)
{
    const char *query = self->path.query, *name, *value;
    size_t name_length, length;

    while (path_next_pair(&query, &name, &name_length, &value, &length))
        if (name_length == 3 && strncmp(name, "run", 3) == 0 && length > 0 && length <= 64)
            return pl_arena_memdup(self->arena, value, length);
    return NULL;
}

void
mount_artifact(struct exchange *self)
{
    Publisher__GetArtifactRequest *request = pl_arena_alloc(self->arena, sizeof *request);
    const char *api = path_value(&self->values, "api");
    const char *file = path_value(&self->values, "file");

    if (self->path.count == 1 && strcmp(file, "index.html") == 0) {
        problem(self, PL_NOT_FOUND, "there is nothing at this path");
        return;
    }
    publisher__get_artifact_request__init(request);
    request->api = (char *)(api ? api : settings.default_api);
    request->file = (char *)(file ? file : "");
    request->run = (char *)asked_run(self);
    self->request = &request->base;
    cache_begin(self, &(struct cache_question){ .rule = &KEPT,
                                                .call = "publisher.GetArtifact",
                                                .api = request->api,
                                                .request = self->request,
                                                .fetch = fetch });
}

const struct cache_rule *
mount_cache_rule(void)
{
    return &KEPT;
}

const char *
mount_warm(void)
{
    static char path[96];

    snprintf(path, sizeof path, "/status/%s/", settings.default_api);
    return path;
}
