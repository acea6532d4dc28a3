/* SQL that records a push: its identity, its document, its run and what was found. */
#include "governance.h"
#include "store_row.h"

#include "pl_report.h"

int
store_find_push(struct pl_pg *db, const char *api, const char *branch, const char *sha,
                struct pl_arena *arena, struct known_push *out, struct pl_err *err)
{
    static const char SQL[] = "SELECT id, document_sha256\n"
                              "  FROM run\n"
                              " WHERE api = $1 AND branch = $2 AND sha = $3 AND NOT replaced";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, branch, sha));

    if (res == NULL)
        return -1;
    *out = (struct known_push){ "", "" };
    if (PQntuples(res) > 0) {
        out->run = pl_pg_text(res, 0, 0, arena);
        out->document_sha256 = pl_pg_text(res, 0, 1, arena);
    }
    PQclear(res);
    return 0;
}

int
store_replace_run(struct pl_pg *db, const char *run, struct pl_err *err)
{
    static const char SQL[] = "UPDATE run\n"
                              "   SET replaced = true\n"
                              " WHERE id = $1";

    return pl_pg_later(db, err, SQL, PL_ARGS(run));
}

int
store_window(struct pl_pg *db, const char *api, int64_t most, struct pl_arena *arena,
             enum pl_verdict **out, int *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT verdict\n"
                              "  FROM run\n"
                              " WHERE api = $1 AND NOT preview\n"
                              " ORDER BY seq DESC\n"
                              " LIMIT $2";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, arg_int(arena, most)));
    bool good = true;

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, ((size_t)*count + 1) * sizeof **out);
    for (int i = 0; i < *count; i++)
        good = good && pl_verdict_parse(PQgetvalue(res, i, 0), &(*out)[i]);
    PQclear(res);
    return good ? 0 : pl_fail(err, INTERNAL, "a recorded verdict of \"%s\" is unknown", api);
}

int
store_add_document(struct pl_pg *db, const char *sha256, size_t size, const void *gzip,
                   size_t gzip_size, struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO document (sha256, size, gzip)\n"
                              "VALUES ($1, $2, $3)\n"
                              "    ON CONFLICT (sha256) DO NOTHING";

    PGresult *res = pl_pg_exec_b(
        db, err, SQL,
        PL_ARGS_B(PL_T(sha256), PL_T(arg_int(arena, (int64_t)size)), PL_B(gzip, gzip_size)));

    if (res == NULL)
        return -1;
    PQclear(res);
    return 0;
}

int
store_get_document(struct pl_pg *db, const char *sha256, struct pl_arena *arena, char **gzip,
                   size_t *gzip_size, struct pl_err *err)
{
    static const char SQL[] = "SELECT gzip\n"
                              "  FROM document\n"
                              " WHERE sha256 = $1";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(sha256));
    bool found;

    if (res == NULL)
        return -1;
    found = PQntuples(res) > 0;
    if (found)
        *gzip = pl_pg_bytes(res, 0, 0, arena, gzip_size);
    PQclear(res);
    return found ? 0 : pl_fail(err, INTERNAL, "the document %.12s is not there", sha256);
}

