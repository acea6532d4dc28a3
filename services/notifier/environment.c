/* GOVERNANCE_WEBHOOK (G-01): the setting makes an endpoint for the default api, and without it
 * that endpoint is switched off, so that nothing is sent. */
#include "notifier.h"

#include "payload.h"
#include "pl_log.h"
#include "seal.h"
#include "sign.h"
#include "store.h"

#include <string.h>

static const char *const NAME = "GOVERNANCE_WEBHOOK";
static const char *const NOT_SET = "GOVERNANCE_WEBHOOK is not set";

static int
make(struct pl_pg *db, const char *hint, struct pl_arena *arena, struct pl_err *err)
{
    char *apis[] = { (char *)notifier_default_api };
    struct endpoint endpoint = {
        .id = new_id(arena, "ep"),
        .name = (char *)NAME,
        .kind = "webhook",
        .url = seal(arena, notifier_webhook),
        .secret = seal(arena,
                       *notifier_webhook_secret ? notifier_webhook_secret : sign_new_secret(arena)),
        .url_hint = (char *)hint,
        .policy = "",
        .apis = apis,
        .api_count = *notifier_default_api ? 1 : 0,
        .allow_private = true,
        .from_environment = true,
    };
    struct endpoint *theirs;

    if (store_add_endpoint(db, &endpoint, err)) {
        if (err->code != PL_CONFLICT)
            return -1;
        *err = (struct pl_err){ 0 }; // another replica was faster, or a person took the name
        if (store_environment_endpoint(db, arena, &theirs, err))
            return -1;
        if (theirs == NULL)
            pl_error("endpoint.name_taken", PL_S("endpoint", NAME), PL_S("url", hint));
        return 0;
    }
    pl_info("endpoint.created", PL_S("endpoint", NAME), PL_S("url", hint));
    return 0;
}

/* Bring ${endpoint} in line; true if anything had to change. */
static bool
align(struct endpoint *endpoint, const char *hint, struct pl_arena *arena)
{
    struct pl_err ignored = { 0 };
    char *url = NULL, *secret = NULL;
    bool changed = false;

    if (unseal(arena, endpoint->url, &url, &ignored) || strcmp(url, notifier_webhook) != 0) {
        endpoint->url = seal(arena, notifier_webhook);
        endpoint->url_hint = (char *)hint;
        endpoint->failures = 0;
        endpoint->enabled = changed = true;
        endpoint->disabled_reason = "";
    }
    if (*notifier_webhook_secret && (unseal(arena, endpoint->secret, &secret, &ignored) ||
                                     !secret || strcmp(secret, notifier_webhook_secret) != 0)) {
        endpoint->secret = seal(arena, notifier_webhook_secret);
        changed = true;
    }
    if (!endpoint->enabled && strcmp(endpoint->disabled_reason, NOT_SET) == 0) {
        endpoint->enabled = changed = true;
        endpoint->disabled_reason = "";
    }
    return changed;
}

static int
switch_off(struct pl_pg *db, struct endpoint *endpoint, struct pl_err *err)
{
    if (!endpoint->enabled)
        return 0;
    endpoint->enabled = false;
    endpoint->disabled_reason = (char *)NOT_SET;
    pl_info("endpoint.disabled", PL_S("endpoint", endpoint->name), PL_S("why", NOT_SET));
    return store_save_endpoint(db, endpoint, err) || store_suppress(db, endpoint->id, NOT_SET, err)
               ? -1
               : 0;
}

int
environment_endpoint(struct pl_pg *db, struct pl_arena *arena, struct pl_err *err)
{
    struct endpoint *endpoint;
    char *hint;

    if (store_environment_endpoint(db, arena, &endpoint, err))
        return -1;
    if (*notifier_webhook == '\0')
        return endpoint ? switch_off(db, endpoint, err) : 0;
    if (http_check_url(notifier_webhook, &notifier_egress_allow, arena, &hint, err))
        return -1;
    if (endpoint == NULL)
        return make(db, hint, arena, err);
    return align(endpoint, hint, arena) ? store_save_endpoint(db, endpoint, err) : 0;
}
