/* store -- the access tokens.  All SQL of this service is in store.c.
 *
 * Every function takes the database first and the error last, returns 0 or -1, and hands out
 * memory from the arena. */
#ifndef AUTH_STORE_H
#define AUTH_STORE_H

#include "pl_arena.h"
#include "pl_err.h"
#include "pl_jwt.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_pg;

#define HASH_BYTES 32

struct token {
    int64_t seq;
    char *id, *name, *created_by;
    char **scopes, **apis;
    size_t scope_count, api_count;
    char *created_at, *expires_at, *last_used_at, *revoked_at; // "" if never
    int64_t expires_in_s;                                      // -1: does not expire
    char *owner;        // account, "" for one of the machine's
    char **owner_roles; // of store_use_token()
    size_t owner_role_count;
};

/* Keep a new token; its ${id} is chosen by the caller, its other times come back filled in.
 * ${days} 0: it does not expire. */
int store_add_token(struct pl_pg *db, struct token *token, const unsigned char hash[HASH_BYTES],
                    int64_t days, struct pl_arena *arena, struct pl_err *err);

/* The live token with that hash, and note that it was used (to the minute); UNAUTHENTICATED if
 * there is none, or it is expired or revoked. */
int store_use_token(struct pl_pg *db, const unsigned char hash[HASH_BYTES], struct pl_arena *arena,
                    struct token *out, struct pl_err *err);

/* Tokens older than ${before} (0: from the newest), at most ${limit}; of one owner, or of all with
 * NULL. */
int store_list_tokens(struct pl_pg *db, const char *owner, int64_t before, int64_t limit,
                      struct pl_arena *arena, struct token **out, size_t *count,
                      struct pl_err *err);

/* Revoke, one of ${owner}'s or with NULL anyone's; *name is what it was called, NULL if it was revoked before.  NOT_FOUND if there is
 * no such token. */
int store_revoke_token(struct pl_pg *db, const char *id, const char *owner, struct pl_arena *arena,
                       char **name, struct pl_err *err);

/* ---- Accounts (store_account.c) ---------------------------------------------------------- */

struct account {
    int64_t seq, sessions;
    char *id, *user_name, *email; // email: NULL for none
    char *hashed_password;        // never leaves the service
    char **roles;
    size_t role_count;
    char *created_at, *last_login_at, *password_changed_at, *disabled_at; // "" if never
    char *locked_until;                                                   // "" if not locked
};

/* The account with that user name or mail address (folded), or with that id; *out is NULL if there
 * is none. */
int store_find_account(struct pl_pg *db, const char *login, struct pl_arena *arena,
                       struct account **out, struct pl_err *err);
int store_get_account(struct pl_pg *db, const char *id, struct pl_arena *arena,
                      struct account **out, struct pl_err *err);

/* As above, but its row is locked until the transaction ends; NOT_FOUND if there is none. */
int store_lock_account(struct pl_pg *db, const char *id, struct pl_arena *arena,
                       struct account **out, struct pl_err *err);

/* *added is false when the name or the address is taken. */
int store_add_account(struct pl_pg *db, const struct account *account, bool *added,
                      struct pl_err *err);

int store_list_accounts(struct pl_pg *db, int64_t before, int64_t limit, struct pl_arena *arena,
                        struct account **out, size_t *count, struct pl_err *err);

/* A new password; or with ${old} the same one hashed anew, if it still is that. */
int store_set_password(struct pl_pg *db, const char *id, const char *hashed, const char *old,
                       struct pl_err *err);
int store_set_roles(struct pl_pg *db, const char *id, char *const *roles, size_t count,
                    struct pl_arena *arena, struct pl_err *err);
int store_set_disabled(struct pl_pg *db, const char *id, bool disabled, struct pl_err *err);
int store_note_login(struct pl_pg *db, const char *id, struct pl_err *err);

/* Is there an administrator who is not disabled beside this one?  Their rows are locked. */
int store_other_admin(struct pl_pg *db, const char *id, bool *out, struct pl_err *err);

/* The account that a token belongs to; *out is NULL for one of the machine's. */
int store_token_owner(struct pl_pg *db, const char *token, struct pl_arena *arena, char **out,
                      struct pl_err *err);

/* ---- Guesses (store_attempt.c) ----------------------------------------------------------- */

struct guess {
    char *account_key; // "a:<id>", or "l:<hash>" of a login that nobody has
    char *address_key; // "x:<address>"; NULL if unknown
};

enum admission { GUESS_ADMITTED, GUESS_LOCKED, GUESS_BUSY };
enum outcome { GUESS_RIGHT, GUESS_WRONG, GUESS_DROPPED };

/* What a wrong password has locked. */
struct lock {
    bool account, address;
    char *until;
};

/* Count a guess before its password is looked at, in a transaction of its own.  Not admitted: the
 * account or the address is locked, or (busy) so many are being looked at just now that one more
 * might exceed the limit. */
int store_begin_guess(struct pl_pg *db, const struct guess *guess, struct pl_arena *arena,
                      enum admission *out, struct pl_err *err);

