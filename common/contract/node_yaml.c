/* YAML by libyaml's events, into the same tree as JSON: what JSON cannot say is refused. */
#include "node_private.h"

#include "yaml_scalar.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A finished value that has a name.  `nodes` and `bytes` count everything in it, aliases
 * included. */
struct anchor {
    struct pl_node *node;
    uint32_t nodes, height;
    size_t bytes;
};

/* What was there when a value began, and its name. */
struct open_anchor {
    const char *name; // NULL: it has none
    uint32_t nodes_before;
    size_t bytes_before;
};

struct reader {
    struct node_builder builder;
    yaml_parser_t yaml;
    struct pl_node *names; // anchor -> number into `anchors`; NULL node: still open
    struct anchor *anchors;
    uint32_t anchor_count;
    struct open_anchor *open; // one per level
    int documents;
};

static struct node_place
place_of(const yaml_mark_t *mark)
{
    return (struct node_place){ (uint32_t)mark->line + 1, (uint32_t)mark->column + 1 };
}

/* Remember what has just been finished under its name.  A name may be given again. */
static void
name_value(struct reader *self, const struct open_anchor *open)
{
    const struct node_builder *builder = &self->builder;
    uint32_t count = self->anchor_count;

    if (open->name == NULL)
        return;
    if ((count & (count + 1)) == 0) { // 0, 1, 3, 7 ...: full
        self->anchors = realloc(self->anchors, (count * 2 + 1) * sizeof *self->anchors);
        if (self->anchors == NULL)
            abort();
    }
    self->anchors[count] = (struct anchor){ builder->last, builder->nodes - open->nodes_before,
                                            builder->height, builder->bytes - open->bytes_before };
    pl_node_set(builder->arena, self->names, open->name, pl_node_integer(builder->arena, count));
    self->anchor_count++;
}

static int
refuse_tag(struct reader *self, const yaml_char_t *tag, struct node_place at)
{
    if (tag == NULL)
        return 0;
    return builder_fail(&self->builder, at, "tags like %.60s are not supported", (const char *)tag);
}

static int
on_key(struct reader *self, const yaml_event_t *event, struct node_place at)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;

    if (event->data.scalar.anchor)
        return builder_fail(&self->builder, at, "a key cannot have an anchor");
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(text, "<<") == 0)
        return builder_fail(&self->builder, at, "merge keys (<<) are not supported");
    text = builder_text(&self->builder, text, length);
    return builder_key(&self->builder, text, length, at);
}

static int
add_scalar(struct reader *self, const yaml_event_t *event, struct node_place at)
{
    struct node_builder *builder = &self->builder;
    const char *text = (const char *)event->data.scalar.value, *number = NULL;
    size_t length = event->data.scalar.length;
    enum yaml_scalar kind = YAML_TEXT;

    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        kind = yaml_scalar(builder->arena, text, length, &number);
    switch (kind) {
    case YAML_NULL:
        return builder_scalar(builder, PL_NULL, NULL, 0, false, at);
    case YAML_TRUE:
    case YAML_FALSE:
        return builder_scalar(builder, PL_BOOL, NULL, 0, kind == YAML_TRUE, at);
    case YAML_NUMBER:
        return builder_scalar(builder, PL_NUMBER, number, strlen(number), false, at);
    case YAML_NO_JSON:
        return builder_fail(builder, at, "JSON has no number like %.40s", text);
    case YAML_TEXT:
        break;
    }
    text = builder_text(builder, text, length);
    return builder_scalar(builder, PL_STRING, text, length, false, at);
}

static int
on_scalar(struct reader *self, const yaml_event_t *event, struct node_place at)
{
    const struct open_anchor open = { (const char *)event->data.scalar.anchor, self->builder.nodes,
                                      self->builder.bytes };

    if (refuse_tag(self, event->data.scalar.tag, at))
        return -1;
    if (builder_wants_key(&self->builder))
        return on_key(self, event, at);
    if (add_scalar(self, event, at))
        return -1;
    name_value(self, &open);
    return 0;
}

static int
on_begin(struct reader *self, enum pl_node_kind kind, const yaml_char_t *anchor,
         const yaml_char_t *tag, struct node_place at)
{
    struct pl_arena *arena = self->builder.arena;
    struct open_anchor *open;

    if (refuse_tag(self, tag, at))
        return -1;
    if (builder_wants_key(&self->builder))
        return builder_fail(&self->builder, at, "a key must be a simple text");
    open = &self->open[self->builder.depth];
    *open = (struct open_anchor){ NULL, self->builder.nodes, self->builder.bytes };
    if (anchor) {
        open->name = pl_arena_strdup(arena, (const char *)anchor);
        pl_node_set(arena, self->names, open->name, pl_node_null(arena));
    }
    return builder_begin(&self->builder, kind, at);
}

static int
on_end(struct reader *self)
{
    if (builder_end(&self->builder))
        return -1;
    name_value(self, &self->open[self->builder.depth]);
    return 0;
}

