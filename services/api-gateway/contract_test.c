#include "contract.h"
#include "server.h"
#include "transcode.h"

#include "pl_check.h"
#include "pl_embed.h"
#include "pl_pack.h"

extern const struct pl_embedded gateway_contract[];

static struct contract *
load(const char *text, struct pl_err *err)
{
    struct contract *contract;

    contract_load(&contract, "openapi.yaml", text, strlen(text), err);
    return contract;
}

/* The contract with the first ${from} behind ${anchor} replaced. */
static char *
mutate(const char *anchor, const char *from, const char *to)
{
    const char *text = gateway_contract[0].text, *at = strstr(text, anchor);
    size_t room = strlen(text) + strlen(to) + 1;
    char *out = malloc(room);

    at = at ? strstr(at, from) : NULL;
    if (at == NULL || out == NULL) {
        printf("\n  \"%s\" is not in the contract behind \"%s\"", from, anchor);
        abort();
    }
    snprintf(out, room, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static bool
complains(const struct contract *contract, const char *what)
{
    for (int i = 0; i < contract->problem_count; i++)
        if (strstr(contract->problems[i], what))
            return true;
    return false;
}

TEST(contract_and_messages_say_the_same)
{
    struct pl_err err = { 0 };
    struct contract *contract = load(gateway_contract[0].text, &err);

    for (int i = 0; i < contract->problem_count; i++)
        printf("\n  %s", contract->problems[i]);
    CHECK_INT(contract->problem_count, ==, 0);
    CHECK_INT(err.code, ==, PL_OK);
    CHECK_INT(contract->operation_count, >=, 25);
    contract_destroy(&contract);
}

/* What nobody has a token for yet.  Think twice before you add one. */
static bool
is_for_everybody(const struct operation *op)
{
    static const char *const IDS[] = { "registerUser", "login", "refresh", "logout",
                                       "getLatencyBadge" }; // which asks by itself

    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++)
        if (strcmp(op->id, IDS[i]) == 0)
            return true;
    return false;
}

TEST(each_operation_has_a_scope_and_a_problem_as_its_default_answer)
{
    struct pl_err err = { 0 };
    struct contract *contract = load(gateway_contract[0].text, &err);

    for (int i = 0; i < contract->operation_count; i++) {
        const struct operation *op = &contract->operations[i];
        struct pl_arena *arena = pl_arena_new();
        const char *at = pl_pointer_add(arena, "/paths", op->path);
        char *method = pl_arena_strdup(arena, op->method);
        const struct pl_node *problem;

        for (char *c = method; *c; c++)
            *c = (char)(*c | 0x20);
        at = pl_arena_printf(arena, "%s/%s/responses/default", at, method);
        problem = contract_resolve(contract, pl_node_pointer(contract->document->root, at));
        CHECK_THAT(pl_node_get(pl_node_get(problem, "content"), "application/problem+json"),
                   "%s has none", op->id);
        CHECK_THAT((op->scope && *op->scope) || is_for_everybody(op), "%s has no scope", op->id);
        pl_arena_destroy(&arena);
    }
    contract_destroy(&contract);
}

/* Operation, seconds, seconds, who shares it.  Nothing else is kept: think of who reads what he wrote. */
static const struct {
    const char *id;
    int ttl, stale;
    enum cache_vary vary;
} KEPT[] = {
    { "listAchievements", 60, 600, VARY_RIGHTS }, // which depend on the token's apis
    { "getServiceLatencies", 2, 60, VARY_ALL },   { "getLatency", 10, 300, VARY_ALL },
    { "getUptime", 30, 600, VARY_ALL },           { "getLatencyBadge", 30, 600, VARY_RIGHTS },
};

TEST(what_may_be_kept_is_what_the_contract_says)
{
    struct pl_err err = { 0 };
    struct contract *contract = load(gateway_contract[0].text, &err);
    size_t found = 0;

    for (int i = 0; i < contract->operation_count; i++) {
        const struct operation *op = &contract->operations[i];

        for (size_t k = 0; op->cache && k < sizeof KEPT / sizeof *KEPT; k++)
            if (strcmp(KEPT[k].id, op->id) == 0) {
                CHECK_INT(op->cache->ttl_ms, ==, 1000 * KEPT[k].ttl);
                CHECK_INT(op->cache->stale_ms, ==, 1000 * KEPT[k].stale);
                CHECK_INT(op->cache->vary, ==, KEPT[k].vary);
                CHECK_INT(op->cache->jitter, ==, 10);
                CHECK(op->cache->events[0]);
                found++;
            }
        found -= op->cache == NULL ? 0 : 1;
        CHECK_THAT(found == 0, "%s", op->id);
    }
    contract_destroy(&contract);
}

static const struct {
    const char *anchor, *from, *to, *says;
} MUTATIONS[] = {
    { "listApis", "governance-engine", "nobody", "there is no service \"nobody\"" },
    { "operationId: list", "listApis", "listApes", "has no rpc \"ListApes\"" },
    { "operationId: getApi", "getApi", "listApis", "is there twice" },
    { "listApis", "runs:read", "runs:reed", "x-scope is missing or unknown" },
    { "getDocument", "x-lane: heavy", "x-lane: fast", "there is no lane \"fast\"" },
    { "getDocument", "x-timeout: 30000", "x-timeout: 0", "x-timeout must be" },
    { "createRun", "x-max-body: 33554432", "x-max-body: big", "x-max-body must be" },
    { "getUptime", "{ttl: 30,", "{ttl: 0,", "getUptime: x-cache: ttl must be 1 to 3600" },
    { "getUptime", "{ttl: 30,", "{", "getUptime: x-cache: ttl is missing" },
    { "getUptime", "{ttl: 30,", "{ttl: 30, jitter: 51,", "x-cache: jitter must be 0 to 50" },
    { "getUptime", "stale: 600", "stail: 600", "x-cache: \"stail\" means nothing" },
    { "getUptime", "vary: all", "vary: none", "x-cache: vary is all, rights or principal" },
    { "getUptime", "[latency.targets.changed]", "[weather.changed]", "nobody sends \"weather" },
    { "getUptime", "{ttl: 30,", "{ttl: 30, warm: true,", "only what is the same for all" },
    { "putApi", "x-unwrap: api", "x-cache: {ttl: 1, vary: all}\n      x-unwrap: api",
      "putApi: x-cache is an object at an x-idempotent GET" },
    { "putApi", "x-unwrap: api", "x-unwrap: ape", "has no field \"ape\" to unwrap" },
    { "putApi", "x-unwrap: api", "x-unwarp: api", "\"x-unwarp\" means nothing here" },
    { "createRun", "name: sha", "name: shaa", "has no field \"shaa\"" },
    { "createRun", "name: sha", "name: shaa", "nothing fills the field \"sha\"" },
    { "createRun", "name: branch, in: query", "name: branch, in: cookie",
      "a place in path, query or header" },
    { "createRun", "type: boolean", "type: integer", "\"breaking_ack\" is number" },
    { "    ApiSettings:", "title:", "titel:", "has no field \"titel\"" },
    { "    ApiSettings:", "title: {type: string", "title: {type: integer",
      "/title is integer, but its field \"title\" is string" },
    { "    ApiSettings:", "additionalProperties: false", "description: open",
      "needs additionalProperties: false" },
    { "    ApiSettings:", "x-json: raw, type: object", "type: object",
      "/severity_overrides is object, but its field \"severity_overrides\" is raw" },
    { "    ApiSettings:", "properties:", "properties:\n        api: {type: string}",
      "\"api\" is a parameter and a member of the body" },
    { "    Api:", "archived: {type: boolean}", "archived: {type: string}", "/archived is string" },
    { "    Api:", "        updated_at: {type: string, format: date-time}\n", "",
      "does not describe the field \"updated_at\"" },
    { "    ApiList:", "type: array, items", "type: object, items", "/apis is object" },
    { "    Reasons:", "type: array", "type: string", "/events is string" },
    { "deleteApi", "default: {$ref: '#/components/responses/problem'}", "'400': {description: bad}",
      "the default answer is no problem" },
    { "deleteApi", "'204': {description: Archived}", "'304': {description: Archived}",
      "no success is described" },
    { "getApi",
      "'200': {description: The api, content: {application/json: {schema: {$ref: "
      "'#/components/schemas/Api'}}}}",
      "'200': {description: The api}", "to unwrap" },
    { "/api/v1/apis/{api}:", "{api}", "{ape}", "the path's \"ape\" is not described" },
    { "/api/v1/apis/{api}:", "{api}", "{ape}", "\"api\" is not in the path" },
    { "/api/v1/notify/endpoints/{id}/test:", "test:", "rotate-secret:", "" },
    { "  parameters:\n    api:", "type: string", "type: [", "" },
    { "    limit: {name: limit", "type: integer", "type: intiger", "" },
    { "    ApiList:", "'#/components/schemas/Api'", "'#/components/schemas/Ape'", "" },
    { "openapi:", "openapi: 3.1.0", "openapi: 4.0.0", "" },
};

TEST(each_mutation_of_the_contract_is_refused_and_named)
{
    for (size_t i = 0; i < sizeof MUTATIONS / sizeof *MUTATIONS; i++) {
        char *text = mutate(MUTATIONS[i].anchor, MUTATIONS[i].from, MUTATIONS[i].to);
        struct pl_err err = { 0 };
        struct contract *contract = load(text, &err);
        bool named = complains(contract, MUTATIONS[i].says);

        if (!named)
            for (int p = 0; p < contract->problem_count; p++)
                printf("\n  %s", contract->problems[p]);
        free(text);
        CHECK_THAT(err.code == PL_INVALID, "mutation %zu (%s) was taken", i, MUTATIONS[i].to);
        CHECK_THAT(named, "mutation %zu does not say \"%s\"", i, MUTATIONS[i].says);
        contract_destroy(&contract);
    }
}

TEST(all_problems_are_listed_not_only_the_first)
{
    char *text = mutate("    ApiSettings:", "title:", "titel:");
    struct pl_err err = { 0 };
    struct contract *contract = load(text, &err);

    CHECK_INT(contract->problem_count, >=, 2); // unknown, and its field is not filled any more
    CHECK_HAS(err.text, "problems");
    contract_destroy(&contract);
    free(text);
}

/* ---- One sample value of each schema, through the transcoder and back -------------------- */

static struct pl_node *sample(const struct contract *c, struct pl_node *schema, struct pl_arena *a);

static struct pl_node *
sample_string(const struct pl_node *schema, struct pl_arena *a)
{
    const struct pl_node *word = pl_node_at(pl_node_get(schema, "enum"), 0);
    const char *format = pl_node_text(pl_node_get(schema, "format"), "");
    const char *pattern = pl_node_text(pl_node_get(schema, "pattern"), "");

    if (word)
        return pl_node_string(a, pl_node_text(word, ""));
    if (strcmp(format, "date-time") == 0)
        return pl_node_string(a, "2026-11-20T19:00:00.000Z");
    if (strcmp(format, "date") == 0)
        return pl_node_string(a, "2026-11-20");
    if (strstr(pattern, "{16}"))
        return pl_node_string(a, "0123456789abcdef");
    if (strstr(pattern, "http"))
        return pl_node_string(a, "https://example.org/hook");
    if (strstr(pattern, "whsec"))
        return pl_node_string(a, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    return pl_node_string(a, "museum1");
}

static struct pl_node *
sample_object(const struct contract *c, const struct pl_node *schema, struct pl_arena *a)
{
    const struct pl_node *properties = pl_node_get(schema, "properties");
    struct pl_node *out = pl_node_object(a);

    for (uint32_t i = 0; properties && i < properties->count; i++)
        pl_node_set(a, out, properties->members[i].key, sample(c, properties->members[i].value, a));
    return out;
}

static struct pl_node *
sample(const struct contract *c, struct pl_node *schema, struct pl_arena *a)
{
    const struct pl_node *s = contract_resolve(c, schema);
    const char *type = pl_node_text(pl_node_get(s, "type"), "string");

    if (strcmp(type, "object") == 0)
        return sample_object(c, s, a);
    if (strcmp(type, "array") == 0) {
        struct pl_node *out = pl_node_array(a);

        pl_node_push(a, out, sample(c, pl_node_get(s, "items"), a));
        return out;
    }
    if (pl_node_get(s, "anyOf"))
        return sample(c, pl_node_at(pl_node_get(s, "anyOf"), 0), a);
    if (strcmp(type, "integer") == 0)
        return pl_node_integer(a, 7);
    if (strcmp(type, "number") == 0)
        return pl_node_number(a, "0.5");
    if (strcmp(type, "boolean") == 0)
        return pl_node_bool(a, true);
    return sample_string(s, a);
}

/* The JSON that comes out of a message that ${value} went into. */
static const char *
through(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field,
        const struct pl_node *value, struct violations *bad, struct pl_arena *a)
{
    ProtobufCMessage *message = transcode_message(type, a);
    struct pl_buf out = { .arena = a };
    struct pl_err err = { 0 };

    if (field)
        transcode_set(message, field, value, "", bad, a);
    else
        transcode_object(message, value, "", bad, a);
    message = pl_unpack(type, pl_pack(message, a), a);
    if (field ? transcode_write_field(&out, message, field, &err)
              : transcode_write(&out, message, &err))
        return err.text[0] ? pl_arena_strdup(a, err.text) : "failed";
    return pl_buf_text(&out);
}

static bool
same_json(const struct pl_node *wanted, const char *text, struct pl_arena *a)
{
    struct pl_err err = { 0 };

    return pl_node_equal(wanted, pl_json_parse(a, text, strlen(text), NULL, &err));
}

TEST(the_answer_of_each_operation_makes_the_round_trip)
{
    struct pl_err err = { 0 };
    struct contract *contract = load(gateway_contract[0].text, &err);
    int seen = 0;

    for (int i = 0; i < contract->operation_count; i++) {
        const struct operation *op = &contract->operations[i];
        struct pl_arena *arena = pl_arena_new();
        struct violations bad = { 0 };

        if (op->reply_schema) {
            struct pl_node *value = sample(contract, op->reply_schema, arena);
            const char *text = through(op->reply, op->unwrap, value, &bad, arena);

            CHECK_THAT(bad.count == 0, "%s: %s %s", op->id, bad.list[0].pointer, bad.list[0].text);
            CHECK_THAT(same_json(value, text, arena), "%s became %s", op->id, text);
            seen++;
        }
        pl_arena_destroy(&arena);
    }
    CHECK_INT(seen, >=, 18);
    contract_destroy(&contract);
}

TEST(the_body_of_each_operation_fits_its_schema_and_makes_the_round_trip)
{
    struct pl_err err = { 0 };
    struct contract *contract = load(gateway_contract[0].text, &err);
    int seen = 0;

    for (int i = 0; i < contract->operation_count; i++) {
        const struct operation *op = &contract->operations[i];
        struct pl_arena *a = pl_arena_new();
        char *method = pl_arena_strdup(a, op->method);
        const char *at = pl_pointer_add(a, "/paths", op->path);
        struct violations bad = { 0 };

        for (char *c = method; *c; c++)
            *c = (char)(*c | 0x20);
        at = pl_arena_printf(a, "%s/%s/requestBody/content/application~1json/schema", at, method);
        if (op->body == BODY_JSON) {
            struct pl_node *value =
                sample(contract, pl_node_pointer(contract->document->root, at), a);
            ProtobufCMessage *message = transcode_message(op->request, a);
            struct pl_buf out = { .arena = a };

            bad.count = pl_schema_check(op->body_schema, value, a, bad.list, MAX_VIOLATIONS);
            CHECK_THAT(bad.count == 0, "%s: %s %s", op->id, bad.list[0].pointer, bad.list[0].text);
            transcode_object(message, value, "", &bad, a);
            CHECK_THAT(bad.count == 0, "%s: %s %s", op->id, bad.list[0].pointer, bad.list[0].text);
            CHECK_INT(transcode_write(&out, message, &err), ==, 0);
            CHECK_THAT(same_json(value, pl_buf_text(&out), a), "%s became %s", op->id,
                       pl_buf_text(&out));
            seen++;
        }
        pl_arena_destroy(&a);
    }
    CHECK_INT(seen, >=, 5);
    contract_destroy(&contract);
}
