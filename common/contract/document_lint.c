/* Every schema of a document, looked at as a validator would. */
#include "document_bundle.h"

#include <stddef.h>
#include <string.h>

struct collector {
    struct pl_document *document;
    struct pl_schema_place *places;
    int count, room;
};

static void
add(struct collector *self, struct pl_node *node, const char *pointer)
{
    if (self->count == self->room) {
        int room = self->room ? self->room * 2 : 256;
        struct pl_schema_place *larger =
            pl_arena_alloc(self->document->arena, (size_t)room * sizeof *larger);

        if (self->count)
            memcpy(larger, self->places, (size_t)self->count * sizeof *larger);
        self->places = larger;
        self->room = room;
    }
    self->places[self->count++] = (struct pl_schema_place){ node, pointer };
}

/* The outermost schemas; the compiler finds those below. */
static void
collect(struct collector *self, const struct document_step *at, struct pl_node *node,
        enum meaning meaning, enum section section)
{
    bool old = self->document->spec == PL_SWAGGER_20;

    if (section == SECTION_SCHEMAS && meaning == MEANS_KEYWORDS) {
        add(self, node, document_pointer(at, self->document->arena));
        return;
    }
    for (uint32_t i = 0; node->kind == PL_OBJECT && i < node->count; i++) {
        const struct pl_member *member = &node->members[i];
        enum meaning below = meaning_below(meaning, member, old);

        if (below != MEANS_DATA)
            collect(self, &(struct document_step){ at, member->key, 0 }, member->value, below,
                    section_below(section, meaning, member->key));
    }
    for (uint32_t i = 0; node->kind == PL_ARRAY && i < node->count; i++)
        collect(self, &(struct document_step){ at, NULL, i }, node->items[i], MEANS_KEYWORDS,
                section);
}

/* The compiler says "the schema at "POINTER/KEYWORD" is not valid: WHY", its pointer cut: the place
 * is told beside it, so that only the keyword and why are left, at the keyword's line. */
static void
note(void *other, const struct pl_node *node, const char *pointer, const char *text)
{
    static const char BEGIN[] = "the schema at \"", END[] = "\" is not valid: ";
    struct pl_document *document = other;
    const char *end = strstr(text, END), *keyword;
    size_t length = strlen(pointer), known = sizeof BEGIN - 1 + (length < 100 ? length : 100);
    const struct pl_member *member;

    if (end == NULL || strncmp(text, BEGIN, sizeof BEGIN - 1) != 0) {
        document_problem_at(document, node, pointer, text);
        return;
    }
    if (text + known >= end || text[known] != '/') {
        document_problem_at(document, node, pointer, end + sizeof END - 1);
        return;
    }
    keyword = pl_arena_printf(document->arena, "%.*s", (int)(end - text - (ptrdiff_t)known) - 1,
                              text + known + 1);
    member = pl_node_is(node, PL_OBJECT) ? pl_node_member(node, keyword) : NULL;
    document_problem_at(
        document, member ? member->value : node,
        pl_arena_printf(document->arena, "%s/%s", pointer, keyword),
        pl_arena_printf(document->arena, "`%s`: %s", keyword, end + sizeof END - 1));
}

void
pl_document_lint(struct pl_document *document)
{
    const struct document_step root = { 0 };
    struct collector self = { .document = document };

    if (document->problem_count) // what cannot be relied on is not looked at
        return;
    collect(&self, &root, document->root, MEANS_KEYWORDS, SECTION_NONE);
    pl_schema_lint(self.places, self.count, document->root, document->dialect, document->arena,
                   note, document);
}
