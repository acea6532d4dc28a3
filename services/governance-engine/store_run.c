/* SQL that reads runs and what was found at them. */
#include "governance.h"
#include "store_row.h"

#include <string.h>

/* What a run has beyond its summary, in the order in which read_run() takes it. */
#define DETAIL_COLUMNS                                                                   \
    "r.api, r.placeholder_reason, r.document_sha256, r.policy_reasons,\n"                \
    "       r.previous_version, r.semver_required, r.semver_messages,\n"                 \
    "       r.semver_recommendations, r.window_size, r.window_stable_count,\n"           \
    "       r.window_total_count, r.stable_streak, r.longest_streak, r.overall_ratio,\n" \
    "       r.window_mean_score, r.placeholder_streak, r.anomaly, r.score, r.infos,\n"   \
    "       r.reasons, r.changed_reasons, r.base_run, r.record_runs,\n"                  \
    "       r.accepted"

/* Copy what run and summary have in common. */
static Governance__Run *
run_of_summary(const Governance__RunSummary *summary, struct pl_arena *arena)
{
    Governance__Run *run = pl_arena_alloc(arena, sizeof *run);

    governance__run__init(run);
    run->id = summary->id;
    PUT(run, seq, summary->seq);
    run->branch = summary->branch;
    run->sha = summary->sha;
    run->version = summary->version;
    run->committed_at = summary->committed_at;
    run->created_at = summary->created_at;
    PUT(run, preview, summary->preview);
    PUT(run, placeholder, summary->placeholder);
    run->verdict = summary->verdict;
    run->policy = summary->policy;
    PUT(run, breaking, summary->breaking);
    PUT(run, warnings, summary->warnings);
    return run;
}

static Governance__SemverValidation *
read_semver(const PGresult *res, int *c, const Governance__RunSummary *summary,
            struct pl_arena *arena)
{
    Governance__SemverValidation *out = pl_arena_alloc(arena, sizeof *out);

    governance__semver_validation__init(out);
    out->status = summary->semver_status;
    out->current_version = summary->version;
    PUT(out, breaking, summary->breaking > 0);
    out->previous_version = row_text(res, 0, (*c)++, arena);
    out->required = row_text(res, 0, (*c)++, arena);
    out->n_messages = row_texts(res, 0, (*c)++, arena, &out->messages);
    out->n_recommendations = row_texts(res, 0, (*c)++, arena, &out->recommendations);
    return out;
}

static Governance__StabilityMetrics *
read_metrics(const PGresult *res, int *c, const Governance__RunSummary *summary,
             struct pl_arena *arena)
{
    Governance__StabilityMetrics *out = pl_arena_alloc(arena, sizeof *out);

    governance__stability_metrics__init(out);
    out->extensions = pl_arena_alloc(arena, sizeof *out->extensions);
    governance__extensions__init(out->extensions);
    PUT(out, window_stability_ratio, summary->stability_ratio);
    PUT(out, placeholder, summary->placeholder);
    PUT(out, window_size, pl_pg_int(res, 0, (*c)++));
    PUT(out, window_stable_count, pl_pg_int(res, 0, (*c)++));
    PUT(out, window_total_count, pl_pg_int(res, 0, (*c)++));
    PUT(out, current_stable_streak, pl_pg_int(res, 0, (*c)++));
    PUT(out, longest_stable_streak, pl_pg_int(res, 0, (*c)++));
    PUT(out, overall_stability_ratio, pl_pg_double(res, 0, (*c)++));
    PUT(out, window_mean_score, pl_pg_double(res, 0, (*c)++));
    PUT(out->extensions, placeholder_streak, pl_pg_int(res, 0, (*c)++));
    PUT(out, anomaly, pl_pg_bool(res, 0, (*c)++));
    return out;
}

