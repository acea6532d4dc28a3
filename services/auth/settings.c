/* What this service reads from its environment beside what all share.  `auth --settings`
 * prints both. */
#include "settings.h"

#include "auth.h"
#include "roles.h"

#include "pl_service.h"

#include <string.h>
#include <strings.h>

struct settings settings;

const struct pl_setting auth_settings[] = {
    PL_TEXT(settings.issuer, "PLUMB_TOKEN_ISSUER", "plumbline", "iss of access tokens"),
    PL_TEXT(settings.audience, "PLUMB_TOKEN_AUDIENCE", "plumbline", "aud of access tokens"),
    PL_NUMBER(settings.access_s, "PLUMB_ACCESS_TOKEN_SECONDS", "1800", 10, 86400,
              "how long an access token is good"),
    PL_NUMBER(settings.refresh_s, "PLUMB_REFRESH_TOKEN_SECONDS", "604800", 60, 31536000,
              "how long a refresh token is good"),
    PL_NUMBER(settings.grace_s, "PLUMB_REFRESH_GRACE_SECONDS", "20", 0, 300,
              "a spent refresh token brings the same successor for so long; then it is theft"),
    PL_NUMBER(settings.session_days, "PLUMB_SESSION_DAYS", "90", 1, 3650,
              "a session ends after so long, whatever is refreshed"),
    PL_TEXT(settings.binding, "PLUMB_BINDING", "warn",
            "another User-Agent than at the login: off, warn (log and count) or enforce"),
    PL_SWITCH(settings.bind_address, "PLUMB_BINDING_ADDRESS", "0",
              "the client's address is part of that binding"),
    PL_NUMBER(settings.sessions_most, "PLUMB_SESSIONS_PER_USER", "100", 0, 100000,
              "sessions of an account at a time: one more ends the oldest; 0: any number"),
    PL_NUMBER(settings.hash_ops, "PLUMB_HASH_OPS", "2", 1, 20, "Argon2id: passes"),
    PL_NUMBER(settings.hash_kib, "PLUMB_HASH_KIB", "19456", 8, 1048576,
              "Argon2id: memory of one hash"),
    PL_NUMBER(settings.hash_threads, "PLUMB_HASH_THREADS", "0", 0, 64,
              "passwords hashed at a time; 0: as many as there are cores"),
    PL_NUMBER(settings.hash_queue, "PLUMB_HASH_QUEUE", "32", 0, 10000,
              "calls that may wait for that; beyond it 503"),
    PL_NUMBER(settings.password_min, "PLUMB_PASSWORD_MIN", "15", 8, 64,
              "characters of a password at least (NIST SP 800-63B-4: 15)"),
    PL_NUMBER(settings.lock_failures, "PLUMB_LOCK_FAILURES", "5", 1, 100,
              "wrong passwords in a window that lock an account"),
    PL_NUMBER(settings.lock_address_failures, "PLUMB_LOCK_ADDRESS_FAILURES", "20", 1, 100000,
              "the same for a client address (IPv6: its /64)"),
    PL_NUMBER(settings.lock_window_s, "PLUMB_LOCK_WINDOW_SECONDS", "900", 1, 86400, "that window"),
    PL_NUMBER(settings.lock_s, "PLUMB_LOCK_SECONDS", "900", 1, 86400,
              "how long the first lock lasts; each further one twice as long"),
    PL_NUMBER(settings.lock_longest_s, "PLUMB_LOCK_LONGEST_SECONDS", "86400", 1, 604800,
              "the longest lock"),
    PL_TEXT(settings.registration, "PLUMB_REGISTRATION", "auto",
            "may people register themselves: on, off, or auto (on outside production)"),
    PL_TEXT(settings.register_role, "PLUMB_REGISTER_ROLE", "viewer", "the role they get"),
    PL_TEXT(settings.admin_user, "PLUMB_ADMIN_USER", "admin",
            "login of the first administrator, made where there is none"),
    PL_SECRET(settings.admin_password, "PLUMB_ADMIN_PASSWORD", "",
              "their password; empty: nobody is made"),
    PL_TEXT(settings.keys_file, "PLUMB_AUTH_KEYS_FILE", "",
            "registry of the keys that sign access tokens (plumb keys rotate)"),
    PL_SECRET(settings.auth_secret, "SUMMARY_AUTH_SECRET", "",
              "without a registry: the one key is derived from this, else from SECRET_KEY"),
    PL_SECRET(settings.secret_key, "SECRET_KEY", DEFAULT_SECRET, "see SUMMARY_AUTH_SECRET"),
    PL_NUMBER(settings.audit_days, "PLUMB_AUDIT_DAYS", "90", 1, 3650, "how long the audit is kept"),
    { 0 },
};

bool
settings_registration(void)
{
    if (strcasecmp(settings.registration, "auto") == 0)
        return !pl_is_production();
    return strcasecmp(settings.registration, "on") == 0;
}

int
settings_check(struct pl_err *err)
{
    const char *secret = *settings.auth_secret ? settings.auth_secret : settings.secret_key;

    if (strcmp(settings.binding, "off") != 0 && strcmp(settings.binding, "warn") != 0 &&
        strcmp(settings.binding, "enforce") != 0)
        return pl_fail(err, INVALID, "PLUMB_BINDING must be off, warn or enforce, not \"%s\"",
                       settings.binding);
    if (!role_is_known(settings.register_role))
        return pl_fail(err, INVALID, "PLUMB_REGISTER_ROLE cannot be \"%s\"",
                       settings.register_role);
    if (!pl_is_production() || *settings.keys_file)
        return 0;
    if (strcmp(secret, DEFAULT_SECRET) == 0 || strlen(secret) < 32)
        return pl_fail(err, INVALID,
                       "production needs PLUMB_AUTH_KEYS_FILE, or a SUMMARY_AUTH_SECRET or "
                       "SECRET_KEY of at least 32 bytes that is not the default");
    return 0;
}
