#include "pl_buf.h"
#include "pl_pg.h"
#include "pl_service.h"
#include "pl_trace.h"

#include <string.h>

#define LARGEST_EVENT 65536 // RULINGS 34

int
pl_outbox_add(struct pl_pg *db, const char *aggregate_type, const char *aggregate_id,
              const char *type, const ProtobufCMessage *payload, struct pl_err *err)
{
    static const char SQL[] =
        "WITH event AS (\n"
        "  INSERT INTO outbox (aggregatetype, aggregateid, type, payload, traceparent,\n"
        "                      tracestate)\n"
        "  VALUES ($1, $2, $3, $4, $5, $6) RETURNING id)\n"
        "INSERT INTO outbox_unnumbered (outbox_id) SELECT id FROM event";

    uint8_t packed[LARGEST_EVENT];
    size_t size = protobuf_c_message_get_packed_size(payload);

    if (!pl_pg_in_transaction(db))
        return pl_fail(err, INTERNAL,
                       "an event must be part of the transaction that makes it true");
    if (size > sizeof packed)
        return pl_fail(err, INTERNAL, "the event \"%s\" has %zu bytes, more than %d", type, size,
                       LARGEST_EVENT);
    protobuf_c_message_pack(payload, packed);
    return pl_pg_later_b(db, err, SQL,
                         PL_ARGS_B(PL_T(aggregate_type), PL_T(aggregate_id), PL_T(type),
                                   PL_B(packed, size), PL_T(pl_trace_parent()),
                                   PL_T(pl_trace_state())));
}
