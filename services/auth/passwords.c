#include "passwords.h"

#include "settings.h"

#include "pl_embed.h"
#include "pl_utf8.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE       "plumbline"
#define LEAST_UNKNOWN 8 // characters that remain when what everybody can guess is taken away
#define MOST_COMMON   100000

extern const struct pl_embedded auth_common_passwords[];

static struct {
    const char **words;
    char *text;
    size_t count;
} common;

static int
compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
sort_list(void)
{
    const struct pl_embedded *file = auth_common_passwords;

    common.text = malloc(file->size + 1);
    common.words = calloc(MOST_COMMON, sizeof *common.words);
    if (common.text == NULL || common.words == NULL)
        abort();
    memcpy(common.text, file->text, file->size);
    common.text[file->size] = '\0';
    for (char *line = common.text, *next; *line && common.count < MOST_COMMON; line = next) {
        next = line + strcspn(line, "\n");
        if (*next)
            *next++ = '\0';
        if (strncmp(line, "# ", 2) != 0 && *line)
            common.words[common.count++] = line;
    }
    qsort(common.words, common.count, sizeof *common.words, compare);
}

int
passwords_open(struct pl_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, sort_list);
    if (common.count < 10000)
        return pl_fail(err, INTERNAL, "the list of common passwords is not what it should be");
    return 0;
}

size_t
passwords_listed(void)
{
    return common.count;
}

static bool
is_common(const char *folded)
{
    return bsearch(&folded, common.words, common.count, sizeof *common.words, compare) != NULL;
}

/* The shortest text that, repeated, is this one. */
static char *
unit_of(char *text)
{
    size_t length = strlen(text);

    for (size_t unit = 1; unit <= length / 2; unit++)
        if (length % unit == 0 && memcmp(text, text + unit, length - unit) == 0) {
            text[unit] = '\0';
            break;
        }
    return text;
}

/* Without the digits and signs before and behind. */
static char *
core_of(char *text)
{
    static const char EDGE[] = "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    size_t length;

    text += strspn(text, EDGE);
    length = strlen(text);
    while (length && strchr(EDGE, text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* How far it is from one character to the next; behind 9 comes 0. */
static int
step_of(char from, char to)
{
    if (from == '9' && to == '0')
        return 1;
    return from == '0' && to == '9' ? -1 : to - from;
}

/* Each character the one behind the last, as in "abcdefgh" or "87654321". */
static bool
is_sequence(const char *text)
{
    size_t length = strlen(text);
    int step = length > 1 ? step_of(text[0], text[1]) : 0;

    for (size_t i = 1; i < length; i++)
        if (step_of(text[i - 1], text[i]) != step)
            return false;
    return step >= -1 && step <= 1;
}

static void
take_away(char *text, const char *word)
{
    size_t length = word ? strlen(word) : 0;

    if (length < 3)
        return;
    for (char *at; (at = strstr(text, word));)
        memmove(at, at + length, strlen(at + length) + 1);
}

/* What remains of it when the names that everybody knows are taken away. */
static size_t
unknown_part(char *text, const char *login, const char *email, struct pl_arena *arena)
{
    const char *at = email ? strchr(email, '@') : NULL;

    take_away(text, SERVICE);
    take_away(text, login);
    take_away(text, email);
    if (at)
        take_away(text, pl_arena_memdup(arena, email, (size_t)(at - email)));
    return pl_utf8_length(text, strlen(text));
}

const char *
passwords_refusal(const char *password, const char *login, const char *email,
                  struct pl_arena *arena)
{
    size_t length = pl_utf8_length(password, strlen(password));
    char *lower = pl_arena_strdup(arena, password);

    if (length < (size_t)settings.password_min)
        return pl_arena_printf(arena, "it needs at least %lld characters; a few words will do",
                               (long long)settings.password_min);
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 'a' - 'A');
    if (is_common(lower) || is_common(unit_of(pl_arena_strdup(arena, lower))) ||
        is_common(core_of(pl_arena_strdup(arena, lower))) || is_sequence(lower) ||
        strlen(unit_of(pl_arena_strdup(arena, lower))) < 4)
        return "it is among the passwords that are tried first";
    if (unknown_part(lower, login, email, arena) < LEAST_UNKNOWN)
        return "it is made of the name of the service or of the account";
    return NULL;
}
