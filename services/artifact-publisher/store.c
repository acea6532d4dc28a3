/* store.c -- publishing: what stood there before, and writing a set in one transaction. */
#include "store.h"

#include "pl_gzip.h"
#include "pl_pg.h"
#include "pl_service.h"
#include "store_number.h"

#include <stdio.h>
#include <string.h>

/* The openapi.json of the set before; the same document is not asked for and built again. */
static int
get_openapi(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
            struct artifact **out, struct pl_err *err)
{
    static const char SQL[] = "SELECT sha256, size, content_type\n"
                              "  FROM artifact\n"
                              " WHERE api = $1 AND seq = $2::bigint AND path = 'openapi.json'";
    char text[NUMBER];
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, number(text, seq)));

    if (res == NULL)
        return -1;
    if (PQntuples(res) == 1) {
        *out = pl_arena_alloc(arena, sizeof **out);
        (*out)->path = "openapi.json";
        snprintf((*out)->sha256, sizeof(*out)->sha256, "%s", PQgetvalue(res, 0, 0));
        (*out)->size = (size_t)pl_pg_int(res, 0, 1);
        (*out)->content_type = pl_pg_text(res, 0, 2, arena);
    }
    PQclear(res);
    return 0;
}

int
store_get_before(struct pl_pg *db, const struct job *job, struct pl_arena *arena,
                 struct before *out, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT EXISTS (SELECT FROM artifact_set WHERE api = $1 AND seq = $2::bigint),\n"
        "       " PL_TIME(
            "now()") ",\n"
                     "       s.seq, s.run, s.aggregate_sha256, s.document_run,\n"
                     "       (SELECT max(seq) FROM history_line WHERE api = $1),\n"
                     "       (SELECT string_agg(line, '' ORDER BY seq) FROM history_line\n"
                     "         WHERE api = $1 AND seq <= $2::bigint)\n"
                     "  FROM (VALUES (1)) one\n"
                     "  LEFT JOIN LATERAL (SELECT * FROM artifact_set\n"
                     "                      WHERE api = $1 AND seq < $2::bigint\n"
                     "                      ORDER BY seq DESC LIMIT 1) s ON true";
    char text[NUMBER];
    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(job->api, number(text, job->seq)));

    if (res == NULL)
        return -1;
    memset(out, 0, sizeof *out);
    out->published = pl_pg_bool(res, 0, 0);
    out->now = pl_pg_text(res, 0, 1, arena);
    out->previous_seq = pl_pg_int(res, 0, 2);
    if (out->previous_seq) {
        out->previous_run = pl_pg_text(res, 0, 3, arena);
        out->previous_aggregate = pl_pg_text(res, 0, 4, arena);
        out->previous_document_run = pl_pg_text(res, 0, 5, arena);
    }
    out->last_line = pl_pg_int(res, 0, 6);
    out->history = pl_pg_text(res, 0, 7, arena);
    PQclear(res);
    if (out->previous_seq)
        return get_openapi(db, job->api, out->previous_seq, arena, &out->openapi, err);
    return 0;
}

/* Lock the api.  Whoever comes second finds another set before its own, and begins again. */
static int
lock_and_compare(struct pl_pg *db, const struct job *job, const struct before *before,
                 struct pl_err *err)
{
    static const char LOCK[] = "SELECT 1 FROM api WHERE api = $1 FOR UPDATE";
    static const char SQL[] =
        "SELECT coalesce((SELECT max(seq) FROM artifact_set\n"
        "                  WHERE api = $1 AND seq < $2::bigint), 0),\n"
        "       coalesce((SELECT max(seq) FROM history_line WHERE api = $1), 0),\n"
        "       EXISTS (SELECT FROM artifact_set WHERE api = $1 AND seq = $2::bigint),\n"
        "       EXISTS (SELECT FROM job WHERE api = $1 AND seq < $2::bigint AND state = 'due')";
    char text[NUMBER];
    PGresult *res;
    bool same;

    if (pl_pg_later(db, err, LOCK, PL_ARGS(job->api)))
        return -1;
    res = pl_pg_exec(db, err, SQL, PL_ARGS(job->api, number(text, job->seq)));
    if (res == NULL)
        return -1;
    same = pl_pg_int(res, 0, 0) == before->previous_seq &&
           pl_pg_int(res, 0, 1) == before->last_line && !pl_pg_bool(res, 0, 2) &&
           !pl_pg_bool(res, 0, 3);
    PQclear(res);
    return same ? 0 : pl_fail(err, CONFLICT, "another set was published meanwhile");
}

