/* store_fixture -- for tests: a database, quick hashes, and clients that call auth's handlers through
 * the dispatcher, each with a worker of its own. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "auth.pb-c.h"
#include "pl_dispatch.h"
#include "pl_err.h"

#define PASSWORD "a horse, a battery and a staple"

struct client {
    struct pl_worker worker;
    struct pl_arena *arena;
    Pl__Principal who;
    const char *address, *agent, *key; // key: its Idempotency-Key, or NULL
    int64_t patience_ms;               // how long it waits for an answer
    char text[400];                    // why the last call failed
    int status;                        // HTTP's, if the handler said one
};

/* A fresh database, and settings that make hashes cheap. */
void fixture_begin(void);
void fixture_end(void);

struct client *client_new(void);
void client_destroy(struct client **self_p);

/* Ask; *reply (may be NULL) gets the answer. */
enum pl_code client_ask(struct client *self, const char *operation, const ProtobufCMessage *request,
                        void *reply);

/* The usual questions. */
enum pl_code client_register(struct client *self, const char *login, const char *password);
enum pl_code client_login(struct client *self, const char *login, const char *password,
                          Auth__Tokens **out);
enum pl_code client_refresh(struct client *self, const char *token, Auth__Tokens **out);

/* Be the account of these tokens. */
void client_become(struct client *self, const Auth__Tokens *tokens);

/* The first field that a statement brings, run by the superuser's rights of the schema's owner. */
char *client_sql(struct client *self, const char *sql);

#endif
