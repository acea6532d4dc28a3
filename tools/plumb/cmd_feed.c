/* plumb feed -- who consumes the event feeds, and what could not be applied.  For the operator:
 * it reads the services' schemas as the database's administrator. */
#include "rest.h"

#include "pl_db_init.h"
#include "pl_feed_dead.h"
#include "pl_feed_log.h"
#include "pl_pg.h"

#include <stdlib.h>
#include <string.h>

#define DATABASE "plumbline"
#define MANY     1000

static const struct {
    const char *service, *schema;
} services[] = {
    { "auth", "auth" },
    { "governance-engine", "governance" },
    { "artifact-publisher", "publisher" },
    { "notifier", "notifier" },
};

#define SERVICES ((int)(sizeof services / sizeof *services))

/* A connection to one service's schema, as its owner would see it. */
static int
open_schema(struct pl_pg **db, const char *schema, const char *dsn_file, const char *database,
            struct pl_arena *arena, struct pl_err *err)
{
    const char *dsn = admin_dsn(dsn_file, arena);

    if (dsn == NULL)
        return pl_fail(err, INVALID, "no administrator's connection is known");
    dsn = pl_db_dsn(dsn, database, NULL, NULL, arena);
    if (dsn == NULL)
        return pl_fail(err, INVALID, "the administrator's connection string cannot be read");
    return pl_pg_open(db, pl_arena_printf(arena, "%s options='-c search_path=%s'", dsn, schema),
                      err);
}

struct ask {
    const char *word, *service, *dsn_file, *database, *format;
    bool replay; // of a dead letter; else it is skipped
    int dropped; // how many services knew the consumer
    struct pl_arena *arena;
};

static bool
parse(int argc, char **argv, struct ask *ask)
{
    const struct option options[] = { TEXT_OPTION("--service", ask->service),
                                      TEXT_OPTION("--admin-dsn-file", ask->dsn_file),
                                      TEXT_OPTION("--database", ask->database),
                                      TEXT_OPTION("--format", ask->format),
                                      { 0 } };
    int words;

    ask->database = DATABASE;
    ask->format = "text";
    return parse_options(argc, argv, options, &ask->word, 1, &words) &&
           check_choice("--format", ask->format, "text|json");
}

/* What is done in one service's schema; rows for people go to ${out}. */
typedef int(each_fn)(struct ask *ask, int service, struct pl_pg *db, struct pl_node *out,
                     struct pl_err *err);

/* Run ${each} in every service's schema, or in the one that was named. */
static int
in_each(struct ask *ask, each_fn *each, struct pl_node *out)
{
    int status = EXIT_FINE, asked = 0;

    for (int i = 0; i < SERVICES && status == EXIT_FINE; i++) {
        struct pl_err err = { 0 };
        struct pl_pg *db = NULL;

        if (ask->service && strcmp(ask->service, services[i].service) != 0)
            continue;
        asked++;
        if (open_schema(&db, services[i].schema, ask->dsn_file, ask->database, ask->arena, &err) ||
            each(ask, i, db, out, &err))
            status = trouble_err(services[i].service, &err);
        pl_pg_destroy(&db);
    }
    return asked ? status : usage_error("there is no service \"%s\"", ask->service);
}

/* ---- Consumers ------------------------------------------------------------------------------ */

static int
consumers_of(struct ask *ask, int service, struct pl_pg *db, struct pl_node *out,
             struct pl_err *err)
{
    struct pl_feed_consumer *list;
    int count;

    if (pl_feed_consumers(db, ask->arena, &list, &count, err))
        return -1;
    for (int i = 0; i < count; i++) {
        struct pl_node *row = pl_node_push(ask->arena, out, pl_node_object(ask->arena));

        pl_node_set(ask->arena, row, "source",
                    pl_node_string(ask->arena, services[service].service));
        pl_node_set(ask->arena, row, "consumer", pl_node_string(ask->arena, list[i].consumer));
        pl_node_set(ask->arena, row, "position", pl_node_integer(ask->arena, list[i].acked));
        pl_node_set(ask->arena, row, "lag", pl_node_integer(ask->arena, list[i].lag));
        pl_node_set(ask->arena, row, "seen_at", pl_node_string(ask->arena, list[i].seen_at));
    }
    return 0;
}

/* What ${each} finds in every schema, under ${key} as JSON or as a table. */
static int
list_each(int argc, char **argv, each_fn *each, const char *key, const char *const *columns)
{
    struct ask ask = { .arena = pl_arena_new() };
    struct pl_node *rows = pl_node_array(ask.arena), *all = pl_node_object(ask.arena);
    int status = EXIT_TROUBLE;

    if (parse(argc, argv, &ask))
        status = in_each(&ask, each, rows);
    pl_node_set(ask.arena, all, key, rows);
    if (status == EXIT_FINE && strcmp(ask.format, "json") == 0)
        print_json(all, ask.arena);
    else if (status == EXIT_FINE)
        rest_table(rows, columns, ask.arena);
    pl_arena_destroy(&ask.arena);
    return status;
}

