#include "fixture.h"

#include "publisher.pb-c.h"

#include "pl_check.h"

NEEDS_ENV("PL_TEST_DB_URL");

static char *READ[] = { "runs:read" }, *OTHER[] = { "notify:admin" }, *ZOO[] = { "zoo" };

/* nobody, a reader of every api, one without the scope, one of another api */
static Pl__Principal
who(const char *name)
{
    Pl__Principal p = PL__PRINCIPAL__INIT;

    if (strcmp(name, "nobody") == 0)
        return p;
    p.subject = "token:17";
    p.n_scopes = 1;
    p.scopes = strcmp(name, "scopeless") == 0 ? OTHER : READ;
    p.n_apis = strcmp(name, "stranger") == 0;
    p.apis = ZOO;
    return p;
}

/* Ask for a file as ${name}; the call stays for a look at its headers. */
static struct pl_call
get(struct fixture *f, const char *name, const char *api, const char *file, const char *run)
{
    static Publisher__GetArtifactReply reply;
    static Pl__Principal principal;
    Publisher__GetArtifactRequest request = PUBLISHER__GET_ARTIFACT_REQUEST__INIT;
    struct pl_call call = { .db = f->db, .arena = f->arena, .request = &request };

    principal = who(name);
    publisher__get_artifact_reply__init(&reply);
    request.api = (char *)api;
    request.file = (char *)file;
    request.run = (char *)run;
    call.reply = &reply;
    call.principal = &principal;
    get_artifact(&call);
    call.request = NULL;
    return call;
}

static struct fixture
published(const char *visibility)
{
    struct fixture f = fixture_open();

    fixture_hear(&f, 1);
    fixture_hear(&f, 2);
    fixture_publish(&f);
    if (store_put_api(f.db, "museum", visibility, false, &f.err))
        abort();
    return f;
}

TEST(who_may_see_what_follows_the_visibility)
{
    static const struct {
        const char *visibility, *who, *file;
        enum pl_code code;
    } ROWS[] = {
        { "private", "nobody", "index.html", PL_UNAUTHENTICATED },
        { "private", "nobody", "stability-badge.json", PL_UNAUTHENTICATED },
        { "private", "scopeless", "index.html", PL_DENIED },
        { "private", "stranger", "index.html", PL_NOT_FOUND },
        { "private", "reader", "index.html", PL_OK },
        { "private", "reader", "nothing.json", PL_NOT_FOUND },
        { "badges", "nobody", "stability-badge.json", PL_OK },
        { "badges", "stranger", "stability-badge.json", PL_OK },
        { "badges", "nobody", "governance-summary.json", PL_UNAUTHENTICATED },
        { "badges", "nobody", "index.html", PL_UNAUTHENTICATED },
        { "public", "nobody", "index.html", PL_OK },
        { "public", "nobody", "", PL_OK },
        { "public", "nobody", "nothing.json", PL_NOT_FOUND },
        { "public", "stranger", "checksums.json", PL_OK },
    };

    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct fixture f = published(ROWS[i].visibility);
        struct pl_call call = get(&f, ROWS[i].who, "museum", ROWS[i].file, NULL);

        CHECK_THAT(call.err.code == ROWS[i].code, "row %zu: %s", i, call.err.text);
        fixture_close(&f);
    }
}

TEST(nobody_can_tell_a_private_api_from_one_that_is_not_there)
{
    static const char *const WHO[] = { "nobody", "scopeless", "stranger" };
    struct fixture f = published("private");

    for (int i = 0; i < 3; i++) {
        struct pl_call there = get(&f, WHO[i], "museum", "index.html", NULL);
        struct pl_call not_there = get(&f, WHO[i], "mystery", "index.html", NULL);

        CHECK_INT(there.err.code, ==, not_there.err.code);
        CHECK_INT(strlen(there.err.text), ==,
                  strlen(not_there.err.text) -
                      (WHO[i][1] == 't' ? strlen("mystery") - strlen("museum") : 0));
    }
    fixture_close(&f);
}

