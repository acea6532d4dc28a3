/* caller_fake -- pl_caller without a bus, for tests: what is asked goes to a function. */
#ifndef CALLER_FAKE_H
#define CALLER_FAKE_H

#include "pl_caller.h"

/* What a fake service says.  `message` is packed by it. */
struct fake_reply {
    enum pl_code code;
    const char *text;
    const ProtobufCMessage *message;
    Pl__HttpMeta *http;
    Pl__Violation **violations;
    size_t violation_count;
    bool late; // answer from pl_caller_run(), as a real one would
    bool held; // and not before fake_release(); at the end as UNAVAILABLE
};

/* Answers every call; ${arena} lives until the answer is delivered. */
typedef void fake_service_fn(const struct pl_outcall *call, struct fake_reply *reply,
                             struct pl_arena *arena);

extern fake_service_fn *fake_service;

/* The last call of each test, copied. */
struct fake_seen {
    char service[64], operation[64], subject[64], key[300];
    ProtobufCBinaryData message, body;
    bool idempotent, heavy;
    int count;
};
extern struct fake_seen fake_seen;
void fake_forget(void);

/* Answer what is held. */
void fake_release(void);

#endif
