/* SQL about the last samples, and about the class that was announced. */
#include "store.h"

#include "pl_pg.h"

#include <string.h>

#define BYTES 16

static void
put(unsigned char *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t
take(const unsigned char *in, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)in[i] << (8 * i);
    return value;
}

int
store_put_ring(struct pl_pg *db, const struct target *target, int shard, const struct ring *ring,
               struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO ring (target, url, shard, samples)\n"
                              "VALUES ($1, $2, $3, $4)\n"
                              "    ON CONFLICT (target) DO UPDATE\n"
                              "   SET url = $2, shard = $3, samples = $4, updated_at = now()";

    unsigned char bytes[RING_SAMPLES * BYTES], *at = bytes;
    PGresult *res;

    for (int i = 0; i < ring->count; i++, at += BYTES) {
        const struct sample *sample = ring_at(ring, i);

        put(at, (uint64_t)sample->at, 8);
        put(at + 8, sample->us, 4);
        put(at + 12, (uint16_t)sample->http, 2);
        at[14] = sample->outcome;
        at[15] = sample->cls;
    }
    res = pl_pg_exec_b(db, err, SQL,
                       PL_ARGS_B(PL_T(target->name), PL_T(target->url), PL_T(PL_INT(shard)),
                                 PL_B(bytes, at - bytes)));
    PQclear(res);
    return res ? 0 : -1;
}

static void
read_ring(const unsigned char *bytes, size_t length, struct ring *out)
{
    *out = (struct ring){ 0 };
    for (; length >= BYTES; bytes += BYTES, length -= BYTES) {
        struct sample sample = { .at = (int64_t)take(bytes, 8),
                                 .us = (uint32_t)take(bytes + 8, 4),
                                 .http = (int16_t)take(bytes + 12, 2),
                                 .outcome = bytes[14],
                                 .cls = bytes[15] };

        if (sample.outcome < SAMPLE_OUTCOMES && sample.cls <= CLASS_NA)
            ring_add(out, sample);
    }
}

/* NULL is empty, and good. */
static enum sample_class
read_class(const char *name)
{
    for (int cls = CLASS_GOOD; cls <= CLASS_NA; cls++)
        if (strcmp(name, sample_class_name((enum sample_class)cls)) == 0)
            return (enum sample_class)cls;
    return CLASS_GOOD;
}

int
store_list_rings(struct pl_pg *db, int shard, struct pl_arena *arena, struct stored_ring **out,
                 int *count, struct pl_err *err)
{
    static const char SQL[] = "SELECT r.target, r.url, r.samples, a.class\n"
                              "  FROM ring r LEFT JOIN announced a USING (target)\n"
                              " WHERE $1::int = -1 OR r.shard = $1::int\n"
                              " ORDER BY r.target COLLATE \"C\"";

    PGresult *res = pl_pg_exec(db, err, SQL, PL_ARGS(PL_INT(shard)));

    if (res == NULL)
        return -1;
    *count = PQntuples(res);
    *out = pl_arena_alloc(arena, ((size_t)*count + 1) * sizeof **out);
    for (int i = 0; i < *count; i++) {
        size_t length;
        const unsigned char *bytes = pl_pg_bytes(res, i, 2, arena, &length);

        (*out)[i].target = pl_pg_text(res, i, 0, arena);
        (*out)[i].url = pl_pg_text(res, i, 1, arena);
        read_ring(bytes, length, &(*out)[i].ring);
        (*out)[i].announced = read_class(PQgetvalue(res, i, 3));
    }
    PQclear(res);
    return 0;
}

int
store_trim_rings(struct pl_pg *db, struct pl_err *err)
{
    return pl_pg_run(db, err, "DELETE FROM ring WHERE updated_at < now() - interval '1 day'",
                     PL_NO_ARGS);
}

int
store_get_announced(struct pl_pg *db, const char *target, enum sample_class *out,
                    struct pl_err *err)
{
    PGresult *res =
        pl_pg_exec(db, err, "SELECT class FROM announced WHERE target = $1", PL_ARGS(target));

    if (res == NULL)
        return -1;
    *out = PQntuples(res) ? read_class(PQgetvalue(res, 0, 0)) : CLASS_GOOD;
    PQclear(res);
    return 0;
}

int
store_put_announced(struct pl_pg *db, const char *target, enum sample_class cls, struct pl_err *err)
{
    static const char SQL[] = "INSERT INTO announced (target, class) VALUES ($1, $2)\n"
                              "    ON CONFLICT (target) DO UPDATE SET class = $2, since = now()";

    return pl_pg_run(db, err, SQL, PL_ARGS(target, sample_class_name(cls)));
}
