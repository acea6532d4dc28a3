/* plumb push -- one document, judged. */
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

int
cmd_push(int argc, char **argv)
{
    struct push push = { 0 };
    const char *format = "text", *fail_on = "policy";
    const struct option options[] = { TEXT_OPTION("--api", push.api),
                                      TEXT_OPTION("--sha", push.sha),
                                      TEXT_OPTION("--branch", push.branch),
                                      TEXT_OPTION("--version", push.version),
                                      TEXT_OPTION("--committed-at", push.committed_at),
                                      TEXT_OPTION("--placeholder", push.placeholder),
                                      FLAG_OPTION("--breaking-ack", push.breaking_ack),
                                      TEXT_OPTION("--format", format),
                                      TEXT_OPTION("--fail-on", fail_on),
                                      { 0 } };
    struct pl_arena *arena;
    struct pl_node *run;
    int words, status;

    if (!parse_options(argc, argv, options, &push.file, 1, &words) ||
        !check_choice("--format", format, "text|json|markdown|github") ||
        !check_choice("--fail-on", fail_on, "policy|never") || check(&push, words))
        return EXIT_TROUBLE;
    arena = pl_arena_new();
    status = push_send(&push, arena, &run);
    if (status == EXIT_FINE) {
        run_view(run, format, push.file && strcmp(push.file, "-") != 0 ? push.file : "document",
                 arena);
        status = strcmp(fail_on, "never") == 0 ? EXIT_FINE : run_exit(run);
    }
    pl_arena_destroy(&arena);
    return status;
}
