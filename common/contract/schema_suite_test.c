/* The public JSON Schema test suite.  JSON_SCHEMA_TEST_SUITE names its folder. */
#include "pl_check.h"
#include "pl_schema.h"

#include <dirent.h>
#include <ftw.h>

NEEDS_ENV("JSON_SCHEMA_TEST_SUITE");

/* What we do differently, and why.  A group is "file: description", or a whole file. */
static const struct {
    const char *draft, *group, *why;
} exceptions[] = {
    { "optional", "format/hostname.json: validation of A-label (punycode) host names",
      "host names are checked as ASCII; punycode is not decoded" },
    { "optional", "unknownKeyword.json",
      "an API description holds schemas anywhere, so ids are found below unknown keywords too" },
};

#define MOST_REMOTES 200

/* The suite's `remotes`, by the URIs that its schemas use. */
static struct pl_schema_known remotes[MOST_REMOTES];
static int remote_count;
static struct pl_arena *remote_arena;

__attribute__((destructor)) static void
forget_remotes(void)
{
    pl_arena_destroy(&remote_arena);
}

struct score {
    int passed, failed, excepted;
};

static const char *
exception(const char *draft, const char *file, const char *group)
{
    char name[300];

    snprintf(name, sizeof name, "%s: %s", file, group);
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        if (*exceptions[i].draft && strcmp(exceptions[i].draft, draft) != 0)
            continue;
        if (strcmp(exceptions[i].group, file) == 0 || strcmp(exceptions[i].group, name) == 0)
            return exceptions[i].why;
    }
    return NULL;
}

static struct pl_node *
read_json(struct pl_arena *arena, const char *path)
{
    struct pl_err err = { 0 };
    FILE *file = fopen(path, "rb");
    char *bytes = pl_arena_alloc(arena, 1 << 20);
    size_t length = file ? fread(bytes, 1, 1 << 20, file) : 0;

    if (file)
        fclose(file);
    return pl_json_parse(arena, bytes, length, NULL, &err);
}

static int
add_remote(const char *path, const struct stat *ignored, int type, struct FTW *at)
{
    const char *name = strstr(path, "/remotes/") + strlen("/remotes/");

    (void)ignored, (void)at;
    if (type != FTW_F || remote_count == MOST_REMOTES)
        return 0;
    remotes[remote_count].uri = pl_arena_printf(remote_arena, "http://localhost:1234/%s", name);
    remotes[remote_count++].root = read_json(remote_arena, path);
    return 0;
}

static void
read_remotes(void)
{
    char folder[600];

    if (remote_arena)
        return;
    remote_arena = pl_arena_new();
    snprintf(folder, sizeof folder, "%s/remotes", getenv("JSON_SCHEMA_TEST_SUITE"));
    nftw(folder, add_remote, 16, FTW_PHYS);
}

static void
run_group(struct pl_node *group, enum pl_dialect dialect, struct pl_arena *arena,
          struct score *score, const char *draft, const char *file)
{
    // the required tests of 2020-12 have `format` say nothing, the optional ones have it assert
    const struct pl_schema_options options = { .formats_say_nothing =
                                                   strcmp(draft, "optional") != 0,
                                               .known = remotes,
                                               .known_count = remote_count };
    struct pl_node *node = pl_node_get(group, "schema"), *tests = pl_node_get(group, "tests");
    const char *about = pl_node_text(pl_node_get(group, "description"), "");
    struct pl_schema *schema;
    struct pl_err err = { 0 };

    if (pl_schema_compile_with(&schema, node, node, dialect, &options, arena, &err)) {
        printf("\n    %s: %s: %s", file, about, err.text);
        score->failed += (int)tests->count;
        return;
    }
    for (uint32_t i = 0; i < tests->count; i++) {
        struct pl_node *test = tests->items[i];
        bool wanted = pl_node_true(pl_node_get(test, "valid"), false);
        struct pl_violation violations[4] = { { 0 } };
        int count = pl_schema_check(schema, pl_node_get(test, "data"), arena, violations, 4);
        int silently = pl_schema_check(schema, pl_node_get(test, "data"), arena, NULL, 0);

        if ((count == 0) == wanted && (silently == 0) == wanted) {
            score->passed++;
            continue;
        }
        printf("\n    %s: %s: %s: wanted %s %s", file, about,
               pl_node_text(pl_node_get(test, "description"), ""), wanted ? "valid" : "invalid",
               count ? violations[0].text : "");
        score->failed++;
    }
}

static void
run_file(const char *draft, const char *folder, const char *name, enum pl_dialect dialect,
         struct score *score)
{
    struct pl_arena *arena = pl_arena_new();
    struct pl_node *groups;
    char path[1000];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    groups = read_json(arena, path);
    for (uint32_t i = 0; groups && i < groups->count; i++) {
        struct pl_node *group = groups->items[i];
        const char *about = pl_node_text(pl_node_get(group, "description"), "");

        if (exception(draft, name, about))
            score->excepted += (int)pl_node_get(group, "tests")->count;
        else
            run_group(group, dialect, arena, score, draft, name);
    }
    pl_arena_destroy(&arena);
}

static struct score
run_draft(const char *draft, enum pl_dialect dialect)
{
    struct score score = { 0 };
    struct dirent *entry;
    char folder[600];
    DIR *dir;

    read_remotes();
    snprintf(folder, sizeof folder, "%s/tests/%s", getenv("JSON_SCHEMA_TEST_SUITE"), draft);
    dir = opendir(folder);
    while (dir && (entry = readdir(dir)))
        if (strstr(entry->d_name, ".json"))
            run_file(draft, folder, entry->d_name, dialect, &score);
    if (dir)
        closedir(dir);
    printf("\n    %s: %d passed, %d failed, %d excepted ", draft, score.passed, score.failed,
           score.excepted);
    return score;
}

TEST(draft_2020_12_is_understood)
{
    struct score score = run_draft("draft2020-12", PL_DIALECT_2020_12);

    CHECK_INT(score.passed, >, 1000);
    CHECK_INT(score.failed, ==, 0);
}

TEST(draft_4_is_understood)
{
    struct score score = run_draft("draft4", PL_DIALECT_4);

    CHECK_INT(score.passed, >, 500);
    CHECK_INT(score.failed, ==, 0);
}

/* Optional parts that we do: the formats that assert, and ECMA-262's patterns. */
static const char *const formats[] = {
    "format/date-time.json",
    "format/date.json",
    "format/time.json",
    "format/duration.json",
    "format/email.json",
    "format/hostname.json",
    "format/ipv4.json",
    "format/ipv6.json",
    "format/uri.json",
    "format/uuid.json",
    "format/json-pointer.json",
    "format/uri-reference.json",
    "ecmascript-regex.json",
    "non-bmp-regex.json",
    "bignum.json",
    "float-overflow.json",
    "anchor.json",
    "format-assertion.json",
    "refOfUnknownKeyword.json",
    "id.json",
    "dynamicRef.json",
    "unknownKeyword.json",
    "no-schema.json",
};

TEST(the_formats_that_assert_do_so_as_the_suite_says)
{
    struct score score = { 0 };
    char folder[600];

    read_remotes();
    snprintf(folder, sizeof folder, "%s/tests/draft2020-12/optional",
             getenv("JSON_SCHEMA_TEST_SUITE"));
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        run_file("optional", folder, formats[i], PL_DIALECT_2020_12, &score);
    printf("\n    optional: %d passed, %d failed, %d excepted ", score.passed, score.failed,
           score.excepted);
    CHECK_INT(score.passed, >, 300);
    CHECK_INT(score.failed, ==, 0);
}
