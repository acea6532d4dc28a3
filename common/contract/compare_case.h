/* compare_case -- pairs of small documents for tests, and what was found as one text.
 *
 * found_in() answers "error request-type-changed, info default-changed", sorted as the diff is;
 * "" means nothing.  A piece of YAML is set into a frame, indented as the frame needs it.
 */
#ifndef COMPARE_CASE_H
#define COMPARE_CASE_H

#include "pl_check.h"
#include "pl_compare.h"

static inline struct pl_document *
load_case(const char *text, const char *file, struct pl_arena *arena)
{
    struct pl_document *document;
    struct pl_err err = { 0 };

    if (pl_document_load(&document, arena, file, text, strlen(text), NULL, &err) < 0) {
        fprintf(stderr, "\n  %s: %s\n%s\n", file, err.text, text);
        abort();
    }
    return document;
}

static inline const char *
list_findings(const struct pl_diff *diff, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    for (int i = 0; i < diff->finding_count; i++)
        pl_buf_printf(&out, "%s%s %s", i ? ", " : "", pl_level_name(diff->findings[i].level),
                      diff->findings[i].rule->id);
    return pl_buf_text(&out);
}

static inline const char *
compare_texts(const char *base, const char *head, struct pl_arena *arena)
{
    return list_findings(pl_compare(load_case(base, "base.yaml", arena),
                                    load_case(head, "head.yaml", arena), NULL, arena),
                         arena);
}

/* A schema (flow style YAML) as the body of a request, or of a response. */
static inline const char *
framed(const char *version, bool reply, const char *schema, struct pl_arena *arena)
{
    const char *body =
        pl_arena_printf(arena, "content: { application/json: { schema: %s } }", schema);

    return pl_arena_printf(
        arena,
        "openapi: %s\n"
        "info: { title: case, version: 1.0.0 }\n"
        "paths:\n"
        "  /things:\n"
        "    post:\n"
        "%s%s%s"
        "      responses: { '200': { description: fine%s%s } }\n"
        "components:\n"
        "  schemas:\n"
        "    Name: { type: string }\n"
        "    Cat: { type: object, properties: { lives: { type: integer } } }\n"
        "    Dog: { type: object, required: [bark], properties: { bark: { type: string } } }\n"
        "    Tree: { type: object, properties: { leaf: { type: string }, "
        "branches: { type: array, items: { $ref: '#/components/schemas/Tree' } } } }\n",
        version, reply ? "" : "      requestBody: { ", reply ? "" : body, reply ? "" : " }\n",
        reply ? ", " : "", reply ? body : "");
}

static inline const char *
between(const char *base_version, const char *head_version, bool reply, const char *base,
        const char *head)
{
    static char out[2000];
    struct pl_arena *arena = pl_arena_new();

    snprintf(out, sizeof out, "%s",
             compare_texts(framed(base_version, reply, base, arena),
                           framed(head_version, reply, head, arena), arena));
    pl_arena_destroy(&arena);
    return out;
}

#define IN_REQUEST(base, head)  between("3.1.0", "3.1.0", false, base, head)
#define IN_RESPONSE(base, head) between("3.1.0", "3.1.0", true, base, head)

#endif
