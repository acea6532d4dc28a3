/* settings -- what the gateway reads from its environment; `--settings` prints the table. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "pl_conf.h"

#include <stdbool.h>

struct settings {
    const char *address;
    int64_t port;
    int64_t reactors, connections, header_memory, idle_seconds, body_memory, drain_ms, linger_ms;
    int64_t header_timeout_ms, rate_window_ms, body_min_rate, send_min_rate, send_ahead,
        connections_per_address;
    const char *contract, *default_api, *cors_origins, *request_id_header, *public_metrics;
    int64_t tls_terminated, verifier_seconds;
    const char *redis, *limits, *limit_fallback, *limit_headers;
    const char *routes, *trusted_proxies, *client_header;
    int64_t cache, cache_entry_bytes, cache_memory, cache_wait_ms, cache_lock_ms, cache_follow_ms;
    int64_t limit_rate, limit_burst, limit_wait_ms, limit_gateways;
};

extern struct settings settings;
extern const struct pl_setting gateway_settings[];

/* After reading, refuse what is unsafe or makes no sense: a wildcard in PLUMB_CORS_ORIGINS in
 * production (B-18), a default api that is no slug. */
int settings_check(struct pl_err *err);

/* Shall /metrics answer?  PLUMB_PUBLIC_METRICS, by default only outside production (RULINGS 29). */
bool settings_public_metrics(void);

#endif