static int
list(int argc, char **argv)
{
    static const char *const columns[] = { "SOURCE:source",     "CONSUMER:consumer",
                                           "POSITION:position", "LAG:lag",
                                           "SEEN:seen_at",      NULL };

    return list_each(argc, argv, consumers_of, "consumers", columns);
}

static int
drop_from(struct ask *ask, int service, struct pl_pg *db, struct pl_node *out, struct pl_err *err)
{
    (void)service;
    (void)out;
    if (pl_feed_drop(db, ask->word, err) == 0) {
        ask->dropped++;
        return 0;
    }
    /* Not a consumer of this service: it may be one of another. */
    if (err->code != PL_NOT_FOUND || ask->service)
        return -1;
    *err = (struct pl_err){ 0 };
    return 0;
}

static int
drop(int argc, char **argv)
{
    struct ask ask = { .arena = pl_arena_new() };
    int status = EXIT_TROUBLE;

    if (parse(argc, argv, &ask))
        status = ask.word ? in_each(&ask, drop_from, NULL) : usage_error("which consumer?");
    if (status == EXIT_FINE && ask.dropped == 0)
        status = trouble("no service has a consumer \"%s\" (see `plumb feed list`)", ask.word);
    pl_arena_destroy(&ask.arena);
    return status;
}

/* ---- Dead letters --------------------------------------------------------------------------- */

static int
dead_of(struct ask *ask, int service, struct pl_pg *db, struct pl_node *out, struct pl_err *err)
{
    struct pl_arena *a = ask->arena;
    struct pl_dead_letter *dead;
    int count;

    if (pl_feed_dead_list(db, 0, MANY, a, &dead, &count, err))
        return -1;
    for (int i = 0; i < count; i++) {
        struct pl_node *row = pl_node_push(a, out, pl_node_object(a));

        pl_node_set(a, row, "service", pl_node_string(a, services[service].service));
        pl_node_set(a, row, "id", pl_node_integer(a, dead[i].id));
        pl_node_set(a, row, "source", pl_node_string(a, dead[i].source));
        pl_node_set(a, row, "type", pl_node_string(a, dead[i].type));
        pl_node_set(a, row, "aggregate", pl_node_string(a, dead[i].aggregate_id));
        pl_node_set(a, row, "state", pl_node_string(a, dead[i].state));
        pl_node_set(a, row, "attempts", pl_node_integer(a, dead[i].attempts));
        pl_node_set(a, row, "reason", pl_node_string(a, dead[i].reason));
    }
    return 0;
}

static int
dead_list(int argc, char **argv)
{
    static const char *const columns[] = { "SERVICE:service", "ID:id",       "TYPE:type",
                                           "ABOUT:aggregate", "STATE:state", "TRIES:attempts",
                                           "REASON:reason",   NULL };

    return list_each(argc, argv, dead_of, "dead_letters", columns);
}

static int
settle(struct ask *ask, int service, struct pl_pg *db, struct pl_node *out, struct pl_err *err)
{
    int64_t id = strtoll(ask->word, NULL, 10);

    (void)service;
    (void)out;
    return ask->replay ? pl_feed_dead_replay(db, id, err) : pl_feed_dead_skip(db, id, err);
}

static int
settle_one(int argc, char **argv, bool replay)
{
    struct ask ask = { .arena = pl_arena_new(), .replay = replay };
    int status = EXIT_TROUBLE;

    if (parse(argc, argv, &ask)) {
        if (ask.word == NULL || ask.service == NULL)
            status = usage_error("which dead letter of which service? (ID --service NAME)");
        else
            status = in_each(&ask, settle, NULL);
    }
    pl_arena_destroy(&ask.arena);
    return status;
}

static int
dead_replay(int argc, char **argv)
{
    return settle_one(argc, argv, true);
}

static int
dead_skip(int argc, char **argv)
{
    return settle_one(argc, argv, false);
}

static const struct command dead_commands[] = {
    { "list", dead_list, "events that could not be applied, and those parked behind them",
      "usage: plumb feed dead list [--service NAME] [--format text|json]\n" },
    { "replay", dead_replay, "try one again, then those behind it",
      "usage: plumb feed dead replay ID --service NAME\n" },
    { "skip", dead_skip, "give one up, so that those behind it go on",
      "usage: plumb feed dead skip ID --service NAME\n" },
    { 0 },
};

static int
dead(int argc, char **argv)
{
    return run_command(dead_commands, "plumb feed dead", argc, argv);
}

static const struct command feed_commands[] = {
    { "list", list, "durable consumers and how far they are",
      "usage: plumb feed list [--service NAME] [--format text|json]\n\n"
      "Reads the services' schemas with PLUMB_ADMIN_DSN or .run/postgres.dsn.\n" },
    { "drop", drop, "forget a consumer that will not come back (it holds up retention)",
      "usage: plumb feed drop CONSUMER [--service SOURCE]\n" },
    { "dead", dead, "events that could not be applied", NULL },
    { 0 },
};

int
cmd_feed(int argc, char **argv)
{
    return run_command(feed_commands, "plumb feed", argc, argv);
}
