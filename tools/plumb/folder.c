#include "folder.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define DEEPEST    20
#define MOST_FILES 10000

struct list {
    struct pl_arena *arena;
    const char *folder;
    char **names;
    int count, room;
};

bool
folder_is_document(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot &&
           (strcmp(dot, ".json") == 0 || strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static int
add(struct list *self, char *name)
{
    if (self->count == MOST_FILES)
        return trouble("there are more than %d files in \"%s\"", MOST_FILES, self->folder);
    if (self->count == self->room) {
        char **larger;

        self->room = self->room ? self->room * 2 : 64;
        larger = pl_arena_alloc(self->arena, (size_t)self->room * sizeof *larger);
        if (self->count)
            memcpy(larger, self->names, (size_t)self->count * sizeof *larger);
        self->names = larger;
    }
    self->names[self->count++] = name;
    return EXIT_FINE;
}

static int
walk(struct list *self, const char *below, int depth)
{
    const char *path = pl_arena_printf(self->arena, "%s%s", self->folder, below);
    DIR *dir = depth < DEEPEST ? opendir(path) : NULL;
    struct dirent *entry;
    int status = EXIT_FINE;

    if (dir == NULL)
        return trouble("could not read the folder \"%s\"", path);
    while (status == EXIT_FINE && (entry = readdir(dir))) {
        char *name = pl_arena_printf(self->arena, "%s%s", below, entry->d_name);
        struct stat about;

        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0 ||
            lstat(pl_arena_printf(self->arena, "%s%s", self->folder, name), &about))
            continue;
        if (S_ISDIR(about.st_mode))
            status = walk(self, pl_arena_printf(self->arena, "%s/", name), depth + 1);
        else
            status = add(self, name);
    }
    closedir(dir);
    return status;
}

int
folder_list(const char *folder, struct pl_arena *arena, char ***names, int *count)
{
    struct list self = { .arena = arena, .folder = folder };
    int status = walk(&self, "", 0);

    *names = self.names;
    *count = self.count;
    return status;
}
