#include "guesses.h"

#include "caller.h"
#include "emit.h"
#include "hashes.h"
#include "secrets.h"

#include "pl_log.h"
#include "pl_metric.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#define LOOK_AGAIN_MS 20
#define RESERVE_MS    500 // of the call's time, for what follows the password

PL_COUNTER(lockouts, "auth_lockouts_total", "accounts and addresses locked", "");

static char *
login_key(struct pl_call *call, const char *login)
{
    unsigned char hash[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];

    secret_hash(login, hash);
    return pl_arena_printf(call->arena, "l:%s", sodium_bin2hex(hex, sizeof hex, hash, HASH_BYTES));
}

static struct guess
name_guess(struct pl_call *call, const struct account *account, const char *login)
{
    const char *network = caller_network(call);

    return (struct guess){
        .account_key =
            account ? pl_arena_printf(call->arena, "a:%s", account->id) : login_key(call, login),
        .address_key = network ? pl_arena_printf(call->arena, "x:%s", network) : NULL,
    };
}

/* Busy is no answer: whoever is before us is done in a moment. */
static int
begin(struct pl_call *call, const struct guess *guess, enum admission *out)
{
    const struct timespec moment = { 0, LOOK_AGAIN_MS * 1000000 };

    for (;;) {
        if (store_begin_guess(call->db, guess, call->arena, out, &call->err))
            return -1;
        if (*out != GUESS_BUSY)
            return 0;
        if (pl_now_ms() + RESERVE_MS > call->deadline)
            return pl_fail(&call->err, UNAVAILABLE, "too many people log in just now");
        nanosleep(&moment, NULL);
    }
}

static int
tell_of_lock(struct pl_call *call, const char *account, const struct lock *lock)
{
    const struct audit entry = { .event = "lockout",
                                 .result = "locked",
                                 .reason = lock->account ? "account" : "address",
                                 .account = account };

    if (!lock->account && !lock->address)
        return 0;
    pl_inc(&lockouts);
    pl_warn("auth.locked", PL_S("account", account), PL_S("counted", entry.reason),
            PL_S("address", call->client_address), PL_S("until", lock->until));
    return caller_audit(call, entry) ||
           emit_lockout(call, account, account, entry.reason, lock->until);
}

/* The hash could not be made: as if nobody had asked. */
static int
drop(struct pl_call *call, const struct guess *guess)
{
    struct pl_err why = call->err;
    struct lock lock;

    if (store_end_guess(call->db, guess, GUESS_DROPPED, call->arena, &lock, &call->err))
        pl_warn("guess.not_dropped", PL_ERR(&call->err)); // it counts as wrong in a minute
    call->err = why;
    return -1;
}

int
guess_password(struct pl_call *call, const struct account *account, const char *login,
               const char *password, bool *right, bool *locked)
{
    struct guess guess = name_guess(call, account, login);
    enum admission admission;
    struct lock lock;

    *right = *locked = false;
    if (begin(call, &guess, &admission))
        return -1;
    if (admission == GUESS_LOCKED) {
        *locked = true;
        hashes_pretend();
        return 0;
    }
    if (hashes_check(account ? account->hashed_password : NULL, password, right,
                     call->deadline - RESERVE_MS, &call->err))
        return drop(call, &guess);
    if (store_begin(call->db, &call->err) ||
        store_end_guess(call->db, &guess, *right ? GUESS_RIGHT : GUESS_WRONG, call->arena, &lock,
                        &call->err))
        return -1;
    return tell_of_lock(call, account ? account->id : "", &lock);
}
