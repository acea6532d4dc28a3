#include "source.h"

#include "folder.h"
#include "git.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_DOCUMENTS 50 // of a folder

static int compose(const char *folder, char **names, int count, const struct pl_limits *limits,
                   struct pl_arena *arena, struct source *out);

/* Where the files beside a document are read from. */
struct place {
    const char *revision; // of git; NULL: the file system
    const char *folder;   // "" or with a slash at its end
    char real[PATH_MAX];  // of the folder, links followed
};

/* A file must be below the folder also when links are followed. */
static int
check_inside(const struct place *self, const char *full, const char *path, struct pl_err *err)
{
    char real[PATH_MAX];
    size_t length = strlen(self->real);

    if (realpath(full, real) == NULL)
        return pl_fail(err, MALFORMED, "could not read \"%s\"", path);
    if (strncmp(real, self->real, length) != 0 || (length > 1 && real[length] != '/'))
        return pl_fail(err, INVALID, "\"%s\" is a link out of the document's folder", path);
    return 0;
}

static int
read_beside(void *place, const char *path, struct pl_arena *arena, char **bytes, size_t *length,
            struct pl_err *err)
{
    const struct place *self = place;
    const char *full = pl_arena_printf(arena, "%s%s", self->folder, path);

    if (self->revision)
        return git_show(self->revision, full, LARGEST_DOCUMENT, arena, bytes, length, err);
    if (check_inside(self, full, path, err))
        return -1;
    return read_file(full, LARGEST_DOCUMENT, arena, bytes, length, err);
}

int
source_limits(const struct limit_wishes *wishes, struct pl_limits *out)
{
    if (wishes->bytes < 0 || wishes->bytes > LARGEST_DOCUMENT || wishes->depth < 0 ||
        wishes->depth > 10000 || wishes->nodes < 0 || wishes->nodes > INT32_MAX ||
        wishes->aliases < 0 || wishes->aliases > INT32_MAX)
        return usage_error("a limit is a positive number; at most %u bytes, a depth of 10000",
                           LARGEST_DOCUMENT);
    *out = (struct pl_limits){ .bytes = wishes->bytes ? (size_t)wishes->bytes : LARGEST_DOCUMENT,
                               .depth = (uint32_t)wishes->depth,
                               .nodes = (uint32_t)wishes->nodes,
                               .aliases = (uint32_t)wishes->aliases,
                               .settable = true };
    return EXIT_FINE;
}

void
source_complain(const struct pl_document *document, FILE *to)
{
    for (int i = 0; i < document->problem_count; i++) {
        const struct pl_problem *p = &document->problems[i];

        fprintf(to, "  %s:%u:%u%s%s: %s\n", p->file, p->line, p->column, *p->pointer ? " " : "",
                p->pointer, p->text);
    }
}

/* One file: its own digest.  Several: of "digest path\n" for each, in the order of their use. */
static void
digest(struct source *out, struct pl_arena *arena)
{
    const struct pl_document *document = out->document;
    struct pl_buf list = { .arena = arena };

    for (int i = 0; i < document->file_count; i++) {
        pl_sha256_hex(document->files[i].bytes, document->files[i].length, out->sha256);
        pl_buf_printf(&list, "%s %s\n", out->sha256, document->files[i].path);
    }
    if (document->file_count > 1)
        pl_sha256_hex(list.data, list.length, out->sha256);
}

static int
parse(const char *file, const char *bytes, size_t length, struct place *place,
      const struct pl_limits *limits, struct pl_arena *arena, struct source *out)
{
    const struct pl_limits usual = { .bytes = LARGEST_DOCUMENT };
    const struct pl_document_reader reader = { read_beside, place };
    struct pl_err err = { 0 };

    // what it says is the first of the problems
    pl_document_load_files(&out->document, arena, file, bytes, length, limits ? limits : &usual,
                           place ? &reader : NULL, &err);

    digest(out, arena);
    return EXIT_FINE;
}

