#include "spot.h"

#include <ctype.h>
#include <string.h>

struct cmp_spot
cmp_spot_root(const struct pl_document *document, struct pl_arena *arena)
{
    struct cmp_trail *trail = pl_arena_alloc(arena, sizeof *trail);

    trail->pointer = "";
    trail->label = "the document";
    return (struct cmp_spot){ document, document->root, trail };
}

static struct cmp_trail *
step_down(struct cmp_spot spot, struct pl_arena *arena)
{
    struct cmp_trail *trail = pl_arena_alloc(arena, sizeof *trail);

    trail->up = spot.trail;
    return trail;
}

struct cmp_spot
cmp_spot_get(struct cmp_spot spot, const char *key, struct pl_arena *arena)
{
    struct pl_node *node = pl_node_get(spot.node, key);
    struct cmp_trail *trail;

    if (node == NULL)
        return (struct cmp_spot){ spot.document, NULL, spot.trail };
    trail = step_down(spot, arena);
    trail->step = key;
    return (struct cmp_spot){ spot.document, node, trail };
}

struct cmp_spot
cmp_spot_at(struct cmp_spot spot, uint32_t index, struct pl_arena *arena)
{
    struct pl_node *node = pl_node_at(spot.node, index);
    struct cmp_trail *trail;

    if (node == NULL)
        return (struct cmp_spot){ spot.document, NULL, spot.trail };
    trail = step_down(spot, arena);
    trail->index = index;
    return (struct cmp_spot){ spot.document, node, trail };
}

static int
hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* The pointer of a reference into the same document: percent escapes taken out. */
static const char *
pointer_of(const char *reference, struct pl_arena *arena)
{
    char *out, *to;

    if (*reference != '#')
        return NULL;
    out = to = pl_arena_strdup(arena, reference + 1);
    for (const char *at = out; *at; at++) {
        if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
            *to++ = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
            at += 2;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
    return out;
}

static bool
is_schema_pointer(const char *pointer)
{
    return strncmp(pointer, "/components/schemas/", 20) == 0 ||
           strncmp(pointer, "/definitions/", 13) == 0;
}

/* A reusable schema is named by itself; any other target keeps the name of its use. */
static const struct cmp_trail *
trail_of_target(struct cmp_spot from, const char *pointer, struct pl_arena *arena)
{
    struct cmp_trail *trail = pl_arena_alloc(arena, sizeof *trail);
    const char *name = strrchr(pointer, '/');

    trail->pointer = pointer;
    if (is_schema_pointer(pointer)) {
        trail->component = true;
        trail->label = name + 1;
    } else {
        trail->label = pl_arena_strdup(arena, cmp_spot_words(from, arena));
    }
    return trail;
}

struct cmp_spot
cmp_spot_follow(struct cmp_spot spot, struct pl_arena *arena)
{
    for (int hops = 0; hops < 100; hops++) {
        const char *reference = pl_node_text(pl_node_get(spot.node, "$ref"), NULL);
        const char *pointer = reference ? pointer_of(reference, arena) : NULL;
        struct pl_node *target;

        if (reference == NULL)
            return spot;
        target = pointer ? pl_node_pointer(spot.document->root, pointer) : NULL;
        if (target == NULL) {
            target = pl_document_resolve(spot.document, spot.node);
            pointer = reference;
        }
        if (target == NULL || target == spot.node)
            return spot;
        spot.trail = trail_of_target(spot, pointer, arena);
        spot.node = target;
    }
    return spot;
}

struct cmp_spot
cmp_spot_label(struct cmp_spot spot, const char *label, struct pl_arena *arena)
{
    struct cmp_trail *trail = pl_arena_alloc(arena, sizeof *trail);

    *trail = *spot.trail;
    trail->label = label;
    trail->component = false;
    spot.trail = trail;
    return spot;
}

const char *
cmp_spot_pointer(struct cmp_spot spot, struct pl_arena *arena)
{
    const struct cmp_trail *steps[1024];
    const char *pointer = "";
    int n = 0;

    for (const struct cmp_trail *at = spot.trail; at && n < 1024; at = at->up) {
        if (at->up == NULL) {
            pointer = at->pointer;
            break;
        }
        steps[n++] = at;
    }
    while (n-- > 0)
        pointer = steps[n]->step ? pl_pointer_add(arena, pointer, steps[n]->step)
                                 : pl_pointer_add_index(arena, pointer, steps[n]->index);
    return pointer;
}

struct pl_place
cmp_spot_place(struct cmp_spot spot, struct pl_arena *arena)
{
    const char *pointer, *file;

    if (spot.node == NULL)
        return (struct pl_place){ 0 };
    pointer = cmp_spot_pointer(spot, arena);
    file = pl_document_origin(spot.document, spot.node, &pointer);
    return (struct pl_place){ file, pointer, spot.node->line, spot.node->column };
}

/* What the steps below a label mean: properties by dots, items as [], others left out.  A
 * property may itself be called "items", so that steps are read in pairs. */
static void
add_steps(struct pl_buf *out, const struct cmp_trail *const *steps, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        const char *step = steps[i]->step;

        if (step == NULL)
            continue;
        if (strcmp(step, "properties") == 0 && i > 0 && steps[i - 1]->step) {
            if (out->length)
                pl_buf_char(out, '.');
            pl_buf_str(out, steps[--i]->step);
        } else if (strcmp(step, "items") == 0) {
            pl_buf_str(out, "[]");
        } else if (strcmp(step, "additionalProperties") == 0) {
            pl_buf_str(out, ".*");
        }
    }
}

const char *
cmp_spot_words(struct cmp_spot spot, struct pl_arena *arena)
{
    const struct cmp_trail *steps[256], *at = spot.trail;
    struct pl_buf below = { .arena = arena };
    int n = 0;

    for (; at && at->label == NULL && at->up && n < 256; at = at->up)
        steps[n++] = at;
    if (at && at->component)
        pl_buf_str(&below, at->label);
    add_steps(&below, steps, n);
    if (at == NULL || at->component)
        return pl_arena_printf(arena, "`%s`", pl_buf_text(&below));
    if (below.length == 0)
        return at->label ? at->label : "the document";
    return pl_arena_printf(arena, "`%s` of %s", pl_buf_text(&below),
                           at->label ? at->label : "the document");
}
