#include "rest.h"

#include <string.h>

#define PAGE   200
#define WIDEST 72 // column of a table

struct pl_node *
rest_get(const char *path, struct pl_arena *arena)
{
    struct request request = { .method = "GET", .path = path, .retry = true };
    struct answer answer;

    if (http_must(&request, arena, &answer))
        return NULL;
    if (answer.json == NULL)
        trouble("the server's answer is not JSON");
    return answer.json;
}

int
rest_send(const char *method, const char *path, const struct pl_node *body, struct pl_arena *arena,
          struct pl_node **out)
{
    struct pl_buf text = { .arena = arena };
    struct request request = { .method = method, .path = path };
    struct answer answer;

    if (body) {
        pl_node_write(&text, body, PL_COMPACT);
        request.body = pl_buf_text(&text);
        request.body_length = text.length;
        request.content_type = "application/json";
    }
    if (http_must(&request, arena, &answer))
        return EXIT_TROUBLE;
    if (out)
        *out = answer.json;
    return EXIT_FINE;
}

char *
rest_path(struct pl_arena *arena, const char *fmt, const char *a, const char *b)
{
    struct pl_buf out = { .arena = arena };
    const char *values[] = { a, b };

    for (int n = 0; *fmt; fmt++)
        if (fmt[0] == '%' && fmt[1] == 's' && n < 2) {
            pl_buf_str(&out, url_escape(arena, values[n++]));
            fmt++;
        } else {
            pl_buf_char(&out, *fmt);
        }
    return pl_arena_strdup(arena, pl_buf_text(&out));
}

void
rest_query(struct pl_buf *path, const char *name, const char *value)
{
    if (value)
        pl_buf_printf(path, "%c%s=%s", strchr(pl_buf_text(path), '?') ? '&' : '?', name,
                      url_escape(path->arena, value));
}

struct pl_node *
rest_pages(const char *path, const char *key, int64_t limit, struct pl_arena *arena)
{
    struct pl_node *all = pl_node_object(arena), *list = pl_node_array(arena);
    const char *cursor = NULL;

    pl_node_set(arena, all, key, list);
    do {
        int64_t wanted = limit && limit - list->count < PAGE ? limit - list->count : PAGE;
        struct pl_buf page = { .arena = arena };
        struct pl_node *answer, *items;

        pl_buf_str(&page, path);
        rest_query(&page, "limit", pl_arena_printf(arena, "%lld", (long long)wanted));
        rest_query(&page, "cursor", cursor);
        answer = rest_get(pl_buf_text(&page), arena);
        if (answer == NULL)
            return NULL;
        items = pl_node_get(answer, key);
        for (uint32_t i = 0; items && i < items->count; i++)
            pl_node_push(arena, list, pl_node_at(items, i));
        cursor = pl_node_text(pl_node_get(answer, "next_cursor"), NULL);
    } while (cursor && (limit == 0 || list->count < limit));
    return all;
}

const char *
rest_joined(const struct pl_node *list, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (uint32_t i = 0; list && i < list->count; i++)
        pl_buf_printf(&out, "%s%s", i ? "," : "", pl_node_text(pl_node_at(list, i), ""));
    return pl_buf_text(&out);
}

const char *
rest_text(const struct pl_node *object, const char *key, struct pl_arena *arena)
{
    const struct pl_node *value = pl_node_get(object, key);
    struct pl_buf out = { .arena = arena };

    if (value == NULL)
        return "";
    if (pl_node_is(value, PL_STRING) || pl_node_is(value, PL_NUMBER))
        return value->text;
    if (pl_node_is(value, PL_BOOL))
        return value->truth ? "yes" : "no";
    if (pl_node_is(value, PL_ARRAY) &&
        (value->count == 0 || pl_node_is(value->items[0], PL_STRING)))
        return rest_joined(value, arena);
    pl_node_write(&out, value, PL_COMPACT);
    return pl_buf_text(&out);
}

/* Does ${byte} begin a character of UTF-8?  printf() counts bytes, a reader does not. */
static bool
begins(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static int
characters(const char *text)
{
    int count = 0;

    for (; *text; text++)
        count += begins(*text);
    return count;
}

/* ${text} in ${width} characters; what is longer ends in "...". */
static void
print_cell(const char *text, int width)
{
    int count = characters(text), kept = width - 3;
    const char *end = text;

    if (count <= width) {
        printf("%s%*s", text, width - count, "");
        return;
    }
    for (; kept > 0 || !begins(*end); end++)
        kept -= begins(*end);
    printf("%.*s...", (int)(end - text), text);
}

static int
width_of(const struct pl_node *list, const char *heading, const char *key, struct pl_arena *arena)
{
    int width = characters(heading);

    for (uint32_t i = 0; i < list->count; i++) {
        int one = characters(rest_text(pl_node_at(list, i), key, arena));

        if (one > width)
            width = one;
    }
    return width > WIDEST ? WIDEST : width;
}

void
rest_table(const struct pl_node *list, const char *const *columns, struct pl_arena *arena)
{
    int widths[16];
    int n = 0;

    for (; columns[n] && n < 16; n++) {
        const char *key = strchr(columns[n], ':') + 1;
        char *heading = pl_arena_memdup(arena, columns[n], (size_t)(key - 1 - columns[n]));

        widths[n] = width_of(list, heading, key, arena);
        printf("%s%-*s%s%s", style_bold(), widths[n], heading, style_off(),
               columns[n + 1] ? "  " : "\n");
    }
    for (uint32_t i = 0; i < list->count; i++)
        for (int c = 0; c < n; c++) {
            const char *text = rest_text(pl_node_at(list, i), strchr(columns[c], ':') + 1, arena);
            const char *style = style_of(text);

            fputs(style, stdout);
            print_cell(text, widths[c]);
            printf("%s%s", *style ? style_off() : "", columns[c + 1] ? "  " : "\n");
        }
}

void
rest_object(const struct pl_node *object, struct pl_arena *arena)
{
    for (uint32_t i = 0; i < object->count; i++)
        printf("%-36s %s\n", object->members[i].key,
               rest_text(object, object->members[i].key, arena));
}

void
rest_set_list(struct pl_node *object, const char *key, const struct text_list *list,
              struct pl_arena *arena)
{
    struct pl_node *array = pl_node_array(arena);

    for (int i = 0; i < list->count; i++)
        pl_node_push(arena, array, pl_node_string(arena, list->texts[i]));
    if (list->count)
        pl_node_set(arena, object, key, array);
}

void
rest_set_text(struct pl_node *object, const char *key, const char *value, struct pl_arena *arena)
{
    if (value)
        pl_node_set(arena, object, key, pl_node_string(arena, value));
}

int
rest_show_list(const struct pl_node *reply, const char *key, const char *const *columns,
               const char *format, struct pl_arena *arena)
{
    if (reply == NULL)
        return EXIT_TROUBLE;
    if (strcmp(format, "json") == 0)
        print_json(reply, arena);
    else
        rest_table(pl_node_get(reply, key), columns, arena);
    return EXIT_FINE;
}
