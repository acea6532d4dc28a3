/* handlers -- what the handlers of this service share. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "notifier.h"
#include "store.h"

#include "notifier.pb-c.h"

/* What the caller may see: the apis of its token. */
struct visible visible_to(const struct pl_call *call);

/* The page that a list asks for; INVALID for a cursor that we did not make. */
int page_of(struct pl_call *call, const char *cursor, bool has_limit, int64_t limit,
            struct page *out);

/* What asks for the rows after this page; NULL if the page was not full. */
char *next_cursor(struct pl_call *call, const struct page *page, int count, int64_t last_number);

Notifier__Endpoint *endpoint_message(const struct endpoint *endpoint, struct pl_arena *arena);
Notifier__Attempt *attempt_message(const struct attempt *attempt, struct pl_arena *arena);
Notifier__Delivery *delivery_message(const struct delivery *delivery, struct pl_arena *arena);

#endif
