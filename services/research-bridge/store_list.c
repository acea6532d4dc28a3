/* SQL about many inputs: pages of them, and how many there are. */
#include "store_row.h"

#include <string.h>

/* One statement for each order.  A parameter that is NULL filters nothing; the planner sees the
 * values (the limit is one too, so a plan for any value is never the cheaper one). */
#define LIST(key, beyond, direction)                                               \
    "SELECT " INPUT_COLUMNS ", i." key "\n"                                        \
    "  FROM input i\n"                                                             \
    " WHERE ($1::text IS NULL OR i.owner = $1)\n"                                  \
    "   AND ($2::text IS NULL OR i.tags @> ARRAY[$2])\n"                           \
    "   AND ($3::text IS NULL OR i.status = $3)\n"                                 \
    "   AND ($4::text IS NULL OR i.words @@ websearch_to_tsquery('simple', $4))\n" \
    "   AND ($5::bigint IS NULL OR i." key " " beyond " $5::bigint)\n"             \
    " ORDER BY i." key " " direction "\n"                                          \
    " LIMIT $6::bigint"

static const struct {
    const char *sort, *sql;
} ORDERS[] = {
    { "-created", LIST("seq", "<", "DESC") },     { "created", LIST("seq", ">", "ASC") },
    { "-updated", LIST("touched", "<", "DESC") }, { "updated", LIST("touched", ">", "ASC") },
    { "-impact", LIST("rank", "<", "DESC") },     { "impact", LIST("rank", ">", "ASC") },
};

static const char *
order(const char *sort)
{
    for (size_t i = 0; sort && i < sizeof ORDERS / sizeof *ORDERS; i++)
        if (strcmp(ORDERS[i].sort, sort) == 0)
            return ORDERS[i].sql;
    return sort ? NULL : ORDERS[0].sql;
}

int
store_list_inputs(struct pl_pg *db, const struct input_filter *filter, struct pl_arena *arena,
                  Bridge__Input ***out, size_t *count, const char **next, struct pl_err *err)
{
    const char *sql = order(filter->sort);
    PGresult *res;

    if (sql == NULL)
        return pl_fail(err, MALFORMED, "there is no order \"%s\"", filter->sort);
    res = pl_pg_exec(db, err, sql,
                     PL_ARGS(filter->owner, filter->tag, filter->status, filter->words,
                             filter->cursor, PL_INT(filter->limit)));
    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = row_input(res, (int)i, arena);
    /* One more was asked for than is shown: the key of the last one shown. */
    *next = *count == (size_t)filter->limit && *count > 1
                ? pl_pg_text(res, (int)*count - 2, INPUT_COUNT, arena)
                : NULL;
    PQclear(res);
    return 0;
}

int
store_count(struct pl_pg *db, int64_t *inputs, int64_t *experiments, struct pl_err *err)
{
    static const char SQL[] =
        "SELECT (SELECT count(*) FROM input), (SELECT count(*) FROM experiment)";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_NO_ARGS);

    if (res == NULL)
        return -1;
    *inputs = pl_pg_int(res, 0, 0);
    *experiments = pl_pg_int(res, 0, 1);
    PQclear(res);
    return 0;
}

static int
tally(PGresult *res, struct pl_arena *arena, struct tally **out, size_t *count)
{
    if (res == NULL)
        return -1;
    *count = (size_t)PQntuples(res);
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = (struct tally){ .value = pl_pg_text(res, (int)i, 0, arena),
                                    .count = pl_pg_int(res, (int)i, 1) };
    PQclear(res);
    return 0;
}

int
store_count_by_status(struct pl_pg *db, struct pl_arena *arena, struct tally **out, size_t *count,
                      struct pl_err *err)
{
    static const char SQL[] =
        "SELECT s.status, count(i.status)\n"
        "  FROM unnest(ARRAY['submitted', 'in_review', 'approved', 'rejected']) AS s (status)\n"
        "  LEFT JOIN input i USING (status)\n"
        " GROUP BY s.status";

    return tally(pl_pg_exec(db, err, SQL, PL_NO_ARGS), arena, out, count);
}

int
store_count_by_owner(struct pl_pg *db, struct pl_arena *arena, struct tally **out, size_t *count,
                     struct pl_err *err)
{
    /* The most loaded first: a family keeps so many series and calls the rest "other". */
    static const char SQL[] = "SELECT owner, count(*) FROM input GROUP BY owner\n"
                              " ORDER BY count(*) DESC, owner";

    return tally(pl_pg_exec(db, err, SQL, PL_NO_ARGS), arena, out, count);
}
