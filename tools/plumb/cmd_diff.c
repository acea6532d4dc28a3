/* plumb diff, plumb changelog -- compare two documents, offline. */
#include "comparison.h"

#include <string.h>

#define FORMATS "text|json|yaml|markdown|html|github|junit|sarif"

static struct pl_node *
operation_list(struct pl_arena *arena, const struct pl_operation_ref *list, int count)
{
    struct pl_node *out = pl_node_array(arena);

    for (int i = 0; i < count; i++) {
        struct pl_node *one = pl_node_push(arena, out, pl_node_object(arena));

        pl_node_set(arena, one, "method", pl_node_string(arena, list[i].method));
        pl_node_set(arena, one, "path", pl_node_string(arena, list[i].path));
    }
    return out;
}

/* operations-classification alone (E-03). */
static struct pl_buf
operations_report(const struct pl_diff *diff, struct pl_arena *arena)
{
    struct pl_node *out = pl_node_object(arena);
    struct pl_buf text = { .arena = arena };

    pl_node_set(arena, out, "added", operation_list(arena, diff->added, diff->added_count));
    pl_node_set(arena, out, "removed", operation_list(arena, diff->removed, diff->removed_count));
    pl_node_set(arena, out, "changed", operation_list(arena, diff->changed, diff->changed_count));
    pl_node_write(&text, out, PL_PRETTY);
    pl_buf_char(&text, '\n');
    return text;
}

struct task {
    const char **names; // the baselines, then the head
    int count;
    const char *format, *fail_on;
    bool only_breaking, colour, transitive;
    struct wishes wishes;
};

/* Of several baselines only those of the head's major version promise anything. */
static bool
promises(const struct task *self, const struct comparison *comparison)
{
    struct pl_version base, head;

    if (!self->transitive || !pl_version_parse(comparison->base.document->version, &base) ||
        !pl_version_parse(comparison->head.document->version, &head) || base.major == head.major)
        return true;
    fprintf(stderr, "plumb: %s is version %s, of another major than %s: not compared\n",
            comparison->base.name, comparison->base.document->version,
            comparison->head.document->version);
    return false;
}

static void
add_report(const struct task *self, const struct comparison *comparison, struct pl_buf *out)
{
    struct pl_arena *arena = out->arena;
    struct pl_buf text =
        strcmp(self->format, "operations") == 0
            ? operations_report(comparison->diff, arena)
            : comparison_report(comparison, self->format, self->only_breaking, self->colour, arena);
    bool json = strcmp(self->format, "json") == 0;

    if (self->count > 2 && json)
        pl_buf_str(out, out->length ? "," : "{\"version\":1,\"comparisons\":[");
    else if (self->count > 2 && strcmp(self->format, "text") == 0)
        pl_buf_printf(out, "%s%sagainst %s%s\n", out->length ? "\n" : "",
                      self->colour ? style_bold() : "", comparison->base.name,
                      self->colour ? style_off() : "");
    pl_buf_add(out, text.data, text.length);
}

/* One report after the other; the worst exit status. */
static int
compare_all(const struct task *self, struct pl_buf *out)
{
    const char *head_name = self->names[self->count - 1];
    struct source head = { 0 };
    struct pl_limits limits;
    int worst = EXIT_FINE;

    if (source_limits(&self->wishes.limits, &limits))
        return EXIT_TROUBLE;
    for (int i = 0; i + 1 < self->count; i++) {
        struct comparison comparison = { .head = head };
        int status;

        if (i == 0 ? source_load_pair(self->names[0], head_name, &limits, out->arena,
                                      &comparison.base, &comparison.head)
                   : source_load(self->names[i], head_name, &limits, out->arena, &comparison.base))
            return EXIT_TROUBLE;
        head = comparison.head;
        if (!promises(self, &comparison))
            continue;
        status = compare_sources(self->names[i], head_name, &self->wishes, out->arena, &comparison);
        if (status != EXIT_FINE)
            return status;
        add_report(self, &comparison, out);
        status = comparison_exit(&comparison, self->fail_on);
        worst = status > worst ? status : worst;
    }
    if (self->count > 2 && strcmp(self->format, "json") == 0)
        pl_buf_str(out, out->length ? "]}\n" : "{\"version\":1,\"comparisons\":[]}\n");
    return worst;
}

static int
run(int argc, char **argv, const char *format, const char *fail_on)
{
    const char *words[MAX_LIST], *only = NULL, *output = NULL;
    struct task self = { .names = words, .format = format, .fail_on = fail_on };
    const struct option options[] = { WISHES(self.wishes),
                                      TEXT_OPTION("--format", self.format),
                                      TEXT_OPTION("--fail-on", self.fail_on),
                                      TEXT_OPTION("--only", only),
                                      TEXT_OPTION("--output", output),
                                      FLAG_OPTION("--transitive", self.transitive),
                                      { 0 } };
    struct pl_buf out = { 0 };
    int status, written;

    if (!parse_options(argc, argv, options, words, MAX_LIST, &self.count) ||
        !check_choice("--format", self.format, FORMATS "|operations") ||
        !check_choice("--fail-on", self.fail_on, "error|warn|never") ||
        (only && !check_choice("--only", only, "breaking")))
        return EXIT_TROUBLE;
    if (self.count < 2 || (self.count > 2 && !self.transitive))
        return usage_error("which two documents? (plumb %s BASE HEAD)", argv[0]);
    if (self.count > 2 && strstr("text|json|markdown|github", self.format) == NULL)
        return usage_error("several baselines are reported as text, json, markdown or github");
    self.only_breaking = only != NULL;
    self.wishes.stats_as_json = strcmp(self.format, "json") == 0;
    self.colour = output == NULL && *style_off() != '\0';
    out.arena = pl_arena_new();
    status = compare_all(&self, &out);
    if (status != EXIT_TROUBLE) {
        written = write_output(&out, output);
        status = written == EXIT_FINE ? status : written;
    }
    pl_arena_destroy(&out.arena);
    return status;
}

int
cmd_diff(int argc, char **argv)
{
    return run(argc, argv, "text", "error");
}

int
cmd_changelog(int argc, char **argv)
{
    return run(argc, argv, "markdown", "never");
}
