#include "pl_buf.h"
#include "pl_pg.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pl_pg_number
pl_pg_number(int64_t number)
{
    struct pl_pg_number out;

    snprintf(out.text, sizeof out.text, "%" PRId64, number);
    return out;
}

char *
pl_pg_text(const PGresult *res, int row, int column, struct pl_arena *arena)
{
    return pl_arena_memdup(arena, PQgetvalue(res, row, column),
                           (size_t)PQgetlength(res, row, column));
}

int64_t
pl_pg_int(const PGresult *res, int row, int column)
{
    return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

double
pl_pg_double(const PGresult *res, int row, int column)
{
    return strtod(PQgetvalue(res, row, column), NULL);
}

bool
pl_pg_bool(const PGresult *res, int row, int column)
{
    return PQgetvalue(res, row, column)[0] == 't';
}

bool
pl_pg_null(const PGresult *res, int row, int column)
{
    return PQgetisnull(res, row, column);
}

static unsigned
nibble(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* bytea comes as text, "\x" and lower-case hexadecimal digits (bytea_output's default). */
void *
pl_pg_bytes(const PGresult *res, int row, int column, struct pl_arena *arena, size_t *length)
{
    const char *text = PQgetvalue(res, row, column);
    size_t digits = (size_t)PQgetlength(res, row, column);
    unsigned char *bytes;

    *length = digits < 2 ? 0 : (digits - 2) / 2;
    bytes = pl_arena_alloc(arena, *length + 1);
    for (size_t i = 0; i < *length; i++)
        bytes[i] = (unsigned char)(nibble(text[2 + 2 * i]) << 4 | nibble(text[3 + 2 * i]));
    return bytes;
}

/* One element from *at, which moves behind it. */
static char *
element(const char **at, struct pl_arena *arena)
{
    struct pl_buf text = { .arena = arena };
    const char *c = *at;
    bool quoted = *c == '"';

    if (quoted)
        c++;
    for (; *c && (quoted ? *c != '"' : *c != ',' && *c != '}'); c++) {
        if (*c == '\\' && c[1])
            c++;
        pl_buf_char(&text, *c);
    }
    if (quoted && *c)
        c++;
    *at = c;
    return pl_arena_strdup(arena, pl_buf_text(&text));
}

int
pl_pg_array(const char *literal, struct pl_arena *arena, char ***out)
{
    size_t room = 1;
    int count = 0;

    for (const char *c = literal; *c; c++)
        room += *c == ',';
    *out = pl_arena_alloc(arena, (room + 1) * sizeof **out);
    if (*literal != '{' || literal[1] == '}')
        return 0;
    for (const char *c = literal + 1; *c; c++) {
        (*out)[count++] = element(&c, arena);
        if (*c != ',')
            break;
    }
    return count;
}

char *
pl_pg_array_literal(struct pl_arena *arena, size_t count, char *const *texts)
{
    struct pl_buf out = { .arena = arena };

    pl_buf_char(&out, '{');
    for (size_t i = 0; i < count; i++) {
        pl_buf_str(&out, i ? ",\"" : "\"");
        for (const char *c = texts[i]; *c; c++) {
            if (*c == '"' || *c == '\\')
                pl_buf_char(&out, '\\');
            pl_buf_char(&out, *c);
        }
        pl_buf_char(&out, '"');
    }
    pl_buf_char(&out, '}');
    return out.data;
}
