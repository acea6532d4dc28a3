#include "record.h"

#include "events.pb-c.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

char *
record_actor(const struct pl_call *call)
{
    return call->principal->subject ? call->principal->subject : "";
}

const char *
record_etag(const struct pl_call *call, int64_t version)
{
    return pl_arena_printf(call->arena, "\"%lld\"", (long long)version);
}

/* The next entity tag of a list: its bare text, without quotes. */
static bool
next_tag(const char **at, const char **tag, size_t *length)
{
    const char *start = *at + strspn(*at, " \t,");

    if (strncmp(start, "W/", 2) == 0)
        start += 2;
    if (*start != '"')
        return false;
    *tag = ++start;
    *length = strcspn(start, "\"");
    *at = start + *length + (start[*length] == '"');
    return true;
}

int
record_check_match(struct pl_call *call, const char *if_match, int64_t version)
{
    const char *at = if_match, *tag;
    char wanted[24];
    size_t length;

    if (if_match == NULL || strcmp(if_match, "*") == 0)
        return 0;
    snprintf(wanted, sizeof wanted, "%lld", (long long)version);
    while (next_tag(&at, &tag, &length))
        if (length == strlen(wanted) && strncmp(tag, wanted, length) == 0)
            return 0;
    call->http.etag = record_etag(call, version);
    return pl_fail(&call->err, PRECONDITION,
                   "somebody has changed it meanwhile: it is version %s now; read it again",
                   wanted);
}

int
record_change(struct pl_call *call, const Bridge__Input *input, Bridge__Change change)
{
    change.actor = record_actor(call);
    if (!change.has_version)
        change.version = input->version;
    return store_add_change(call->db, input->id, &change, &call->err);
}

int
record_input_event(struct pl_call *call, const char *type, const Bridge__Input *input,
                   const char *previous_status, const char *previous_owner)
{
    Events__InputChanged event = EVENTS__INPUT_CHANGED__INIT;

    event.input = input->id;
    event.title = input->title;
    event.status = input->status;
    event.previous_status = (char *)previous_status;
    event.owner = input->owner;
    event.previous_owner = (char *)previous_owner;
    event.n_tags = input->n_tags;
    event.tags = input->tags;
    event.has_impact = 1;
    event.impact = input->impact;
    event.has_version = 1;
    event.version = input->version;
    event.actor = record_actor(call);
    return pl_outbox_add(call->db, "input", input->id, type, &event.base, &call->err);
}

int
record_experiment_event(struct pl_call *call, const char *type,
                        const Bridge__Experiment *experiment)
{
    Events__ExperimentChanged event = EVENTS__EXPERIMENT_CHANGED__INIT;

    event.experiment = experiment->id;
    event.input = experiment->input;
    event.title = experiment->title;
    event.owner = experiment->owner;
    event.status = experiment->status;
    event.outcome = experiment->outcome;
    event.has_version = 1;
    event.version = experiment->version;
    event.actor = record_actor(call);
    return pl_outbox_add(call->db, "input", experiment->input, type, &event.base, &call->err);
}