static Governance__Run *
read_run(const PGresult *res, struct pl_arena *arena, int64_t *record_runs)
{
    Governance__RunSummary *summary = row_summary(res, 0, 0, arena);
    Governance__Run *run = run_of_summary(summary, arena);
    int c = SUMMARY_COUNT;

    run->api = row_text(res, 0, c++, arena);
    run->placeholder_reason = row_text(res, 0, c++, arena);
    run->document_sha256 = row_text(res, 0, c++, arena);
    run->n_policy_reasons = row_texts(res, 0, c++, arena, &run->policy_reasons);
    run->semver = read_semver(res, &c, summary, arena);
    run->metrics = read_metrics(res, &c, summary, arena);
    PUT(run, score, pl_pg_double(res, 0, c++));
    PUT(run, infos, pl_pg_int(res, 0, c++));
    run->n_reasons = row_texts(res, 0, c++, arena, &run->reasons);
    run->n_changed_reasons = row_texts(res, 0, c++, arena, &run->changed_reasons);
    run->base_run = row_text(res, 0, c++, arena);
    if (record_runs)
        *record_runs = pl_pg_int(res, 0, c);
    run->n_accepted_findings = row_texts(res, 0, c + 1, arena, &run->accepted_findings);
    PUT(run, accepted, (int64_t)run->n_accepted_findings);
    return run;
}

static Governance__OperationRef *
read_operation(const PGresult *res, int row, int column, struct pl_arena *arena)
{
    Governance__OperationRef *out = pl_arena_alloc(arena, sizeof *out);

    governance__operation_ref__init(out);
    out->method = pl_pg_text(res, row, column, arena);
    out->path = pl_pg_text(res, row, column + 1, arena);
    out->operation_id = row_text(res, row, column + 2, arena);
    return out;
}

static int
read_operations(struct pl_pg *db, const char *run, const char *change, struct pl_arena *arena,
                Governance__OperationRef ***out, size_t *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT method, path, operation_id\n"
                              "  FROM run_operation\n"
                              " WHERE run = $1 AND change = $2\n"
                              " ORDER BY position";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(run, change));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = read_operation(res, (int)i, 0, arena);
    PQclear(res);
    return 0;
}

int
store_get_run(struct pl_pg *db, const char *api, const char *which, struct pl_arena *arena,
              Governance__Run **out, int64_t *record_runs, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT " SUMMARY_COLUMNS ",\n"
        "       " DETAIL_COLUMNS "\n"
        "  FROM run r\n"
        " WHERE r.api = $1\n"
        "   AND (r.id = $2 OR r.sha = $2\n"
        "        OR r.id = (SELECT last_run FROM api WHERE api = $1 AND $2 = 'latest'))\n"
        " ORDER BY r.id = $2 DESC, r.preview, r.replaced, r.seq DESC\n"
        " LIMIT 1";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, which));
    Governance__Run *run;

    if (res == NULL)
        return -1;
    if (PQntuples(res) == 0) {
        PQclear(res);
        return pl_fail(err, NOT_FOUND, "the api \"%s\" has no run \"%s\"", api, which);
    }
    run = read_run(res, arena, record_runs);
    PQclear(res);
    *out = run;
    if (read_operations(db, run->id, "added", arena, &run->operations_added,
                        &run->n_operations_added, err) ||
        read_operations(db, run->id, "removed", arena, &run->operations_removed,
                        &run->n_operations_removed, err))
        return -1;
    return read_operations(db, run->id, "changed", arena, &run->operations_changed,
                           &run->n_operations_changed, err);
}

