/* fingerprint -- findings by name, and those that somebody accepted. */
#include "compare.h"
#include "date.h"
#include "pl_checksum.h"

#include <string.h>

/* The way to a place without positions in lists: those move when something is put before. */
static void
add_way(struct pl_buf *out, const struct cmp_trail *trail)
{
    if (trail->up == NULL) {
        pl_buf_str(out, trail->pointer);
        return;
    }
    add_way(out, trail->up);
    pl_buf_char(out, '/');
    pl_buf_str(out, trail->step ? trail->step : "-");
}

const char *
cmp_fingerprint(struct cmp *self, const struct cmp_found *found,
                const struct pl_operation_ref *operation)
{
    struct cmp_spot place = found->base.node ? found->base : found->head;
    bool shared = place.trail && strncmp(cmp_spot_pointer(place, self->arena), "/paths/", 7) != 0;
    struct pl_buf text = { .arena = self->arena };
    char hex[PL_SHA256_HEX];

    pl_buf_printf(&text, "%s\n%s\n", pl_rules[found->rule].id, found->text);
    if (!shared) // what operations share is accepted once for all of them
        pl_buf_printf(&text, "%s %s\n", operation->method, operation->path);
    if (place.trail)
        add_way(&text, place.trail);
    pl_sha256_hex(pl_buf_text(&text), text.length, hex);
    hex[0] = "abcdef"[hex[0] % 6]; // a letter first: YAML must never take it for a number
    return pl_arena_printf(self->arena, "%.16s", hex);
}

static bool
is_over(const struct cmp *self, const struct pl_acceptance *one)
{
    int64_t today, last;

    return date_parse(self->options->today, &today) && date_parse(one->expires, &last) &&
           today > last;
}

bool
cmp_accepted(struct cmp *self, struct pl_finding *finding)
{
    for (int i = 0; i < self->options->accepted_count; i++) {
        const struct pl_acceptance *one = &self->options->accepted[i];

        if (strcmp(one->fingerprint, finding->fingerprint) != 0)
            continue;
        if (!is_over(self, one))
            return true;
        finding->note = pl_arena_printf(self->arena, "%s accepted it until %s: %s", one->author,
                                        one->expires, one->reason);
    }
    return false;
}
