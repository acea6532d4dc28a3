/* settings -- what auth reads from its environment; `auth --settings` prints the table. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "pl_err.h"

#include <stdbool.h>
#include <stdint.h>

#define DEFAULT_SECRET "development-secret-that-everybody-knows"

struct settings {
    const char *issuer, *audience, *binding, *registration, *register_role;
    const char *admin_user, *admin_password, *keys_file, *auth_secret, *secret_key;
    int64_t access_s, refresh_s, grace_s, session_days, sessions_most, bind_address;
    int64_t hash_ops, hash_kib, hash_threads, hash_queue, password_min;
    int64_t lock_failures, lock_address_failures, lock_window_s, lock_s, lock_longest_s;
    int64_t audit_days;
};

extern struct settings settings;

/* May people register themselves?  By default only outside production. */
bool settings_registration(void);

/* Refuse what is unsafe or makes no sense: in production a secret that everybody knows or can
 * guess. */
int settings_check(struct pl_err *err);

#endif
