/* Accepted findings: what somebody answers for until a day, so that pushes are judged without it.
 * The api's row is locked: no push is judged half with an acceptance and half without. */
#include "pl_log.h"

#include "events.h"
#include "governance.h"
#include "params.h"
#include "reply.h"
#include "store.h"

#include <string.h>

#define MOST_ACCEPTED 10000 // of one api: a push reads them all

static bool
check_fingerprint(struct pl_call *call, const char *pointer, const char *fingerprint)
{
    if (fingerprint && strlen(fingerprint) == 16 && strspn(fingerprint, "0123456789abcdef") == 16)
        return true;
    pl_call_violation(call, pointer, 0, 0, "a fingerprint has 16 hexadecimal digits in lower case");
    return false;
}

static bool
check_words(struct pl_call *call, const char *pointer, const char *text, size_t most)
{
    if (text_ok(text, 1, most))
        return true;
    pl_call_violation(call, pointer, 0, 0,
                      "1 to %zu bytes of UTF-8 without control characters are expected", most);
    return false;
}

/* A day: as the beginning of a time it is one that exists. */
static bool
check_day(struct pl_call *call, const char *day)
{
    if (day == NULL ||
        (strlen(day) == 10 && timestamp_ok(pl_arena_printf(call->arena, "%sT00:00:00Z", day))))
        return true;
    pl_call_violation(call, "/expires", 0, 0, "the last day is written like 2027-06-30");
    return false;
}

static const char *
caller_name(const struct pl_call *call)
{
    const Pl__Principal *who = call->principal;

    if (who && who->name && *who->name)
        return who->name;
    return who && who->subject ? who->subject : "unknown";
}

static int
check_acceptance(struct pl_call *call, const Governance__Acceptance *wanted)
{
    bool good = check_fingerprint(call, "/fingerprint", wanted->fingerprint);

    good = check_words(call, "/reason", wanted->reason ? wanted->reason : "", 1000) && good;
    good = check_words(call, "/author", wanted->author, 200) && good;
    good = check_day(call, wanted->expires) && good;
    return good ? 0 : pl_fail(&call->err, INVALID, "the acceptance is not valid");
}

/* An api that takes acceptances: it is there, locked, not archived, and has not too many. */
static int
hold_api(struct pl_call *call, const char *api)
{
    Governance__Acceptance **all;
    struct api_state *state;
    size_t count;

    if (store_lock_api(call->db, api, &call->err) ||
        store_get_api(call->db, api, call->arena, &state, &call->err))
        return -1;
    if (state->api->archived)
        return pl_fail(&call->err, CONFLICT, "the api \"%s\" is archived", api);
    if (store_list_accepted(call->db, api, "", MOST_ACCEPTED, call->arena, &all, &count,
                            &call->err))
        return -1;
    if (count >= MOST_ACCEPTED)
        return pl_fail(&call->err, CONFLICT,
                       "%d findings of \"%s\" are accepted already: withdraw some", MOST_ACCEPTED,
                       api);
    return 0;
}

int
accept_finding(struct pl_call *call)
{
    const Governance__AcceptFindingRequest *request = call->request;
    Governance__AcceptFindingReply *reply = call->reply;
    Governance__Acceptance wanted = GOVERNANCE__ACCEPTANCE__INIT;
    bool added;

    if (!check_slug(call, request->api))
        return pl_fail(&call->err, MALFORMED, "the api's name is not valid");
    wanted.api = request->api;
    wanted.fingerprint = request->fingerprint;
    wanted.reason = request->reason;
    wanted.expires = request->expires;
    wanted.author = request->author ? request->author : (char *)caller_name(call);
    wanted.accepted_by = (char *)caller_name(call);
    if (check_acceptance(call, &wanted) || hold_api(call, request->api) ||
        store_accept(call->db, &wanted, call->arena, &reply->acceptance, &added, &call->err) ||
        emit_acceptance(call->db, "governance.finding.accepted", reply->acceptance,
                        caller_name(call), &call->err))
        return -1;
    if (added)
        call->http.status = 201;
    pl_info("finding.accepted", PL_S("api", request->api), PL_S("finding", request->fingerprint),
            PL_S("by", caller_name(call)),
            PL_S("expires", wanted.expires ? wanted.expires : "never"));
    return reply_headers(call, request->api);
}

int
list_accepted(struct pl_call *call)
{
    const Governance__ListAcceptedRequest *request = call->request;
    Governance__ListAcceptedReply *reply = call->reply;
    struct api_state *state;
    struct page page;

    if (!check_slug(call, request->api))
        return pl_fail(&call->err, MALFORMED, "the api's name is not valid");
    if (check_page(call, NULL, request->has_limit, request->limit, 0, &page) ||
        store_get_api(call->db, request->api, call->arena, &state, &call->err) ||
        store_list_accepted(call->db, request->api, request->cursor ? request->cursor : "",
                            page.limit + 1, call->arena, &reply->accepted, &reply->n_accepted,
                            &call->err))
        return -1;
    if (reply->n_accepted > (size_t)page.limit) {
        reply->n_accepted = (size_t)page.limit;
        reply->next_cursor = reply->accepted[page.limit - 1]->fingerprint;
    }
    return reply_headers(call, request->api);
}

int
withdraw_acceptance(struct pl_call *call)
{
    const Governance__WithdrawAcceptanceRequest *request = call->request;
    Governance__Acceptance *gone;

    if (!check_slug(call, request->api) ||
        !check_fingerprint(call, "path/fingerprint", request->fingerprint))
        return pl_fail(&call->err, MALFORMED, "the parameters are not valid");
    if (store_lock_api(call->db, request->api, &call->err) ||
        store_withdraw(call->db, request->api, request->fingerprint, call->arena, &gone,
                       &call->err) ||
        emit_acceptance(call->db, "governance.acceptance.withdrawn", gone, caller_name(call),
                        &call->err))
        return -1;
    pl_info("acceptance.withdrawn", PL_S("api", request->api),
            PL_S("finding", request->fingerprint), PL_S("by", caller_name(call)));
    call->http.status = 204;
    return 0;
}
