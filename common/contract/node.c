/* Reading and building trees. */
#include "node_private.h"

#include "decimal.h"
#include "pl_utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct pl_member *
pl_node_member(const struct pl_node *object, const char *key)
{
    return node_find(object, key, strlen(key));
}

struct pl_node *
pl_node_get(const struct pl_node *object, const char *key)
{
    const struct pl_member *member = node_find(object, key, strlen(key));

    return member ? member->value : NULL;
}

struct pl_node *
pl_node_at(const struct pl_node *array, uint32_t index)
{
    if (!pl_node_is(array, PL_ARRAY) || index >= array->count)
        return NULL;
    return array->items[index];
}

const char *
pl_node_text(const struct pl_node *string, const char *otherwise)
{
    return pl_node_is(string, PL_STRING) ? string->text : otherwise;
}

bool
pl_node_true(const struct pl_node *boolean, bool otherwise)
{
    return pl_node_is(boolean, PL_BOOL) ? boolean->truth : otherwise;
}

int64_t
pl_node_int(const struct pl_node *number, int64_t otherwise)
{
    char *end;
    int64_t value;
    double real;

    if (!pl_node_is(number, PL_NUMBER))
        return otherwise;
    errno = 0;
    value = strtoll(number->text, &end, 10);
    if (*end == '\0')
        return errno == 0 ? value : otherwise;
    real = decimal_double(number->text); // 1.0 and 1e3 are integers too
    return real == floor(real) && fabs(real) <= 9007199254740992.0 ? (int64_t)real : otherwise;
}

double
pl_node_double(const struct pl_node *number, double otherwise)
{
    return pl_node_is(number, PL_NUMBER) ? decimal_double(number->text) : otherwise;
}

bool
pl_node_is(const struct pl_node *node, enum pl_node_kind kind)
{
    return node && node->kind == kind;
}

const char *
pl_node_kind_name(enum pl_node_kind kind)
{
    static const char *const names[] = { "null", "boolean", "number", "string", "array", "object" };

    return names[kind];
}

static struct pl_node *
array_step(const struct pl_node *array, const char *step, size_t length)
{
    uint32_t index = 0;

    if (length == 0 || length > 9 || (length > 1 && step[0] == '0'))
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (step[i] < '0' || step[i] > '9')
            return NULL;
        index = index * 10 + (uint32_t)(step[i] - '0');
    }
    return pl_node_at(array, index);
}

/* One step of a pointer, unescaped in ${room} (as large as the step). */
static struct pl_node *
follow(const struct pl_node *node, const char *step, size_t length, char *room)
{
    const struct pl_member *member;
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        room[used] = step[i];
        if (step[i] == '~') {
            i++;
            if (i == length || (step[i] != '0' && step[i] != '1'))
                return NULL;
            room[used] = step[i] == '0' ? '~' : '/';
        }
        used++;
    }
    if (pl_node_is(node, PL_ARRAY))
        return array_step(node, room, used);
    member = node_find(node, room, used);
    return member ? member->value : NULL;
}

struct pl_node *
pl_node_pointer(struct pl_node *root, const char *pointer)
{
    struct pl_node *node = root;
    char small[256], *room = small;
    size_t length = strlen(pointer);

    if (length > sizeof small) {
        room = malloc(length);
        if (room == NULL)
            abort();
    }
    while (node && *pointer) {
        size_t step;

        if (*pointer != '/') {
            node = NULL;
            break;
        }
        pointer++;
        step = strcspn(pointer, "/");
        node = follow(node, pointer, step, room);
        pointer += step;
    }
    if (room != small)
        free(room);
    return node;
}

char *
pl_pointer_add(struct pl_arena *arena, const char *pointer, const char *step)
{
    size_t used = strlen(pointer);
    char *out = pl_arena_alloc(arena, used + 2 * strlen(step) + 2);

    memcpy(out, pointer, used);
    out[used++] = '/';
    for (; *step; step++) {
        if (*step == '~' || *step == '/') {
            out[used++] = '~';
            out[used++] = *step == '~' ? '0' : '1';
        } else {
            out[used++] = *step;
        }
    }
    return out;
}

