/* What is shown of inputs: lists, the export, the numbers. */
#include "bridge_test.h"

#include "pl_check.h"
#include "pl_metric.h"

#include <string.h>

NEEDS_ENV("PL_TEST_DB_URL");

/* The titles of a page, joined by spaces. */
static const char *
titles(const Bridge__ListInputsRequest *request, const char **next)
{
    const Bridge__ListInputsReply *reply = call("bridge.ListInputs", &request->base);
    const char *text = "";

    for (size_t i = 0; reply && i < reply->n_inputs; i++)
        text = pl_arena_printf(arena, "%s%s%s", text, i ? " " : "", reply->inputs[i]->title);
    if (next)
        *next = reply ? reply->next_cursor : NULL;
    return reply ? text : said->text;
}

TEST(inputs_are_found_by_owner_tag_status_and_words_in_each_order)
{
    Bridge__ListInputsRequest request = BRIDGE__LIST_INPUTS_REQUEST__INIT;
    const char *next;

    set_up();
    submit("one", "auth", "ada", 5);
    submit("two", "cache", "ada", 9);
    submit("three", "auth", NULL, 1);
    move(submit("four", "auth", "grace", 5)->id, "in_review", NULL);

    CHECK_STR(titles(&request, NULL), "four three two one");
    request.sort = "-impact";
    CHECK_STR(titles(&request, NULL), "two four one three");
    request.owner = "ada";
    CHECK_STR(titles(&request, NULL), "two one");
    request.owner = "";
    CHECK_STR(titles(&request, NULL), "three");
    request.owner = NULL;
    request.tag = "auth";
    request.status = "submitted";
    CHECK_STR(titles(&request, NULL), "one three");
    request.tag = request.status = NULL;
    request.q = "clients -two";
    request.sort = "created";
    CHECK_STR(titles(&request, NULL), "one three four");

    request.has_limit = true;
    request.limit = 2;
    CHECK_STR(titles(&request, &next), "one three");
    request.cursor = (char *)next;
    CHECK_STR(titles(&request, &next), "four");
    CHECK(next == NULL);
    request.sort = "size";
    CHECK_HAS(titles(&request, NULL), "there is no order");
    request.sort = NULL;
    request.cursor = "1; DROP TABLE input";
    CHECK_HAS(titles(&request, NULL), "not one of ours");
    tear_down();
}

TEST(an_export_quotes_what_people_wrote)
{
    Bridge__ExportInputRequest request = BRIDGE__EXPORT_INPUT_REQUEST__INIT;
    const Bridge__ExportInputReply *reply;
    const char *page;

    set_up();
    request.id = submit("<b>*Fast*</b>", "auth", "ada", 7)->id;
    reply = call("bridge.ExportInput", &request.base);
    CHECK_STR(reply->body->content_type, "text/markdown; charset=utf-8");
    page = pl_arena_printf(arena, "%.*s", (int)reply->body->data.len,
                           (const char *)reply->body->data.data);
    CHECK_HAS(page, "# \\<b\\>\\*Fast\\*\\</b\\>\n");
    CHECK_HAS(page, "| Impact | 7 of 10 |");
    CHECK_HAS(page, "## Problem\n\nClients time out\n");
    CHECK_HAS(page, "| token:ada | created |");
    tear_down();
}

static const char *
counted(void)
{
    struct pl_tick tick = { .db = worker.db, .arena = arena };
    struct pl_buf out = { .arena = arena };

    if (count_everything(&tick))
        return "failed";
    pl_metric_print(&out);
    return pl_buf_text(&out);
}

TEST(the_numbers_are_those_of_the_database)
{
    Bridge__AssignInputRequest request = BRIDGE__ASSIGN_INPUT_REQUEST__INIT;
    const char *text;

    set_up();
    request.id = submit("one", NULL, "ada", 5)->id;
    submit("two", NULL, NULL, 5);
    text = counted();
    CHECK_HAS(text, "bridge_inputs_total 2\n");
    CHECK_HAS(text, "bridge_experiments_total 0\n");
    CHECK_HAS(text, "bridge_inputs_by_status{status=\"submitted\"} 2\n");
    CHECK_HAS(text, "bridge_inputs_by_status{status=\"rejected\"} 0\n");
    CHECK_HAS(text, "bridge_inputs_by_owner{owner=\"ada\"} 1\n");
    request.owner = "grace";
    call("bridge.AssignInput", &request.base);
    text = counted();
    CHECK_HAS(text, "bridge_inputs_by_owner{owner=\"grace\"} 1\n");
    CHECK(strstr(text, "ada") == NULL);
    tear_down();
}
