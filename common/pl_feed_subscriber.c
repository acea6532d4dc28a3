#include "pl_feed_subscriber.h"

#include "pl_service.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_CREDIT 4
#define LAST_POSITION  (INT64_MAX - 1) // there is always one behind it

struct pl_subscriber *
pl_subscriber_find(struct pl_subscriber *list, zframe_t *identity)
{
    while (list && !zframe_eq(list->identity, identity))
        list = list->next_one;
    return list;
}

static char *
copy(const char *text)
{
    char *copied = strdup(text ? text : "");

    if (copied == NULL)
        abort(); // as pl_arena: without memory a clean process is better
    return copied;
}

struct pl_subscriber *
pl_subscriber_add(struct pl_subscriber **list, zframe_t *identity, const Pl__Subscribe *wish,
                  int64_t head)
{
    struct pl_subscriber *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    self->identity = zframe_dup(identity);
    self->consumer = copy(wish->consumer);
    self->type_count = wish->n_types;
    self->types = calloc(wish->n_types + 1, sizeof *self->types);
    if (self->types == NULL)
        abort();
    for (size_t i = 0; i < wish->n_types; i++)
        self->types[i] = copy(wish->types[i]);
    self->durable = wish->durable;
    self->told = -1;
    pl_subscriber_rewind(self, wish, head);
    self->next_one = *list;
    *list = self;
    return self;
}

static int64_t
sane(int64_t position)
{
    return position < LAST_POSITION ? position : LAST_POSITION;
}

void
pl_subscriber_rewind(struct pl_subscriber *self, const Pl__Subscribe *wish, int64_t head)
{
    self->acked = wish->after < 0 ? head : sane(wish->after);
    self->next = self->acked + 1;
    self->credit = wish->credit > PL_FEED_MAX_CREDIT ? PL_FEED_MAX_CREDIT : wish->credit;
    if (self->credit < 1) // a heartbeat of one that this process does not know
        self->credit = DEFAULT_CREDIT;
    self->in_flight = 0;
    self->heard_ms = pl_now_ms();
}

void
pl_subscriber_ack(struct pl_subscriber *self, int64_t position)
{
    int done = 0;

    position = sane(position);
    if (position > self->acked)
        self->acked = position;
    if (position >= self->next) // another replica was faster
        self->next = position + 1;
    while (done < self->in_flight && self->flight[done] <= position)
        done++;
    self->in_flight -= done;
    memmove(self->flight, self->flight + done, (size_t)self->in_flight * sizeof *self->flight);
    self->heard_ms = pl_now_ms();
}

void
pl_subscriber_sent(struct pl_subscriber *self, int64_t to)
{
    self->flight[self->in_flight++] = to;
    self->next = to + 1;
}

bool
pl_subscriber_wants(const struct pl_subscriber *self, const char *type)
{
    for (size_t i = 0; i < self->type_count; i++)
        if (strcmp(self->types[i], type) == 0)
            return true;
    return self->type_count == 0;
}

void
pl_subscriber_remove(struct pl_subscriber **list, struct pl_subscriber *gone)
{
    while (*list != gone)
        list = &(*list)->next_one;
    *list = gone->next_one;
    zframe_destroy(&gone->identity);
    for (size_t i = 0; i < gone->type_count; i++)
        free(gone->types[i]);
    free(gone->types);
    free(gone->consumer);
    free(gone);
}
