/* pl_check -- the whole test framework for C.
 *
 *     TEST(an_order_needs_a_customer)
 *     {
 *         CHECK_INT(place(""), ==, -1);
 *     }
 *
 * A test registers itself; link one or more files of tests into a program and run it:
 * `x_test` runs all, `x_test customer` those whose name contains it.  A file that says
 * NEEDS_ENV("X") is reported as skipped, not passed, where X is not set.  The last line,
 * "N tests, N failures", is what the test command sums up.
 */
#ifndef PL_CHECK_H
#define PL_CHECK_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pl_test {
    const char *name;
    void (*run)(void);
    struct pl_test *next;
};

static struct pl_test *pl_tests, **pl_last_test = &pl_tests;
static int pl_failures;
static const char *pl_needs;

#define PL_SKIPPED 77 // what ctest and automake call "skipped"

#define NEEDS_ENV(name)                                      \
    __attribute__((constructor)) static void needs_env(void) \
    {                                                        \
        pl_needs = name;                                     \
    }                                                        \
    struct pl_test /* swallow the semicolon */

#define TEST(id)                                                 \
    static void test_##id(void);                                 \
    __attribute__((constructor)) static void register_##id(void) \
    {                                                            \
        static struct pl_test self = { #id, test_##id, NULL };   \
        *pl_last_test = &self;                                   \
        pl_last_test = &self.next;                               \
    }                                                            \
    static void test_##id(void)

#define CHECK_THAT(ok, ...)                            \
    do {                                               \
        if (!(ok)) {                                   \
            printf("\n  %s:%d: ", __FILE__, __LINE__); \
            printf(__VA_ARGS__);                       \
            pl_failures++;                             \
            return;                                    \
        }                                              \
    } while (0)

#define CHECK(condition) CHECK_THAT(condition, "expected %s", #condition)
#define CHECK_INT(a, op, b)                                                               \
    do {                                                                                  \
        intmax_t a_ = (intmax_t)(a), b_ = (intmax_t)(b);                                  \
        CHECK_THAT(a_ op b_, "%s is %" PRIdMAX ", wanted %s %" PRIdMAX, #a, a_, #op, b_); \
    } while (0)
#define CHECK_STR(a, b)                                                             \
    do {                                                                            \
        const char *a_ = (a), *b_ = (b);                                            \
        CHECK_THAT(strcmp(a_, b_) == 0, "%s is \"%s\", wanted \"%s\"", #a, a_, b_); \
    } while (0)
/* ${part} occurs in ${whole}. */
#define CHECK_HAS(whole, part)                                                                   \
    do {                                                                                         \
        const char *w_ = (whole), *p_ = (part);                                                  \
        CHECK_THAT(strstr(w_, p_) != NULL, "%s is \"%s\", wanted \"%s\" in it", #whole, w_, p_); \
    } while (0)

int
main(int argc, char *argv[])
{
    int ran = 0;

    if (pl_needs && getenv(pl_needs) == NULL) {
        printf("skipped: %s is not set\n", pl_needs);
        return PL_SKIPPED;
    }
    for (struct pl_test *t = pl_tests; t; t = t->next) {
        int before = pl_failures;

        if (argc > 1 && strstr(t->name, argv[1]) == NULL)
            continue;
        printf("%-70s", t->name);
        fflush(stdout);
        t->run();
        puts(pl_failures == before ? "ok" : "\n  FAILED");
        ran++;
    }
    printf("%d tests, %d failures\n", ran, pl_failures);
    return pl_failures || ran == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
