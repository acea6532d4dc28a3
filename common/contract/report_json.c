/* report_json -- the diff as tools read it; members only ever get added. */
#include "report_private.h"

#include <string.h>

static const char *const KINDS[] = { "none", "value", "request", "status" };

static struct pl_node *
text_or_null(struct pl_arena *arena, const char *text)
{
    return text ? pl_node_string(arena, text) : pl_node_null(arena);
}

static struct pl_node *
place_node(struct pl_arena *arena, const struct pl_place *place)
{
    struct pl_node *out;

    if (place->file == NULL)
        return pl_node_null(arena);
    out = pl_node_object(arena);
    pl_node_set(arena, out, "file", pl_node_string(arena, place->file));
    pl_node_set(arena, out, "line", pl_node_integer(arena, place->line));
    pl_node_set(arena, out, "column", pl_node_integer(arena, place->column));
    pl_node_set(arena, out, "pointer", text_or_null(arena, place->pointer));
    return out;
}

static struct pl_node *
operation_node(struct pl_arena *arena, const struct pl_operation_ref *operation, bool with_id)
{
    struct pl_node *out;

    if (operation->method == NULL)
        return pl_node_null(arena);
    out = pl_node_object(arena);
    pl_node_set(arena, out, "method", pl_node_string(arena, operation->method));
    pl_node_set(arena, out, "path", pl_node_string(arena, operation->path));
    if (with_id)
        pl_node_set(arena, out, "operation_id", text_or_null(arena, operation->operation_id));
    return out;
}

/* The value of a witness is a JSON value, not its text. */
static struct pl_node *
witness_value(struct pl_arena *arena, const struct pl_witness *witness)
{
    struct pl_node *value = NULL;
    struct pl_err err = { 0 };

    if (witness->kind == PL_WITNESS_VALUE)
        value = pl_json_parse(arena, witness->value, strlen(witness->value), NULL, &err);
    return value ? value : text_or_null(arena, witness->value);
}

static struct pl_node *
witness_node(struct pl_arena *arena, const struct pl_witness *witness)
{
    struct pl_node *out = pl_node_object(arena), *violates = pl_node_object(arena);

    pl_node_set(arena, out, "kind", pl_node_string(arena, KINDS[witness->kind]));
    pl_node_set(arena, out, "side", text_or_null(arena, witness->side));
    pl_node_set(arena, out, "value", witness_value(arena, witness));
    pl_node_set(arena, out, "valid_in", text_or_null(arena, witness->valid_in));
    pl_node_set(arena, out, "invalid_in", text_or_null(arena, witness->invalid_in));
    pl_node_set(arena, out, "violates", violates);
    pl_node_set(arena, violates, "pointer", text_or_null(arena, witness->pointer));
    pl_node_set(arena, violates, "keyword", text_or_null(arena, witness->keyword));
    if (witness->base_schema && witness->head_schema) {
        struct pl_node *schemas = pl_node_set(arena, out, "schemas", pl_node_object(arena));

        pl_node_set(arena, schemas, "base", pl_node_string(arena, witness->base_schema));
        pl_node_set(arena, schemas, "head", pl_node_string(arena, witness->head_schema));
    }
    return out;
}

static void
add_operations(struct pl_arena *arena, struct pl_node *to, const char *key,
               const struct pl_operation_ref *refs, int count)
{
    struct pl_node *list = pl_node_set(arena, to, key, pl_node_array(arena));

    for (int i = 0; i < count; i++)
        pl_node_push(arena, list, operation_node(arena, &refs[i], false));
}

struct pl_node *
pl_finding_node(struct pl_arena *arena, const struct pl_finding *finding)
{
    struct pl_node *out = pl_node_object(arena), *location = pl_node_object(arena);

    pl_node_set(arena, out, "id", pl_node_string(arena, finding->rule->id));
    pl_node_set(arena, out, "level", pl_node_string(arena, pl_level_name(finding->level)));
    pl_node_set(arena, out, "kind", pl_node_string(arena, finding->kind));
    pl_node_set(arena, out, "operation", operation_node(arena, &finding->operation, true));
    pl_node_set(arena, out, "operations", pl_node_integer(arena, finding->operations));
    if (finding->hits && finding->operations > 1)
        add_operations(arena, out, "hits", finding->hits, finding->operations);
    pl_node_set(arena, out, "location", location);
    pl_node_set(arena, location, "base", place_node(arena, &finding->base));
    pl_node_set(arena, location, "head", place_node(arena, &finding->head));
    pl_node_set(arena, out, "text", pl_node_string(arena, finding->text));
    if (finding->witness.kind != PL_WITNESS_NONE)
        pl_node_set(arena, out, "witness", witness_node(arena, &finding->witness));
    if (finding->witness.reason)
        pl_node_set(arena, out, "witness_missing", pl_node_string(arena, finding->witness.reason));
    pl_node_set(arena, out, "hint", pl_node_string(arena, finding->rule->hint));
    pl_node_set(arena, out, "migration", pl_node_string(arena, finding->rule->migration));
    if (finding->fingerprint)
        pl_node_set(arena, out, "fingerprint", pl_node_string(arena, finding->fingerprint));
    if (finding->note)
        pl_node_set(arena, out, "note", pl_node_string(arena, finding->note));
    return out;
}

