#include "pl_check.h"
#include "pl_curve.h"
#include "pl_feed_reader.h"
#include "pl_service.h"

#include "envelope.pb-c.h"

#include <czmq.h>

/* A producer that sends what the test wants, in plain text, right or wrong. */
struct fake {
    zsock_t *router;
    zframe_t *peer;
    struct pl_feed_reader *reader;
};

static struct fake
set_up(const char *source, int64_t after)
{
    struct fake fake = { .router = zsock_new(ZMQ_ROUTER) };
    int port = zsock_bind(fake.router, "tcp://127.0.0.1:*");
    char name[64], address[64];
    struct pl_err err = { 0 };

    pl_curve_open("", "me", true, &err);
    snprintf(name, sizeof name, "PLUMB_PEER_%s", source);
    snprintf(address, sizeof address, "tcp://127.0.0.1:%d", port - 1);
    setenv(name, address, 1);
    fake.reader = pl_feed_reader_new(source, "me", 0, NULL, true, after);
    return fake;
}

static void
tear_down(struct fake *fake)
{
    pl_feed_reader_destroy(&fake->reader);
    zframe_destroy(&fake->peer);
    zsock_destroy(&fake->router);
}

/* Let the reader work, and take its next frame; NULL if it has none. */
static Pl__FeedFrame *
hear(struct fake *fake)
{
    int64_t until = pl_now_ms() + 30000;

    while (pl_now_ms() < until) {
        zframe_t *identity = zframe_recv_nowait(fake->router);
        zframe_t *frame;
        Pl__FeedFrame *message;

        if (identity == NULL) {
            if (pl_feed_reader_next(fake->reader, -1, 5))
                return NULL;
            continue;
        }
        zframe_destroy(&fake->peer);
        fake->peer = identity;
        frame = zframe_recv(fake->router);
        message = pl__feed_frame__unpack(NULL, zframe_size(frame), zframe_data(frame));
        zframe_destroy(&frame);
        return message;
    }
    return NULL;
}

/* The next frame that is not a mere heartbeat. */
static Pl__FeedFrame *
hear_wish(struct fake *fake)
{
    Pl__FeedFrame *frame = hear(fake);

    while (frame && frame->subscribe && frame->subscribe->credit == 0) {
        pl__feed_frame__free_unpacked(frame, NULL);
        frame = hear(fake);
    }
    return frame;
}

static bool cut_short;  // events without a type
static bool disordered; // the last event has the position of the first

static void
say(struct fake *fake, int64_t from, int64_t to, size_t count)
{
    Pl__FeedFrame message = PL__FEED_FRAME__INIT;
    Pl__Batch batch = PL__BATCH__INIT;
    Pl__Event events[16], *pointers[16];
    zframe_t *identity = zframe_dup(fake->peer), *frame;

    for (size_t i = 0; i < count; i++) {
        pl__event__init(&events[i]);
        events[i].has_position = true;
        events[i].position = disordered && i + 1 == count ? from : from + (int64_t)i;
        events[i].id = events[i].aggregatetype = events[i].aggregateid = events[i].time = "x";
        events[i].type = cut_short ? NULL : "x";
        pointers[i] = &events[i];
    }
    batch.has_from = batch.has_to = true;
    batch.from = from;
    batch.to = to;
    batch.n_events = count;
    batch.events = pointers;
    message.batch = &batch;
    frame = zframe_new(NULL, pl__feed_frame__get_packed_size(&message));
    pl__feed_frame__pack(&message, zframe_data(frame));
    zframe_send(&identity, fake->router, ZFRAME_MORE);
    zframe_send(&frame, fake->router, 0);
}

static void
say_rubbish(struct fake *fake)
{
    zframe_t *identity = zframe_dup(fake->peer), *frame = zframe_new("\xff\xff\xff", 3);

    zframe_send(&identity, fake->router, ZFRAME_MORE);
    zframe_send(&frame, fake->router, 0);
}

