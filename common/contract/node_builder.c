/* Events in, tree out: what the JSON and the YAML reader share. */
#include "node_private.h"

#include "pl_utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In a large document most texts come again and again: some are remembered. */
#define REMEMBERED         1024 // a power of two
#define LONGEST_REMEMBERED 64   // bytes
#define REMEMBER_FROM      500  // values; smaller documents are not worth it

struct builder_text {
    const char *text;
    size_t length;
};

struct builder_frame {
    struct pl_node *node;
    size_t first;         // of its items or members, on the stack
    struct pl_member key; // under which it goes into its parent
    uint32_t height;      // of the highest of its values + 1
};

void
builder_open(struct node_builder *self, struct pl_arena *arena, const struct pl_limits *limits,
             struct node_place *where, struct pl_err *err)
{
    *self = (struct node_builder){ .arena = arena, .where = where, .err = err };
    if (limits)
        self->limits = *limits;
    if (self->limits.bytes == 0)
        self->limits.bytes = (size_t)32 << 20;
    if (self->limits.depth == 0)
        self->limits.depth = 200;
    if (self->limits.nodes == 0)
        self->limits.nodes = 5000000;
    if (self->limits.aliases == 0)
        self->limits.aliases = 100000;
    self->alias_bytes = self->limits.bytes;
}

void
builder_close(struct node_builder *self)
{
    free(self->frames);
    free(self->items);
    free(self->members);
    free(self->texts);
}

int
builder_fail(struct node_builder *self, struct node_place at, const char *fmt, ...)
{
    char text[300];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    *self->where = at;
    return pl_fail(self->err, MALFORMED, "line %u, column %u: %s", at.line, at.column, text);
}

/* Room for one more element.  Memory that is not there stops the process, as in pl_arena. */
static void *
grown(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    array = realloc(array, *room * size);
    if (array == NULL)
        abort();
    return array;
}

