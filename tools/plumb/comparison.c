#include "comparison.h"

#include "pl_policy.h"

#include <string.h>
#include <unistd.h>

#define LARGEST_SETTINGS (4u << 20)
#define POLICY_FILE      ".plumbline.yaml"

static struct pl_node *
read_settings(const char *path, struct pl_arena *arena)
{
    struct pl_err err = { 0 };
    struct pl_node *root;
    char *bytes;
    size_t length;

    if (read_file(path, LARGEST_SETTINGS, arena, &bytes, &length, &err)) {
        trouble("%s", err.text);
        return NULL;
    }
    if (bytes[strspn(bytes, " \t\r\n")] == '\0')
        return pl_node_null(arena);
    root = pl_document_parse(arena, bytes, length, NULL, &err);
    if (root == NULL)
        trouble("%s: %s", path, err.text);
    return root;
}

/* A file of --rules may be nothing but levels: rule id -> level. */
static bool
is_only_levels(const struct pl_node *root)
{
    for (uint32_t i = 0; pl_node_is(root, PL_OBJECT) && i < root->count; i++)
        if (pl_rule_find(root->members[i].key))
            return true;
    return false;
}

static int
read_policy(const char *path, struct pl_arena *arena, struct pl_compare_options *out,
            const char **ignore)
{
    struct pl_node *root = read_settings(path, arena);
    struct pl_err err = { 0 };
    const char *beside, *slash = strrchr(path, '/');

    if (root == NULL)
        return EXIT_TROUBLE;
    if (pl_node_is(root, PL_NULL))
        return EXIT_FINE;
    if (is_only_levels(root)) {
        out->levels = root;
        return pl_overrides_check(root, &err) ? trouble("%s: %s", path, err.text) : EXIT_FINE;
    }
    if (pl_policy_read(out, root, &err))
        return trouble("%s: %s", path, err.text);
    beside = pl_policy_ignore_file(root);
    if (beside)
        *ignore =
            pl_arena_printf(arena, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, beside);
    return EXIT_FINE;
}

/* What the command line says wins over the file. */
static int
wishes_budget(const struct pl_contain_limits *wanted, struct pl_contain_limits *out)
{
    if (wanted->steps < 0 || wanted->total < 0 || wanted->memory < 0 ||
        wanted->steps > PL_CONTAIN_MOST || wanted->total > PL_CONTAIN_MOST ||
        wanted->memory > PL_CONTAIN_MOST)
        return usage_error("a limit is a positive number");
    out->steps = wanted->steps ? wanted->steps : out->steps;
    out->total = wanted->total ? wanted->total : out->total;
    out->memory = wanted->memory ? wanted->memory : out->memory;
    return EXIT_FINE;
}

int
wishes_read(const struct wishes *wishes, struct pl_arena *arena, struct pl_compare_options *out)
{
    const char *ignore = NULL, *policy = wishes->rules;
    struct pl_err err = { 0 };
    struct pl_node *root;

    *out = (struct pl_compare_options){ .today = pl_policy_today(arena) };
    if (policy == NULL && access(POLICY_FILE, R_OK) == 0)
        policy = POLICY_FILE;
    if (policy && read_policy(policy, arena, out, &ignore))
        return EXIT_TROUBLE;
    if (wishes->ignore)
        ignore = wishes->ignore;
    if (ignore) {
        root = read_settings(ignore, arena);
        if (root == NULL)
            return EXIT_TROUBLE;
        if (pl_policy_read_accepted(out, root, arena, &err))
            return trouble("%s: %s", ignore, err.text);
    }
    out->strip_base = wishes->strip_base ? wishes->strip_base : out->strip_base;
    out->strip_head = wishes->strip_head ? wishes->strip_head : out->strip_head;
    out->match_operation_id |= wishes->match_operation_id;
    return wishes_budget(&wishes->budget, &out->budget);
}

int
compare_sources(const char *base, const char *head, const struct wishes *wishes,
                struct pl_arena *arena, struct comparison *out)
{
    struct pl_compare_options options;
    struct pl_semver_input input;
    struct pl_limits limits;
    int64_t started;

    if (wishes_read(wishes, arena, &options) || source_limits(&wishes->limits, &limits))
        return EXIT_TROUBLE;
    if (out->head.document == NULL &&
        source_load_pair(base, head, &limits, arena, &out->base, &out->head))
        return EXIT_TROUBLE;
    started = stats_clock();
    out->diff = pl_compare_with(out->base.document, out->head.document, &options, arena);
    input = (struct pl_semver_input){ .previous = out->base.document->version,
                                      .current = out->head.document->version,
                                      .breaking = out->diff->breaking > 0,
                                      .additive = out->diff->additive,
                                      .changed = out->diff->finding_count > 0,
                                      .scheme = wishes->scheme ? wishes->scheme : "semver" };
    pl_semver_judge(&input, arena, &out->semver);
    if (wishes->stats)
        stats_say(out, started, wishes->stats_as_json);
    return EXIT_FINE;
}

struct pl_buf
comparison_report(const struct comparison *self, const char *format, bool only_breaking,
                  bool colour, struct pl_arena *arena)
{
    const struct pl_report report = { .base = self->base.document,
                                      .head = self->head.document,
                                      .base_sha256 = self->base.sha256,
                                      .head_sha256 = self->head.sha256,
                                      .diff = self->diff,
                                      .semver = &self->semver,
                                      .only_breaking = only_breaking,
                                      .colour = colour };
    struct pl_buf text = { .arena = arena };
    enum pl_format parsed = PL_FORMAT_TEXT;

    pl_format_parse(format, &parsed);
    pl_report_diff(&text, &report, parsed);
    if (text.length && text.data[text.length - 1] != '\n')
        pl_buf_char(&text, '\n');
    return text;
}

int
comparison_exit(const struct comparison *self, const char *fail_on)
{
    if (strcmp(fail_on, "never") == 0)
        return EXIT_FINE;
    if (self->diff->breaking > 0 || (strcmp(fail_on, "warn") == 0 && self->diff->warnings > 0))
        return EXIT_NO;
    return EXIT_FINE;
}

int
write_output(const struct pl_buf *text, const char *file)
{
    struct pl_err err = { 0 };

    if (file && strcmp(file, "-") != 0)
        return write_file(file, pl_buf_text(text), text->length, 0644, &err)
                   ? trouble("%s", err.text)
                   : EXIT_FINE;
    if (fwrite(pl_buf_text(text), 1, text->length, stdout) != text->length || fflush(stdout))
        return trouble("could not write to standard output");
    return EXIT_FINE;
}
