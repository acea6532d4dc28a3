#include "transcode.h"

#include "pl_check.h"
#include "pl_pack.h"

#include "governance.pb-c.h"
#include "notifier.pb-c.h"

static struct pl_arena *arena;
static struct violations bad;

static struct pl_node *
parse(const char *text)
{
    struct pl_err err = { 0 };

    return pl_json_parse(arena, text, strlen(text), NULL, &err);
}

static ProtobufCMessage *
read(const ProtobufCMessageDescriptor *type, const char *text)
{
    ProtobufCMessage *message = transcode_message(type, arena);

    bad.count = 0;
    transcode_object(message, parse(text), "", &bad, arena);
    return message;
}

static const char *
write(const ProtobufCMessage *message)
{
    struct pl_buf out = { .arena = arena };
    struct pl_err err = { 0 };

    return transcode_write(&out, message, &err) ? pl_arena_strdup(arena, err.text)
                                                : pl_buf_text(&out);
}

TEST(every_kind_of_field_makes_the_round_trip)
{
    static const char TEXT[] =
        "{\"api\":\"museum\",\"visibility\":\"public\",\"stability_threshold\":0.85,"
        "\"window\":20,\"strict_zero\":true,\"severity_overrides\":{\"b\":1.50,\"a\":[1e400,\"x\"]},"
        "\"created_at\":\"2026-11-20T19:00:00.000Z\",\"last_run\":{\"id\":\"r1\",\"seq\":"
        "9007199254740991}}";

    arena = pl_arena_new();
    CHECK_STR(write(read(&governance__api__descriptor, TEXT)), TEXT);
    CHECK_INT(bad.count, ==, 0);
    pl_arena_destroy(&arena);
}

TEST(the_round_trip_holds_over_the_wire)
{
    const ProtobufCMessage *message;

    arena = pl_arena_new();
    message = read(&governance__api__descriptor, "{\"api\":\"\xc3\xa4\\u0001\\\"\",\"window\":-1}");
    message = pl_unpack(&governance__api__descriptor, pl_pack(message, arena), arena);
    CHECK_STR(write(message), "{\"api\":\"\xc3\xa4\\u0001\\\"\",\"window\":-1}");
    pl_arena_destroy(&arena);
}

TEST(lists_are_always_there_and_absent_fields_never)
{
    arena = pl_arena_new();
    CHECK_STR(write(read(&notifier__endpoint__descriptor, "{}")), "{\"apis\":[],\"events\":[]}");
    CHECK_STR(
        write(read(&notifier__endpoint__descriptor, "{\"apis\":[\"a\",\"b\"],\"enabled\":false}")),
        "{\"apis\":[\"a\",\"b\"],\"events\":[],\"enabled\":false}");
    pl_arena_destroy(&arena);
}

TEST(null_is_absent)
{
    const Governance__PutApiRequest *request;
    struct pl_node *body;

    arena = pl_arena_new();
    body = parse("{\"title\":null,\"window\":3,\"severity_overrides\":null,\"other\":null}");
    transcode_drop_nulls(body, &governance__put_api_request__descriptor);
    CHECK_INT(body->count, ==, 2);
    CHECK(pl_node_get(body, "title") == NULL);
    CHECK_INT(pl_node_int(pl_node_get(body, "window"), 0), ==, 3);
    CHECK(pl_node_get(body, "other") != NULL); // for the schema to refuse
    request = (const void *)read(&governance__put_api_request__descriptor, "{\"title\":null}");
    CHECK(request->title == NULL);
    CHECK_INT(bad.count, ==, 0);
    pl_arena_destroy(&arena);
}

TEST(nulls_inside_free_form_JSON_stay)
{
    struct pl_node *body;
    const Governance__PutApiRequest *request;

    arena = pl_arena_new();
    body = parse("{\"milestones\":{\"a\":null}}");
    transcode_drop_nulls(body, &governance__put_api_request__descriptor);
    request = (const void *)read(&governance__put_api_request__descriptor,
                                 "{\"milestones\":{\"a\":null}}");
    CHECK_INT(pl_node_get(body, "milestones")->count, ==, 1);
    CHECK_INT(request->milestones.len, ==, strlen("{\"a\":null}"));
    CHECK_INT(memcmp(request->milestones.data, "{\"a\":null}", request->milestones.len), ==, 0);
    pl_arena_destroy(&arena);
}