/* Who sends texts that all fall on one entry gains nothing and costs nothing but copies. */
const char *
builder_text(struct node_builder *self, const void *text, size_t length)
{
    struct builder_text *seen;
    uint64_t hash = length, word = 0;

    if (self->nodes < REMEMBER_FROM || length > LONGEST_REMEMBERED)
        return pl_arena_memdup(self->arena, text, length);
    if (self->texts == NULL)
        self->texts = calloc(REMEMBERED, sizeof *self->texts);
    if (self->texts == NULL)
        abort();
    for (size_t i = 0; i < length; i += sizeof word) {
        memcpy(&word, (const char *)text + i, length - i < sizeof word ? length - i : sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    seen = &self->texts[hash % REMEMBERED];
    if (seen->text == NULL || seen->length != length || memcmp(seen->text, text, length) != 0)
        *seen = (struct builder_text){ pl_arena_memdup(self->arena, text, length), length };
    return seen->text;
}

static struct builder_frame *
top(const struct node_builder *self)
{
    return self->depth ? &self->frames[self->depth - 1] : NULL;
}

bool
builder_wants_key(const struct node_builder *self)
{
    return self->depth && top(self)->node->kind == PL_OBJECT && !self->has_key;
}

/* Hang a finished value under what is open. */
static void
place(struct node_builder *self, struct pl_node *node, const struct pl_member *key, uint32_t height)
{
    struct builder_frame *frame = top(self);

    self->last = node;
    self->height = height;
    if (frame == NULL) {
        self->root = node;
        return;
    }
    if (frame->height < height + 1)
        frame->height = height + 1;
    if (frame->node->kind == PL_ARRAY) {
        self->items = grown(self->items, self->item_count, &self->item_room, sizeof *self->items);
        self->items[self->item_count++] = node;
        return;
    }
    self->members =
        grown(self->members, self->member_count, &self->member_room, sizeof *self->members);
    self->members[self->member_count] = *key;
    self->members[self->member_count++].value = node;
}

/* " (max-depth)" where somebody can set it. */
static const char *
setting(const struct node_builder *self, const char *name)
{
    return self->limits.settable ? name : "";
}

static int
count_node(struct node_builder *self, uint32_t more, struct node_place at)
{
    if (more > self->limits.nodes - self->nodes)
        return builder_fail(self, at, "the document has more than %u values%s", self->limits.nodes,
                            setting(self, " (max-nodes)"));
    self->nodes += more;
    return 0;
}

static struct pl_node *
new_node(struct node_builder *self, enum pl_node_kind kind, struct node_place at)
{
    struct pl_node *node;

    if (count_node(self, 1, at))
        return NULL;
    if (self->has_key && self->key.line < at.line) // people look for the key
        at = (struct node_place){ self->key.line, self->key.column };
    node = pl_arena_alloc(self->arena, sizeof *node);
    node->kind = kind;
    node->line = at.line;
    node->column = at.column;
    return node;
}

int
builder_scalar(struct node_builder *self, enum pl_node_kind kind, const char *text, size_t length,
               bool truth, struct node_place at)
{
    struct pl_node *node;

    if (length > UINT32_MAX)
        return builder_fail(self, at, "the text is too long");
    node = new_node(self, kind, at);
    if (node == NULL)
        return -1;
    node->text = text;
    node->length = (uint32_t)length;
    node->truth = truth;
    self->bytes += length;
    place(self, node, &self->key, 0);
    self->has_key = false;
    return 0;
}

int
builder_key(struct node_builder *self, const char *text, size_t length, struct node_place at)
{
    if (length > UINT32_MAX)
        return builder_fail(self, at, "the key is too long");
    self->key = (struct pl_member){ text, (uint32_t)length, at.line, at.column, NULL };
    self->has_key = true;
    self->bytes += length;
    return 0;
}

int
builder_begin(struct node_builder *self, enum pl_node_kind kind, struct node_place at)
{
    struct pl_node *node;
    size_t room = self->frame_room;

    if (self->depth >= self->limits.depth)
        return builder_fail(self, at, "nested deeper than %u levels%s", self->limits.depth,
                            setting(self, " (max-depth)"));
    node = new_node(self, kind, at);
    if (node == NULL)
        return -1;
    self->frames = grown(self->frames, self->depth, &room, sizeof *self->frames);
    self->frame_room = (uint32_t)room;
    self->frames[self->depth++] =
        (struct builder_frame){ .node = node,
                                .first = kind == PL_ARRAY ? self->item_count : self->member_count,
                                .key = self->key };
    self->has_key = false;
    return 0;
}

static void
take_items(struct node_builder *self, const struct builder_frame *frame)
{
    struct pl_node *node = frame->node;

    node->count = node->room = (uint32_t)(self->item_count - frame->first);
    self->item_count = frame->first;
    if (node->count == 0)
        return;
    node->items = pl_arena_alloc(self->arena, node->count * sizeof *node->items);
    memcpy(node->items, self->items + frame->first, node->count * sizeof *node->items);
}

static int
take_members(struct node_builder *self, const struct builder_frame *frame)
{
    struct pl_node *node = frame->node;
    const struct pl_member *twice;

    node->count = node->room = (uint32_t)(self->member_count - frame->first);
    self->member_count = frame->first;
    if (node->count == 0)
        return 0;
    node->members = pl_arena_alloc(self->arena, node->count * sizeof *node->members);
    memcpy(node->members, self->members + frame->first, node->count * sizeof *node->members);
    twice = node_index_build(self->arena, node);
    if (twice == NULL)
        return 0;
    return builder_fail(self, (struct node_place){ twice->line, twice->column },
                        "duplicate member \"%.100s\"", twice->key);
}

int
builder_end(struct node_builder *self)
{
    struct builder_frame frame = *top(self);

    self->depth--;
    if (frame.node->kind == PL_ARRAY)
        take_items(self, &frame);
    else if (take_members(self, &frame))
        return -1;
    place(self, frame.node, &frame.key, frame.height);
    return 0;
}

int
builder_again(struct node_builder *self, struct pl_node *node, uint32_t nodes, size_t bytes,
              uint32_t height, struct node_place at)
{
    if (height > self->limits.depth - self->depth)
        return builder_fail(self, at, "nested deeper than %u levels%s", self->limits.depth,
                            setting(self, " (max-depth)"));
    if (nodes > self->limits.aliases || bytes > self->alias_bytes)
        return builder_fail(self, at, "the aliases stand for too many values%s",
                            setting(self, " (max-aliases)"));
    self->limits.aliases -= nodes;
    self->alias_bytes -= bytes;
    self->bytes += bytes;
    if (count_node(self, nodes, at))
        return -1;
    place(self, node, &self->key, height);
    self->has_key = false;
    return 0;
}

/* Line and column of an offset, counting characters. */
static struct node_place
place_of(const char *bytes, size_t offset)
{
    struct node_place at = { 1, 1 };

    for (size_t i = 0; i < offset; i++) {
        if (bytes[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if (((unsigned char)bytes[i] & 0xc0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

int
node_check_text(struct node_builder *self, const char **bytes, size_t *length)
{
    const char *nul;
    size_t bad;

    if (*length > self->limits.bytes)
        return pl_fail(self->err, TOO_LARGE,
                       "the document has %zu bytes, more than the %zu allowed%s", *length,
                       self->limits.bytes, setting(self, " (max-bytes)"));
    if (*length >= 2 && (memcmp(*bytes, "\xff\xfe", 2) == 0 || memcmp(*bytes, "\xfe\xff", 2) == 0))
        return builder_fail(self, (struct node_place){ 1, 1 },
                            "the text is UTF-16; UTF-8 is expected");
    if (*length >= 3 && memcmp(*bytes, "\xef\xbb\xbf", 3) == 0) {
        *bytes += 3;
        *length -= 3;
    }
    if (*length == 0)
        return builder_fail(self, (struct node_place){ 1, 1 }, "the document is empty");
    nul = memchr(*bytes, '\0', *length);
    if (nul)
        return builder_fail(self, place_of(*bytes, (size_t)(nul - *bytes)), "there is a NUL byte");
    bad = pl_utf8_check(*bytes, *length);
    if (bad < *length)
        return builder_fail(self, place_of(*bytes, bad), "the byte 0x%02x is not UTF-8",
                            (unsigned char)(*bytes)[bad]);
    return 0;
}
