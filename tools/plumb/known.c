/* Documents that a schema may refer to: --known URI=FILE, or URI/=FOLDER for all below it. */
#include "plumb.h"

#include "folder.h"
#include "validate.h"

#include <string.h>
#include <sys/stat.h>

#define LARGEST    (64u << 20)
#define MOST_KNOWN 10000

struct list {
    struct pl_arena *arena;
    struct pl_schema_known *items;
    int count, room;
};

static int
add_file(struct list *self, const char *uri, const char *path)
{
    struct pl_err err = { 0 };
    struct pl_node *root;
    char *bytes;
    size_t length;

    if (self->count == MOST_KNOWN)
        return trouble("there are more than %d known documents", MOST_KNOWN);
    if (read_file(path, LARGEST, self->arena, &bytes, &length, &err))
        return trouble("%s", err.text);
    root = pl_document_parse(self->arena, bytes, length, NULL, &err);
    if (root == NULL)
        return trouble("%s: %s", path, err.text);
    if (self->count == self->room) {
        struct pl_schema_known *larger;

        self->room = self->room ? self->room * 2 : 32;
        larger = pl_arena_alloc(self->arena, (size_t)self->room * sizeof *larger);
        if (self->count)
            memcpy(larger, self->items, (size_t)self->count * sizeof *larger);
        self->items = larger;
    }
    self->items[self->count++] =
        (struct pl_schema_known){ pl_arena_printf(self->arena, "%.*s", (int)strcspn(uri, "#"), uri),
                                  root };
    return EXIT_FINE;
}

static int
add_folder(struct list *self, const char *uri, const char *path)
{
    const char *folder = pl_arena_printf(self->arena, "%s/", path);
    char **names;
    int count, status = folder_list(folder, self->arena, &names, &count);

    for (int i = 0; status == EXIT_FINE && i < count; i++)
        if (folder_is_document(names[i]))
            status = add_file(self, pl_arena_printf(self->arena, "%s%s", uri, names[i]),
                              pl_arena_printf(self->arena, "%s%s", folder, names[i]));
    return status;
}

int
read_known(const struct text_list *texts, struct pl_arena *arena, struct validate_options *out)
{
    struct list self = { .arena = arena };
    int status = EXIT_FINE;

    for (int i = 0; i < texts->count && status == EXIT_FINE; i++) {
        const char *text = texts->texts[i], *equals = strrchr(text, '=');
        const char *uri = equals ? pl_arena_printf(arena, "%.*s", (int)(equals - text), text) : "";
        struct stat about;

        if (*uri == '\0')
            return usage_error("--known takes URI=FILE or URI/=FOLDER, not \"%s\"", text);
        if (stat(equals + 1, &about) == 0 && S_ISDIR(about.st_mode))
            status = add_folder(&self, uri, equals + 1);
        else
            status = add_file(&self, uri, equals + 1);
    }
    out->known = self.items;
    out->known_count = self.count;
    return status;
}
