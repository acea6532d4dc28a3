/* set.c -- producers in, files out: data, drop-ins, hashes, and what is made of the hashes. */
#include "set.h"

#include "producers.h"

#include <string.h>

void
artifact_seal(struct artifact *artifact, const char *bytes, size_t size)
{
    artifact->bytes = bytes;
    artifact->size = size;
    pl_sha256_hex(bytes, size, artifact->sha256);
}

const struct artifact *
set_find(const struct artifact_set *set, const char *path)
{
    for (int i = 0; i < set->count; i++)
        if (strcmp(set->files[i].path, path) == 0)
            return &set->files[i];
    return NULL;
}

static void
add(struct artifact_set *set, const struct artifact *file)
{
    if (set->count == set->room) {
        int room = set->room ? set->room * 2 : 32;
        struct artifact *files = pl_arena_alloc(set->arena, (size_t)room * sizeof *files);

        if (set->count)
            memcpy(files, set->files, (size_t)set->count * sizeof *files);
        set->files = files;
        set->room = room;
    }
    set->files[set->count++] = *file;
}

/* A producer that writes nothing publishes nothing: no document, no key. */
static int
produce(struct artifact_set *set, const struct producer *row, struct pl_err *err)
{
    const struct artifact *kept = set->from->openapi;
    struct artifact file = { .path = row->path, .content_type = row->content_type };
    struct pl_buf out = { .arena = set->arena };

    file.kind = row->kind;
    file.lines = row->lines;
    if (kept && strcmp(kept->path, row->path) == 0) {
        file.size = kept->size;
        memcpy(file.sha256, kept->sha256, sizeof file.sha256);
        add(set, &file);
        return 0;
    }
    if (row->badge)
        badge_write(row->badge(set), set->arena, &out);
    else if (row->make(set, &out, err))
        return -1;
    if (out.length == 0)
        return 0;
    artifact_seal(&file, out.data, out.length);
    add(set, &file);
    return 0;
}

static int
produce_all(struct artifact_set *set, enum artifact_kind kind, struct pl_err *err)
{
    for (const struct producer *row = producers; row->path; row++)
        if (row->kind == kind && produce(set, row, err))
            return -1;
    return 0;
}

static void
hash_all(struct artifact_set *set)
{
    struct pl_checksum *sums = pl_arena_alloc(set->arena, (size_t)set->count * sizeof *sums);

    for (int i = 0; i < set->count; i++) {
        sums[i].path = set->files[i].path;
        sums[i].size = set->files[i].size;
        memcpy(sums[i].sha256, set->files[i].sha256, sizeof sums[i].sha256);
    }
    pl_checksum_aggregate(sums, set->count, set->aggregate);
    set->checksums = pl_checksum_document(set->arena, sums, set->count);
}

int
set_build(struct artifact_set **out, const struct publication *from, struct pl_arena *arena,
          struct pl_err *err)
{
    struct artifact_set *set = pl_arena_alloc(arena, sizeof *set);

    *out = set;
    set->arena = arena;
    set->from = from;
    set->is_signed = from->signer != NULL;
    if (from->record == NULL || from->record->run == NULL || from->record->api == NULL)
        return pl_fail(err, INTERNAL, "the record of the run is incomplete");

    if (produce_all(set, ARTIFACT_DATA, err))
        return -1;
    for (int i = 0; i < from->dropin_count; i++)
        add(set, &from->dropins[i]);
    hash_all(set);
    return produce_all(set, ARTIFACT_DERIVED, err);
}