TEST(an_archived_api_is_private_again)
{
    struct fixture f = published("public");

    CHECK_INT(store_put_api(f.db, "museum", "public", true, &f.err), ==, 0);
    CHECK_INT(get(&f, "nobody", "museum", "index.html", NULL).err.code, ==, PL_UNAUTHENTICATED);
    CHECK_INT(get(&f, "reader", "museum", "index.html", NULL).err.code, ==, PL_OK);
    fixture_close(&f);
}

TEST(a_file_says_what_it_is_and_how_long_it_keeps)
{
    struct fixture f = published("public");
    struct pl_call call = get(&f, "nobody", "museum", "", NULL);
    const Publisher__GetArtifactReply *reply = call.reply;

    CHECK_STR(reply->body->content_type, "text/html; charset=utf-8");
    CHECK_INT(strlen(call.http.etag), ==, 66);
    CHECK_INT(call.http.etag[0], ==, '"');
    CHECK_INT(strlen(call.http.last_modified), ==, strlen("2026-11-20T19:30:14.123Z"));
    CHECK_STR(call.http.cache_control, "public, no-cache");
    CHECK(call.http.cross_origin);
    call = get(&f, "nobody", "museum", "stability-badge.json", NULL);
    CHECK_STR(call.http.cache_control, "public, max-age=300");
    call = get(&f, "nobody", "museum", "openapi.json", "01JD3Z0001");
    CHECK_STR(call.http.cache_control, "public, max-age=86400, immutable");
    fixture_close(&f);
}

TEST(what_needs_a_token_is_neither_shared_nor_cached_openly)
{
    struct fixture f = published("private");
    struct pl_call call = get(&f, "reader", "museum", "index.html", NULL);

    CHECK_STR(call.http.cache_control, "private, no-cache");
    CHECK(!call.http.cross_origin);
    fixture_close(&f);
}

TEST(an_older_set_is_served_by_run_or_commit)
{
    struct fixture f = published("public");
    struct published first, second;

    CHECK_INT(store_get_set(f.db, "museum", "01JD3Z0001", f.arena, &first, &f.err), ==, 0);
    CHECK_INT(store_get_set(f.db, "museum", "", f.arena, &second, &f.err), ==, 0);
    CHECK(strcmp(get(&f, "nobody", "museum", "checksums.json", first.sha).http.etag,
                 get(&f, "nobody", "museum", "checksums.json", NULL).http.etag) != 0);
    CHECK_STR(get(&f, "nobody", "museum", "checksums.json", first.sha).http.etag,
              get(&f, "nobody", "museum", "checksums.json", first.run).http.etag);
    CHECK_INT(get(&f, "nobody", "museum", "checksums.json", "nope").err.code, ==, PL_NOT_FOUND);
    CHECK_INT(second.seq, ==, 2);
    fixture_close(&f);
}

TEST(a_set_is_listed_with_its_hashes)
{
    struct fixture f = published("private");
    Publisher__ListArtifactsRequest request = PUBLISHER__LIST_ARTIFACTS_REQUEST__INIT;
    Publisher__ListArtifactsReply reply = PUBLISHER__LIST_ARTIFACTS_REPLY__INIT;
    Pl__Principal reader = who("reader"), stranger = who("stranger");
    struct pl_call call = { .db = f.db, .arena = f.arena, .request = &request, .reply = &reply };

    request.api = "museum";
    call.principal = &reader;
    CHECK_INT(list_artifacts(&call), ==, 0);
    CHECK_INT(reply.seq, ==, 2);
    CHECK(reply.is_signed);
    CHECK_INT(reply.n_artifacts, ==, 20);
    CHECK_STR(reply.artifacts[0]->path, "openapi.json");
    CHECK_INT(strlen(reply.artifacts[0]->sha256), ==, 64);
    call.principal = &stranger;
    CHECK_INT(list_artifacts(&call), ==, -1);
    CHECK_INT(call.err.code, ==, PL_NOT_FOUND);
    fixture_close(&f);
}
