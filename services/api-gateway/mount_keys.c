#include "exchange.h"
#include "mount.h"
#include "problem.h"
#include "verifier.h"

/* /.well-known/jwks.json: the keys that access tokens are signed with, for whoever else verifies
 * them. */
void
mount_keys(struct exchange *self)
{
    struct pl_buf out = { .arena = self->arena };

    if (!verifier_write_keys(&out)) {
        problem(self, PL_UNAVAILABLE, "the keys are not known yet");
        return;
    }
    answer_bytes(self, 200, "application/json", out.data, out.length);
    self->answer.cache_control = "public, max-age=60";
    self->answer.cross_origin = true;
}
