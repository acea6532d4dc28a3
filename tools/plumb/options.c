#include "plumb.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *command_name = "plumb";

int
usage_error(const char *fmt, ...)
{
    va_list ap;

    fputs("plumb: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\n(see `%s --help`)\n", command_name);
    return EXIT_TROUBLE;
}

int
trouble(const char *fmt, ...)
{
    va_list ap;

    fputs("plumb: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return EXIT_TROUBLE;
}

int
trouble_err(const char *what, const struct pl_err *err)
{
    return trouble("%s: %s%s%s", what, err->text, *err->detail ? ": " : "", err->detail);
}

static bool
take_number(const char *name, const char *value, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(value, &end, 10);
    if (errno == 0 && end != value && *end == '\0')
        return true;
    usage_error("%s takes a whole number, not \"%s\"", name, value);
    return false;
}

static bool
take_value(const struct option *option, const char *value)
{
    if (option->kind == OPT_TEXT) {
        *option->text = value;
        return true;
    }
    if (option->kind == OPT_NUMBER)
        return take_number(option->name, value, option->number);
    if (option->list->count == MAX_LIST) {
        usage_error("%s is given too often (at most %d times)", option->name, MAX_LIST);
        return false;
    }
    option->list->texts[option->list->count++] = value;
    return true;
}

static const struct option *
find_option(const struct option *table, const char *word, size_t length)
{
    for (; table->name; table++)
        if (strlen(table->name) == length && strncmp(table->name, word, length) == 0)
            return table;
    return NULL;
}

/* One word that begins with "--"; moves *i over its value. */
static bool
take_option(int argc, char **argv, int *i, const struct option *table)
{
    const char *word = argv[*i], *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_option(table, word, length);

    if (option == NULL) {
        usage_error("there is no option %.*s", (int)length, word);
        return false;
    }
    if (option->kind == OPT_FLAG) {
        *option->flag = true;
        if (equals)
            usage_error("%s takes no value", option->name);
        return equals == NULL;
    }
    if (equals)
        return take_value(option, equals + 1);
    if (*i + 1 >= argc) {
        usage_error("%s needs a value", option->name);
        return false;
    }
    return take_value(option, argv[++*i]);
}

bool
parse_options(int argc, char **argv, const struct option *table, const char **words, int max,
              int *words_out)
{
    bool only_words = false;

    *words_out = 0;
    for (int i = 1; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
            if (!take_option(argc, argv, &i, table))
                return false;
        } else if (*words_out == max) {
            usage_error("\"%s\" is one word too many", argv[i]);
            return false;
        } else {
            words[(*words_out)++] = argv[i];
        }
    }
    return true;
}

bool
check_choice(const char *option, const char *value, const char *allowed)
{
    size_t length = strlen(value);

    for (const char *at = allowed; *at; at += strspn(at, "|")) {
        size_t one = strcspn(at, "|");

        if (one == length && strncmp(at, value, one) == 0)
            return true;
        at += one;
    }
    usage_error("%s is one of %s, not \"%s\"", option, allowed, value);
    return false;
}

static void
show_table(const struct command *table, const char *title, FILE *out)
{
    fprintf(out, "usage: %s COMMAND ...\n\n", title);
    for (; table->name; table++)
        fprintf(out, "  %-12s %s\n", table->name, table->summary);
    fprintf(out,
            "\n`%s COMMAND --help` teaches each by example.\n"
            "Exit status: 0 fine, 1 the answer is no, 2 it could not be found out.\n",
            title);
}

static bool
asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int
run_command(const struct command *table, const char *title, int argc, char **argv)
{
    static char name[128];
    const struct command *c = table;

    if (argc < 2) {
        show_table(table, title, stderr);
        return EXIT_TROUBLE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        show_table(table, title, stdout);
        return EXIT_FINE;
    }
    while (c->name && strcmp(c->name, argv[1]) != 0)
        c++;
    command_name = title;
    if (c->name == NULL)
        return usage_error("there is no command \"%s %s\"", title, argv[1]);
    snprintf(name, sizeof name, "%s %s", title, c->name);
    command_name = name;
    if (c->help && asks_help(argc - 1, argv + 1)) {
        fputs(c->help, stdout);
        return EXIT_FINE;
    }
    return c->run(argc - 1, argv + 1);
}
