/* sample -- a run's record for the tests: an api with a history that has everything in it. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "set.h"

#define SAMPLE_SEED  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define SAMPLE_RUNS  34
#define SAMPLE_TITLE "Redocly Museum API"

/* A record of SAMPLE_RUNS runs, the last of them breaking and refused by the policy. */
Governance__GetRunRecordReply *sample_record(struct pl_arena *arena);

/* The publication of that record, with a document, without key and drop-ins. */
struct publication *sample_publication(struct pl_arena *arena);

/* The signer of SAMPLE_SEED. */
const struct pl_signer *sample_signer(void);

/* The set of ${from}; aborts the test program if it cannot be built. */
struct artifact_set *sample_set(const struct publication *from, struct pl_arena *arena);

#endif
