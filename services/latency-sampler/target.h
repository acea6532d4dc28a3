/* target -- what is probed, and how; a set of targets is read whole or refused whole.
 *
 * A set comes as the list "name:url,name:url" of LATENCY_SAMPLE_TARGETS (split at the first colon,
 * D-02), or as JSON: [{"name","url", and what else is in the contract's LatencyTarget}].  Texts live
 * in the arena that is given.
 */
#ifndef TARGET_H
#define TARGET_H

#include "pl_err.h"
#include "pl_node.h"

#include <stdbool.h>
#include <stdint.h>

enum target_kind {
    TARGET_HTTP, // http:// or https://
    TARGET_TCP,  // tcp://host:port: it can be connected to
    TARGET_TLS,  // tls://host:port: and shows a certificate that holds
};

/* When probes are paused: announced work is no outage. */
struct target_pause {
    int64_t from, to; // Unix milliseconds
};

struct target {
    const char *name, *url, *host_url; // host_url: what libcurl is given
    enum target_kind kind;
    int64_t interval_ms, timeout_ms;
    int retries;                           // within one slot
    bool fresh;                            // a new connection each time, else kept alive
    bool head;                             // HEAD instead of GET
    bool public_badges;                    // its badges are open to everybody
    const char *status;                    // "200-399,401"
    const char *header_name, *header_text; // a header that has to contain a text; NULL: any
    const char *body;                      // a text that the body has to contain, or NULL
    const char *pointer;                   // JSON Pointer into the body, or NULL
    const struct pl_node *value;           // what it has to be; NULL: just there
    struct target_pause *pauses;
    uint32_t pause_count;
};

struct target_set {
    struct target *targets;
    int count;
};

/* INVALID, naming the target, on whatever cannot be; ${interval_ms} is for those that say none. */
int target_set_read_json(const struct pl_node *array, int64_t interval_ms, struct pl_arena *arena,
                         struct target_set *out, struct pl_err *err);

/* "name:url,name:url" as the JSON that target_set_read_json() reads. */
struct pl_node *target_set_from_list(const char *list, struct pl_arena *arena, struct pl_err *err);

/* Is ${status} among "200-399,401"? */
bool target_wants_status(const char *ranges, int status);

/* Is it paused at that moment, Unix milliseconds? */
bool target_is_paused(const struct target *target, int64_t now_ms);

#endif
