#include "pl_feed_subscriber.h"

#include "pl_check.h"

static struct pl_subscriber *list;

static struct pl_subscriber *
begin(int64_t after)
{
    Pl__Subscribe wish = PL__SUBSCRIBE__INIT;
    zframe_t *identity = zframe_new("x", 1);

    wish.consumer = "me";
    wish.after = after;
    pl_subscriber_add(&list, identity, &wish, 10);
    zframe_destroy(&identity);
    return list;
}

static void
end(void)
{
    while (list)
        pl_subscriber_remove(&list, list);
}

TEST(a_new_subscriber_begins_behind_what_it_has_or_at_the_head)
{
    CHECK_INT(begin(4)->next, ==, 5);
    CHECK_INT(begin(-1)->next, ==, 11);
    CHECK_INT(begin(INT64_MIN)->next, ==, 11);
    end();
}

TEST(acknowledged_batches_are_no_longer_under_way)
{
    struct pl_subscriber *self = begin(0);

    pl_subscriber_sent(self, 3);
    pl_subscriber_sent(self, 6);
    pl_subscriber_ack(self, 5);
    CHECK_INT(self->in_flight, ==, 1);
    CHECK_INT(self->next, ==, 7);
    pl_subscriber_ack(self, 9); // another replica was faster
    CHECK_INT(self->in_flight, ==, 0);
    CHECK_INT(self->next, ==, 10);
    end();
}

TEST(no_position_is_so_large_that_there_is_none_behind_it)
{
    struct pl_subscriber *self = begin(INT64_MAX);

    CHECK_INT(self->next, ==, INT64_MAX);
    self = begin(0);
    pl_subscriber_ack(self, INT64_MAX);
    CHECK_INT(self->next, ==, INT64_MAX);
    end();
}
