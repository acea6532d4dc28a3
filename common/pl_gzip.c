#include "pl_gzip.h"

#include "pl_buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_WINDOW   (15 + 16) // zlib: the largest window, gzip's frame and nothing else
#define CHUNK         65536
#define MAX_RATIO     200
#define RATIO_MATTERS (1 << 20)

/* zlib fails these only where memory is out, which ends the process, as for the arena. */
static void
must(int rc, int wanted)
{
    if (rc != wanted) {
        fprintf(stderr, "out of memory for zlib\n");
        abort();
    }
}

int
pl_gzip_is(const void *bytes, size_t length)
{
    const unsigned char *b = bytes;

    return length >= 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8;
}

char *
pl_gzip(const void *bytes, size_t length, struct pl_arena *arena, size_t *out_length)
{
    z_stream z = { 0 };
    char *out;
    size_t room;

    must(deflateInit2(&z, 6, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY), Z_OK);
    room = deflateBound(&z, length);
    out = pl_arena_alloc(arena, room);
    z.next_in = (Bytef *)bytes;
    z.avail_in = (uInt)length;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    must(deflate(&z, Z_FINISH), Z_STREAM_END);
    *out_length = z.total_out;
    deflateEnd(&z);
    return out;
}

/* One more chunk of output is there. */
static int
check_growth(const z_stream *z, size_t length, size_t total_in, size_t limit, struct pl_err *err)
{
    if (length > limit)
        return pl_fail(err, TOO_LARGE, "the gzip body inflates to more than %zu bytes", limit);
    if (length > RATIO_MATTERS && length / MAX_RATIO > total_in - z->avail_in)
        return pl_fail(err, TOO_LARGE, "the gzip body inflates more than %d times", MAX_RATIO);
    return 0;
}

static int
inflate_all(z_stream *z, size_t total_in, size_t limit, struct pl_buf *out, struct pl_err *err)
{
    char chunk[CHUNK];

    for (;;) {
        int rc;

        z->next_out = (Bytef *)chunk;
        z->avail_out = sizeof chunk;
        rc = inflate(z, Z_NO_FLUSH);
        pl_buf_add(out, chunk, sizeof chunk - z->avail_out);
        if (check_growth(z, out->length, total_in, limit, err))
            return -1;
        if (rc == Z_STREAM_END) {
            if (z->avail_in == 0)
                return 0;
            // gzip files may be joined; what follows has to be another member
            if (!pl_gzip_is(z->next_in, z->avail_in) || inflateReset(z) != Z_OK)
                return pl_fail(err, MALFORMED, "something follows the end of the gzip body");
        } else if (rc == Z_BUF_ERROR || (rc == Z_OK && z->avail_in == 0 && z->avail_out > 0)) {
            return pl_fail(err, MALFORMED, "the gzip body is cut short");
        } else if (rc != Z_OK) {
            return pl_fail(err, MALFORMED, "the body cannot be read as gzip");
        }
    }
}

int
pl_gunzip(const void *bytes, size_t length, size_t limit, struct pl_arena *arena, char **out,
          size_t *out_length, struct pl_err *err)
{
    struct pl_buf buf = { .arena = arena };
    z_stream z = { 0 };
    int rc;

    z.next_in = (Bytef *)bytes;
    z.avail_in = (uInt)length;
    must(inflateInit2(&z, GZIP_WINDOW), Z_OK);
    rc = inflate_all(&z, length, limit, &buf, err);
    inflateEnd(&z);
    if (rc)
        return -1;
    pl_buf_add(&buf, "", 0);
    *out = buf.data ? buf.data : pl_arena_strdup(arena, "");
    *out_length = buf.length;
    return 0;
}
