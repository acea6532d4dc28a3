#include "milestones.h"

#include "governance.h"
#include "params.h"

#define MOST_CATEGORIES 200
#define MOST_MILESTONES 1000

static void
complain(struct pl_call *call, const char *pointer, const struct pl_node *node, const char *text)
{
    pl_call_violation(call, pointer, node ? (int)node->line : 0, node ? (int)node->column : 0, "%s",
                      text);
}

static bool
name_good(struct pl_call *call, const struct pl_node *item, const char *pointer)
{
    const struct pl_node *name = pl_node_get(item, "name");

    if (pl_node_is(name, PL_STRING) && text_ok(name->text, 1, 200))
        return true;
    complain(call, pl_pointer_add(call->arena, pointer, "name"), name ? name : item,
             "a name of 1 to 200 characters is needed");
    return false;
}

static bool
weight_good(struct pl_call *call, const struct pl_node *item, const char *pointer)
{
    const struct pl_node *weight = pl_node_get(item, "weight");
    double value = pl_node_double(weight, 1);

    if (weight == NULL || (pl_node_is(weight, PL_NUMBER) && value > 0 && value <= 1e9))
        return true;
    complain(call, pl_pointer_add(call->arena, pointer, "weight"), weight,
             "a weight is a number above 0");
    return false;
}

static bool
milestone_good(struct pl_call *call, const struct pl_node *item, const char *pointer)
{
    const struct pl_node *complete = pl_node_get(item, "complete");
    double share = pl_node_double(complete, 0);
    bool good;

    if (!pl_node_is(item, PL_OBJECT)) {
        complain(call, pointer, item, "a milestone is an object");
        return false;
    }
    good = name_good(call, item, pointer);
    good = weight_good(call, item, pointer) && good;
    if (complete && !pl_node_is(complete, PL_BOOL) &&
        !(pl_node_is(complete, PL_NUMBER) && share >= 0 && share <= 1)) {
        complain(call, pl_pointer_add(call->arena, pointer, "complete"), complete,
                 "complete is true, false or a share from 0 to 1");
        good = false;
    }
    return good;
}

static bool
category_good(struct pl_call *call, const struct pl_node *item, const char *pointer)
{
    const struct pl_node *list = pl_node_get(item, "milestones");
    const char *below = pl_pointer_add(call->arena, pointer, "milestones");
    bool good;

    if (!pl_node_is(item, PL_OBJECT)) {
        complain(call, pointer, item, "a category is an object");
        return false;
    }
    good = name_good(call, item, pointer);
    good = weight_good(call, item, pointer) && good;
    if (!pl_node_is(list, PL_ARRAY) || list->count > MOST_MILESTONES) {
        complain(call, below, list ? list : item, "a list of at most 1000 milestones is needed");
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++)
        good = milestone_good(call, list->items[i], pl_pointer_add_index(call->arena, below, i)) &&
               good;
    return good;
}

bool
milestones_check(struct pl_call *call, ProtobufCBinaryData json)
{
    static const char CATEGORIES[] = "/milestones/categories";

    struct pl_err err = { 0 };
    struct pl_node *root =
        pl_json_parse(call->arena, (const char *)json.data, json.len, NULL, &err);
    const struct pl_node *list = pl_node_get(root, "categories");
    bool good = true;

    if (root == NULL) {
        complain(call, "/milestones", NULL, err.text);
        return false;
    }
    if (!pl_node_is(list, PL_ARRAY) || list->count > MOST_CATEGORIES) {
        complain(call, CATEGORIES, list ? list : root,
                 "a list of at most 200 categories is needed");
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++)
        good =
            category_good(call, list->items[i], pl_pointer_add_index(call->arena, CATEGORIES, i)) &&
            good;
    return good;
}

static double
share_of(const struct pl_node *complete)
{
    return pl_node_is(complete, PL_BOOL) ? pl_node_true(complete, false)
                                         : pl_node_double(complete, 0);
}

static Governance__Milestone *
count_category(const struct pl_node *category, struct pl_arena *arena)
{
    Governance__Milestone *out = pl_arena_alloc(arena, sizeof *out);
    const struct pl_node *list = pl_node_get(category, "milestones");
    double done = 0, all = 0;
    int64_t complete = 0;

    for (uint32_t i = 0; list && i < list->count; i++) {
        double weight = pl_node_double(pl_node_get(list->items[i], "weight"), 1);
        double share = share_of(pl_node_get(list->items[i], "complete"));

        all += weight;
        done += weight * share;
        complete += share >= 1;
    }
    governance__milestone__init(out);
    out->category = pl_arena_strdup(arena, pl_node_text(pl_node_get(category, "name"), ""));
    PUT(out, weight, pl_node_double(pl_node_get(category, "weight"), 1));
    PUT(out, percent, all > 0 ? 100 * done / all : 0);
    PUT(out, total, list ? list->count : 0);
    PUT(out, complete, complete);
    return out;
}

int
milestones_count(ProtobufCBinaryData json, struct pl_arena *arena, Governance__Milestone ***out,
                 size_t *count, double *percent, struct pl_err *err)
{
    double done = 0, all = 0;
    const struct pl_node *list;
    struct pl_node *root;

    *count = 0;
    *percent = 0;
    if (json.len == 0)
        return 0;
    root = pl_json_parse(arena, (const char *)json.data, json.len, NULL, err);
    if (root == NULL)
        return -1;
    list = pl_node_get(root, "categories");
    *count = list ? list->count : 0;
    *out = pl_arena_alloc(arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++) {
        (*out)[i] = count_category(list->items[i], arena);
        all += (*out)[i]->weight;
        done += (*out)[i]->weight * (*out)[i]->percent;
    }
    *percent = all > 0 ? done / all : 0;
    return 0;
}
