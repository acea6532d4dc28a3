/* fingerprint -- findings by name, and those that somebody accepted. */
#include "compare.h"
#include "date.h"
#include "pl_checksum.h"

#include <stdlib.h>
#include <string.h>

/* The next step of the JSON Pointer *at, unescaped; *at moves behind it. */
static const char *
next_step(const char **at, struct pl_arena *arena)
{
    size_t length = strcspn(*at + 1, "/");
    char *out = pl_arena_printf(arena, "%.*s", (int)length, *at + 1), *to = out;

    for (const char *from = out; *from; from++) {
        bool escaped = from[0] == '~' && (from[1] == '0' || from[1] == '1');

        *to++ = !escaped ? *from : from[1] == '0' ? '~' : '/';
        from += escaped;
    }
    *to = '\0';
    *at += 1 + length;
    return out;
}

/* What an item of a list is called, wherever in the list it stands: "-" if it has no name. */
static const char *
item_name(const struct pl_node *item, struct pl_arena *arena)
{
    static const char *const NAMES[] = { "$ref", "url", "title", "name" };

    if (pl_node_is(item, PL_STRING))
        return item->text;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const char *name = pl_node_text(pl_node_get(item, NAMES[i]), NULL);

        if (name)
            return pl_arena_printf(arena, "-%s %s", name,
                                   pl_node_text(pl_node_get(item, "in"), ""));
    }
    return "-";
}

/* The way to a place: items of lists by name, paths without the names of their parameters. */
static void
add_way(struct pl_buf *out, struct cmp_spot spot)
{
    const char *at = cmp_spot_pointer(spot, out->arena);
    const struct pl_node *node = spot.document->root;
    bool in_paths = strncmp(at, "/paths/", 7) == 0;

    for (int depth = 0; *at == '/'; depth++) {
        const char *step = next_step(&at, out->arena);
        bool item = pl_node_is(node, PL_ARRAY);

        node = item ? pl_node_at(node, (uint32_t)strtoul(step, NULL, 10)) : pl_node_get(node, step);
        if (item)
            step = item_name(node, out->arena);
        else if (in_paths && depth == 1)
            step = cmp_path_key(step, out->arena);
        pl_buf_printf(out, "/%s", pl_pointer_add(out->arena, "", step) + 1);
    }
    pl_buf_str(out, at); // of a reference that is no pointer
}

static const char *
shorten(const struct pl_buf *text)
{
    char hex[PL_SHA256_HEX];

    pl_sha256_hex(pl_buf_text(text), text->length, hex);
    hex[0] = "abcdef"[hex[0] % 6]; // a letter first: YAML must never take it for a number
    return pl_arena_printf(text->arena, "%.16s", hex);
}

const char *
cmp_fingerprint(struct cmp *self, const struct cmp_found *found)
{
    struct pl_buf text = { .arena = self->arena };

    pl_buf_printf(&text, "2\n%s\n", pl_rules[found->rule].id);
    if (found->base.trail)
        add_way(&text, found->base);
    pl_buf_char(&text, '\n');
    if (found->head.trail)
        add_way(&text, found->head);
    if (found->within.trail)
        add_way(&text, found->within);
    pl_buf_printf(&text, "\n%s\n%s", found->about ? found->about : "",
                  found->detail ? found->detail : "");
    return shorten(&text);
}

/* The way to a place without positions in lists. */
static void
add_former_way(struct pl_buf *out, const struct cmp_trail *trail)
{
    if (trail->up == NULL) {
        pl_buf_str(out, trail->pointer);
        return;
    }
    add_former_way(out, trail->up);
    pl_buf_char(out, '/');
    pl_buf_str(out, trail->step ? trail->step : "-");
}

/* What fingerprints were before they left the sentence out: acceptances may still have them. */
static const char *
former_fingerprint(struct cmp *self, const struct cmp_found *found,
                   const struct pl_operation_ref *operation)
{
    struct cmp_spot place = found->base.node ? found->base : found->head;
    bool shared = place.trail && strncmp(cmp_spot_pointer(place, self->arena), "/paths/", 7) != 0;
    struct pl_buf text = { .arena = self->arena };

    pl_buf_printf(&text, "%s\n%s\n", pl_rules[found->rule].id, found->text);
    if (!shared) // what operations share was accepted once for all of them
        pl_buf_printf(&text, "%s %s\n", operation->method, operation->path);
    if (place.trail)
        add_former_way(&text, place.trail);
    return shorten(&text);
}

static bool
is_over(const struct cmp *self, const struct pl_acceptance *one)
{
    int64_t today, last;

    return date_parse(self->options->today, &today) && date_parse(one->expires, &last) &&
           today > last;
}

bool
cmp_accepted(struct cmp *self, const struct cmp_found *found, struct pl_finding *finding)
{
    const char *former =
        self->options->accepted_count ? former_fingerprint(self, found, &finding->operation) : "";

    for (int i = 0; i < self->options->accepted_count; i++) {
        const struct pl_acceptance *one = &self->options->accepted[i];

        if (strcmp(one->fingerprint, finding->fingerprint) != 0 &&
            strcmp(one->fingerprint, former) != 0)
            continue;
        if (!is_over(self, one))
            return true;
        finding->note = pl_arena_printf(self->arena, "%s accepted it until %s: %s", one->author,
                                        one->expires, one->reason);
    }
    return false;
}
