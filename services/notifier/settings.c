/* What this service reads from its environment beside what all share.  `notifier --settings`
 * prints both. */
#include "notifier.h"

#include "seal.h"
#include "sign.h"

#include <curl/curl.h>
#include <string.h>

const char *notifier_public_url, *notifier_default_api;
const char *notifier_webhook, *notifier_webhook_secret;
int64_t notifier_timeout_ms, notifier_retention_days;
int64_t notifier_breaker_failures, notifier_breaker_seconds;
int64_t notifier_artifact_wait_ms;

struct schedule notifier_schedule;
struct pl_ssrf_list notifier_egress_allow;

static const char *secret_key, *schedule_text, *egress_text;

const struct pl_setting notifier_settings[] = {
    PL_SECRET(secret_key, "PLUMB_SECRET_KEY", "",
              "seals URLs and secrets at rest; at least 32 characters in production"),
    PL_TEXT(notifier_public_url, "PLUMB_PUBLIC_URL", "",
            "address of the gateway as readers see it, for links to status pages"),
    PL_TEXT(notifier_default_api, "PLUMB_DEFAULT_API", "", "the api of GOVERNANCE_WEBHOOK"),
    PL_SECRET(notifier_webhook, "GOVERNANCE_WEBHOOK", "",
              "URL that gets the default api's notices; an endpoint is made of it"),
    PL_SECRET(notifier_webhook_secret, "GOVERNANCE_WEBHOOK_SECRET", "",
              "whsec_...: what those are signed with; made when it is not set"),
    PL_TEXT(schedule_text, "NOTIFY_SCHEDULE", "5,300,1800,7200,18000,36000,36000",
            "seconds before the second, third, ... try, each +-20 %"),
    PL_NUMBER(notifier_timeout_ms, "NOTIFY_TIMEOUT_MS", "15000", 10, 60000,
              "how long a receiver may take"),
    PL_NUMBER(notifier_breaker_failures, "NOTIFY_BREAKER_FAILURES", "10", 0, 1000,
              "failures in a row after which an endpoint is only probed; 0: never"),
    PL_NUMBER(notifier_breaker_seconds, "NOTIFY_BREAKER_SECONDS", "30", 1, 3600,
              "pause before a probe"),
    PL_NUMBER(notifier_artifact_wait_ms, "NOTIFY_ARTIFACT_WAIT_MS", "30000", 0, 30000,
              "how long a notice waits for the page that it links to"),
    PL_NUMBER(notifier_retention_days, "NOTIFY_RETENTION_DAYS", "30", 1, 3650,
              "how long finished deliveries are kept"),
    PL_TEXT(egress_text, "PLUMB_EGRESS_ALLOW", "",
            "ranges of private addresses that endpoints may name, e.g. 127.0.0.0/8,::1/128"),
    { 0 },
};

static int
check_webhook(struct pl_err *err)
{
    struct pl_arena *arena = pl_arena_new();
    char *hint;
    int rc = 0;

    if (*notifier_webhook)
        rc = http_check_url(notifier_webhook, &notifier_egress_allow, arena, &hint, err);
    if (rc == 0 && *notifier_webhook_secret)
        rc = sign_check_secret(notifier_webhook_secret, err);
    pl_arena_destroy(&arena);
    return rc;
}

int
notifier_start(struct pl_err *err)
{
    if (seal_key(secret_key, pl_is_production(), err))
        return -1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return pl_fail(err, INTERNAL, "libcurl could not start");
    if (schedule_parse(schedule_text, &notifier_schedule, err) ||
        pl_ssrf_parse(egress_text, &notifier_egress_allow, err))
        return -1;
    return check_webhook(err);
}

char *
notifier_status_url(struct pl_arena *arena, const char *api)
{
    size_t length = strlen(notifier_public_url);

    while (length && notifier_public_url[length - 1] == '/')
        length--;
    if (length == 0)
        return pl_arena_strdup(arena, "");
    return pl_arena_printf(arena, "%.*s/status/%s/", (int)length, notifier_public_url, api);
}
