/* artifact set -- every file of one run, built in one stroke from what the engine recorded.
 *
 * Pure: the same publication gives the same bytes.  The data files come first and are hashed
 * (drop-ins too), then what is made of the hashes (RULINGS 32).  A producer is one row of a
 * table (producers.h); nothing here knows a file by name.
 */
#ifndef ARTIFACT_SET_H
#define ARTIFACT_SET_H

#include "pl_checksum.h"

#include "governance.pb-c.h"

#include <stdbool.h>

enum artifact_kind {
    ARTIFACT_DATA,    // covered by checksums.json
    ARTIFACT_DROPIN,  // the same, but found as a file
    ARTIFACT_DERIVED, // made of the hashes, or of everything else: not covered
};

struct artifact {
    const char *path, *content_type;
    enum artifact_kind kind;
    bool lines;        // the run history, which is stored one row a line
    const char *bytes; // NULL: the store has them already, under this hash
    size_t size;
    char sha256[PL_SHA256_HEX];
};

/* What a set is made of.  Everything is the caller's and must stay as long as the set. */
struct publication {
    const Governance__GetRunRecordReply *record;
    const char *document; // as it was pushed; NULL: there is none, or it is openapi's
    size_t document_length;
    const struct artifact *openapi; // of the set before, if it shows the same document
    const char *history;            // one line per run, up to this one
    const struct artifact *dropins;
    int dropin_count;
    const char *previous_aggregate, *previous_run; // of the set before; NULL: the first
    const struct pl_signer *signer;                // NULL: nothing is signed
    const char *published_at;                      // RFC 3339
    const char *public_url;                        // of the gateway, for absolute links; or ""
};

struct artifact_set {
    struct pl_arena *arena;
    const struct publication *from;
    struct artifact *files;
    int count, room;
    struct pl_node *checksums; // NULL while data is being made
    char aggregate[PL_SHA256_HEX];
    bool is_signed;
};

/* Build every file.  *out lives in the arena.  Fails only for a document or record that the
 * engine should not have let in, or a number that cannot be written. */
int set_build(struct artifact_set **out, const struct publication *from, struct pl_arena *arena,
              struct pl_err *err);

/* A file of the set, or NULL. */
const struct artifact *set_find(const struct artifact_set *set, const char *path);

/* Fill in size and hash of ${bytes}. */
void artifact_seal(struct artifact *artifact, const char *bytes, size_t size);

#endif
