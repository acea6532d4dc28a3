/* plumb smoke -- does a deployment work? */
#include "smoke.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_STEPS 32

struct done {
    const struct smoke_step *step;
    enum smoke_result result;
    double seconds;
    const char *text;
};

static const char *const RESULTS[] = { "ok", "FAILED", "skipped", "no answer" };

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
print_line(const struct done *done)
{
    printf("%s%-9s%s %7.0f ms  %s%s%s\n", style_of(done->result == SMOKE_OK ? "ok" : "fail"),
           RESULTS[done->result], style_off(), done->seconds * 1000, done->step->name,
           *done->text ? ": " : "", done->text);
    fflush(stdout);
}

static void
print_all(const struct done *done, int count, struct pl_arena *arena)
{
    struct pl_node *root = pl_node_object(arena);
    struct pl_node *steps = pl_node_set(arena, root, "steps", pl_node_array(arena));

    for (int i = 0; i < count; i++) {
        struct pl_node *item = pl_node_push(arena, steps, pl_node_object(arena));

        pl_node_set(arena, item, "name", pl_node_string(arena, done[i].step->name));
        pl_node_set(arena, item, "result", pl_node_string(arena, RESULTS[done[i].result]));
        pl_node_set(arena, item, "seconds", pl_node_real(arena, done[i].seconds));
        pl_node_set(arena, item, "text", pl_node_string(arena, done[i].text));
    }
    print_json(root, arena);
}

static void
print_xml(const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"", *text))
            printf("&#%d;", *text);
        else if ((unsigned char)*text >= 0x20)
            putchar(*text);
}

static void
print_junit(const struct done *done, int count)
{
    int failed = 0, skipped = 0, errors = 0;

    for (int i = 0; i < count; i++) {
        failed += done[i].result == SMOKE_FAILED;
        skipped += done[i].result == SMOKE_SKIPPED;
        errors += done[i].result == SMOKE_TROUBLE;
    }
    printf(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"smoke auth\" tests=\"%d\" "
        "failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n",
        count, failed, errors, skipped);
    for (int i = 0; i < count; i++) {
        static const char *const TAGS[] = { NULL, "failure", "skipped", "error" };

        printf("  <testcase classname=\"smoke.auth\" name=\"%s\" time=\"%.3f\">",
               done[i].step->name, done[i].seconds);
        if (TAGS[done[i].result]) {
            printf("<%s message=\"", TAGS[done[i].result]);
            print_xml(done[i].text);
            printf("\"/>");
        }
        printf("</testcase>\n");
    }
    printf("</testsuite>\n");
}

/* A step that got no answer is the last: nothing else would. */
static int
run_steps(struct smoke *smoke, bool negative, bool show, struct done *done)
{
    int count = 0;

    for (const struct smoke_step *step = smoke_steps; step->name && count < MOST_STEPS; step++) {
        double started = now();

        if (step->negative && !negative)
            continue;
        smoke->text[0] = '\0';
        done[count].step = step;
        done[count].result = step->run(smoke);
        done[count].seconds = now() - started;
        done[count].text =
            pl_arena_strdup(smoke->arena, done[count].result == SMOKE_OK ? "" : smoke->text);
        if (show)
            print_line(&done[count]);
        count++;
        if (done[count - 1].result == SMOKE_TROUBLE ||
            (done[count - 1].result == SMOKE_FAILED && step == smoke_steps)) // not even logged in
            break;
    }
    return count;
}

static int
status_of(const struct done *done, int count)
{
    int status = EXIT_FINE;

    for (int i = 0; i < count; i++)
        if (done[i].result == SMOKE_TROUBLE)
            return EXIT_TROUBLE;
        else if (done[i].result == SMOKE_FAILED)
            status = EXIT_NO;
    return status;
}

static int
read_password(struct smoke *smoke, const char *file)
{
    struct pl_err err = { 0 };

    smoke->password = secret_line(file, smoke->arena, &err);
    return smoke->password ? EXIT_FINE : trouble_err("smoke auth", &err);
}

static int
auth(int argc, char **argv)
{
    const char *file = NULL, *format = "text";
    struct smoke smoke = { .user = "admin" };
    bool negative = false;
    const struct option options[] = { TEXT_OPTION("--base", smoke.base),
                                      TEXT_OPTION("--user", smoke.user),
                                      TEXT_OPTION("--password-file", file),
                                      TEXT_OPTION("--password", smoke.password),
                                      FLAG_OPTION("--negative", negative),
                                      TEXT_OPTION("--format", format),
                                      { 0 } };
    struct done done[MOST_STEPS];
    int words, count, status;

    if (!parse_options(argc, argv, options, NULL, 0, &words) ||
        !check_choice("--format", format, "text|junit|json"))
        return EXIT_TROUBLE;
    smoke.arena = pl_arena_new();
    if (smoke.base == NULL)
        smoke.base = server_url(smoke.arena);
    if (smoke.base == NULL || (file == NULL && smoke.password == NULL)) {
        pl_arena_destroy(&smoke.arena);
        return usage_error("--base and --password-file are needed");
    }
    if (file && read_password(&smoke, file)) {
        pl_arena_destroy(&smoke.arena);
        return EXIT_TROUBLE;
    }
    srand((unsigned)time(NULL));
    count = run_steps(&smoke, negative, strcmp(format, "text") == 0, done);
    if (strcmp(format, "json") == 0)
        print_all(done, count, smoke.arena);
    if (strcmp(format, "junit") == 0)
        print_junit(done, count);
    status = status_of(done, count);
    pl_arena_destroy(&smoke.arena);
    return status;
}

static const struct command smoke_commands[] = {
    { "auth", auth, "log in, read, refresh, look at the metrics",
      "usage: plumb smoke auth --base URL --user USER --password-file FILE [--negative]\n"
      "                        [--format text|junit|json]\n\n"
      "What a deployment runs after every release: login, achievements (with ETag and 304), refresh,\n"
      "metrics, logout; each step a line with its time. --negative adds what must not work: forged\n"
      "and revoked tokens, a reused refresh token (waits out the grace of 20 seconds), lockout of a\n"
      "login that nobody has, the limit of logins. Exit status: 0 all well, 1 a step failed, 2 no\n"
      "answer or usage. --password is visible to others on the machine.\n\n"
      "  plumb smoke auth --base http://localhost:8000 --user admin \\\n"
      "      --password-file .run/admin-password --negative\n" },
    { 0 },
};

int
cmd_smoke(int argc, char **argv)
{
    return run_command(smoke_commands, "plumb smoke", argc, argv);
}
