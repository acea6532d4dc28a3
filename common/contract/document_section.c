/* What the objects of an API description are, by the keys that lead to them. */
#include "document_bundle.h"

#include <string.h>

const struct section_names section_names[] = {
    [SECTION_NONE] = { NULL, NULL },
    [SECTION_SCHEMAS] = { "schemas", "definitions" },
    [SECTION_RESPONSES] = { "responses", "responses" },
    [SECTION_PARAMETERS] = { "parameters", "parameters" },
    [SECTION_EXAMPLES] = { "examples", NULL },
    [SECTION_REQUEST_BODIES] = { "requestBodies", NULL },
    [SECTION_HEADERS] = { "headers", NULL },
    [SECTION_SECURITY_SCHEMES] = { "securitySchemes", NULL },
    [SECTION_LINKS] = { "links", NULL },
    [SECTION_CALLBACKS] = { "callbacks", NULL },
    [SECTION_PATH_ITEMS] = { NULL, NULL },
};

enum section
section_below(enum section parent, enum meaning meaning, const char *key)
{
    static const struct {
        const char *key;
        enum section section;
    } table[] = {
        { "schema", SECTION_SCHEMAS },
        { "schemas", SECTION_SCHEMAS },
        { "definitions", SECTION_SCHEMAS },
        { "responses", SECTION_RESPONSES },
        { "parameters", SECTION_PARAMETERS },
        { "examples", SECTION_EXAMPLES },
        { "requestBody", SECTION_REQUEST_BODIES },
        { "requestBodies", SECTION_REQUEST_BODIES },
        { "headers", SECTION_HEADERS },
        { "securitySchemes", SECTION_SECURITY_SCHEMES },
        { "links", SECTION_LINKS },
        { "callbacks", SECTION_CALLBACKS },
        { "paths", SECTION_PATH_ITEMS },
        { "webhooks", SECTION_PATH_ITEMS },
        { "pathItems", SECTION_PATH_ITEMS },
    };

    if (meaning != MEANS_KEYWORDS) // the key is a name: what the map holds
        return parent;
    if (parent == SECTION_SCHEMAS)
        return SECTION_SCHEMAS;
    if (parent == SECTION_CALLBACKS)
        return SECTION_PATH_ITEMS;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].key, key) == 0)
            return table[i].section;
    // Swagger 2.0 has `items` in parameters and headers, which are no schemas but as good
    return strcmp(key, "items") == 0 ? SECTION_SCHEMAS : SECTION_NONE;
}
