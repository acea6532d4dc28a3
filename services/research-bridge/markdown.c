#include "markdown.h"

#include "pl_buf.h"

#include <string.h>

/* One line of text: what Markdown and HTML would take for markup is escaped. */
static void
put_line(struct pl_buf *out, const char *text)
{
    for (; text && *text; text++) {
        if (strchr("\\`*_[]<>#|&", *text))
            pl_buf_char(out, '\\');
        pl_buf_char(out, strchr("\r\n\t", *text) ? ' ' : *text);
    }
}

/* Several lines, each escaped; their ends are kept as line breaks. */
static void
put_text(struct pl_buf *out, const char *heading, const char *text)
{
    if (text == NULL)
        return;
    pl_buf_printf(out, "\n## %s\n\n", heading);
    while (*text) {
        size_t length = strcspn(text, "\n");
        struct pl_arena *arena = out->arena;

        put_line(out, pl_arena_printf(arena, "%.*s", (int)length, text));
        pl_buf_str(out, text[length] ? "  \n" : "\n");
        text += length + (text[length] == '\n');
    }
}

static void
put_fact(struct pl_buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    pl_buf_printf(out, "| %s | ", name);
    put_line(out, value);
    pl_buf_str(out, " |\n");
}

static void
put_tags(struct pl_buf *out, const Bridge__Input *input)
{
    struct pl_buf tags = { .arena = out->arena };

    for (size_t i = 0; i < input->n_tags; i++)
        pl_buf_printf(&tags, "%s%s", i ? ", " : "", input->tags[i]);
    put_fact(out, "Tags", input->n_tags ? pl_buf_text(&tags) : NULL);
}

static void
put_experiment(struct pl_buf *out, const Bridge__Experiment *experiment)
{
    if (experiment == NULL)
        return;
    pl_buf_str(out, "\n## Experiment\n\n| | |\n|---|---|\n");
    put_fact(out, "Id", experiment->id);
    put_fact(out, "Status", experiment->status);
    put_fact(out, "Outcome", experiment->outcome);
    put_fact(out, "Approved by", experiment->approved_by);
    put_fact(out, "Approved", experiment->created_at);
    put_fact(out, "Started", experiment->started_at);
    put_fact(out, "Concluded", experiment->concluded_at);
    put_text(out, "Conclusion", experiment->conclusion);
}

static void
put_changes(struct pl_buf *out, Bridge__Change *const *changes, size_t count)
{
    pl_buf_str(out, "\n## History\n\n| When | Who | What | Before | After | Comment |\n"
                    "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        const char *const cells[] = { changes[i]->at,     changes[i]->actor, changes[i]->field,
                                      changes[i]->before, changes[i]->after, changes[i]->comment };

        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            pl_buf_str(out, "| ");
            put_line(out, cells[c]);
            pl_buf_char(out, ' ');
        }
        pl_buf_str(out, "|\n");
    }
}

ProtobufCBinaryData
markdown_input(const Bridge__Input *input, const Bridge__Experiment *experiment,
               Bridge__Change *const *changes, size_t count, struct pl_arena *arena)
{
    struct pl_buf out = { .arena = arena };

    pl_buf_str(&out, "# ");
    put_line(&out, input->title);
    pl_buf_str(&out, "\n\n| | |\n|---|---|\n");
    put_fact(&out, "Id", input->id);
    put_fact(&out, "Status", input->status);
    put_fact(&out, "Impact", pl_arena_printf(arena, "%d of 10", (int)input->impact));
    put_fact(&out, "Owner", input->owner);
    put_tags(&out, input);
    put_fact(&out, "Submitted by", input->created_by);
    put_fact(&out, "Submitted", input->created_at);
    put_fact(&out, "Changed", input->updated_at);
    put_text(&out, "Problem", input->problem);
    put_text(&out, "Hypothesis", input->hypothesis);
    put_experiment(&out, experiment);
    put_changes(&out, changes, count);
    return (ProtobufCBinaryData){ out.length, (uint8_t *)pl_buf_text(&out) };
}
