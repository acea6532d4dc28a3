/* JSON text, compact or pretty, and the canonical form of RFC 8785. */
#include "node_private.h"

#include "decimal.h"
#include "pl_utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Deeper levels are not indented further: else a small document nested deeply would be written as
 * gigabytes of spaces. */
#define DEEPEST_INDENT 32

typedef int order_function(const void *a, const void *b);

static void
write_string(struct pl_buf *out, const char *text, size_t length)
{
    size_t done = 0;

    pl_buf_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        const char *at;

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        pl_buf_add(out, text + done, i - done);
        done = i + 1;
        at = c ? strchr("\"\"\\\\\bb\ff\nn\rr\tt", c) : NULL;
        if (at)
            pl_buf_add(out, (char[]){ '\\', c == '"' || c == '\\' ? (char)c : at[1] }, 2);
        else
            pl_buf_printf(out, "\\u%04x", c);
    }
    pl_buf_add(out, text + done, length - done);
    pl_buf_char(out, '"');
}

static int
by_bytes(const void *a, const void *b)
{
    const struct pl_member *x = *(struct pl_member *const *)a, *y = *(struct pl_member *const *)b;
    uint32_t shorter = x->key_length < y->key_length ? x->key_length : y->key_length;
    int order = memcmp(x->key, y->key, shorter);

    if (order)
        return order;
    return (x->key_length > y->key_length) - (x->key_length < y->key_length);
}

static int
by_utf16(const void *a, const void *b)
{
    const struct pl_member *x = *(struct pl_member *const *)a, *y = *(struct pl_member *const *)b;

    return pl_utf8_order_utf16(x->key, x->key_length, y->key, y->key_length);
}

/* The members in order; for free(). */
static const struct pl_member **
sorted(const struct pl_node *object, order_function *order)
{
    const struct pl_member **members = malloc((object->count + 1) * sizeof(void *));

    if (members == NULL)
        abort();
    for (uint32_t i = 0; i < object->count; i++)
        members[i] = &object->members[i];
    if (order)
        qsort(members, object->count, sizeof *members, order);
    return members;
}

static void
new_line(struct pl_buf *out, int flags, int level)
{
    static const char spaces[] = "                                "
                                 "                                ";

    if (!(flags & PL_PRETTY))
        return;
    pl_buf_char(out, '\n');
    pl_buf_add(out, spaces, 2 * (size_t)(level < DEEPEST_INDENT ? level : DEEPEST_INDENT));
}

static void write_node(struct pl_buf *out, const struct pl_node *node, int flags, int level);

static void
write_object(struct pl_buf *out, const struct pl_node *node, int flags, int level)
{
    const struct pl_member **members = sorted(node, flags & PL_SORTED ? by_bytes : NULL);

    pl_buf_char(out, '{');
    for (uint32_t i = 0; i < node->count; i++) {
        if (i)
            pl_buf_char(out, ',');
        new_line(out, flags, level + 1);
        write_string(out, members[i]->key, members[i]->key_length);
        pl_buf_add(out, ": ", flags & PL_PRETTY ? 2 : 1);
        write_node(out, members[i]->value, flags, level + 1);
    }
    if (node->count)
        new_line(out, flags, level);
    pl_buf_char(out, '}');
    free(members);
}

static void
write_array(struct pl_buf *out, const struct pl_node *node, int flags, int level)
{
    pl_buf_char(out, '[');
    for (uint32_t i = 0; i < node->count; i++) {
        if (i)
            pl_buf_char(out, ',');
        new_line(out, flags, level + 1);
        write_node(out, node->items[i], flags, level + 1);
    }
    if (node->count)
        new_line(out, flags, level);
    pl_buf_char(out, ']');
}

static void
write_node(struct pl_buf *out, const struct pl_node *node, int flags, int level)
{
    if (node == NULL) {
        pl_buf_str(out, "null");
        return;
    }
    switch (node->kind) {
    case PL_NULL:
        pl_buf_str(out, "null");
        break;
    case PL_BOOL:
        pl_buf_str(out, node->truth ? "true" : "false");
        break;
    case PL_NUMBER:
        pl_buf_add(out, node->text, node->length);
        break;
    case PL_STRING:
        write_string(out, node->text, node->length);
        break;
    case PL_ARRAY:
        write_array(out, node, flags, level);
        break;
    case PL_OBJECT:
        write_object(out, node, flags, level);
        break;
    }
}

void
pl_node_write(struct pl_buf *out, const struct pl_node *node, int flags)
{
    write_node(out, node, flags, 0);
}

/* A number has a canonical form if a double holds it.  A fraction may be rounded (0.1 always
 * is); an integer may not change: signing 9007199254740993 must not sign 9007199254740992. */
static int
canonical_number(struct pl_buf *out, const struct pl_node *node, struct pl_err *err)
{
    double value = decimal_double(node->text);
    char text[DECIMAL_TEXT];
    struct decimal before, after;

    if (!isfinite(value))
        return pl_fail(err, INVALID, "the number %.40s is too large for a double", node->text);
    decimal_print(value, text);
    before = decimal_read(node->text, node->length);
    after = decimal_read(text, strlen(text));
    if (decimal_is_integer(&before) && decimal_order(&before, &after) != 0)
        return pl_fail(err, INVALID, "the integer %.40s is not exact as a double", node->text);
    pl_buf_str(out, text);
    return 0;
}

static int
canonical_object(struct pl_buf *out, const struct pl_node *node, struct pl_err *err)
{
    const struct pl_member **members = sorted(node, by_utf16);
    int rc = 0;

    pl_buf_char(out, '{');
    for (uint32_t i = 0; i < node->count && rc == 0; i++) {
        if (i)
            pl_buf_char(out, ',');
        write_string(out, members[i]->key, members[i]->key_length);
        pl_buf_char(out, ':');
        rc = pl_node_canonical(out, members[i]->value, err);
    }
    pl_buf_char(out, '}');
    free(members);
    return rc;
}

int
pl_node_canonical(struct pl_buf *out, const struct pl_node *node, struct pl_err *err)
{
    if (pl_node_is(node, PL_NUMBER))
        return canonical_number(out, node, err);
    if (pl_node_is(node, PL_OBJECT))
        return canonical_object(out, node, err);
    if (!pl_node_is(node, PL_ARRAY)) {
        write_node(out, node, PL_COMPACT, 0);
        return 0;
    }
    pl_buf_char(out, '[');
    for (uint32_t i = 0; i < node->count; i++) {
        if (i)
            pl_buf_char(out, ',');
        if (pl_node_canonical(out, node->items[i], err))
            return -1;
    }
    pl_buf_char(out, ']');
    return 0;
}
