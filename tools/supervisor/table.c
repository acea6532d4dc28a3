#include "supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
add(char **list, int *count, const char *value)
{
    if (*count >= MAX_STRINGS - 1)
        return -1;
    list[*count] = strdup(value);
    return list[(*count)++] ? 0 : -1;
}

static int
set(char **field, const char *value)
{
    *field = strdup(value);
    return *field ? 0 : -1;
}

static int
signal_number(const char *name)
{
    if (strcmp(name, "INT") == 0)
        return SIGINT;
    return strcmp(name, "TERM") == 0 ? SIGTERM : -1;
}

static int
begin(struct table *table, const char *key, const char *name)
{
    struct process *p = &table->process[table->count];

    if (table->count == MAX_PROCESSES)
        return -1;
    p->oneshot = strcmp(key, "oneshot") == 0;
    p->stop_signal = SIGTERM;
    p->listen_fd = -1;
    if (table->count > 0)
        p->stage = p[-1].stage + p[-1].oneshot;
    table->count++;
    return set(&p->name, name);
}

static int
take(struct table *table, const char *key, const char *value)
{
    struct process *p = table->count ? &table->process[table->count - 1] : NULL;

    if (strcmp(key, "service") == 0 || strcmp(key, "oneshot") == 0)
        return begin(table, key, value);
    if (p == NULL)
        return -1;
    if (strcmp(key, "exec") == 0)
        return set(&p->exec, value) || add(p->args, &p->arg_count, value);
    if (strcmp(key, "arg") == 0)
        return add(p->args, &p->arg_count, value);
    if (strcmp(key, "env") == 0)
        return strchr(value, '=') ? add(p->env, &p->env_count, value) : -1;
    if (strcmp(key, "user") == 0)
        return set(&p->user, value);
    if (strcmp(key, "ready") == 0)
        return set(&p->ready, value);
    if (strcmp(key, "listen") == 0)
        return set(&p->listen, value);
    if (strcmp(key, "stop") == 0)
        return (p->stop_signal = signal_number(value)) < 0 ? -1 : 0;
    return -1;
}

static int
check(const struct table *table, const char *path)
{
    for (int i = 0; i < table->count; i++)
        if (table->process[i].exec == NULL) {
            fprintf(stderr, "%s: %s has no exec line\n", path, table->process[i].name);
            return -1;
        }
    if (table->count == 0)
        fprintf(stderr, "%s: names no process\n", path);
    return table->count ? 0 : -1;
}

int
table_read(struct table *out, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[4096];
    int number = 0, failed = 0;

    if (file == NULL) {
        fprintf(stderr, "could not read %s: %s\n", path, strerror(errno));
        return -1;
    }
    while (!failed && fgets(line, sizeof line, file)) {
        char *key = line + strspn(line, " \t"), *value;

        number++;
        key[strcspn(key, "\n")] = '\0';
        if (*key == '\0' || *key == '#')
            continue;
        value = key + strcspn(key, " \t");
        if (*value)
            *value++ = '\0';
        value += strspn(value, " \t");
        failed = take(out, key, value);
        if (failed)
            fprintf(stderr, "%s:%d: cannot use \"%s %s\"\n", path, number, key, value);
    }
    fclose(file);
    return failed ? -1 : check(out, path);
}
