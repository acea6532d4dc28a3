/* JSON by YAJL's events.  YAJL says which token came and where it ended; where it began, and
 * whether its \u escapes pair up, is found in the text itself. */
#include "node_private.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

struct reader {
    struct node_builder builder;
    yajl_handle yajl;
    const char *bytes, *end;
    const char *next;     // behind the token before
    const char *counted;  // up to where `at` has counted
    struct node_place at; // of `counted`
};

#define BYTES(n) (0x0101010101010101u * (n))

/* How many of eight bytes have their highest bit set. */
static uint32_t
marked(uint64_t bits)
{
    return (uint32_t)__builtin_popcountll(bits & BYTES(0x80));
}

/* Count lines and characters up to ${p}, eight bytes at a time where no line ends. */
static void
count_to(struct reader *self, const char *p)
{
    const char *c = self->counted;

    while (p - c >= 8) {
        uint64_t eight, lines;

        memcpy(&eight, c, sizeof eight);
        lines = eight ^ BYTES('\n');
        if ((lines - BYTES(1)) & ~lines & BYTES(0x80))
            break;                                            // found below, with what is behind it
        self->at.column += 8 - marked(eight & ~(eight << 1)); // bytes that go on: 10xxxxxx
        c += 8;
    }
    for (; c < p; c++) {
        if (*c == '\n') {
            self->at.line++;
            self->at.column = 1;
        } else if (((unsigned char)*c & 0xc0) != 0x80) {
            self->at.column++;
        }
    }
    self->counted = p;
}

/* Place of the token that has just come, which begins at the first byte behind the last one that
 * is neither white space nor ',' nor ':'.  Sets *start, moves on. */
static struct node_place
token(struct reader *self, const char **start)
{
    const char *p = self->next;

    while (p < self->end &&
           (*p == ' ' || *p == '\n' || *p == ',' || *p == ':' || *p == '\t' || *p == '\r'))
        p++;
    count_to(self, p);
    self->next = self->bytes + yajl_get_bytes_consumed(self->yajl);
    if (self->next < p) // the last, empty chunk of a number at the very end
        self->next = self->end;
    if (start)
        *start = p;
    return self->at;
}

static uint32_t
hex4(const char *at)
{
    char digits[5] = { at[0], at[1], at[2], at[3], '\0' };

    return (uint32_t)strtoul(digits, NULL, 16);
}

/* YAJL lets \ud800 pass without its other half; that is no character. */
static bool
surrogates_pair(const char *at, const char *end)
{
    for (; at < end; at++) {
        uint32_t code;

        if (*at != '\\')
            continue;
        at++;
        if (*at != 'u')
            continue;
        code = hex4(at + 1);
        at += 4;
        if (code < 0xd800 || code > 0xdfff)
            continue;
        if (code > 0xdbff || end - at < 7 || at[1] != '\\' || at[2] != 'u')
            return false;
        code = hex4(at + 3);
        if (code < 0xdc00 || code > 0xdfff)
            return false;
        at += 6;
    }
    return true;
}

/* Copy a string's text into the arena; NULL after a failure. */
static const char *
take_string(struct reader *self, const unsigned char *text, size_t length, struct node_place *at)
{
    const char *start;
    const char *raw = (const char *)text;

    *at = token(self, &start);
    if ((raw < self->bytes || raw >= self->end) && !surrogates_pair(start + 1, self->next)) {
        builder_fail(&self->builder, *at, "the string has half of a surrogate pair");
        return NULL;
    }
    return builder_text(&self->builder, text, length);
}

static int
on_null(void *ctx)
{
    struct reader *self = ctx;

    return builder_scalar(&self->builder, PL_NULL, NULL, 0, false, token(self, NULL)) == 0;
}

static int
on_boolean(void *ctx, int value)
{
    struct reader *self = ctx;

    return builder_scalar(&self->builder, PL_BOOL, NULL, 0, value != 0, token(self, NULL)) == 0;
}

static int
on_number(void *ctx, const char *text, size_t length)
{
    struct reader *self = ctx;
    struct node_place at = token(self, NULL);

    text = builder_text(&self->builder, text, length);
    return builder_scalar(&self->builder, PL_NUMBER, text, length, false, at) == 0;
}

static int
on_string(void *ctx, const unsigned char *bytes, size_t length)
{
    struct reader *self = ctx;
    struct node_place at;
    const char *text = take_string(self, bytes, length, &at);

    return text && builder_scalar(&self->builder, PL_STRING, text, length, false, at) == 0;
}

static int
on_key(void *ctx, const unsigned char *bytes, size_t length)
{
    struct reader *self = ctx;
    struct node_place at;
    const char *text = take_string(self, bytes, length, &at);

    return text && builder_key(&self->builder, text, length, at) == 0;
}

static int
on_object(void *ctx)
{
    struct reader *self = ctx;

    return builder_begin(&self->builder, PL_OBJECT, token(self, NULL)) == 0;
}

static int
on_array(void *ctx)
{
    struct reader *self = ctx;

    return builder_begin(&self->builder, PL_ARRAY, token(self, NULL)) == 0;
}

static int
on_end(void *ctx)
{
    struct reader *self = ctx;

    token(self, NULL);
    return builder_end(&self->builder) == 0;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_map_key = on_key,
    .yajl_start_map = on_object,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_end,
};

/* Name the place of the token YAJL stopped at and its reason, without its "parse error: ". */
static int
say_error(struct reader *self)
{
    unsigned char *said = yajl_get_error(self->yajl, 0, NULL, 0);
    const char *reason = said ? strstr((const char *)said, ": ") : NULL;
    const char *start;
    struct node_place at = token(self, &start);

    if (reason == NULL)
        builder_fail(&self->builder, at, "this is no JSON");
    else if (start == self->end || strncmp(reason, ": premature", 11) == 0)
        builder_fail(&self->builder, at, "the JSON text ends too early");
    else
        builder_fail(&self->builder, at, "%.*s", (int)strcspn(reason + 2, ".\n"), reason + 2);
    yajl_free_error(self->yajl, said);
    return -1;
}

static int
run(struct reader *self)
{
    size_t length = (size_t)(self->end - self->bytes);
    yajl_status status;

    yajl_config(self->yajl, yajl_dont_validate_strings, 1); // done before, and more strictly
    status = yajl_parse(self->yajl, (const unsigned char *)self->bytes, length);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(self->yajl);
    if (status == yajl_status_client_canceled)
        return -1; // said already
    return status == yajl_status_ok && self->builder.root ? 0 : say_error(self);
}

struct pl_node *
node_read_json(struct pl_arena *arena, const char *bytes, size_t length,
               const struct pl_limits *limits, struct node_place *where, struct pl_err *err)
{
    struct reader self = { .at = { 1, 1 } };
    struct pl_node *root = NULL;

    builder_open(&self.builder, arena, limits, where, err);
    if (node_check_text(&self.builder, &bytes, &length) == 0) {
        self.bytes = self.next = self.counted = bytes;
        self.end = bytes + length;
        self.yajl = yajl_alloc(&callbacks, NULL, &self);
        if (self.yajl == NULL)
            abort();
        if (run(&self) == 0)
            root = self.builder.root;
        yajl_free(self.yajl);
    }
    builder_close(&self.builder);
    return root;
}

struct pl_node *
pl_json_parse(struct pl_arena *arena, const char *bytes, size_t length,
              const struct pl_limits *limits, struct pl_err *err)
{
    struct node_place where = { 0, 0 };

    return node_read_json(arena, bytes, length, limits, &where, err);
}