/* "api/" of "api/openapi.yaml" */
static const char *
folder_of(const char *path, struct pl_arena *arena)
{
    const char *slash = strrchr(path, '/');

    return pl_arena_printf(arena, "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
}

/* "api/" from "api" */
static const char *
with_slash(const char *folder, struct pl_arena *arena)
{
    size_t length = strlen(folder);

    return length && folder[length - 1] == '/' ? folder : pl_arena_printf(arena, "%s/", folder);
}

static int
load_git(const char *name, const char *other, const struct pl_limits *limits,
         struct pl_arena *arena, struct source *out)
{
    const char *revision = name + strlen("git:"), *colon = strchr(revision, ':');
    const char *path = colon ? colon + 1 : other;
    struct pl_err err = { 0 }, ignored = { 0 };
    struct place place = { 0 };
    char *bytes, **names;
    size_t length;
    int count;

    if (path == NULL || *path == '\0' || strcmp(path, "-") == 0 || strncmp(path, "git:", 4) == 0)
        return usage_error("\"%s\" names no file (git:REV:PATH)", name);
    place.revision =
        colon ? pl_arena_printf(arena, "%.*s", (int)(colon - revision), revision) : revision;
    place.folder = folder_of(path, arena);
    if (git_show(place.revision, path, LARGEST_DOCUMENT, arena, &bytes, &length, &err)) {
        if (git_list(place.revision, path, arena, &names, &count, &ignored) == 0)
            return compose(
                pl_arena_printf(arena, "git:%s:%s", place.revision, with_slash(path, arena)), names,
                count, limits, arena, out);
        return trouble("%s: %s", name, err.text);
    }
    return parse(path, bytes, length, &place, limits, arena, out);
}

/* What cannot be read but speaks of it is taken for one, so that its fault is not passed over. */
static bool
is_description(const struct pl_document *document)
{
    const struct pl_document_file *file = &document->files[0];

    if (document->root == NULL)
        return memmem(file->bytes, file->length, "openapi", 7) ||
               memmem(file->bytes, file->length, "swagger", 7);
    return pl_node_get(document->root, "openapi") || pl_node_get(document->root, "swagger");
}

/* One file of a folder, if it is an API description; what is a part of one, or something else,
 * is left alone. */
static int
add_description(const char *path, const struct pl_limits *limits, struct pl_arena *arena,
                struct source *out, int *found)
{
    struct source one = { 0 };

    if (source_read(path, NULL, limits, arena, &one))
        return EXIT_TROUBLE;
    if (!is_description(one.document))
        return EXIT_FINE;
    if (++*found > MOST_DOCUMENTS)
        return trouble("there are more than %d API descriptions in the folder", MOST_DOCUMENTS);
    if (out->document == NULL)
        out->document = one.document;
    else if (one.document->problem_count && out->document->problem_count == 0)
        out->document = one.document; // its problems are the answer
    else if (out->document->problem_count == 0)
        pl_document_compose(out->document, one.document);
    return EXIT_FINE;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All that look like documents, in the order of their names, whatever the file system's is. */
static int
compose(const char *folder, char **names, int count, const struct pl_limits *limits,
        struct pl_arena *arena, struct source *out)
{
    int found = 0;

    qsort(names, (size_t)count, sizeof *names, by_name);
    for (int i = 0; i < count; i++)
        if (folder_is_document(names[i]) &&
            add_description(pl_arena_printf(arena, "%s%s", folder, names[i]), limits, arena, out,
                            &found))
            return EXIT_TROUBLE;
    if (found == 0)
        return trouble("there is no API description in the folder \"%s\"", folder);
    digest(out, arena);
    return EXIT_FINE;
}

static int
load_folder(const char *name, const struct pl_limits *limits, struct pl_arena *arena,
            struct source *out)
{
    const char *folder = with_slash(name, arena);
    char **names;
    int count;

    if (folder_list(folder, arena, &names, &count))
        return EXIT_TROUBLE;
    return compose(folder, names, count, limits, arena, out);
}

int
source_read(const char *name, const char *other, const struct pl_limits *limits,
            struct pl_arena *arena, struct source *out)
{
    struct place *place = pl_arena_alloc(arena, sizeof *place);
    bool from_stdin = strcmp(name, "-") == 0;
    struct stat about;
    struct pl_err err = { 0 };
    char *bytes;
    size_t length;

    out->name = name;
    if (stat(name, &about) == 0 && S_ISDIR(about.st_mode))
        return load_folder(name, limits, arena, out);
    if (strncmp(name, "git:", 4) == 0)
        return load_git(name, other, limits, arena, out);
    if (read_file(name, LARGEST_DOCUMENT, arena, &bytes, &length, &err))
        return trouble("%s", err.text);
    place->folder = folder_of(name, arena);
    if (!from_stdin && realpath(*place->folder ? place->folder : ".", place->real) == NULL)
        return trouble("could not find the folder of \"%s\"", name);
    return parse(name, bytes, length, from_stdin ? NULL : place, limits, arena, out);
}

int
source_accept(const struct source *source)
{
    const struct pl_document *document = source->document;

    if (document->note)
        fprintf(stderr, "plumb: %s: %s\n", document->file, document->note);
    if (document->problem_count == 0)
        return EXIT_FINE;
    trouble("%s cannot be used:", document->file);
    source_complain(document, stderr);
    return EXIT_TROUBLE;
}

int
source_load(const char *name, const char *other, const struct pl_limits *limits,
            struct pl_arena *arena, struct source *out)
{
    int status = source_read(name, other, limits, arena, out);

    return status == EXIT_FINE ? source_accept(out) : status;
}
