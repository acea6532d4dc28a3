/* A tree as YAML: block style, plain scalars only where nobody could read them as something else,
 * all others in the double quotes that YAML shares with JSON. */
#include "pl_node.h"
#include "yaml_scalar.h"

#include <ctype.h>
#include <string.h>

static void write_value(struct pl_buf *out, const struct pl_node *node, int indent, bool inline_ok);

/* Letters, digits and a few signs, beginning with a letter, and not a word with a meaning. */
static bool
is_plain(struct pl_arena *arena, const char *text, size_t length)
{
    static const char *const words[] = { "y", "n", "yes", "no", "on", "off" };
    const char *ignored;

    if (length == 0 || (!isalpha((unsigned char)text[0]) && !strchr("/$_", text[0])) ||
        text[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && (text[i] == '\0' || !strchr(" _-./+()=$", text[i])))
            return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0) // what YAML 1.1 readers would take for a boolean
            return false;
    return yaml_scalar(arena, text, length, &ignored) == YAML_TEXT;
}

static void
write_text(struct pl_buf *out, const char *text, size_t length)
{
    const struct pl_node quoted = { .kind = PL_STRING, .text = text, .length = length };

    if (is_plain(out->arena, text, length))
        pl_buf_add(out, text, length);
    else
        pl_node_write(out, &quoted, PL_COMPACT);
}

static bool
is_block(const struct pl_node *node)
{
    return (node->kind == PL_ARRAY || node->kind == PL_OBJECT) && node->count > 0;
}

static void
write_object(struct pl_buf *out, const struct pl_node *node, int indent, bool inline_first)
{
    for (uint32_t i = 0; i < node->count; i++) {
        const struct pl_member *member = &node->members[i];

        if (i || !inline_first)
            pl_buf_printf(out, "%*s", indent, "");
        write_text(out, member->key, member->key_length);
        pl_buf_char(out, ':');
        if (is_block(member->value)) {
            pl_buf_char(out, '\n');
            write_value(out, member->value, indent + 2, false);
        } else {
            pl_buf_char(out, ' ');
            write_value(out, member->value, 0, true);
        }
    }
}

static void
write_array(struct pl_buf *out, const struct pl_node *node, int indent, bool inline_first)
{
    for (uint32_t i = 0; i < node->count; i++) {
        if (i || !inline_first)
            pl_buf_printf(out, "%*s", indent, "");
        pl_buf_str(out, "- ");
        write_value(out, node->items[i], indent + 2, true);
    }
}

/* ${inline_ok}: the cursor is already where the value begins. */
static void
write_value(struct pl_buf *out, const struct pl_node *node, int indent, bool inline_ok)
{
    if (is_block(node)) {
        if (node->kind == PL_OBJECT)
            write_object(out, node, indent, inline_ok);
        else
            write_array(out, node, indent, inline_ok);
        return;
    }
    if (node->kind == PL_STRING)
        write_text(out, node->text, node->length);
    else
        pl_node_write(out, node, PL_COMPACT);
    pl_buf_char(out, '\n');
}

void
pl_node_write_yaml(struct pl_buf *out, const struct pl_node *node)
{
    write_value(out, node, 0, true);
}
