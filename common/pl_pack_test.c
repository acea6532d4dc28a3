#include "pl_pack.h"

#include "pl_check.h"

TEST(a_request_can_be_looked_at_without_unpacking_it)
{
    struct pl_arena *arena = pl_arena_new();
    Pl__Request request = PL__REQUEST__INIT;
    ProtobufCBinaryData packed;
    struct pl_peek peek;
    uint8_t longer[200];

    request.operation = (char *)"t.Write";
    request.has_id = 1;
    request.id = 300;
    request.client_address = (char *)"10.1.2.3";
    packed = pl_pack(&request.base, arena);
    CHECK(pl_peek(packed.data, packed.len, &peek));
    CHECK_INT(peek.id, ==, 300);
    CHECK_INT(peek.operation_length, ==, 7);
    CHECK(!peek.takes_batches);
    memcpy(longer, packed.data, packed.len);
    packed.len += pl_append_varint(longer + packed.len, 1, UINT64_C(1) << 40);
    CHECK(pl_peek(longer, packed.len, &peek));
    CHECK_INT(peek.id, ==, INT64_C(1) << 40);
    for (size_t cut = 1; cut < packed.len; cut++)
        pl_peek(longer, cut, &peek); // the sanitizer watches
    CHECK(!pl_peek("\x12\x7f", 2, &peek));
    pl_arena_destroy(&arena);
}