static struct pl_place
read_place(struct pl_arena *arena, const struct pl_node *node)
{
    struct pl_place out = { 0 };

    if (!pl_node_is(node, PL_OBJECT))
        return out;
    out.file = pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "file"), ""));
    out.pointer = pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "pointer"), ""));
    out.line = (uint32_t)pl_node_int(pl_node_get(node, "line"), 0);
    out.column = (uint32_t)pl_node_int(pl_node_get(node, "column"), 0);
    return out;
}

/* A rule of a newer server: what the finding itself tells of it. */
static const struct pl_rule *
rule_of(struct pl_arena *arena, const struct pl_node *node)
{
    const char *id = pl_node_text(pl_node_get(node, "id"), "");
    const struct pl_rule *known = pl_rule_find(id);
    struct pl_rule *made;

    if (known)
        return known;
    made = pl_arena_alloc(arena, sizeof *made);
    made->id = pl_arena_strdup(arena, id);
    made->summary = "";
    made->hint = pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "hint"), ""));
    made->migration = pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "migration"), "none"));
    return made;
}

static const char *
read_text(struct pl_arena *arena, const struct pl_node *node, const char *key)
{
    const char *text = pl_node_text(pl_node_get(node, key), NULL);

    return text ? pl_arena_strdup(arena, text) : NULL;
}

static void
read_witness(struct pl_arena *arena, const struct pl_node *finding, struct pl_witness *out)
{
    const struct pl_node *node = pl_node_get(finding, "witness"), *value, *violates;
    const char *kind = pl_node_text(pl_node_get(node, "kind"), "");
    struct pl_buf text = { .arena = arena };

    out->reason = read_text(arena, finding, "witness_missing");
    for (unsigned i = PL_WITNESS_VALUE; i < sizeof KINDS / sizeof *KINDS; i++)
        if (strcmp(kind, KINDS[i]) == 0)
            out->kind = (enum pl_witness_kind)i;
    if (out->kind == PL_WITNESS_NONE)
        return;
    value = pl_node_get(node, "value");
    if (out->kind == PL_WITNESS_VALUE && value)
        pl_node_write(&text, value, PL_COMPACT);
    out->value = text.length ? pl_buf_text(&text) : read_text(arena, node, "value");
    out->side = read_text(arena, node, "side");
    out->valid_in = read_text(arena, node, "valid_in");
    out->invalid_in = read_text(arena, node, "invalid_in");
    violates = pl_node_get(node, "violates");
    out->pointer = read_text(arena, violates, "pointer");
    out->keyword = read_text(arena, violates, "keyword");
    out->base_schema = read_text(arena, pl_node_get(node, "schemas"), "base");
    out->head_schema = read_text(arena, pl_node_get(node, "schemas"), "head");
}

static struct pl_operation_ref
read_operation(struct pl_arena *arena, const struct pl_node *node)
{
    return (struct pl_operation_ref){
        pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "method"), "")),
        pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "path"), "")),
        pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "operation_id"), ""))
    };
}

/* All or none. */
static const struct pl_operation_ref *
read_hits(struct pl_arena *arena, const struct pl_node *list, int count)
{
    struct pl_operation_ref *out;

    if (!pl_node_is(list, PL_ARRAY) || (int)list->count != count)
        return NULL;
    out = pl_arena_alloc(arena, ((size_t)count + 1) * sizeof *out);
    for (int i = 0; i < count; i++)
        out[i] = read_operation(arena, list->items[i]);
    return out;
}

void
pl_finding_read(struct pl_arena *arena, const struct pl_node *node, struct pl_finding *out)
{
    const struct pl_node *operation = pl_node_get(node, "operation");
    const struct pl_node *location = pl_node_get(node, "location");

    *out = (struct pl_finding){ .rule = rule_of(arena, node), .level = PL_LEVEL_INFO };
    pl_level_parse(pl_node_text(pl_node_get(node, "level"), NULL), &out->level);
    out->kind = pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "kind"), "changed"));
    out->text = pl_arena_strdup(arena, pl_node_text(pl_node_get(node, "text"), ""));
    out->operations = (int)pl_node_int(pl_node_get(node, "operations"), 1);
    out->base = read_place(arena, pl_node_get(location, "base"));
    out->head = read_place(arena, pl_node_get(location, "head"));
    read_witness(arena, node, &out->witness);
    out->fingerprint = read_text(arena, node, "fingerprint");
    out->note = read_text(arena, node, "note");
    out->hits = read_hits(arena, pl_node_get(node, "hits"), out->operations);
    if (pl_node_get(operation, "method"))
        out->operation = read_operation(arena, operation);
}

