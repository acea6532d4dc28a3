/* engine_fake -- the governance-engine as the publisher's tests see it: substituted at link time
 * for pl_caller_ask(), it tells the story of sample.c up to whatever run is asked for. */
#ifndef ENGINE_FAKE_H
#define ENGINE_FAKE_H

#include "pl_err.h"

#include <stdbool.h>
#include <stdint.h>

struct engine_fake {
    enum pl_code fails;     // every question is answered with it; PL_OK: none
    int64_t fails_for;      // only questions about that run; 0: all
    bool one_document;      // every run shows the document of run 1
    bool lost;              // the history lacks the run that is asked for
    int records, documents; // questions asked
};
extern struct engine_fake engine; // of this thread's test; reset it to { 0 }

/* The id of run ${seq} of the story. */
const char *engine_run(char id[16], int64_t seq);

#endif
