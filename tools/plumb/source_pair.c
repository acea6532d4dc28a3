/* Two documents read at once: reading takes longer than comparing. */
#include "source.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is worth a thread, which then costs less than it saves. */
#define WORTH_IT (256 << 10)

struct reading {
    const char *name;
    const struct pl_limits *limits;
    struct pl_arena *arena; // nobody else's
    struct source *out;
    int status;
};

static void *
read_one(void *arg)
{
    struct reading *self = arg;

    self->status = source_read(self->name, NULL, self->limits, self->arena, self->out);
    return NULL;
}

/* Only such files as reading cannot have anything to say about: what is said would come in any
 * order. */
static bool
is_large_file(const char *name)
{
    struct stat about;

    return stat(name, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= WORTH_IT &&
           about.st_size <= LARGEST_DOCUMENT && access(name, R_OK) == 0;
}

int
source_load_pair(const char *base, const char *head, const struct pl_limits *limits,
                 struct pl_arena *arena, struct source *base_out, struct source *head_out)
{
    struct reading other = { base, limits, NULL, base_out, EXIT_FINE };
    pthread_t thread;
    int status;

    if (!is_large_file(base) || !is_large_file(head))
        return source_load(base, head, limits, arena, base_out) ||
                       source_load(head, base, limits, arena, head_out)
                   ? EXIT_TROUBLE
                   : EXIT_FINE;
    other.arena = pl_arena_child(arena);
    if (pthread_create(&thread, NULL, read_one, &other))
        return trouble("could not start a thread");
    status = source_read(head, NULL, limits, arena, head_out);
    pthread_join(thread, NULL);
    if (other.status != EXIT_FINE || status != EXIT_FINE)
        return EXIT_TROUBLE;
    return source_accept(base_out) || source_accept(head_out) ? EXIT_TROUBLE : EXIT_FINE;
}
