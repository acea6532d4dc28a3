/* plumb push -- one document, judged. */
#include "comparison.h"
#include "push.h"
#include "run_view.h"

#include <stdlib.h>
#include <string.h>

#define SHORTEST_SHA 7

/* What the usual CI systems say of the commit they build.  The branch goes with the sha: without
 * it a pull request's document would become the default branch's record. */
static const char *const CI_SHAS[] = { "GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION",
                                       "GIT_COMMIT", NULL };
static const char *const CI_BRANCHES[] = { "GITHUB_HEAD_REF",
                                           "GITHUB_REF_NAME",
                                           "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                                           "CI_COMMIT_REF_NAME",
                                           "SYSTEM_PULLREQUEST_SOURCEBRANCH",
                                           "BUILD_SOURCEBRANCH",
                                           "GIT_BRANCH",
                                           NULL };

static const char *
from_ci(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);

        if (value && *value)
            return value;
    }
    return NULL;
}

static const char *
without(const char *prefix, const char *text)
{
    size_t n = strlen(prefix);

    return text && strncmp(text, prefix, n) == 0 ? text + n : text;
}

static void
ask_ci(struct push *push)
{
    if (push->sha)
        return;
    push->sha = from_ci(CI_SHAS);
    if (push->sha && push->branch == NULL)
        push->branch = without("origin/", without("refs/heads/", from_ci(CI_BRANCHES)));
}

static int
check(struct push *push, int words)
{
    ask_ci(push);
    if (push->api == NULL)
        return usage_error("which api? (--api NAME)");
    if (push->sha == NULL)
        return usage_error("which commit? (--sha SHA)");
    if (strlen(push->sha) < SHORTEST_SHA)
        return usage_error("the sha \"%s\" is shorter than %d characters", push->sha, SHORTEST_SHA);
    if (words == 0 && push->placeholder == NULL)
        return usage_error("which document? (a file, - for standard input, or --placeholder)");
    if (words == 1 && push->placeholder)
        return usage_error("--placeholder records that there is no document; one was given");
    return EXIT_FINE;
}

/* What changed since a baseline of the user's own, before the server compares with the last run:
 * 1 if something breaks. */
static int
compare_first(const char *base, const char *file, const char *format, struct pl_arena *arena)
{
    const struct wishes none = { 0 };
    struct comparison comparison = { 0 };
    struct pl_buf text;
    int status = compare_sources(base, file, &none, arena, &comparison);

    if (status != EXIT_FINE)
        return status;
    text = comparison_report(&comparison, format, false, *style_off() != '\0', arena);
    if (strcmp(format, "json") == 0) // standard output is the run, one JSON value
        fputs(pl_buf_text(&text), stderr);
    else
        printf("%s\n", pl_buf_text(&text));
    return comparison_exit(&comparison, "error");
}

static int
send_it(const struct push *push, const char *format, struct pl_arena *arena)
{
    struct pl_node *run;
    int status = push_send(push, arena, &run);

    if (status != EXIT_FINE)
        return status;
    run_view(run, format, push->file && strcmp(push->file, "-") != 0 ? push->file : "document",
             arena);
    return run_exit(run);
}

int
cmd_push(int argc, char **argv)
{
    struct push push = { 0 };
    const char *format = "text", *fail_on = "policy", *base = NULL;
    const struct option options[] = { TEXT_OPTION("--api", push.api),
                                      TEXT_OPTION("--sha", push.sha),
                                      TEXT_OPTION("--branch", push.branch),
                                      TEXT_OPTION("--version", push.version),
                                      TEXT_OPTION("--committed-at", push.committed_at),
                                      TEXT_OPTION("--placeholder", push.placeholder),
                                      FLAG_OPTION("--breaking-ack", push.breaking_ack),
                                      TEXT_OPTION("--format", format),
                                      TEXT_OPTION("--fail-on", fail_on),
                                      TEXT_OPTION("--base", base),
                                      { 0 } };
    struct pl_arena *arena;
    int words, status, local = EXIT_FINE;

    if (!parse_options(argc, argv, options, &push.file, 1, &words) ||
        !check_choice("--format", format, "text|json|markdown|github") ||
        !check_choice("--fail-on", fail_on, "policy|never") || check(&push, words))
        return EXIT_TROUBLE;
    if (base && (push.file == NULL || strcmp(push.file, "-") == 0))
        return usage_error("--base compares a file with what it was");
    arena = pl_arena_new();
    if (base)
        local = compare_first(base, push.file, format, arena);
    status = local == EXIT_TROUBLE ? local : send_it(&push, format, arena);
    status = status == EXIT_FINE ? local : status;
    if (status == EXIT_NO && strcmp(fail_on, "never") == 0)
        status = EXIT_FINE;
    pl_arena_destroy(&arena);
    return status;
}
