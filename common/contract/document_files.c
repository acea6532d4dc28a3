#include "document_files.h"

#include "node_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool
document_is_url(const char *reference)
{
    size_t length = strcspn(reference, ":/?#");

    return strncmp(reference, "//", 2) == 0 ||
           (reference[length] == ':' && length > 0 && isalpha((unsigned char)reference[0]));
}

/* Append the steps of ${path} to ${out}, which holds ${count} of them; the new count, or -1 when
 * it climbs out. */
static int
add_steps(const char **out, int count, char *path)
{
    char *save = NULL;

    for (char *step = strtok_r(path, "/", &save); step; step = strtok_r(NULL, "/", &save)) {
        if (strcmp(step, ".") == 0)
            continue;
        if (strcmp(step, "..") == 0 && --count < 0)
            return -1;
        else if (strcmp(step, "..") != 0)
            out[count++] = step;
    }
    return count;
}

/* %20 and the like, in place. */
static void
unescape(char *text)
{
    char *out = text;

    for (; *text; text++) {
        if (text[0] == '%' && isxdigit((unsigned char)text[1]) &&
            isxdigit((unsigned char)text[2])) {
            const char digits[] = { text[1], text[2], '\0' };

            *out++ = (char)strtol(digits, NULL, 16);
            text += 2;
        } else {
            *out++ = *text;
        }
    }
    *out = '\0';
}

char *
document_path(struct pl_arena *arena, const char *from, const char *reference)
{
    const char *slash = strrchr(from, '/');
    char *folder = pl_arena_printf(arena, "%.*s", slash ? (int)(slash - from) : 0, from);
    char *path = pl_arena_strdup(arena, reference);
    const char **steps;
    struct pl_buf out = { .arena = arena };
    int count;

    unescape(path);
    if (path[0] == '/' || strchr(path, '\\'))
        return NULL;
    steps = pl_arena_alloc(arena, (strlen(folder) + strlen(path) + 2) * sizeof *steps);
    count = add_steps(steps, 0, folder);
    if (count >= 0)
        count = add_steps(steps, count, path);
    if (count <= 0)
        return NULL;
    for (int i = 0; i < count; i++)
        pl_buf_printf(&out, "%s%s", i ? "/" : "", steps[i]);
    return out.data;
}

/* Every node says which file it is from. */
static void
mark(struct pl_node *node, uint16_t file)
{
    node->file = file;
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        mark(node->items[i], file);
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count; i++)
        mark(node->members[i].value, file);
}

static int
read_one(struct pl_document *document, const struct pl_document_reader *reader,
         const struct pl_limits *limits, const char *path, struct pl_node **root,
         struct pl_document_file *out, struct pl_err *err)
{
    struct pl_err why = { 0 };
    char *bytes;
    size_t length;

    if (reader->read(reader->self, path, document->arena, &bytes, &length, err))
        return -1;
    *root = pl_document_parse(document->arena, bytes, length, limits, &why);
    if (*root == NULL)
        return pl_fail(err, MALFORMED, "%.80s: %.150s", path, why.text);
    *out =
        (struct pl_document_file){ pl_arena_printf(document->arena, "%s%s", document->folder, path),
                                   path, bytes, length };
    return 0;
}

int
document_file(struct pl_document *document, struct pl_node **roots,
              const struct pl_document_reader *reader, const struct pl_limits *limits,
              uint16_t from, const char *reference, struct pl_err *err)
{
    const char *path;
    int index = document->file_count;

    if (document_is_url(reference))
        return pl_fail(err, INVALID, "it is a URL, and nothing is fetched");
    path = document_path(document->arena, document->files[from].path, reference);
    if (path == NULL)
        return pl_fail(err, INVALID, "it is not below the document's folder");
    for (int i = 0; i < document->file_count; i++)
        if (strcmp(document->files[i].path, path) == 0)
            return i;
    if (index == DOCUMENT_FILES)
        return pl_fail(err, INVALID, "the document is made of more than %d files", DOCUMENT_FILES);
    if (read_one(document, reader, limits, path, &roots[index], &document->files[index], err))
        return -1;
    mark(roots[index], (uint16_t)index);
    document->file_count++;
    return index;
}
