/* What is sent is what docs/governance_webhook.schema.json promises (G-13, G-14, G-17). */
#include "payload.h"
#include "pl_check.h"
#include "pl_schema.h"

static const char SCHEMA[] = "docs/governance_webhook.schema.json"; // tests run at the root

static struct pl_arena *arena;

static struct pl_node *
parse(const char *text, size_t length)
{
    struct pl_err err = { 0 };
    struct pl_node *root = pl_json_parse(arena, text, length, NULL, &err);

    if (root == NULL) {
        printf("%s\n", err.text);
        exit(1);
    }
    return root;
}

static struct pl_schema *
schema(void)
{
    static char text[20000];
    FILE *file = fopen(SCHEMA, "r");
    struct pl_err err = { 0 };
    struct pl_schema *compiled;
    struct pl_node *root;
    size_t length;

    arena = pl_arena_new();
    if (file == NULL) {
        perror(SCHEMA);
        exit(1);
    }
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    root = parse(text, length);
    if (pl_schema_compile(&compiled, root, root, PL_DIALECT_2020_12, arena, &err)) {
        printf("%s\n", err.text);
        exit(1);
    }
    return compiled;
}

/* How many things the schema has against ${text}. */
static int
against(const struct pl_schema *compiled, const char *text)
{
    struct pl_violation found[5];
    int count = pl_schema_check(compiled, parse(text, strlen(text)), arena, found, 5);

    for (int i = 0; i < count && i < 5; i++)
        printf("\n  %s: %s", found[i].pointer, found[i].text);
    return count;
}

TEST(the_two_published_examples_are_valid)
{
    struct pl_schema *compiled = schema();

    CHECK_INT(against(compiled,
                      "{\"event\":\"governance_notice\",\"version\":1,\"sha\":\"d3adb33\","
                      "\"semver_status\":\"ok\",\"stability_ratio\":0.91,"
                      "\"reasons\":[\"stability_recovered\"],"
                      "\"operations\":{\"added\":0,\"removed\":0}}"),
              ==, 0);
    CHECK_INT(against(compiled,
                      "{\"event\":\"governance_notice\",\"version\":1,\"sha\":\"51gn3d1\","
                      "\"semver_status\":\"fail\",\"stability_ratio\":0.89,"
                      "\"reasons\":[\"placeholder_recovered\",\"semver_fail\"],"
                      "\"operations\":{\"added\":3,\"removed\":1}}"),
              ==, 0);
    pl_arena_destroy(&arena);
}

TEST(every_payload_we_make_is_valid)
{
    struct pl_schema *compiled = schema();
    char *all[7] = { 0 };
    Events__Notice notice = EVENTS__NOTICE__INIT;

    for (int i = 0; i < 6; i++)
        all[i] = (char *)reasons[i].name;
    notice.api = "museum";
    notice.run = "run_1";
    notice.sha = "0624581";
    notice.stability_ratio = 1.0 / 3;
    notice.semver_status = "warn";
    notice.reasons = notice.changed = all;
    notice.severity = "high";
    for (size_t n = 0; n <= 6; n++) {
        notice.n_reasons = n;
        notice.n_changed = n / 2;
        notice.operations_added = (int64_t)n * 1000000007;
        CHECK_INT(
            against(compiled, payload_body(payload_kind("webhook"), &notice,
                                           "http://localhost:8000/status/museum/", n == 3, arena)),
            ==, 0);
    }
    CHECK_INT(against(compiled, payload_body(payload_kind("webhook"),
                                             payload_example("museum", arena), "", true, arena)),
              ==, 0);
    pl_arena_destroy(&arena);
}

TEST(what_breaks_the_contract_is_not)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        { "governance_notice", "something" },
        { ":1,", ":0," },
        { "0624581", "062458" },
        { "\"ok\"", "\"fine\"" },
        { "0.5", "-0.5" },
        { "semver_fail", "moon_phase" },
        { "\"removed\"", "\"renamed\"" },
        { "\"added\":0", "\"added\":-1" },
        { "\"removed\":0", "\"removed\":-1" },
        { "\"sha\"", "\"commit\"" },
        { "\"semver_fail\"", "\"semver_fail\",\"semver_fail\"" },
        { "\"added\":0", "\"added\":0,\"changed\":0" },
    };
    static const char good[] = "{\"event\":\"governance_notice\",\"version\":1,\"sha\":\"0624581\","
                               "\"semver_status\":\"ok\",\"stability_ratio\":0.5,"
                               "\"reasons\":[\"semver_fail\"],"
                               "\"operations\":{\"added\":0,\"removed\":0},\"later\":true}";
    struct pl_schema *compiled = schema();
    struct pl_violation found[5];

    CHECK_INT(against(compiled, good), ==, 0);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const char *at = strstr(good, changes[i].from);
        char *bad = pl_arena_printf(arena, "%.*s%s%s", (int)(at - good), good, changes[i].to,
                                    at + strlen(changes[i].from));

        CHECK_THAT(pl_schema_check(compiled, parse(bad, strlen(bad)), arena, found, 5) > 0,
                   "%s was taken", bad);
    }
    pl_arena_destroy(&arena);
}