int
store_list_runs(struct pl_pg *db, const char *api, const char *branch, bool recorded,
                int64_t before, int64_t limit, struct pl_arena *arena,
                Governance__RunSummary ***out, size_t *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT " SUMMARY_COLUMNS "\n"
                              "  FROM run r\n"
                              " WHERE r.api = $1 AND r.seq < $2\n"
                              "   AND ($3 = '' OR r.branch = $3)\n"
                              "   AND NOT ($4::boolean AND r.preview)\n"
                              " ORDER BY r.seq DESC\n"
                              " LIMIT $5";

    PGresult *res = pl_pg_exec(
        db, err, SQL,
        PL_ARGS(api, arg_int(arena, before), branch, arg_bool(recorded), arg_int(arena, limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = row_summary(res, (int)i, 0, arena);
    PQclear(res);
    return 0;
}

int
store_marks(struct pl_pg *db, const char *api, int64_t seq, struct pl_arena *arena,
            const char **last_breaking, const char **document_run, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT (SELECT id FROM run\n"
        "         WHERE api = $1 AND NOT preview AND seq <= $2 AND verdict = 'breaking'\n"
        "         ORDER BY seq DESC LIMIT 1),\n"
        "       (SELECT id FROM run\n"
        "         WHERE api = $1 AND NOT preview AND seq <= $2 AND NOT placeholder\n"
        "         ORDER BY seq DESC LIMIT 1)";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(api, arg_int(arena, seq)));

    if (res == NULL)
        return -1;
    *last_breaking = pl_pg_text(res, 0, 0, arena);
    *document_run = pl_pg_text(res, 0, 1, arena);
    PQclear(res);
    return 0;
}

static char *
text_or_null(char *text)
{
    return *text ? text : NULL;
}

static void
put_json(protobuf_c_boolean *has, ProtobufCBinaryData *out, char *text)
{
    *has = *text != '\0';
    if (*has)
        *out = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
}

static Governance__Finding *
read_finding(const PGresult *res, int row, struct pl_arena *arena)
{
    Governance__Finding *out = pl_arena_alloc(arena, sizeof *out);
    const struct pl_rule *rule;
    char *location;

    governance__finding__init(out);
    out->id = pl_pg_text(res, row, 1, arena);
    out->level = pl_pg_text(res, row, 2, arena);
    out->kind = pl_pg_text(res, row, 3, arena);
    if (*PQgetvalue(res, row, 4))
        out->operation = read_operation(res, row, 4, arena);
    location = pl_pg_text(res, row, 7, arena);
    PUT(out, location, ((ProtobufCBinaryData){ strlen(location), (uint8_t *)location }));
    out->text = pl_pg_text(res, row, 8, arena);
    out->migration = pl_pg_text(res, row, 9, arena);
    put_json(&out->has_witness, &out->witness, pl_pg_text(res, row, 10, arena));
    out->witness_missing = text_or_null(pl_pg_text(res, row, 11, arena));
    out->fingerprint = text_or_null(pl_pg_text(res, row, 12, arena));
    PUT(out, operations, pl_pg_int(res, row, 13));
    put_json(&out->has_hits, &out->hits, pl_pg_text(res, row, 14, arena));
    out->note = text_or_null(pl_pg_text(res, row, 15, arena));
    rule = pl_rule_find(out->id); // NULL for a rule that a later version dropped
    if (rule && rule->hint && *rule->hint)
        out->hint = pl_arena_strdup(arena, rule->hint);
    return out;
}

int
store_list_findings(struct pl_pg *db, const char *run, const char *level, int64_t from,
                    int64_t limit, struct pl_arena *arena, Governance__Finding ***out,
                    size_t *count, int64_t *next, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT position, rule, level, kind, method, path, operation_id, location, sentence,\n"
        "       migration, witness, witness_missing, fingerprint, operations, hits, note\n"
        "  FROM finding\n"
        " WHERE run = $1 AND position >= $2 AND ($3 = '' OR level = $3)\n"
        " ORDER BY position\n"
        " LIMIT $4";

    PGresult *res =
        pl_pg_exec(db, err, SQL, PL_ARGS(run, arg_int(arena, from), level, arg_int(arena, limit)));

    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    *next = from;
    for (size_t i = 0; i < *count; i++) {
        (*out)[i] = read_finding(res, (int)i, arena);
        *next = pl_pg_int(res, (int)i, 0) + 1;
    }
    PQclear(res);
    return 0;
}