char *
pl_pointer_add_index(struct pl_arena *arena, const char *pointer, uint32_t index)
{
    return pl_arena_printf(arena, "%s/%u", pointer, index);
}

static bool
equal_numbers(const struct pl_node *a, const struct pl_node *b)
{
    struct decimal x = decimal_read(a->text, a->length), y = decimal_read(b->text, b->length);

    return decimal_order(&x, &y) == 0;
}

static bool
equal_objects(const struct pl_node *a, const struct pl_node *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct pl_member *other = node_find(b, a->members[i].key, a->members[i].key_length);

        if (other == NULL || !pl_node_equal(a->members[i].value, other->value))
            return false;
    }
    return true;
}

bool
pl_node_equal(const struct pl_node *a, const struct pl_node *b)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->kind != b->kind)
        return false;
    switch (a->kind) {
    case PL_NULL:
        return true;
    case PL_BOOL:
        return a->truth == b->truth;
    case PL_NUMBER:
        return equal_numbers(a, b);
    case PL_STRING:
        return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
    case PL_OBJECT:
        return equal_objects(a, b);
    case PL_ARRAY:
        break;
    }
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!pl_node_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

static struct pl_node *
make(struct pl_arena *arena, enum pl_node_kind kind)
{
    struct pl_node *node = pl_arena_alloc(arena, sizeof *node);

    node->kind = kind;
    return node;
}

struct pl_node *
pl_node_object(struct pl_arena *arena)
{
    return make(arena, PL_OBJECT);
}

struct pl_node *
pl_node_array(struct pl_arena *arena)
{
    return make(arena, PL_ARRAY);
}

struct pl_node *
pl_node_string(struct pl_arena *arena, const char *text)
{
    struct pl_node *node = make(arena, PL_STRING);
    size_t length = text ? strlen(text) : 0;

    node->text = pl_utf8_repair(arena, text ? text : "", &length);
    node->length = (uint32_t)length;
    return node;
}

struct pl_node *
pl_node_number(struct pl_arena *arena, const char *raw)
{
    struct pl_node *node = make(arena, PL_NUMBER);

    node->length = (uint32_t)strlen(raw);
    node->text = pl_arena_memdup(arena, raw, node->length);
    return node;
}

struct pl_node *
pl_node_integer(struct pl_arena *arena, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, value);
    return pl_node_number(arena, text);
}

struct pl_node *
pl_node_real(struct pl_arena *arena, double value)
{
    char text[DECIMAL_TEXT];

    if (!isfinite(value))
        return pl_node_null(arena);
    decimal_print(value, text);
    return pl_node_number(arena, text);
}

struct pl_node *
pl_node_bool(struct pl_arena *arena, bool value)
{
    struct pl_node *node = make(arena, PL_BOOL);

    node->truth = value;
    return node;
}

struct pl_node *
pl_node_null(struct pl_arena *arena)
{
    return make(arena, PL_NULL);
}

/* Room for one more element in an array that lives in the arena. */
static void *
grown(struct pl_arena *arena, const void *elements, uint32_t count, uint32_t *room, size_t size)
{
    void *larger;

    if (count < *room)
        return (void *)elements;
    *room = *room ? *room * 2 : 4;
    larger = pl_arena_alloc(arena, *room * size);
    if (count)
        memcpy(larger, elements, count * size);
    return larger;
}

struct pl_node *
pl_node_set(struct pl_arena *arena, struct pl_node *object, const char *key, struct pl_node *value)
{
    size_t length = strlen(key);
    const char *clean = pl_utf8_repair(arena, key, &length);
    struct pl_member *member = node_find(object, clean, length);

    if (member) {
        member->value = value;
        return value;
    }
    object->members =
        grown(arena, object->members, object->count, &object->room, sizeof *object->members);
    object->members[object->count++] =
        (struct pl_member){ .key = clean, .key_length = (uint32_t)length, .value = value };
    node_index_added(arena, object);
    return value;
}

struct pl_node *
pl_node_push(struct pl_arena *arena, struct pl_node *array, struct pl_node *value)
{
    array->items = grown(arena, array->items, array->count, &array->room, sizeof *array->items);
    array->items[array->count++] = value;
    return value;
}