TEST(a_gap_is_never_accepted_and_is_asked_for_again)
{
    struct fake fake = set_up("GAP", 4);
    Pl__FeedFrame *frame = hear(&fake);
    const Pl__Batch *batch;

    CHECK(frame && frame->subscribe);
    CHECK_INT(frame->subscribe->after, ==, 4);
    pl__feed_frame__free_unpacked(frame, NULL);
    say_rubbish(&fake);
    say(&fake, 6, 7, 2); // 5 was lost
    frame = hear_wish(&fake);
    CHECK(frame && frame->subscribe);
    CHECK_INT(frame->subscribe->after, ==, 4);
    CHECK_INT(frame->subscribe->credit, >, 0);
    pl__feed_frame__free_unpacked(frame, NULL);
    say(&fake, 5, 7, 3);
    batch = pl_feed_reader_next(fake.reader, -1, 30000);
    CHECK(batch != NULL);
    CHECK_INT(batch->to, ==, 7);
    CHECK_INT(batch->n_events, ==, 3);
    tear_down(&fake);
}

TEST(a_sign_of_life_shows_that_the_last_batch_was_lost)
{
    struct fake fake = set_up("LIFE", 0);
    Pl__FeedFrame *frame = hear(&fake);

    pl__feed_frame__free_unpacked(frame, NULL);
    say(&fake, 4, 3, 0); // three events were sent, says the source
    frame = hear_wish(&fake);
    CHECK(frame && frame->subscribe);
    CHECK_INT(frame->subscribe->after, ==, 0);
    pl__feed_frame__free_unpacked(frame, NULL);
    tear_down(&fake);
}

TEST(what_was_applied_before_is_left_out_of_a_batch_and_acknowledged_if_all_of_it_was)
{
    struct fake fake = set_up("TWICE", 2);
    Pl__FeedFrame *frame = hear(&fake);
    const Pl__Batch *batch;

    pl__feed_frame__free_unpacked(frame, NULL);
    say(&fake, 1, 4, 4);
    batch = pl_feed_reader_next(fake.reader, -1, 30000);
    CHECK(batch != NULL);
    CHECK_INT(batch->n_events, ==, 2);
    CHECK_INT(batch->events[0]->position, ==, 3);
    pl_feed_reader_applied(fake.reader, 4);
    frame = hear_wish(&fake);
    CHECK(frame && frame->ack);
    CHECK_INT(frame->ack->position, ==, 4);
    pl__feed_frame__free_unpacked(frame, NULL);
    say(&fake, 3, 4, 2);
    frame = hear_wish(&fake);
    CHECK(frame && frame->ack);
    CHECK_INT(frame->ack->position, ==, 4);
    pl__feed_frame__free_unpacked(frame, NULL);
    tear_down(&fake);
}

TEST(whoever_wants_only_what_is_new_begins_where_the_source_says)
{
    struct fake fake = set_up("FRESH", PL_FEED_NEW_ONLY);
    Pl__FeedFrame *frame = hear(&fake);
    const Pl__Batch *batch;

    CHECK_INT(frame->subscribe->after, ==, -1);
    pl__feed_frame__free_unpacked(frame, NULL);
    say(&fake, 101, 100, 0);
    say(&fake, 101, 101, 1);
    batch = pl_feed_reader_next(fake.reader, -1, 30000);
    CHECK(batch != NULL);
    CHECK_INT(batch->from, ==, 101);
    tear_down(&fake);
}

TEST(a_batch_that_lacks_what_a_listener_needs_is_as_good_as_lost)
{
    struct fake fake = set_up("WHOLE", 0);
    Pl__FeedFrame *frame = hear(&fake);
    const Pl__Batch *batch;

    pl__feed_frame__free_unpacked(frame, NULL);
    cut_short = true;
    say(&fake, 1, 2, 2);
    cut_short = false;
    disordered = true;
    say(&fake, 1, 2, 2);
    disordered = false;
    say(&fake, INT64_MIN, INT64_MAX, 1);
    say(&fake, 1, 1, 2); // more than it says
    say(&fake, 1, 2, 2);
    batch = pl_feed_reader_next(fake.reader, -1, 30000);
    CHECK(batch != NULL);
    CHECK_INT(batch->to, ==, 2);
    CHECK_INT(batch->n_events, ==, 2);
    CHECK_STR(batch->events[0]->type, "x");
    tear_down(&fake);
}
