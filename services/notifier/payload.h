/* payload -- what a notice looks like to each kind of receiver.
 *
 * Pure: a notice in, the bytes of a request body out.  The bytes are made once, when the
 * delivery is queued, and are the same at every attempt.  Everything is bounded, whatever the
 * event says.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "pl_arena.h"
#include "pl_node.h"

#include "events.pb-c.h"

#include <stdbool.h>

/* Every reason there is (G-02...G-07), in the order in which people want to read them. */
struct reason {
    const char *name;
    bool failure;      // else a recovery
    const char *title; // a few words for people
};
extern const struct reason reasons[]; // ends with a zero row

/* One row per kind of endpoint. */
typedef struct pl_node *payload_fn(const Events__Notice *notice, const char *url, bool test,
                                   struct pl_arena *arena);

struct payload_kind {
    const char *name;
    const char *policy;      // unless the endpoint or the api says otherwise (RULINGS 5)
    int64_t rate_per_minute; // unless the endpoint says otherwise; 0: no limit
    bool is_signed;          // has a secret and Standard Webhooks headers
    payload_fn *build;
};
extern const struct payload_kind payload_kinds[]; // ends with a zero row

/* NULL if there is no such kind. */
const struct payload_kind *payload_kind(const char *name);

/* The body for ${kind} as JSON text.  ${url} is the api's status page, "" for none.  ${test}
 * marks a message that somebody asked for to try the endpoint. */
char *payload_body(const struct payload_kind *kind, const Events__Notice *notice, const char *url,
                   bool test, struct pl_arena *arena);

/* A harmless notice about ${api} to try an endpoint with. */
const Events__Notice *payload_example(const char *api, struct pl_arena *arena);

/* ---- Shared by the kinds ---- */

payload_fn payload_webhook, payload_slack, payload_teams;

/* Is ${name} among the ${count} texts? */
bool payload_has(char *const *texts, size_t count, const char *name);

/* The api's title, else its slug; never empty. */
const char *payload_title(const Events__Notice *notice);

#endif
