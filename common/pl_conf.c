#include "pl_conf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST_SECRET 4096

static int
read_switch(const struct pl_setting *setting, const char *value, struct pl_err *err)
{
    static const char *const on[] = { "1", "true", "on", "yes" };
    static const char *const off[] = { "0", "false", "off", "no", "" };

    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        if (strcasecmp(value, on[i]) == 0)
            return *setting->number = 1, 0;
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        if (strcasecmp(value, off[i]) == 0)
            return *setting->number = 0, 0;
    return pl_fail(err, INVALID, "%s must be true or false, not \"%s\"", setting->name, value);
}

static int
read_number(const struct pl_setting *setting, const char *value, struct pl_err *err)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(value, &end, 10);
    if (errno || end == value || *end || number < setting->min || number > setting->max)
        return pl_fail(err, INVALID,
                       "%s must be a number from %" PRId64 " to %" PRId64 ", not \"%s\"",
                       setting->name, setting->min, setting->max, value);
    *setting->number = number;
    return 0;
}

/* X_FILE: orchestrators mount secrets as files, which do not show in /proc/<pid>/environ. */
static int
read_secret_file(const struct pl_setting *setting, const char **value, struct pl_err *err)
{
    char name[128], line[LONGEST_SECRET];
    const char *path;
    FILE *file;
    bool got;

    snprintf(name, sizeof name, "%s_FILE", setting->name);
    path = getenv(name);
    if (path == NULL || *path == '\0')
        return 0;
    file = fopen(path, "re");
    if (file == NULL)
        return pl_fail(err, INVALID, "could not read the file that %s names: %s", name,
                       strerror(errno));
    got = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    if (!got)
        return pl_fail(err, INVALID, "the file that %s names is empty", name);
    line[strcspn(line, "\r\n")] = '\0';
    *value = strdup(line); // lives as long as the process
    return *value ? 0 : pl_fail(err, INTERNAL, "out of memory");
}

int
pl_conf_read(const struct pl_setting *table, struct pl_err *err)
{
    for (const struct pl_setting *s = table; s->name; s++) {
        const char *value = getenv(s->name);

        if (s->secret && value == NULL && read_secret_file(s, &value, err))
            return -1;
        if (value == NULL)
            value = s->fallback;
        if (value == NULL)
            return pl_fail(err, INVALID, "%s is not set (%s)", s->name, s->doc);
        if (s->text)
            *s->text = value;
        else if (s->max < s->min ? read_switch(s, value, err) : read_number(s, value, err))
            return -1;
    }
    return 0;
}

void
pl_conf_print(const struct pl_setting *table, FILE *out)
{
    for (const struct pl_setting *s = table; s->name; s++) {
        const char *shown = s->fallback ? s->fallback : "(required)";

        if (s->secret)
            shown = "(secret)";
        else if (*shown == '\0')
            shown = "(empty)";
        fprintf(out, "%-32s %-28s %s\n", s->name, shown, s->doc);
    }
}
