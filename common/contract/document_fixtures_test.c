/* Real API descriptions must load.  PLUMB_FIXTURES names the folder that holds them. */
#include "pl_check.h"
#include "pl_document.h"

#include <dirent.h>

NEEDS_ENV("PLUMB_FIXTURES");

#define ENOUGH (2u << 20) // larger ones take too long under the sanitizers

static int loaded;

static char *
read_file(struct pl_arena *arena, const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = pl_arena_alloc(arena, ENOUGH + 1);

    *length = file ? fread(bytes, 1, ENOUGH + 1, file) : 0;
    if (file)
        fclose(file);
    return bytes;
}

static bool
is_document(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot &&
           (strcmp(dot, ".json") == 0 || strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* Load, and load again what was written: it must be the same document. */
static void
try_document(const char *path)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_document *first, *second;
    struct pl_buf out = { .arena = arena };
    struct pl_err err = { 0 };
    size_t length;
    const char *bytes = read_file(arena, path, &length);

    if (length <= ENOUGH) {
        if (pl_document_load(&first, arena, path, bytes, length, NULL, &err))
            printf("\n%s: %s", path, err.text);
        CHECK_INT(err.code, ==, PL_OK);
        pl_document_write(first, &out);
        pl_document_load(&second, arena, path, out.data, out.length, NULL, &err);
        CHECK_INT(err.code, ==, PL_OK);
        CHECK(pl_node_equal(first->root, second->root));
        loaded++;
    }
    pl_arena_destroy(&arena);
}

static void
try_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    CHECK(dir != NULL);
    while ((entry = readdir(dir))) {
        char path[1000];

        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (is_document(entry->d_name))
            try_document(path);
        else if (entry->d_name[0] != '.' && strchr(entry->d_name, '.') == NULL)
            try_folder(path);
    }
    closedir(dir);
}

TEST(every_real_document_loads_and_survives_being_written)
{
    char folder[900];

    snprintf(folder, sizeof folder, "%s/openapi", getenv("PLUMB_FIXTURES"));
    try_folder(folder);
    CHECK_INT(loaded, >, 100);
}
