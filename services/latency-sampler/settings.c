/* What this service reads from its environment beside what all share.  `latency-sampler --settings`
 * prints both. */
#include "engine.h"
#include "sampler.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>

const char *sampler_env_targets, *sampler_targets_file;
int64_t sampler_interval_ms, sampler_lease_ms, sampler_retention_days, sampler_fine_days,
    sampler_public_badges;
struct pl_ssrf_list sampler_egress_allow;
char sampler_instance[24];

static const char *interval_text, *egress_text, *ca_file;
static int64_t most, connections, need, of;

const struct pl_setting sampler_settings[] = {
    PL_TEXT(interval_text, "LATENCY_SAMPLE_INTERVAL", "15",
            "seconds between two probes of a target that says nothing else"),
    PL_TEXT(sampler_env_targets, "LATENCY_SAMPLE_TARGETS",
            "api:http://127.0.0.1:8000/health,gateway:http://127.0.0.1:8000/health/liveness,"
            "prometheus:http://127.0.0.1:9090/-/healthy,grafana:http://127.0.0.1:3000/api/health,"
            "alertmanager:http://127.0.0.1:9093/-/healthy",
            "name:url,... of what is probed unless a set is persisted"),
    PL_TEXT(sampler_targets_file, "LATENCY_TARGETS_FILE", "latency_targets.json",
            "imported once at start, if it is there and no set is persisted"),
    PL_TEXT(egress_text, "PLUMB_EGRESS_ALLOW", "",
            "ranges of private addresses that may be probed, e.g. 127.0.0.0/8,10.0.0.0/8"),
    PL_TEXT(ca_file, "LATENCY_CA_FILE", "",
            "certificates (PEM) that targets may show instead of the system's"),
    PL_NUMBER(most, "LATENCY_MAX_IN_FLIGHT", "1000", 1, 20000, "probes at once"),
    PL_NUMBER(connections, "LATENCY_KEPT_CONNECTIONS", "5000", 1, 50000,
              "connections that are kept alive for the next probe"),
    PL_NUMBER(need, "LATENCY_CLASS_NEED", "3", 1, 100,
              "so many of the last LATENCY_CLASS_OF samples change the reported class"),
    PL_NUMBER(of, "LATENCY_CLASS_OF", "5", 1, 200, "see LATENCY_CLASS_NEED"),
    PL_SWITCH(sampler_public_badges, "LATENCY_PUBLIC_BADGES", "0",
              "badges of every target are open to everybody, not only of those that say so"),
    PL_NUMBER(sampler_lease_ms, "LATENCY_LEASE_MS", "5000", 500, 60000,
              "how long targets stay with a sampler that does not answer any more"),
    PL_NUMBER(sampler_fine_days, "LATENCY_FINE_DAYS", "2", 1, 90,
              "history in five minutes; older history is in hours"),
    PL_NUMBER(sampler_retention_days, "LATENCY_RETENTION_DAYS", "90", 1, 3650,
              "how long history is kept"),
    { 0 },
};

static int
read_interval(struct pl_err *err)
{
    char *end;
    double seconds = strtod(interval_text, &end);

    if (end == interval_text || *end || !(seconds >= 0.1 && seconds <= 86400))
        return pl_fail(err, INVALID, "LATENCY_SAMPLE_INTERVAL is \"%s\", not 0.1 to 86400 seconds",
                       interval_text);
    sampler_interval_ms = (int64_t)(seconds * 1000);
    return 0;
}

int
sampler_start(struct pl_err *err)
{
    struct engine_settings settings = { .most = (int)most,
                                        .connections = (int)connections,
                                        .need = (int)need,
                                        .of = (int)of,
                                        .allow = &sampler_egress_allow,
                                        .ca_file = ca_file };
    unsigned char bytes[10];

    if (need > of)
        return pl_fail(err, INVALID, "LATENCY_CLASS_NEED cannot be more than LATENCY_CLASS_OF");
    if (read_interval(err) || pl_ssrf_parse(egress_text, &sampler_egress_allow, err))
        return -1;
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(sampler_instance, sizeof sampler_instance, bytes, sizeof bytes);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return pl_fail(err, INTERNAL, "libcurl could not start");
    return engine_start(&settings, err);
}

void
sampler_stop(void)
{
    engine_stop();
    curl_global_cleanup();
}
