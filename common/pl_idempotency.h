/* pl_idempotency -- the same request twice has one effect (RULINGS 25).
 *
 * The table idempotency(principal, operation, key, request hash, reply) is written in the
 * handler's own transaction; rows live 24 h.  Used by the dispatcher only.
 */
#ifndef PL_IDEMPOTENCY_H
#define PL_IDEMPOTENCY_H

#include "pl_arena.h"
#include "pl_err.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

struct pl_pg;

/* Inside a transaction: claim the key.  If the same request was answered before, *replayed is
 * set and *old_reply is its packed pl.Reply, in the arena.  The same key with another request
 * is CONFLICT.  A concurrent claim waits for the other's transaction to end. */
int pl_idempotency_claim(struct pl_pg *db, const char *principal, const char *operation,
                         const char *key, const char request_sha256[65], bool *replayed,
                         ProtobufCBinaryData *old_reply, struct pl_arena *arena,
                         struct pl_err *err);

/* Inside the same transaction: keep the answer, a packed pl.Reply. */
int pl_idempotency_store(struct pl_pg *db, const char *principal, const char *operation,
                         const char *key, ProtobufCBinaryData reply, struct pl_err *err);

#endif