static int
add_set(struct pl_pg *db, const struct job *job, const struct before *before,
        const struct artifact_set *set, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO artifact_set (api, seq, run, sha, branch, document_run, aggregate_sha256,\n"
        "                          previous_seq, covered, is_signed, published_at, verdict,\n"
        "                          version, document_sha256)\n"
        "SELECT $1, $2::bigint, $3, $4, $5, $6, $7, nullif($8::bigint, 0), $9::int,\n"
        "       $10::boolean, $11::timestamptz, coalesce($12, p.verdict),\n"
        "       coalesce($13, p.version), coalesce($14, p.document_sha256)\n"
        "  FROM (SELECT 1) one\n"
        "  LEFT JOIN artifact_set p ON p.api = $1 AND p.seq = $8::bigint";
    const Governance__GetRunRecordReply *record = set->from->record;
    const Governance__Run *last = record->run->preview ? NULL : record->run;
    bool has_document = last && last->document_sha256 && *last->document_sha256;
    char seq[NUMBER], previous[NUMBER], covered[NUMBER];

    return pl_pg_later(
        db, err, SQL,
        PL_ARGS(job->api, number(seq, job->seq), job->run, record->run->sha ? record->run->sha : "",
                record->run->branch ? record->run->branch : "",
                record->document_run ? record->document_run : "", set->aggregate,
                number(previous, before->previous_seq),
                number(covered, pl_node_int(pl_node_get(set->checksums, "count"), 0)),
                set->is_signed ? "t" : "f", before->now, last ? last->verdict : NULL,
                has_document ? last->version : NULL, has_document ? last->document_sha256 : NULL));
}

static int
add_blob(struct pl_pg *db, const struct artifact *file, struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO blob (sha256, size, gzip)\n"
                              "VALUES ($1, $2::bigint, $3)\n"
                              "    ON CONFLICT DO NOTHING";
    char size[NUMBER];
    size_t length;
    char *gzip = pl_gzip(file->bytes, file->size, arena, &length);

    return pl_pg_later_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(file->sha256), PL_T(number(size, (int64_t)file->size)), PL_B(gzip, length)));
}

static int
add_file(struct pl_pg *db, const struct job *job, const struct artifact *file, int place,
         struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO artifact (api, seq, path, place, kind, sha256, size, content_type, lines)\n"
        "VALUES ($1, $2::bigint, $3, $4::int, $5, $6, $7::bigint, $8, $9::boolean)";
    static const char *const KINDS[] = {
        [ARTIFACT_DATA] = "data", [ARTIFACT_DROPIN] = "dropin", [ARTIFACT_DERIVED] = "derived"
    };
    char seq[NUMBER], at[NUMBER], size[NUMBER];

    return pl_pg_later(db, err, SQL,
                       PL_ARGS(job->api, number(seq, job->seq), file->path, number(at, place),
                               KINDS[file->kind], file->sha256, number(size, (int64_t)file->size),
                               file->content_type, file->lines ? "t" : "f"));
}

static int
add_line(struct pl_pg *db, const char *api, const struct line *line, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO history_line (api, seq, line)\n"
                              "VALUES ($1, $2::bigint, $3)";
    char seq[NUMBER];

    return pl_pg_later(db, err, SQL, PL_ARGS(api, number(seq, line->seq), line->text));
}

static int
move_pointer(struct pl_pg *db, const struct job *job, struct pl_err *err)
{
    static const char SQL[] = "UPDATE api SET current_seq = greatest(current_seq, $2::bigint)\n"
                              " WHERE api = $1";
    char seq[NUMBER];

    return pl_pg_later(db, err, SQL, PL_ARGS(job->api, number(seq, job->seq)));
}

static int
write_set(struct pl_pg *db, const struct job *job, const struct before *before,
          const struct artifact_set *set, const struct line *lines, int line_count,
          struct pl_err *err)
{
    if (lock_and_compare(db, job, before, err) || add_set(db, job, before, set, err))
        return -1;
    for (int i = 0; i < set->count; i++) {
        const struct artifact *file = &set->files[i];

        if (file->bytes && !file->lines && add_blob(db, file, set->arena, err))
            return -1;
        if (add_file(db, job, file, i, err))
            return -1;
    }
    for (int i = 0; i < line_count; i++)
        if (add_line(db, job->api, &lines[i], err))
            return -1;
    return move_pointer(db, job, err);
}

int
store_publish_set(struct pl_pg *db, const struct job *job, const struct before *before,
                  const struct artifact_set *set, const struct line *lines, int line_count,
                  const ProtobufCMessage *event, struct pl_err *err)
{
    if (pl_pg_begin(db, err))
        return -1;
    if (write_set(db, job, before, set, lines, line_count, err) || store_drop_job(db, job, err) ||
        pl_outbox_add(db, "api", job->api, "artifacts.published", event, err)) {
        pl_pg_rollback(db);
        return -1;
    }
    return pl_pg_commit(db, err);
}