/* What became of one that was admitted; within a transaction or without. */
int store_end_guess(struct pl_pg *db, const struct guess *guess, enum outcome outcome,
                    struct pl_arena *arena, struct lock *lock, struct pl_err *err);

int store_unlock(struct pl_pg *db, const char *account_key, struct pl_err *err);
int store_forget_attempts(struct pl_pg *db, struct pl_err *err);

/* ---- Sessions (store_session.c) ---------------------------------------------------------- */

#define BINDING_BYTES 16
#define SEALED_BYTES  72 // nonce 24, tag 16, token 32

struct session {
    char *id, *account, *agent, *address, *created_at, *last_used_at, *expires_at;
    unsigned char binding[BINDING_BYTES];
};

int store_add_session(struct pl_pg *db, const struct session *session,
                      const unsigned char hash[HASH_BYTES], struct pl_arena *arena,
                      struct pl_err *err);

/* A refresh token, and the successor that it gets if it is the one that is good. */
struct refresh {
    unsigned char hash[HASH_BYTES], next_hash[HASH_BYTES];
    unsigned char sealed[SEALED_BYTES]; // the successor, for who has the token itself
    const unsigned char *must_bind;     // NULL: any client
};

enum refresh_result {
    REFRESH_ROTATED,
    REFRESH_GRACE,  // spent a moment ago: `sealed` holds its successor
    REFRESH_REUSED, // spent before that
    REFRESH_REVOKED,
    REFRESH_EXPIRED,
    REFRESH_DISABLED,
    REFRESH_UNBOUND, // another client
    REFRESH_BUSY,    // it became good between two looks: ask again
    REFRESH_UNKNOWN,
};

struct rotation {
    enum refresh_result result;
    char *session, *account;
    unsigned char binding[BINDING_BYTES];
    unsigned char *sealed;
    size_t sealed_length;
    int64_t expires_in_s;
};

/* Spend it, or find out why not.  The first is one statement, a transaction of its own or part of
 * the one that is open. */
int store_rotate(struct pl_pg *db, const struct refresh *refresh, struct pl_arena *arena,
                 struct rotation *out, struct pl_err *err);

/* End an account's sessions: all, ${only} one, or all ${but} one (NULL for neither).  *ids are those
 * that were alive. */
int store_revoke_sessions(struct pl_pg *db, const char *account, const char *only, const char *but,
                          const char *reason, struct pl_arena *arena, char ***ids, size_t *count,
                          struct pl_err *err);

/* End those of an account's sessions that began before its ${keep} newest. */
int store_revoke_oldest(struct pl_pg *db, const char *account, int64_t keep, struct pl_arena *arena,
                        char ***ids, size_t *count, struct pl_err *err);

/* The session that a refresh token is or was of; UNAUTHENTICATED if none. */
int store_session_of_refresh(struct pl_pg *db, const unsigned char hash[HASH_BYTES],
                             struct pl_arena *arena, struct session *out, struct pl_err *err);

int store_list_sessions(struct pl_pg *db, const char *account, struct pl_arena *arena,
                        struct session **out, size_t *count, struct pl_err *err);

struct revoked {
    char *session;
    int64_t expires_in_s;
};

/* Sessions revoked in the last ${seconds}, by id, behind ${after}. */
int store_revoked_since(struct pl_pg *db, int64_t seconds, const char *after, int64_t limit,
                        struct pl_arena *arena, struct revoked **out, size_t *count,
                        struct pl_err *err);

int store_forget_sessions(struct pl_pg *db, struct pl_err *err);
int store_count_sessions(struct pl_pg *db, int64_t *out, struct pl_err *err);

/* ---- Audit and keys (store_audit.c) ------------------------------------------------------ */

struct audit {
    int64_t seq;
    const char *at, *event, *result, *reason, *account, *actor, *session, *address, *agent;
};

int store_add_audit(struct pl_pg *db, const struct audit *entry, struct pl_err *err);

/* Newest first; of one account, or of all with NULL. */
int store_list_audit(struct pl_pg *db, const char *account, int64_t before, int64_t limit,
                     struct pl_arena *arena, struct audit **out, size_t *count, struct pl_err *err);
int store_forget_audit(struct pl_pg *db, struct pl_err *err);

/* Note a key that this replica has in its registry; ${until} 0: verifies without end. */
int store_see_key(struct pl_pg *db, const char *kid, const unsigned char key[32], int64_t until,
                  struct pl_err *err);

/* The public keys that verify at present: not over, and seen in the last ${seconds}. */
int store_live_keys(struct pl_pg *db, int64_t seconds, struct pl_jwks *out, struct pl_err *err);

/* Keep the text of the key set; *changed if it was another one. */
int store_keep_key_set(struct pl_pg *db, const char *jwks, bool *changed, struct pl_err *err);

/* ---- Transactions of handlers that need more than one ------------------------------------ */

int store_begin(struct pl_pg *db, struct pl_err *err);
int store_commit(struct pl_pg *db, struct pl_err *err);
void store_rollback(struct pl_pg *db);

#endif
