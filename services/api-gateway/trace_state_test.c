#include "trace_state.h"

#include "pl_check.h"

static const char *
kept(const char *fields)
{
    static char out[TRACESTATE_SIZE];

    trace_state(out, fields);
    return out;
}

/* ${key} of so many ${fill}, then ${rest}. */
static const char *
long_one(const char *begin, char fill, int times, const char *rest)
{
    static char out[2048];

    snprintf(out, sizeof out, "%s", begin);
    for (int i = 0; i < times; i++)
        strncat(out, &(char[2]){ fill, '\0' }[0], 1);
    strncat(out, rest, sizeof out - strlen(out) - 1);
    return out;
}

/* bar01=01,bar02=02, ... */
static const char *
numbered(int count)
{
    static char out[1024];
    size_t used = 0;

    for (int i = 1; i <= count; i++)
        used += (size_t)snprintf(out + used, sizeof out - used, "%sbar%02d=%02d", i > 1 ? "," : "",
                                 i, i);
    return out;
}

TEST(members_are_carried_as_they_are_in_their_order)
{
    CHECK_STR(kept("foo=1,bar=2"), "foo=1,bar=2");
    CHECK_STR(kept("foo=1,bar=2,rojo=1,congo=2,baz=3"), "foo=1,bar=2,rojo=1,congo=2,baz=3");
    CHECK_STR(kept("a*/_-0@z*/_-0=~ !"), "a*/_-0@z*/_-0=~ !");
    CHECK_STR(kept("0tenant@vendor=x"), "0tenant@vendor=x");
    CHECK_STR(kept(numbered(32)), numbered(32));
}

TEST(blanks_around_members_and_empty_members_do_not_matter)
{
    CHECK_STR(kept(""), "");
    CHECK_STR(kept(" \t"), "");
    CHECK_STR(kept(","), "");
    CHECK_STR(kept("foo=1,"), "foo=1");
    CHECK_STR(kept(",foo=1"), "foo=1");
    CHECK_STR(kept("foo=1 \t , \t bar=2, \t baz=3"), "foo=1,bar=2,baz=3");
    CHECK_STR(kept("\t foo= 1 2 \t"), "foo= 1 2"); // a value may begin with blanks
}

TEST(what_breaks_the_grammar_is_dropped_with_all_the_rest)
{
    static const char *const CASES[] = {
        "foo",
        "foo=",
        "=1",
        "foo =1,bar=2",
        "FOO=1,bar=2",
        "foo.bar=1",
        "foo@=1,bar=2",
        "@foo=1,bar=2",
        "foo@@bar=1,bar=2",
        "foo@bar@baz=1,bar=2",
        "0foo=1",
        "_foo=1",
        "foo@0bar=1",
        "foo=bar=baz",
        "foo=,bar=3",
        "foo=1,foo=1",
        "foo=1,a=2,foo=2",
        "foo=\x7f",
        "foo=\x01",
        "foo=\xc3\xa9",
        "foo=1;bar=2=",
        "foo=1\tx,bar=2",
    };

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        CHECK_THAT(*kept(CASES[i]) == '\0', "\"%s\" was kept", CASES[i]);
    CHECK_STR(kept(numbered(33)), "");
}

TEST(keys_and_values_have_a_longest_one)
{
    const char *text;

    text = long_one("", 'z', 256, "=1");
    CHECK_STR(kept(text), text);
    CHECK_STR(kept(long_one("foo=1,", 'z', 257, "=1")), "");
    text = long_one("", 't', 241, "@vvvvvvvvvvvvvv=1");
    CHECK_STR(kept(text), text);
    CHECK_STR(kept(long_one("foo=1,", 't', 242, "@v=1")), "");
    CHECK_STR(kept("foo=1,t@vvvvvvvvvvvvvvv=1"), "");
    text = long_one("foo=", 'v', 256, "");
    CHECK_STR(kept(text), text);
    CHECK_STR(kept(long_one("foo=", 'v', 257, "")), "");
}

TEST(of_more_than_512_characters_whole_members_are_kept_large_ones_last)
{
    char many[1024] = "";
    const char *found;

    for (int i = 0; i < 10; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "%sk%d=%0*d", i ? "," : "", i, 57,
                 0); // 60 characters each: eight fit, with their commas
    CHECK_INT(strlen(found = kept(many)), ==, 8 * 60 + 7);
    CHECK_HAS(found, "k7=");
    CHECK(strstr(found, "k8=") == NULL);
    CHECK_STR(kept(long_one("a=1,b=", 'x', 250, "")), long_one("a=1,b=", 'x', 250, ""));
    snprintf(many + strlen(many), sizeof many - strlen(many), ",z=1");
    memmove(many + 200, many, strlen(many) + 1); // a large one in front of them goes first
    memset(many, 'v', 200);
    memcpy(many, "big=", 4);
    many[199] = ',';
    CHECK(strstr(kept(many), "big=") == NULL);
    CHECK_HAS(kept(many), "k0=");
}
