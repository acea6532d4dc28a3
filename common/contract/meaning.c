#include "meaning.h"

#include <string.h>

static bool
is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (**words == *text && strcmp(text, *words) == 0)
            return true;
    return false;
}

static enum meaning
below_keyword(const struct pl_member *member, bool raw_examples)
{
    static const char *const data[] = { "example", "default", "enum", "const", NULL };
    static const char *const maps[] = {
        "properties",    "patternProperties", "definitions",
        "$defs",         "dependentSchemas",  "schemas",
        "parameters",    "responses",         "headers",
        "links",         "callbacks",         "securityDefinitions",
        "requestBodies", "pathItems",         "securitySchemes",
        "paths",         "webhooks",          "content",
        "encoding",      "variables",         "mapping",
        "scopes",        "dependencies",      NULL,
    };
    const char *key = member->key;

    if (strncmp(key, "x-", 2) == 0 || is_one_of(key, data))
        return MEANS_DATA;
    if (strcmp(key, "examples") == 0) // a list in a schema, a map of names elsewhere
        return raw_examples || !pl_node_is(member->value, PL_OBJECT) ? MEANS_DATA : MEANS_EXAMPLES;
    return is_one_of(key, maps) ? MEANS_NAMES : MEANS_KEYWORDS;
}

enum meaning
meaning_below(enum meaning parent, const struct pl_member *member, bool raw_examples)
{
    switch (parent) {
    case MEANS_KEYWORDS:
        return below_keyword(member, raw_examples);
    case MEANS_NAMES:
        return MEANS_KEYWORDS;
    case MEANS_EXAMPLES:
        return MEANS_EXAMPLE;
    case MEANS_EXAMPLE:
    case MEANS_DATA:
        break;
    }
    return MEANS_DATA;
}
