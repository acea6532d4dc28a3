#include "pl_batch.h"

#include "pl_check.h"

#include <stdlib.h>
#include <string.h>

static void
add(struct pl_batch *batch, const char *text)
{
    memcpy(pl_batch_add(batch, strlen(text)), text, strlen(text));
}

TEST(what_was_put_in_comes_out_in_order)
{
    struct pl_batch batch = { 0 };
    ProtobufCBinaryData rest, one;
    char text[400];

    for (int i = 0; i < PL_BATCH_MOST; i++) {
        CHECK(pl_batch_fits(&batch, 300));
        snprintf(text, sizeof text, "%0*d", 1 + 5 * i, i);
        add(&batch, text);
    }
    CHECK(!pl_batch_fits(&batch, 1));
    rest = pl_batch_frame(&batch);
    CHECK(pl_batch_is(rest));
    for (int i = 0; i < PL_BATCH_MOST; i++) {
        CHECK(pl_batch_next(&rest, &one));
        snprintf(text, sizeof text, "%0*d", 1 + 5 * i, i);
        CHECK_INT(one.len, ==, strlen(text));
        CHECK(memcmp(one.data, text, one.len) == 0);
    }
    CHECK(!pl_batch_next(&rest, &one));
    CHECK_INT(rest.len, ==, 0);
    pl_batch_free(&batch);
}

TEST(a_single_envelope_travels_bare)
{
    struct pl_batch batch = { 0 };
    ProtobufCBinaryData frame;

    add(&batch, "\x08\x01");
    frame = pl_batch_frame(&batch);
    CHECK_INT(frame.len, ==, 2);
    CHECK(!pl_batch_is(frame));
    pl_batch_clear(&batch);
    add(&batch, "\x08\x02");
    CHECK(memcmp(pl_batch_frame(&batch).data, "\x08\x02", 2) == 0);
    pl_batch_free(&batch);
}

TEST(a_large_envelope_does_not_fit)
{
    struct pl_batch batch = { 0 };

    CHECK(!pl_batch_fits(&batch, 100000));
    for (int i = 0; i < 4; i++) {
        CHECK_INT(pl_batch_fits(&batch, 16384), ==, i < 3);
        if (i < 3)
            memset(pl_batch_add(&batch, 16384), 'x', 16384);
    }
    CHECK(pl_batch_fits(&batch, 16000));
    pl_batch_free(&batch);
}

TEST(a_damaged_frame_ends_where_it_is_damaged)
{
    struct pl_batch batch = { 0 };
    ProtobufCBinaryData whole, one;

    add(&batch, "first");
    add(&batch, "second");
    whole = pl_batch_frame(&batch);
    for (size_t cut = 0; cut < whole.len; cut++) {
        uint8_t *copy = malloc(cut + 1); // of its own, so that the sanitizer sees overruns
        ProtobufCBinaryData rest = { cut, copy };
        int count = 0;

        memcpy(copy, whole.data, cut);
        while (pl_batch_next(&rest, &one))
            count++;
        CHECK_INT(count, ==, cut >= 9);
        CHECK(cut == 0 || cut == 9 || rest.len > 0);
        free(copy);
    }
    whole.data[10] = 5; // a length that would go on, but says it ends
    CHECK(pl_batch_next(&whole, &one));
    CHECK(!pl_batch_next(&whole, &one));
    pl_batch_free(&batch);
}
