/* publish.c -- the job: ask the engine, build the set, write it down, announce it.
 *
 * Everything is asked and built before the transaction; that one then compares what stood there
 * and begins again if somebody was quicker.  So no transaction waits for a Call, and two
 * replicas publish each set once, in the order of the runs. */
#include "publisher.h"

#include "dropins.h"
#include "events.pb-c.h"
#include "producers.h"
#include "store.h"

#include "pl_caller.h"
#include "pl_gzip.h"
#include "pl_log.h"
#include "pl_metric.h"

#include <string.h>

PL_COUNTER(sets_published, "publisher_sets_total", "artifact sets published", "signed");
PL_COUNTER(sets_failed, "publisher_failures_total", "tries to publish a set that failed", "code");
PL_HISTOGRAM(publish_seconds, "publisher_publish_seconds", "from the claim of a job to its commit",
             "");
PL_GAUGE(jobs, "publisher_jobs", "runs whose set is not published", "state");

#define ENGINE        "governance-engine"
#define ASK_MS        10000
#define LEASE_S       30
#define TREND_RUNS    60
#define RECORD_RUNS   1000 // the engine's limit
#define DOCUMENT_MOST (64 << 20)

struct work {
    struct pl_tick *tick;
    struct job job;
    struct before before;
    struct publication publication;
    struct line *lines; // to add, in any order
    int line_count;
};

static int
ask_record(struct pl_tick *tick, const char *api, const char *run, int64_t history,
           Governance__GetRunRecordReply **out, struct pl_err *err)
{
    Governance__GetRunRecordRequest request = GOVERNANCE__GET_RUN_RECORD_REQUEST__INIT;

    request.api = (char *)api;
    request.run = (char *)run;
    request.has_history_limit = 1;
    request.history_limit = history;
    return pl_caller_ask(tick->peers, ENGINE, "governance.GetRunRecord", &request.base,
                         &governance__get_run_record_reply__descriptor, (void **)out, ASK_MS,
                         tick->arena, err);
}

static int
ask_document(struct work *work, const char *run, struct pl_err *err)
{
    Governance__GetDocumentRequest request = GOVERNANCE__GET_DOCUMENT_REQUEST__INIT;
    Governance__GetDocumentReply *reply;
    ProtobufCBinaryData data;
    char *plain;

    request.api = (char *)work->job.api;
    request.run = (char *)run;
    if (pl_caller_ask(work->tick->peers, ENGINE, "governance.GetDocument", &request.base,
                      &governance__get_document_reply__descriptor, (void **)&reply, ASK_MS,
                      work->tick->arena, err))
        return -1;
    if (reply->body == NULL)
        return pl_fail(err, INTERNAL, "the engine answered without a document");
    data = reply->body->data;
    work->publication.document = (const char *)data.data;
    work->publication.document_length = data.len;
    if (pl_gzip_is(data.data, data.len)) {
        if (pl_gunzip(data.data, data.len, DOCUMENT_MOST, work->tick->arena, &plain,
                      &work->publication.document_length, err))
            return -1;
        work->publication.document = plain;
    }
    return 0;
}

/* Keep the runs of a record that have no line yet; *oldest is the earliest that it shows. */
static void
collect(struct work *work, const Governance__GetRunRecordReply *record)
{
    struct pl_arena *arena = work->tick->arena;
    struct line *lines =
        pl_arena_alloc(arena, ((size_t)work->line_count + record->n_history + 1) * sizeof *lines);

    if (work->line_count)
        memcpy(lines, work->lines, (size_t)work->line_count * sizeof *lines);
    work->lines = lines;
    for (size_t i = 0; i < record->n_history; i++) {
        const Governance__RunSummary *run = record->history[i];
        int64_t above = work->line_count ? lines[work->line_count - 1].seq : work->job.seq + 1;

        // newest first; the run at which two answers meet is in both
        if (run->seq < above && run->seq > work->before.last_line)
            lines[work->line_count++] = (struct line){ run->seq, history_line(run, arena) };
    }
}

/* Every line up to this run: those of the store and, newest first, those it does not have. */
static int
catch_up(struct work *work, const Governance__GetRunRecordReply *record, int64_t limit,
         struct pl_err *err)
{
    struct pl_buf history = { .arena = work->tick->arena };

    collect(work, record);
    while ((int64_t)record->n_history == limit &&
           record->history[record->n_history - 1]->seq > work->before.last_line + 1) {
        const char *oldest = record->history[record->n_history - 1]->id;

        limit = RECORD_RUNS;
        if (ask_record(work->tick, work->job.api, oldest, limit,
                       (Governance__GetRunRecordReply **)&record, err))
            return -1;
        collect(work, record);
        if (record->n_history < 2)
            break; // it shows only the run that was asked for
    }
    if (work->before.last_line < work->job.seq &&
        (work->line_count == 0 || work->lines[0].seq != work->job.seq))
        return pl_fail(err, INTERNAL, "the engine's history lacks the run itself");
    pl_buf_str(&history, work->before.history);
    for (int i = work->line_count; i-- > 0;)
        pl_buf_str(&history, work->lines[i].text);
    work->publication.history = pl_buf_text(&history);
    return 0;
}

