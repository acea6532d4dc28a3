/* pl_call_fake -- what the fakes of idempotency, feed and database saw, for tests. */
#ifndef PL_CALL_FAKE_H
#define PL_CALL_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

extern struct pl_call_fake {
    char key[300], claimed[300], hash[65];
    uint8_t reply[4096];
    size_t length;
    int pokes, begins, commits, rollbacks;
    bool open, commit_fails;
} pl_call_fake;

#endif
