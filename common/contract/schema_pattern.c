/* Patterns: ECMA-262 by PCRE2.
 *
 * PCRE2's own options bring the two close (\uXXXX, empty classes, $ only at the very end).  What
 * is left is rewritten here: \s means Unicode's white space, and \p takes long names. */
#include "schema_private.h"

#include <stdlib.h>
#include <string.h>

#define SPACES                                                                                 \
    "\\t-\\r \\u{a0}\\u{1680}\\u{2000}-\\u{200a}\\u{2028}\\u{2029}\\u{202f}\\u{205f}\\u{3000}" \
    "\\u{feff}"

static void *
take(PCRE2_SIZE size, void *arena)
{
    return pl_arena_alloc(arena, size);
}

static void
leave(void *memory, void *arena)
{
    (void)memory, (void)arena; // goes with the arena
}

pcre2_compile_context *
schema_pattern_context(struct pl_arena *arena)
{
    pcre2_general_context *general = pcre2_general_context_create(take, leave, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(general);

    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_max_pattern_length(context, SCHEMA_LONGEST_PATTERN);
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    return context;
}

/* The short name of a Unicode property that ECMA-262 also knows by a long one. */
static const char *
property(const char *name, size_t length)
{
    static const struct {
        const char *name, *code;
    } table[] = {
        { "Letter", "L" },
        { "Lowercase_Letter", "Ll" },
        { "Uppercase_Letter", "Lu" },
        { "Titlecase_Letter", "Lt" },
        { "Modifier_Letter", "Lm" },
        { "Other_Letter", "Lo" },
        { "Mark", "M" },
        { "Number", "N" },
        { "Decimal_Number", "Nd" },
        { "digit", "Nd" },
        { "Punctuation", "P" },
        { "punct", "P" },
        { "Symbol", "S" },
        { "Separator", "Z" },
        { "Space_Separator", "Zs" },
        { "Other", "C" },
        { "Control", "Cc" },
        { "Alphabetic", "L" },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return table[i].code;
    return NULL;
}

/* Rewrite the escape at ${at} (behind its backslash).  Returns how much of it was used; 0 if it
 * is fine as it is. */
static size_t
rewrite_escape(struct pl_buf *out, const char *at, bool in_class)
{
    const char *end, *code;

    switch (*at) {
    case 's':
        pl_buf_str(out, in_class ? SPACES : "[" SPACES "]");
        return 1;
    case 'S':
        if (in_class) // PCRE2's \S in a class: ASCII white space is near enough
            return 0;
        pl_buf_str(out, "[^" SPACES "]");
        return 1;
    case 'p':
    case 'P':
        end = at[1] == '{' ? strchr(at, '}') : NULL;
        code = end ? property(at + 2, (size_t)(end - at) - 2) : NULL;
        if (code == NULL)
            return 0;
        pl_buf_printf(out, "\\%c{%s}", *at, code);
        return (size_t)(end - at) + 1;
    default:
        return 0;
    }
}

static const char *
translate(struct pl_arena *arena, const char *pattern)
{
    struct pl_buf out = { .arena = arena };
    bool in_class = false;

    for (const char *at = pattern; *at; at++) {
        if (*at == '\\' && at[1]) {
            size_t used = rewrite_escape(&out, at + 1, in_class);

            if (used == 0) {
                pl_buf_add(&out, at, 2);
                used = 1;
            }
            at += used;
            continue;
        }
        if (in_class && *at == '[') { // only a literal in ECMA-262
            pl_buf_str(&out, "\\[");
            continue;
        }
        in_class = in_class ? *at != ']' : *at == '[';
        pl_buf_char(&out, *at);
    }
    return pl_buf_text(&out);
}

pcre2_code *
schema_pattern(struct pl_arena *arena, pcre2_compile_context *context, const char *pattern,
               const char **reason)
{
    const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                             PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ALT_BSUX |
                             PCRE2_NO_UTF_CHECK;
    const char *text = translate(arena, pattern);
    PCRE2_UCHAR words[120];
    pcre2_code *code;
    PCRE2_SIZE at;
    int error;

    code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error, &at, context);
    if (code)
        return code;
    pcre2_get_error_message(error, words, sizeof words);
    *reason = pl_arena_printf(arena, "\"%.60s\" is not a pattern: %s", pattern, (char *)words);
    return NULL;
}

/* What a match needs: a buffer of this thread, because PCRE2 asks for 20 KiB each time, which costs
 * more than most matches.  What does not fit is taken from the heap. */
#define SCRATCH_SIZE ((size_t)24 * 1024)

static _Thread_local struct {
    _Alignas(max_align_t) char bytes[SCRATCH_SIZE];
    size_t used;
    int pieces; // that are in use
} scratch;

static void *
take_scratch(PCRE2_SIZE size, void *unused)
{
    const size_t align = _Alignof(max_align_t);
    size_t taken;
    void *piece;

    (void)unused;
    if (size > SCRATCH_SIZE)
        return malloc(size);
    taken = (size + align - 1) / align * align;
    if (taken > SCRATCH_SIZE - scratch.used)
        return malloc(size);
    piece = scratch.bytes + scratch.used;
    scratch.used += taken;
    scratch.pieces++;
    return piece;
}

static void
leave_scratch(void *piece, void *unused)
{
    uintptr_t at = (uintptr_t)piece, scratch_at = (uintptr_t)scratch.bytes;

    (void)unused;
    if (at < scratch_at || at >= scratch_at + SCRATCH_SIZE)
        free(piece);
    else if (--scratch.pieces == 0)
        scratch.used = 0;
}

static void
open_matcher(struct schema_check *self)
{
    pcre2_general_context *memory = pcre2_general_context_create(take_scratch, leave_scratch, NULL);

    if (memory == NULL)
        abort();
    self->match = pcre2_match_data_create(1, memory);
    self->match_context = pcre2_match_context_create(memory);
    pcre2_general_context_free(memory); // its functions were copied
    if (self->match == NULL || self->match_context == NULL)
        abort();
    pcre2_set_match_limit(self->match_context, SCHEMA_MATCH_LIMIT);
    pcre2_set_depth_limit(self->match_context, SCHEMA_MATCH_LIMIT);
}

int
schema_matches(struct schema_check *self, const pcre2_code *pattern, const char *text,
               size_t length)
{
    int rc;

    if (self->match == NULL)
        open_matcher(self);
    rc = pcre2_match(pattern, (PCRE2_SPTR)text, length, 0, PCRE2_NO_UTF_CHECK, self->match,
                     self->match_context);
    if (rc >= 0)
        return 1;
    return rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
