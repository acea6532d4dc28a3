/* What auth does on time. */
#include "auth.h"

#include "hashes.h"
#include "keys.h"
#include "names.h"
#include "passwords.h"
#include "secrets.h"
#include "settings.h"
#include "store.h"

#include "events.pb-c.h"
#include "pl_log.h"
#include "pl_metric.h"

#include <sodium.h>
#include <string.h>

#define HASH_WAIT_MS 60000

PL_GAUGE(active, "auth_sessions_active", "sessions that can be refreshed", "");

/* Every key of the registry into the table that all replicas share. */
static int
show_keys(struct pl_tick *tick)
{
    struct pl_keyring ring;
    int failed = 0;

    keys_copy(&ring);
    for (int i = 0; i < ring.count && !failed; i++) {
        struct pl_jwt_signer signer;

        pl_jwt_signer_open(&signer, ring.keys[i].seed);
        failed =
            store_see_key(tick->db, signer.kid, signer.key, ring.keys[i].verify_until, &tick->err);
        sodium_memzero(&signer, sizeof signer);
    }
    sodium_memzero(&ring, sizeof ring);
    return failed;
}

/* Tell the gateways when the set of keys has become another one. */
static int
watch_keys(struct pl_tick *tick)
{
    Events__KeysChanged event = EVENTS__KEYS_CHANGED__INIT;
    struct pl_buf jwks = { .arena = tick->arena };
    struct pl_err err = { 0 };
    struct pl_jwks keys;
    bool changed;

    if (keys_reload(&err))
        pl_error("keys.not_loaded", PL_ERR(&err)); // the old ones stay
    if (store_begin(tick->db, &tick->err) || show_keys(tick) ||
        store_live_keys(tick->db, KEY_SEEN_S, &keys, &tick->err))
        return -1;
    pl_jwks_write(&jwks, &keys);
    if (store_keep_key_set(tick->db, jwks.data, &changed, &tick->err))
        return -1;
    event.jwks = jwks.data;
    if (changed &&
        pl_outbox_add(tick->db, "keys", "keys", "auth.keys.changed", &event.base, &tick->err))
        return -1;
    if (changed)
        pl_info("keys.changed", PL_I("keys", keys.count));
    return store_commit(tick->db, &tick->err);
}

static int
count_sessions(struct pl_tick *tick)
{
    int64_t count;

    if (store_count_sessions(tick->db, &count, &tick->err))
        return -1;
    pl_gauge_set(&active, (double)count);
    return 0;
}

static int
forget(struct pl_tick *tick)
{
    return store_forget_sessions(tick->db, &tick->err) ||
                   store_forget_attempts(tick->db, &tick->err) ||
                   store_forget_audit(tick->db, &tick->err)
               ? -1
               : 0;
}

/* The first administrator (RULINGS 10), where PLUMB_ADMIN_USER is nobody yet. */
static int
make_admin(struct pl_tick *tick)
{
    static bool done;
    char hash[HASH_TEXT], *role = "admin", *login = name_fold(settings.admin_user, tick->arena);
    char *password = name_password(settings.admin_password, tick->arena);
    struct account *there, account = { .user_name = login, .roles = &role, .role_count = 1 };
    const struct audit entry = { .event = "created", .result = "success", .actor = "service:auth" };
    bool added;

    if (done || *settings.admin_password == '\0')
        return 0;
    if (login == NULL || !name_is_user(login) || password == NULL ||
        passwords_refusal(password, login, NULL, tick->arena))
        return pl_fail(&tick->err, INVALID,
                       "PLUMB_ADMIN_USER or PLUMB_ADMIN_PASSWORD cannot be used");
    if (store_find_account(tick->db, login, tick->arena, &there, &tick->err))
        return -1;
    if (there == NULL) {
        account.id = secret_id(tick->arena, "usr_");
        account.hashed_password = hash;
        if (hashes_make(password, hash, pl_now_ms() + HASH_WAIT_MS, &tick->err) ||
            store_begin(tick->db, &tick->err) ||
            store_add_account(tick->db, &account, &added, &tick->err) ||
            (added && store_add_audit(tick->db, &entry, &tick->err)) ||
            store_commit(tick->db, &tick->err))
            return -1;
        pl_info("admin.made", PL_S("login", login));
    }
    done = true;
    return 0;
}

const struct pl_timer auth_timers[] = {
    { 1000, watch_keys, "read the key registry, tell gateways what changed", 1 },
    { 5000, make_admin, "make the first administrator", 1 },
    { 5000, count_sessions, "count the active sessions", 1 },
    { 10000, forget, "forget old sessions, guesses and audit entries", 1 },
    { 0 },
};