static int
on_alias(struct reader *self, const yaml_event_t *event, struct node_place at)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct pl_node *number = pl_node_get(self->names, name);
    const struct anchor *anchor;

    if (builder_wants_key(&self->builder))
        return builder_fail(&self->builder, at, "a key must be a simple text, not an alias");
    if (number == NULL)
        return builder_fail(&self->builder, at, "there is no anchor \"%.60s\"", name);
    if (pl_node_is(number, PL_NULL))
        return builder_fail(&self->builder, at, "the alias \"%.60s\" contains itself", name);
    anchor = &self->anchors[pl_node_int(number, 0)];
    return builder_again(&self->builder, anchor->node, anchor->nodes, anchor->bytes, anchor->height,
                         at);
}

/* One event; *more becomes false at the end. */
static int
on_event(struct reader *self, const yaml_event_t *event, bool *more)
{
    struct node_place at = place_of(&event->start_mark);

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (self->documents++)
            return builder_fail(&self->builder, at, "there is more than one document");
        return 0;
    case YAML_SCALAR_EVENT:
        return on_scalar(self, event, at);
    case YAML_SEQUENCE_START_EVENT:
        return on_begin(self, PL_ARRAY, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag, at);
    case YAML_MAPPING_START_EVENT:
        return on_begin(self, PL_OBJECT, event->data.mapping_start.anchor,
                        event->data.mapping_start.tag, at);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(self);
    case YAML_ALIAS_EVENT:
        return on_alias(self, event, at);
    case YAML_STREAM_END_EVENT:
        *more = false;
        return 0;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

static int
say_error(struct reader *self)
{
    const yaml_parser_t *yaml = &self->yaml;
    const char *problem = yaml->problem ? yaml->problem : "this is no YAML";
    struct node_place at = place_of(&yaml->problem_mark);

    if (yaml->error == YAML_MEMORY_ERROR)
        abort();
    if (yaml->error == YAML_READER_ERROR) // has an offset only; the mark says how far we are
        at = place_of(&yaml->mark);
    return builder_fail(&self->builder, at, "%.120s%s%.100s", problem, yaml->context ? " " : "",
                        yaml->context ? yaml->context : "");
}

static int
run(struct reader *self)
{
    bool more = true;

    while (more) {
        yaml_event_t event;
        int rc;

        if (!yaml_parser_parse(&self->yaml, &event))
            return say_error(self);
        rc = on_event(self, &event, &more);
        yaml_event_delete(&event);
        if (rc)
            return -1;
    }
    if (self->builder.root == NULL)
        return builder_fail(&self->builder, (struct node_place){ 1, 1 }, "the document is empty");
    return 0;
}

struct pl_node *
node_read_yaml(struct pl_arena *arena, const char *bytes, size_t length,
               const struct pl_limits *limits, struct node_place *where, struct pl_err *err)
{
    struct reader self = { 0 };
    struct pl_node *root = NULL;

    builder_open(&self.builder, arena, limits, where, err);
    if (node_check_text(&self.builder, &bytes, &length) == 0) {
        self.names = pl_node_object(arena);
        self.open = calloc(self.builder.limits.depth + 1u, sizeof *self.open);
        if (self.open == NULL || !yaml_parser_initialize(&self.yaml))
            abort();
        yaml_parser_set_encoding(&self.yaml, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&self.yaml, (const unsigned char *)bytes, length);
        if (run(&self) == 0)
            root = self.builder.root;
        yaml_parser_delete(&self.yaml);
        free(self.anchors);
        free(self.open);
    }
    builder_close(&self.builder);
    return root;
}

struct pl_node *
pl_yaml_parse(struct pl_arena *arena, const char *bytes, size_t length,
              const struct pl_limits *limits, struct pl_err *err)
{
    struct node_place where = { 0, 0 };

    return node_read_yaml(arena, bytes, length, limits, &where, err);
}

static size_t
behind_blanks(const char *bytes, size_t length, size_t at)
{
    while (at < length && bytes[at] && strchr(" \t\r\n", bytes[at]))
        at++;
    return at;
}

bool
pl_is_json(const char *bytes, size_t length)
{
    size_t at = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    char open;

    at = behind_blanks(bytes, length, at);
    if (at == length || (bytes[at] != '{' && bytes[at] != '['))
        return false;
    open = bytes[at];
    at = behind_blanks(bytes, length, at + 1);
    if (at == length || bytes[at] == '\0')
        return true;
    return strchr(open == '{' ? "\"}" : "\"]{[-0123456789tfn", bytes[at]) != NULL;
}

struct pl_node *
node_read(struct pl_arena *arena, const char *bytes, size_t length, const struct pl_limits *limits,
          struct node_place *where, struct pl_err *err)
{
    if (pl_is_json(bytes, length))
        return node_read_json(arena, bytes, length, limits, where, err);
    return node_read_yaml(arena, bytes, length, limits, where, err);
}

struct pl_node *
pl_document_parse(struct pl_arena *arena, const char *bytes, size_t length,
                  const struct pl_limits *limits, struct pl_err *err)
{
    struct node_place where = { 0, 0 };

    return node_read(arena, bytes, length, limits, &where, err);
}