/* Everything that the set is made of. */
static int
gather(struct work *work, struct pl_err *err)
{
    struct publication *publication = &work->publication;
    int64_t missing = work->job.seq - work->before.last_line, limit;
    Governance__GetRunRecordReply *record;
    struct artifact *dropins;
    const char *document_run;

    limit = missing > RECORD_RUNS ? RECORD_RUNS : missing < TREND_RUNS ? TREND_RUNS : missing;
    if (ask_record(work->tick, work->job.api, work->job.run, limit, &record, err))
        return -1;
    if (record->run == NULL || record->run->seq != work->job.seq)
        return pl_fail(err, INTERNAL, "the engine answered with another run");
    if (catch_up(work, record, limit, err))
        return -1;
    if (record->n_history > TREND_RUNS)
        record->n_history = TREND_RUNS;
    publication->record = record;
    document_run = record->document_run ? record->document_run : "";
    if (document_run[0] && work->before.openapi &&
        strcmp(document_run, work->before.previous_document_run) == 0)
        publication->openapi = work->before.openapi;
    else if (document_run[0] && ask_document(work, document_run, err))
        return -1;
    publication->dropin_count =
        dropins_read(publisher_dropin_dir, work->job.api,
                     (struct dropin_limits){ publisher_dropin_files, publisher_dropin_bytes },
                     work->tick->arena, &dropins);
    publication->dropins = dropins;
    publication->previous_aggregate = work->before.previous_aggregate;
    publication->previous_run = work->before.previous_run;
    publication->published_at = work->before.now;
    publication->public_url = publisher_public_url;
    publication->signer = publisher_signer;
    return 0;
}

static int
commit(struct work *work, const struct artifact_set *set, struct pl_err *err)
{
    Events__ArtifactsPublished event = EVENTS__ARTIFACTS_PUBLISHED__INIT;

    event.api = (char *)work->job.api;
    event.run = (char *)work->job.run;
    event.has_seq = event.has_count = event.has_is_signed = 1;
    event.seq = work->job.seq;
    event.sha = set->from->record->run->sha;
    event.aggregate_sha256 = (char *)set->aggregate;
    event.count = pl_node_int(pl_node_get(set->checksums, "count"), 0);
    event.is_signed = set->is_signed;
    return store_publish_set(work->tick->db, &work->job, &work->before, set, work->lines,
                             work->line_count, &event.base, err);
}

static int
publish(struct work *work, struct pl_err *err)
{
    struct artifact_set *set;
    int64_t began = pl_now_ms();

    if (store_get_before(work->tick->db, &work->job, work->tick->arena, &work->before, err))
        return -1;
    if (work->before.published)
        return store_drop_job(work->tick->db, &work->job, err);
    if (gather(work, err) || set_build(&set, &work->publication, work->tick->arena, err) ||
        commit(work, set, err))
        return -1;
    pl_inc(&sets_published, set->is_signed ? "true" : "false");
    pl_observe(&publish_seconds, (double)(pl_now_ms() - began) / 1000);
    pl_info("artifacts.published", PL_S("api", work->job.api), PL_S("run", work->job.run),
            PL_I("seq", work->job.seq), PL_S("aggregate", set->aggregate),
            PL_I("files", set->count), PL_I("ms", pl_now_ms() - began));
    return 0;
}

/* What is away or was overtaken is tried again without end; what is wrong, a few times. */
static int
note_failure(struct work *work, const struct pl_err *why)
{
    struct pl_tick *tick = work->tick;
    bool counts = !pl_code_may_retry(why->code) && why->code != PL_CONFLICT, dead = false;

    pl_inc(&sets_failed, pl_code_name(why->code));
    if (store_fail_job(tick->db, &work->job, why->text, counts, publisher_attempts, &dead,
                       &tick->err))
        return -1;
    if (dead)
        pl_error("artifacts.given_up", PL_S("api", work->job.api), PL_S("run", work->job.run),
                 PL_ERR(why));
    else
        pl_warn("artifacts.delayed", PL_S("api", work->job.api), PL_S("run", work->job.run),
                PL_ERR(why));
    return 0;
}

int
publish_due(struct pl_tick *tick)
{
    struct work work = { .tick = tick };
    struct pl_err why = { 0 };
    bool found;

    if (store_claim_job(tick->db, LEASE_S, tick->arena, &work.job, &found, &tick->err))
        return -1;
    if (!found)
        return 0;
    tick->again = true;
    return publish(&work, &why) ? note_failure(&work, &why) : 0;
}

int
count_jobs(struct pl_tick *tick)
{
    int64_t due, dead;

    if (store_count_jobs(tick->db, &due, &dead, &tick->err))
        return -1;
    pl_gauge_set(&jobs, (double)due, "due");
    pl_gauge_set(&jobs, (double)dead, "dead");
    return 0;
}