static int
insert_run(struct pl_pg *db, const Governance__Run *run, int64_t record_runs,
           struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO run (id, api, seq, branch, sha, version, committed_at, preview, placeholder,\n"
        "       placeholder_reason, document_sha256, verdict, policy, policy_reasons,\n"
        "       semver_status, previous_version, semver_required, semver_messages,\n"
        "       semver_recommendations, window_stability_ratio, window_size,\n"
        "       window_stable_count, window_total_count, stable_streak, longest_streak,\n"
        "       overall_ratio, window_mean_score, placeholder_streak, anomaly, score, breaking,\n"
        "       warnings, infos, operations_added, operations_removed, operations_changed,\n"
        "       reasons, changed_reasons, base_run, record_runs, accepted)\n"
        "VALUES ($1, $2, $3, $4, $5, coalesce($6, ''), $7::timestamptz, $8, $9, $10, $11, $12,\n"
        "       $13, $14, $15, coalesce($16, ''), $17, $18, $19, $20, $21, $22, $23, $24, $25,\n"
        "       $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)";

    const Governance__SemverValidation *semver = run->semver;
    const Governance__StabilityMetrics *metrics = run->metrics;

    return pl_pg_run(
        db, err, SQL,
        PL_ARGS(run->id, run->api, arg_int(arena, run->seq), run->branch, run->sha, run->version,
                run->committed_at, arg_bool(run->preview), arg_bool(run->placeholder),
                run->placeholder_reason, run->document_sha256, run->verdict, run->policy,
                arg_texts(arena, run->n_policy_reasons, run->policy_reasons), semver->status,
                semver->previous_version, semver->required,
                arg_texts(arena, semver->n_messages, semver->messages),
                arg_texts(arena, semver->n_recommendations, semver->recommendations),
                arg_real(arena, metrics->window_stability_ratio),
                arg_int(arena, metrics->window_size), arg_int(arena, metrics->window_stable_count),
                arg_int(arena, metrics->window_total_count),
                arg_int(arena, metrics->current_stable_streak),
                arg_int(arena, metrics->longest_stable_streak),
                arg_real(arena, metrics->overall_stability_ratio),
                arg_real(arena, metrics->window_mean_score),
                arg_int(arena, metrics->extensions->placeholder_streak), arg_bool(metrics->anomaly),
                arg_real(arena, run->score), arg_int(arena, run->breaking),
                arg_int(arena, run->warnings), arg_int(arena, run->infos),
                arg_int(arena, (int64_t)run->n_operations_added),
                arg_int(arena, (int64_t)run->n_operations_removed),
                arg_int(arena, (int64_t)run->n_operations_changed),
                arg_texts(arena, run->n_reasons, run->reasons),
                arg_texts(arena, run->n_changed_reasons, run->changed_reasons), run->base_run,
                arg_int(arena, record_runs),
                arg_texts(arena, run->n_accepted_findings, run->accepted_findings)));
}

static int
insert_operations(struct pl_pg *db, const char *run, const char *change, size_t count,
                  Governance__OperationRef *const *refs, struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO run_operation (run, change, position, method, path, operation_id)\n"
        "SELECT $1, $2, position, method, path, operation_id\n"
        "  FROM unnest($3::text[], $4::text[], $5::text[])\n"
        "       WITH ORDINALITY AS list (method, path, operation_id, position)";

    char **columns[3];

    if (count == 0)
        return 0;
    for (int c = 0; c < 3; c++)
        columns[c] = pl_arena_alloc(arena, count * sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        columns[0][i] = refs[i]->method;
        columns[1][i] = refs[i]->path;
        columns[2][i] = refs[i]->operation_id ? refs[i]->operation_id : (char *)"";
    }
    return pl_pg_later(db, err, SQL,
                       PL_ARGS(run, change, arg_texts(arena, count, columns[0]),
                               arg_texts(arena, count, columns[1]),
                               arg_texts(arena, count, columns[2])));
}

int
store_add_run(struct pl_pg *db, const Governance__Run *run, int64_t record_runs,
              struct pl_arena *arena, struct pl_err *err)
{
    if (insert_run(db, run, record_runs, arena, err) ||
        insert_operations(db, run->id, "added", run->n_operations_added, run->operations_added,
                          arena, err) ||
        insert_operations(db, run->id, "removed", run->n_operations_removed,
                          run->operations_removed, arena, err))
        return -1;
    return insert_operations(db, run->id, "changed", run->n_operations_changed,
                             run->operations_changed, arena, err);
}

static struct pl_node *
place_node(struct pl_arena *arena, const struct pl_place *place)
{
    struct pl_node *node = pl_node_object(arena);

    pl_node_set(arena, node, "file", pl_node_string(arena, place->file ? place->file : "document"));
    pl_node_set(arena, node, "line", pl_node_integer(arena, place->line));
    pl_node_set(arena, node, "column", pl_node_integer(arena, place->column));
    pl_node_set(arena, node, "pointer", pl_node_string(arena, place->pointer));
    return node;
}

static char *
location_json(struct pl_arena *arena, const struct pl_finding *finding)
{
    struct pl_node *node = pl_node_object(arena);
    struct pl_buf text = { .arena = arena };

    if (finding->base.pointer)
        pl_node_set(arena, node, "base", place_node(arena, &finding->base));
    if (finding->head.pointer)
        pl_node_set(arena, node, "head", place_node(arena, &finding->head));
    pl_node_write(&text, node, PL_COMPACT);
    return (char *)pl_buf_text(&text);
}

static char *
or_empty(const char *text)
{
    return (char *)(text ? text : "");
}

/* A member of the finding as JSON text; "" if it has none. */
static char *
member_json(struct pl_arena *arena, const struct pl_node *finding, const char *member)
{
    const struct pl_node *value = pl_node_get(finding, member);
    struct pl_buf text = { .arena = arena };

    if (value)
        pl_node_write(&text, value, PL_COMPACT);
    return value ? (char *)pl_buf_text(&text) : (char *)"";
}

#define FINDING_COLUMNS 15

static void
finding_row(char **columns[FINDING_COLUMNS], size_t row, const struct pl_finding *f,
            struct pl_arena *arena)
{
    struct pl_node *node = pl_finding_node(arena, f);
    char *values[FINDING_COLUMNS] = {
        or_empty(f->rule->id),
        or_empty(pl_level_name(f->level)),
        or_empty(f->kind),
        or_empty(f->operation.method),
        or_empty(f->operation.path),
        or_empty(f->operation.operation_id),
        location_json(arena, f),
        or_empty(f->text),
        or_empty(f->rule->migration),
        member_json(arena, node, "witness"),
        or_empty(f->witness.reason),
        or_empty(f->fingerprint),
        pl_arena_printf(arena, "%d", f->operations),
        member_json(arena, node, "hits"),
        or_empty(f->note),
    };

    for (int c = 0; c < FINDING_COLUMNS; c++)
        columns[c][row] = values[c];
}

int
store_add_findings(struct pl_pg *db, const char *run, const struct pl_diff *diff,
                   struct pl_arena *arena, struct pl_err *err)
{
    static const char SQL[] =
        "INSERT INTO finding (run, position, rule, level, kind, method, path, operation_id,\n"
        "       location, sentence, migration, witness, witness_missing, fingerprint,\n"
        "       operations, hits, note)\n"
        "SELECT $1, position, rule, level, kind, method, path, operation_id, location, sentence,\n"
        "       migration, witness, witness_missing, fingerprint, operations::bigint, hits,\n"
        "       note\n"
        "  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],\n"
        "              $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],\n"
        "              $13::text[], $14::text[], $15::text[], $16::text[])\n"
        "       WITH ORDINALITY AS list (rule, level, kind, method, path, operation_id,\n"
        "                                location, sentence, migration, witness,\n"
        "                                witness_missing, fingerprint, operations, hits,\n"
        "                                note, position)";

    size_t count = diff ? (size_t)diff->finding_count : 0;
    char **columns[FINDING_COLUMNS], *args[FINDING_COLUMNS];

    if (count == 0)
        return 0;
    for (int c = 0; c < FINDING_COLUMNS; c++)
        columns[c] = pl_arena_alloc(arena, count * sizeof(char *));
    for (size_t i = 0; i < count; i++)
        finding_row(columns, i, &diff->findings[i], arena);
    for (int c = 0; c < FINDING_COLUMNS; c++)
        args[c] = arg_texts(arena, count, columns[c]);
    return pl_pg_later(db, err, SQL,
                       PL_ARGS(run, args[0], args[1], args[2], args[3], args[4], args[5], args[6],
                               args[7], args[8], args[9], args[10], args[11], args[12], args[13],
                               args[14]));
}