struct pl_node *
report_json_list(struct pl_arena *arena, const struct pl_finding *findings, int count)
{
    struct pl_node *out = pl_node_array(arena);

    for (int i = 0; i < count; i++)
        pl_node_push(arena, out, pl_finding_node(arena, &findings[i]));
    return out;
}

void
report_json_findings(struct pl_buf *out, const struct pl_finding *findings, int count)
{
    pl_node_write(out, report_json_list(out->arena, findings, count), PL_PRETTY);
    pl_buf_char(out, '\n');
}

static struct pl_node *
document_node(struct pl_arena *arena, const struct pl_document *document, const char *sha256)
{
    struct pl_node *out = pl_node_object(arena);

    pl_node_set(arena, out, "title", pl_node_string(arena, document->title));
    pl_node_set(arena, out, "version", pl_node_string(arena, document->version));
    pl_node_set(arena, out, "sha256", text_or_null(arena, sha256));
    return out;
}

/* Pairs that could not be decided, by cause. */
static struct pl_node *
unknowns_node(struct pl_arena *arena, const struct pl_diff *diff)
{
    struct pl_node *out = pl_node_object(arena);

    for (int i = 0; i < diff->unknown_count; i++)
        pl_node_set(arena, out, diff->unknowns[i].cause,
                    pl_node_integer(arena, diff->unknowns[i].pairs));
    return out;
}

static struct pl_node *
summary_node(struct pl_arena *arena, const struct pl_diff *diff)
{
    struct pl_node *out = pl_node_object(arena);

    pl_node_set(arena, out, "breaking", pl_node_integer(arena, diff->breaking));
    pl_node_set(arena, out, "warnings", pl_node_integer(arena, diff->warnings));
    pl_node_set(arena, out, "info", pl_node_integer(arena, diff->infos));
    pl_node_set(arena, out, "operations_affected",
                pl_node_integer(arena, diff->operations_affected));
    pl_node_set(arena, out, "schema_pairs", pl_node_integer(arena, diff->schema_pairs));
    pl_node_set(arena, out, "unknown", unknowns_node(arena, diff));
    return out;
}

static struct pl_node *
semver_node(struct pl_arena *arena, const struct pl_semver *semver)
{
    struct pl_node *out = pl_node_object(arena), *messages, *advice;

    pl_node_set(arena, out, "required", pl_node_string(arena, semver->required));
    pl_node_set(arena, out, "status", pl_node_string(arena, semver->status));
    messages = pl_node_set(arena, out, "messages", pl_node_array(arena));
    advice = pl_node_set(arena, out, "recommendations", pl_node_array(arena));
    for (int i = 0; i < semver->message_count; i++)
        pl_node_push(arena, messages, pl_node_string(arena, semver->messages[i]));
    for (int i = 0; i < semver->recommendation_count; i++)
        pl_node_push(arena, advice, pl_node_string(arena, semver->recommendations[i]));
    return out;
}

struct pl_node *
report_json_node(struct pl_arena *arena, const struct pl_report *report)
{
    const struct pl_diff *diff = report->diff;
    struct pl_node *root = pl_node_object(arena), *operations = pl_node_object(arena);

    pl_node_set(arena, root, "version", pl_node_integer(arena, 1));
    pl_node_set(arena, root, "base", document_node(arena, report->base, report->base_sha256));
    pl_node_set(arena, root, "head", document_node(arena, report->head, report->head_sha256));
    if (report->base->note || report->head->note)
        pl_node_set(
            arena, root, "note",
            pl_node_string(arena, report->head->note ? report->head->note : report->base->note));
    pl_node_set(arena, root, "summary", summary_node(arena, diff));
    pl_node_set(arena, root, "operations", operations);
    add_operations(arena, operations, "added", diff->added, diff->added_count);
    add_operations(arena, operations, "removed", diff->removed, diff->removed_count);
    add_operations(arena, operations, "changed", diff->changed, diff->changed_count);
    pl_node_set(arena, root, "semver", semver_node(arena, report->semver));
    pl_node_set(arena, root, "findings",
                report_json_list(arena, diff->findings, diff->finding_count));
    if (diff->accepted_count)
        pl_node_set(arena, root, "accepted",
                    report_json_list(arena, diff->accepted, diff->accepted_count));
    return root;
}

void
report_json(struct pl_buf *out, const struct pl_report *report)
{
    pl_node_write(out, report_json_node(out->arena, report), PL_PRETTY);
    pl_buf_char(out, '\n');
}

void
report_yaml(struct pl_buf *out, const struct pl_report *report)
{
    pl_node_write_yaml(out, report_json_node(out->arena, report));
}
