#include "reply.h"

#include "governance.h"
#include "store.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static Governance__Links *
links_of(const Governance__Run *run, struct pl_arena *arena)
{
    Governance__Links *out = pl_arena_alloc(arena, sizeof *out);

    governance__links__init(out);
    out->self = pl_arena_printf(arena, "/api/v1/apis/%s/runs/%s", run->api, run->id);
    out->findings = pl_arena_printf(arena, "%s/findings", out->self);
    out->status = pl_arena_printf(arena, "/status/%s/", run->api);
    if (!run->placeholder)
        out->document = pl_arena_printf(arena, "%s/document", out->self);
    return out;
}

int
reply_run(struct pl_call *call, const char *api, const char *which, int64_t findings,
          Governance__Run **out, int64_t *record_runs)
{
    Governance__Run *run;
    int64_t next;

    if (store_get_run(call->db, api, which, call->arena, &run, record_runs, &call->err) ||
        store_list_findings(call->db, run->id, "", 0, findings + 1, call->arena, &run->findings,
                            &run->n_findings, &next, &call->err))
        return -1;
    PUT(run, findings_truncated, run->n_findings > (size_t)findings);
    if (run->findings_truncated)
        run->n_findings = (size_t)findings;
    run->links = links_of(run, call->arena);
    *out = run;
    return 0;
}

char *
fresh_id(struct pl_arena *arena)
{
    static const char DIGITS[] = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's

    char *id = pl_arena_alloc(arena, 27);
    unsigned char bits[16];
    struct timespec now;
    uint64_t ms;

    clock_gettime(CLOCK_REALTIME, &now);
    ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (getrandom(bits, sizeof bits, 0) != sizeof bits)
        abort(); // cannot be for 16 bytes once the kernel has started
    for (int i = 9; i >= 0; i--, ms >>= 5)
        id[i] = DIGITS[ms & 31];
    for (int i = 0; i < 16; i++)
        id[10 + i] = DIGITS[bits[i] & 31];
    return id;
}
