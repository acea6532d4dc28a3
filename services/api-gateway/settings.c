#include "settings.h"

#include "client.h"
#include "limiter.h"

#include "pl_service.h"

#include <string.h>
#include <strings.h>

struct settings settings;

const struct pl_setting gateway_settings[] = {
    PL_TEXT(settings.address, "PLUMB_ADDRESS", "127.0.0.1", "address to listen on"),
    PL_NUMBER(settings.port, "PORT", "8000", 0, 65535, "port to listen on; 0 takes a free one"),
    PL_NUMBER(settings.reactors, "PLUMB_REACTORS", "1", 1, 64, "event loops, one thread each"),
    PL_NUMBER(settings.connections, "PLUMB_CONNECTIONS", "4096", 8, 1000000,
              "client connections per event loop"),
    PL_NUMBER(settings.connections_per_address, "PLUMB_CONNECTIONS_PER_ADDRESS", "1024", 0, 1000000,
              "of them from one address (IPv6: one /64); 0 for no limit, behind a proxy"),
    PL_NUMBER(settings.header_timeout_ms, "PLUMB_HEADER_TIMEOUT_MS", "10000", 10, 3600000,
              "milliseconds until a header block must be complete"),
    PL_NUMBER(settings.body_min_rate, "PLUMB_BODY_MIN_RATE", "500", 0, 1000000000,
              "bytes a second that a body must arrive with; 0 for no limit"),
    PL_NUMBER(settings.send_min_rate, "PLUMB_SEND_MIN_RATE", "500", 0, 1000000000,
              "bytes a second that an answer must be read with; 0 for no limit"),
    PL_NUMBER(settings.send_ahead, "PLUMB_SEND_AHEAD", "32768", 0, 1073741824,
              "bytes of answers that the kernel takes before it can send them; 0: as it likes"),
    PL_NUMBER(settings.rate_window_ms, "PLUMB_RATE_WINDOW_MS", "10000", 10, 3600000,
              "milliseconds over which these rates are measured, again and again"),
    PL_NUMBER(settings.header_memory, "PLUMB_HEADER_MEMORY", "16384", 8192, 1048576,
              "bytes a connection has for headers; a request may use not quite half, more is 431"),
    PL_NUMBER(settings.idle_seconds, "PLUMB_IDLE_SECONDS", "60", 1, 3600,
              "close a connection that was silent for so long"),
    PL_NUMBER(settings.body_memory, "PLUMB_BODY_MEMORY", "268435456", 1048576, 1099511627776,
              "bytes of request bodies held at once per event loop; beyond it 503"),
    PL_NUMBER(settings.drain_ms, "PLUMB_DRAIN_MS", "15000", 0, 600000,
              "milliseconds that requests have to finish after SIGTERM"),
    PL_NUMBER(settings.linger_ms, "PLUMB_LINGER_MS", "1000", 0, 60000,
              "milliseconds that idle connections are kept after SIGTERM, for a last request"),
    PL_TEXT(settings.contract, "PLUMB_CONTRACT", "", "contract file instead of the embedded one"),
    PL_TEXT(settings.default_api, "PLUMB_DEFAULT_API", "demo", "whose pages appear at the root"),
    PL_TEXT(settings.cors_origins, "PLUMB_CORS_ORIGINS", "",
            "origins that browsers may call from, comma-separated; * only outside production"),
    PL_TEXT(settings.request_id_header, "REQUEST_ID_HEADER", "X-Request-ID",
            "header that carries the request id, both ways"),
    PL_TEXT(settings.public_metrics, "PLUMB_PUBLIC_METRICS", "auto",
            "/metrics, summed over all processes: on, off, or auto (on outside production)"),
    PL_NUMBER(settings.verifier_seconds, "PLUMB_VERIFIER_SECONDS", "300", 5, 86400,
              "how long access tokens are verified while auth is not heard; then 503"),
    PL_SWITCH(settings.tls_terminated, "PLUMB_TLS_TERMINATED", "0",
              "TLS ends in front of the gateway: send Strict-Transport-Security"),
    PL_TEXT(settings.redis, "PLUMB_REDIS", "",
            "where limits are shared: unix:/path or redis://host:port; empty: this process only"),
    PL_TEXT(settings.limits, "PLUMB_LIMITS", "",
            "file of rate limits, read again when it changes; empty: the built-in ones"),
    PL_NUMBER(settings.limit_rate, "PLUMB_LIMIT_RATE", "10", 0, 100000,
              "requests a second that one client may make, without a file; 0: no limit"),
    PL_NUMBER(settings.limit_burst, "PLUMB_LIMIT_BURST", "20", 1, 1000000,
              "requests that one client may make at once, without a file"),
    PL_TEXT(settings.limit_fallback, "PLUMB_LIMIT_FALLBACK", "local",
            "while Redis is away: local (count in this process), open or closed"),
    PL_NUMBER(settings.limit_gateways, "PLUMB_LIMIT_GATEWAYS", "0", 0, 1000,
              "gateways that share a limit: counting locally, each allows its part; 0: as many as "
              "Redis saw last"),
    PL_TEXT(settings.limit_headers, "PLUMB_LIMIT_HEADERS", "draft",
            "fields of the rate limit: draft (IETF), legacy (X-RateLimit-...), both or none"),
    PL_TEXT(settings.routes, "PLUMB_ROUTES", "",
            "file of the hosts and path prefixes that go to HTTP upstreams"),
    PL_TEXT(settings.trusted_proxies, "PLUMB_TRUSTED_PROXIES", "",
            "addresses of proxies that are believed about the client, as 10.0.0.0/8,::1"),
    PL_TEXT(settings.client_header, "PLUMB_CLIENT_HEADER", "X-Forwarded-For",
            "where they name it: X-Forwarded-For or Forwarded"),
    PL_NUMBER(settings.limit_wait_ms, "PLUMB_LIMIT_WAIT_MS", "10", 1, 1000,
              "milliseconds that a request waits for Redis at most"),
    PL_SWITCH(settings.cache, "PLUMB_CACHE", "on", "keep answers that the contract lets be kept"),
    PL_NUMBER(settings.cache_entry_bytes, "PLUMB_CACHE_ENTRY_BYTES", "262144", 1, 67108864,
              "bytes of an answer that is kept at most"),
    PL_NUMBER(settings.cache_memory, "PLUMB_CACHE_MEMORY", "8388608", 0, 1099511627776,
              "bytes of answers that an event loop keeps itself while Redis is away"),
    PL_NUMBER(settings.cache_wait_ms, "PLUMB_CACHE_WAIT_MS", "20", 1, 10000,
              "milliseconds that a request waits for what Redis keeps"),
    PL_NUMBER(settings.cache_lock_ms, "PLUMB_CACHE_LOCK_MS", "5000", 1, 600000,
              "milliseconds that one gateway may take to fetch an answer for all"),
    PL_NUMBER(settings.cache_follow_ms, "PLUMB_CACHE_FOLLOW_MS", "500", 0, 600000,
              "milliseconds that the others wait for it before each fetches its own"),
    { 0 },
};

static bool
is_slug(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length <= 63 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool
is_token(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length <= 60 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
               length;
}

bool
settings_public_metrics(void)
{
    if (strcasecmp(settings.public_metrics, "auto") == 0)
        return !pl_is_production();
    return strcasecmp(settings.public_metrics, "on") == 0 ||
           strcasecmp(settings.public_metrics, "true") == 0 ||
           strcmp(settings.public_metrics, "1") == 0;
}

int
settings_check(struct pl_err *err)
{
    if (!is_slug(settings.default_api))
        return pl_fail(err, INVALID, "PLUMB_DEFAULT_API is no api slug: \"%s\"",
                       settings.default_api);
    if (!is_token(settings.request_id_header))
        return pl_fail(err, INVALID, "REQUEST_ID_HEADER cannot be \"%s\"",
                       settings.request_id_header);
    if (pl_is_production() && strchr(settings.cors_origins, '*'))
        return pl_fail(err, INVALID, "PLUMB_CORS_ORIGINS cannot be * in production");
    return client_check(err) || limiter_check(err) ? -1 : 0;
}
