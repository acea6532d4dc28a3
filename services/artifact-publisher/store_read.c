/* store_read.c -- what was published, for whoever asks. */
#include "store.h"

#include "pl_gzip.h"
#include "pl_pg.h"
#include "store_number.h"

#include <stdio.h>
#include <string.h>

int
store_get_set(struct pl_pg *db, const char *api, const char *run, struct pl_arena *arena,
              struct published *out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT CASE WHEN a.archived THEN 'private' ELSE a.visibility END,\n"
        "       s.seq, s.run, s.sha, s.aggregate_sha256, " PL_TIME(
            "s.published_at") ",\n"
                              "       s.is_signed, s.verdict, s.version, s.document_sha256\n"
                              "  FROM api a\n"
                              "  LEFT JOIN LATERAL (SELECT * FROM artifact_set\n"
                              "                      WHERE api = a.api\n"
                              "                        AND CASE WHEN $2 = '' THEN seq = a.current_seq\n"
                              "                                 ELSE run = $2 OR sha = $2 END\n"
                              "                      ORDER BY seq DESC LIMIT 1) s ON true\n"
                              " WHERE a.api = $1";
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, run));

    if (res == NULL)
        return -1;
    memset(out, 0, sizeof *out);
    out->visibility = "private";
    out->known = PQntuples(res) == 1;
    if (out->known) {
        out->visibility = pl_pg_text(res, 0, 0, arena);
        out->seq = pl_pg_int(res, 0, 1);
        out->run = pl_pg_text(res, 0, 2, arena);
        out->sha = pl_pg_text(res, 0, 3, arena);
        out->aggregate = pl_pg_text(res, 0, 4, arena);
        out->published_at = pl_pg_text(res, 0, 5, arena);
        out->is_signed = pl_pg_bool(res, 0, 6);
        out->verdict = pl_pg_text(res, 0, 7, arena);
        out->version = pl_pg_text(res, 0, 8, arena);
        out->document_sha256 = pl_pg_text(res, 0, 9, arena);
    }
    PQclear(res);
    return 0;
}

/* The columns of a file, in the order in which read_file() takes them. */
#define FILE_COLUMNS "f.path, f.sha256, f.size, f.content_type, f.lines"

static void
read_file(const PGresult *res, int row, struct pl_arena *arena, struct artifact *out)
{
    memset(out, 0, sizeof *out);
    out->path = pl_pg_text(res, row, 0, arena);
    snprintf(out->sha256, sizeof out->sha256, "%s", PQgetvalue(res, row, 1));
    out->size = (size_t)pl_pg_int(res, row, 2);
    out->content_type = pl_pg_text(res, row, 3, arena);
    out->lines = pl_pg_bool(res, row, 4);
}

static int
get_lines(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
          struct artifact *file, struct pl_err *err)
{
    static const char SQL[] = "SELECT string_agg(line, '' ORDER BY seq)\n"
                              "  FROM history_line\n"
                              " WHERE api = $1 AND seq <= $2::bigint";
    char text[NUMBER];
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, number(text, seq)));

    if (res == NULL)
        return -1;
    file->bytes = pl_pg_text(res, 0, 0, arena);
    PQclear(res);
    if (strlen(file->bytes) != file->size)
        return pl_fail(err, INTERNAL, "the history of \"%s\" is not what was published", api);
    return 0;
}

static int
get_bytes(struct pl_pg *db, struct pl_arena *arena, struct artifact *file, struct pl_err *err)
{
    static const char SQL[] = "SELECT gzip FROM blob WHERE sha256 = $1";
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(file->sha256));
    char *bytes = NULL;
    size_t length = 0, size = 0;
    void *gzip;
    int bad;

    if (res == NULL)
        return -1;
    if (PQntuples(res) != 1) {
        PQclear(res);
        return pl_fail(err, INTERNAL, "the bytes of \"%s\" are missing", file->path);
    }
    gzip = pl_pg_bytes(res, 0, 0, arena, &length);
    bad = pl_gunzip(gzip, length, file->size, arena, &bytes, &size, err);
    PQclear(res);
    file->bytes = bytes;
    return bad;
}

int
store_get_file(struct pl_pg *db, const char *api, int64_t seq, const char *path,
               struct pl_arena *arena, struct artifact *out, bool *found, struct pl_err *err)
{
    static const char SQL[] = "SELECT " FILE_COLUMNS "\n"
                              "  FROM artifact f\n"
                              " WHERE api = $1 AND seq = $2::bigint AND path = $3";
    char text[NUMBER];
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, number(text, seq), path));

    if (res == NULL)
        return -1;
    *found = PQntuples(res) == 1;
    if (*found)
        read_file(res, 0, arena, out);
    PQclear(res);
    if (!*found)
        return 0;
    return out->lines ? get_lines(db, api, seq, arena, out, err) : get_bytes(db, arena, out, err);
}

int
store_list_files(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
                 struct artifact **out, int *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT " FILE_COLUMNS "\n"
                              "  FROM artifact f\n"
                              " WHERE api = $1 AND seq = $2::bigint\n"
                              " ORDER BY place";
    char text[NUMBER];
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, number(text, seq)));

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, ((size_t)*count + 1) * sizeof **out);
    for (int i = 0; i < *count; i++)
        read_file(res, i, arena, &(*out)[i]);
    PQclear(res);
    return 0;
}