TEST(a_whole_number_may_be_written_as_one_likes)
{
    static const char *const WHOLE[] = { "3", "3.0", "30e-1", "0.3e1" };

    arena = pl_arena_new();
    for (size_t i = 0; i < sizeof WHOLE / sizeof *WHOLE; i++) {
        const Governance__Api *api = (const void *)read(
            &governance__api__descriptor, pl_arena_printf(arena, "{\"window\":%s}", WHOLE[i]));

        CHECK_INT(bad.count, ==, 0);
        CHECK_INT(api->window, ==, 3);
    }
    pl_arena_destroy(&arena);
}

TEST(what_does_not_fit_its_field_is_a_violation_with_its_place)
{
    static const struct {
        const char *text, *pointer, *says;
    } CASES[] = {
        { "{\"window\":9007199254740992}", "/window", "2^53" },
        { "{\"window\":-9007199254740992}", "/window", "2^53" },
        { "{\"window\":1.5}", "/window", "whole number" },
        { "{\"window\":1e99}", "/window", "whole number" },
        { "{\"window\":99999999999999999999}", "/window", "whole number" },
        { "{\"window\":\"3\"}", "/window", "whole number" },
        { "{\"stability_threshold\":1e999}", "/stability_threshold", "number" },
        { "{\"strict_zero\":1}", "/strict_zero", "true or false" },
        { "{\"title\":3}", "/title", "string" },
        { "{\"title\":\"a\\u0000b\"}", "/title", "U+0000" },
        { "{\"last_run\":[]}", "/last_run", "object" },
        { "{\"last_run\":{\"seq\":\"x\"}}", "/last_run/seq", "whole number" },
    };

    arena = pl_arena_new();
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        read(&governance__api__descriptor, CASES[i].text);
        CHECK_THAT(bad.count == 1, "%s: %d violations", CASES[i].text, bad.count);
        CHECK_STR(bad.list[0].pointer, CASES[i].pointer);
        CHECK_HAS(bad.list[0].text, CASES[i].says);
    }
    read(&notifier__endpoint__descriptor, "{\"apis\":[\"a\",3,\"c\"],\"events\":\"x\"}");
    CHECK_INT(bad.count, ==, 2);
    CHECK_STR(bad.list[0].pointer, "/apis/1");
    CHECK_HAS(bad.list[1].text, "list");
    pl_arena_destroy(&arena);
}

TEST(an_answer_that_JSON_cannot_say_is_our_failure)
{
    Governance__Api api = GOVERNANCE__API__INIT;

    arena = pl_arena_new();
    api.has_window = 1;
    api.window = INT64_MAX;
    CHECK_HAS(write(&api.base), "too large");
    api.window = 1;
    api.has_stability_threshold = 1;
    api.stability_threshold = 1.0 / 0.0;
    CHECK_HAS(write(&api.base), "no number");
    pl_arena_destroy(&arena);
}

TEST(one_field_may_be_the_whole_answer)
{
    Governance__GetApiReply reply = GOVERNANCE__GET_API_REPLY__INIT;
    Governance__Api api = GOVERNANCE__API__INIT;
    struct pl_buf out = { 0 };
    struct pl_err err = { 0 };
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(reply.base.descriptor, "api");

    arena = pl_arena_new();
    out.arena = arena;
    CHECK_INT(transcode_write_field(&out, &reply.base, field, &err), ==, -1);
    CHECK_INT(err.code, ==, PL_INTERNAL);
    reply.api = &api;
    api.api = "museum";
    CHECK_INT(transcode_write_field(&out, &reply.base, field, &err), ==, 0);
    CHECK_STR(pl_buf_text(&out), "{\"api\":\"museum\"}");
    pl_arena_destroy(&arena);
}
