/* Documents that a reference may lead to besides the one at hand, and what a metaschema among them
 * says about vocabularies. */
#include "schema_private.h"

#include "pl_embed.h"

#include <string.h>

#define DRAFT_2020 "https://json-schema.org/draft/2020-12/"

extern const struct pl_embedded schema_metaschemas[]; // see CMakeLists.txt

static const struct {
    const char *uri, *file;
} metaschemas[] = {
    { DRAFT_2020 "schema", "schema.json" },
    { DRAFT_2020 "meta/core", "core.json" },
    { DRAFT_2020 "meta/applicator", "applicator.json" },
    { DRAFT_2020 "meta/unevaluated", "unevaluated.json" },
    { DRAFT_2020 "meta/validation", "validation.json" },
    { DRAFT_2020 "meta/meta-data", "meta-data.json" },
    { DRAFT_2020 "meta/format-annotation", "format-annotation.json" },
    { DRAFT_2020 "meta/content", "content.json" },
    { "http://json-schema.org/draft-04/schema", "draft-04.json" },
};

static const struct {
    const char *uri;
    unsigned bits;
} vocabularies[] = {
    { DRAFT_2020 "vocab/core", VOCABULARY_CORE },
    { DRAFT_2020 "vocab/applicator", VOCABULARY_APPLICATOR },
    { DRAFT_2020 "vocab/unevaluated", VOCABULARY_UNEVALUATED },
    { DRAFT_2020 "vocab/validation", VOCABULARY_VALIDATION },
    { DRAFT_2020 "vocab/format-annotation", VOCABULARY_FORMAT },
    { DRAFT_2020 "vocab/format-assertion", VOCABULARY_FORMAT | VOCABULARY_FORMAT_ASSERTS },
};

static struct pl_node *
read_embedded(struct schema_compiler *self, const char *name)
{
    const struct pl_embedded *file = schema_metaschemas;
    struct pl_err ignored = { 0 };

    while (strcmp(file->name, name) != 0)
        file++;
    return pl_json_parse(self->arena, file->text, file->size, NULL, &ignored);
}

struct pl_node *
schema_known(struct schema_compiler *self, const char *uri)
{
    for (int i = 0; i < self->options->known_count; i++)
        if (strcmp(self->options->known[i].uri, uri) == 0)
            return self->options->known[i].root;
    for (size_t i = 0; i < sizeof metaschemas / sizeof metaschemas[0]; i++)
        if (strcmp(metaschemas[i].uri, uri) == 0)
            return read_embedded(self, metaschemas[i].file);
    return NULL;
}

unsigned
schema_vocabularies(struct schema_compiler *self, const struct pl_node *root, unsigned usual)
{
    const char *uri = pl_node_text(pl_node_get(root, "$schema"), NULL);
    const struct pl_node *listed;
    unsigned bits = VOCABULARY_CORE;

    if (uri == NULL || !schema_is_2020(self->dialect) || strcmp(uri, DRAFT_2020 "schema") == 0)
        return usual;
    listed = pl_node_get(
        schema_known(self, pl_arena_printf(self->arena, "%.*s", (int)strcspn(uri, "#"), uri)),
        "$vocabulary");
    if (!pl_node_is(listed, PL_OBJECT))
        return usual;
    for (uint32_t i = 0; i < listed->count; i++)
        for (size_t j = 0; j < sizeof vocabularies / sizeof vocabularies[0]; j++)
            if (strcmp(listed->members[i].key, vocabularies[j].uri) == 0)
                bits |= vocabularies[j].bits;
    return bits;
}
