/* report_sarif -- SARIF 2.1.0 (OASIS, 2020): what code scanning shows at the lines.
 *
 * A result's place is in the head document, because that is what lies in the repository; what is
 * gone from there points at its first line, and the base place is a related location. */
#include "report_private.h"

#include <string.h>

#define SCHEMA \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static struct pl_node *
set_text(struct pl_arena *arena, struct pl_node *object, const char *key, const char *text)
{
    return pl_node_set(arena, object, key, pl_node_string(arena, text));
}

static struct pl_node *
set_object(struct pl_arena *arena, struct pl_node *object, const char *key)
{
    return pl_node_set(arena, object, key, pl_node_object(arena));
}

static const char *
sarif_level(enum pl_finding_level level)
{
    static const char *const names[] = { "none", "note", "warning", "error" };

    return names[level];
}

/* A file name as a URI reference (RFC 3986). */
static const char *
uri_of(struct pl_arena *arena, const char *file)
{
    struct pl_buf out = { .arena = arena };

    if (file[0] == '/')
        pl_buf_str(&out, "file://");
    for (; *file; file++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/", *file))
            pl_buf_char(&out, *file);
        else
            pl_buf_printf(&out, "%%%02X", (unsigned char)*file);
    return pl_buf_text(&out);
}

static struct pl_node *
location_node(struct pl_arena *arena, const char *file, const struct pl_place *place)
{
    struct pl_node *out = pl_node_object(arena);
    struct pl_node *physical = set_object(arena, out, "physicalLocation");
    struct pl_node *region;

    set_text(arena, set_object(arena, physical, "artifactLocation"), "uri", uri_of(arena, file));
    region = set_object(arena, physical, "region");
    pl_node_set(arena, region, "startLine",
                pl_node_integer(arena, place && place->line ? place->line : 1));
    if (place && place->column)
        pl_node_set(arena, region, "startColumn", pl_node_integer(arena, place->column));
    if (place && place->pointer) {
        struct pl_node *logical =
            pl_node_push(arena, pl_node_set(arena, out, "logicalLocations", pl_node_array(arena)),
                         pl_node_object(arena));

        set_text(arena, logical, "fullyQualifiedName", place->pointer);
    }
    return out;
}

static struct pl_node *
rule_node(struct pl_arena *arena, const struct pl_rule *rule)
{
    struct pl_node *out = pl_node_object(arena);

    set_text(arena, out, "id", rule->id);
    set_text(arena, set_object(arena, out, "shortDescription"), "text", rule->summary);
    set_text(arena, set_object(arena, out, "help"), "text", rule->hint);
    set_text(arena, set_object(arena, out, "defaultConfiguration"), "level",
             sarif_level(rule->level));
    set_text(arena, set_object(arena, out, "properties"), "migration", rule->migration);
    return out;
}

/* The rules that were hit, once each, in the order of the findings; their place in the list. */
static int
rule_index(struct pl_arena *arena, struct pl_node *rules, const struct pl_rule *rule)
{
    for (uint32_t i = 0; i < rules->count; i++)
        if (strcmp(pl_node_text(pl_node_get(rules->items[i], "id"), ""), rule->id) == 0)
            return (int)i;
    pl_node_push(arena, rules, rule_node(arena, rule));
    return (int)rules->count - 1;
}

static const char *
message(struct pl_arena *arena, const struct pl_finding *finding)
{
    const char *witness = report_witness(arena, &finding->witness);

    return pl_arena_printf(arena, "%s%s%s", pl_report_sentence(arena, finding), witness ? "; " : "",
                           witness ? witness : "");
}

static struct pl_node *
result_node(struct pl_arena *arena, const struct pl_finding *finding, struct pl_node *rules,
            const struct pl_report *report)
{
    struct pl_node *out = pl_node_object(arena), *list, *properties;
    bool here = finding->head.file != NULL;

    set_text(arena, out, "ruleId", finding->rule->id);
    pl_node_set(arena, out, "ruleIndex",
                pl_node_integer(arena, rule_index(arena, rules, finding->rule)));
    set_text(arena, out, "level", sarif_level(finding->level));
    set_text(arena, set_object(arena, out, "message"), "text", message(arena, finding));
    list = pl_node_set(arena, out, "locations", pl_node_array(arena));
    pl_node_push(arena, list,
                 location_node(arena, here ? finding->head.file : report->head->file,
                               here ? &finding->head : NULL));
    if (finding->base.file) {
        list = pl_node_set(arena, out, "relatedLocations", pl_node_array(arena));
        list = pl_node_push(arena, list, location_node(arena, finding->base.file, &finding->base));
        pl_node_set(arena, list, "id", pl_node_integer(arena, 1));
        set_text(arena, set_object(arena, list, "message"), "text", "before");
    }
    if (finding->fingerprint)
        set_text(arena, set_object(arena, out, "partialFingerprints"), "plumb/v2",
                 finding->fingerprint);
    properties = set_object(arena, out, "properties");
    set_text(arena, properties, "kind", finding->kind);
    set_text(arena, properties, "operation", report_operation(arena, finding));
    pl_node_set(arena, properties, "operations", pl_node_integer(arena, finding->operations));
    return out;
}

void
report_sarif(struct pl_buf *out, const struct pl_report *report)
{
    struct pl_arena *arena = out->arena;
    struct pl_node *root = pl_node_object(arena), *run = pl_node_object(arena);
    struct pl_node *driver, *rules = pl_node_array(arena), *results = pl_node_array(arena);

    set_text(arena, root, "$schema", SCHEMA);
    set_text(arena, root, "version", "2.1.0");
    pl_node_push(arena, pl_node_set(arena, root, "runs", pl_node_array(arena)), run);
    driver = set_object(arena, set_object(arena, run, "tool"), "driver");
    set_text(arena, driver, "name", "plumb");
    set_text(arena, driver, "version", PL_VERSION);
    pl_node_set(arena, driver, "rules", rules);
    set_text(arena, run, "columnKind", "unicodeCodePoints");
    for (int i = 0; i < report->diff->finding_count; i++)
        pl_node_push(arena, results, result_node(arena, &report->diff->findings[i], rules, report));
    pl_node_set(arena, run, "results", results);
    pl_node_write(out, root, PL_PRETTY);
    pl_buf_char(out, '\n');
}
