#include "dropins.h"

#include "pl_log.h"

#include "pl_check.h"

#include <sys/stat.h>
#include <unistd.h>

static const struct dropin_limits LIMITS = { 50, 1000 };

/* A folder with files {name, content}, which ends with a NULL. */
static const char *
folder(struct pl_arena *arena, const char *const files[][2])
{
    char *dir = pl_arena_strdup(arena, "/tmp/plumb-dropins-XXXXXX");

    pl_log_level(PL_ERROR + 1);
    if (mkdtemp(dir) == NULL || mkdir(pl_arena_printf(arena, "%s/museum", dir), 0700))
        abort();
    for (int i = 0; files[i][0]; i++) {
        FILE *file = fopen(pl_arena_printf(arena, "%s/museum/%s", dir, files[i][0]), "w");

        if (file == NULL)
            abort();
        fputs(files[i][1], file);
        fclose(file);
    }
    return dir;
}

static void
remove_folder(const char *dir, struct pl_arena *arena)
{
    if (system(pl_arena_printf(arena, "rm -r %s", dir)))
        abort();
}

TEST(files_are_taken_in_the_order_of_their_names_with_type_and_hash)
{
    static const char *const FILES[][2] = { { "zebra.csv", "a,b\n" },
                                            { "coverage.json", "{}" },
                                            { "notes.unheard", "x" },
                                            { NULL, NULL } };
    struct pl_arena *arena = pl_arena_new();
    const char *dir = folder(arena, FILES);
    struct artifact *files;

    CHECK_INT(dropins_read(dir, "museum", LIMITS, arena, &files), ==, 3);
    CHECK_STR(files[0].path, "coverage.json");
    CHECK_STR(files[0].content_type, "application/json");
    CHECK_INT(files[0].kind, ==, ARTIFACT_DROPIN);
    CHECK_STR(files[0].sha256, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    CHECK_STR(files[1].content_type, "application/octet-stream");
    CHECK_STR(files[2].bytes, "a,b\n");
    remove_folder(dir, arena);
    pl_arena_destroy(&arena);
}

TEST(a_name_must_be_plain_have_a_dot_and_not_be_one_of_ours)
{
    CHECK(dropin_name_ok("coverage.json"));
    CHECK(dropin_name_ok("A-b_c.1.txt"));
    CHECK(!dropin_name_ok("nodot"));
    CHECK(!dropin_name_ok(".hidden"));
    CHECK(!dropin_name_ok("-rf.txt"));
    CHECK(!dropin_name_ok("end."));
    CHECK(!dropin_name_ok("with space.txt"));
    CHECK(!dropin_name_ok("a/b.txt"));
    CHECK(!dropin_name_ok(""));
    CHECK(!dropin_name_ok("index.html"));
    CHECK(!dropin_name_ok("checksums.json"));
    CHECK(!dropin_name_ok("checksums-signature.json"));
    CHECK(!dropin_name_ok("openapi.json"));
}

TEST(what_breaks_a_rule_is_left_out_and_the_rest_goes_on)
{
    static const char *const FILES[][2] = {
        { "index.html", "mine" }, { "good.txt", "good" }, { "no-dot", "x" }, { NULL, NULL }
    };
    struct pl_arena *arena = pl_arena_new();
    const char *dir = folder(arena, FILES);
    struct artifact *files;

    CHECK_INT(symlink("good.txt", pl_arena_printf(arena, "%s/museum/link.txt", dir)), ==, 0);
    CHECK_INT(mkdir(pl_arena_printf(arena, "%s/museum/folder.txt", dir), 0700), ==, 0);
    CHECK_INT(mkfifo(pl_arena_printf(arena, "%s/museum/pipe.txt", dir), 0600), ==, 0);
    CHECK_INT(dropins_read(dir, "museum", LIMITS, arena, &files), ==, 1);
    CHECK_STR(files[0].path, "good.txt");
    remove_folder(dir, arena);
    pl_arena_destroy(&arena);
}

TEST(number_and_size_are_bounded)
{
    static const char *const FILES[][2] = {
        { "a.txt", "1" }, { "b.txt", "12345" }, { "c.txt", "1" }, { "d.txt", "1" }, { NULL, NULL }
    };
    struct pl_arena *arena = pl_arena_new();
    const char *dir = folder(arena, FILES);
    struct artifact *files;

    CHECK_INT(dropins_read(dir, "museum", (struct dropin_limits){ 2, 4 }, arena, &files), ==, 2);
    CHECK_STR(files[0].path, "a.txt");
    CHECK_STR(files[1].path, "c.txt");
    remove_folder(dir, arena);
    pl_arena_destroy(&arena);
}

TEST(no_folder_means_no_files)
{
    struct pl_arena *arena = pl_arena_new();
    struct artifact *files;

    CHECK_INT(dropins_read("", "museum", LIMITS, arena, &files), ==, 0);
    CHECK_INT(dropins_read("/nonexistent", "museum", LIMITS, arena, &files), ==, 0);
    pl_arena_destroy(&arena);
}
