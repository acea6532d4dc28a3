#include "framing.h"

#include "ready.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define MOST_FDS    (1 << 20) // more than PLUMB_CONNECTIONS allows; only what is used takes memory
#define LINE_KEPT   64        // of a line; what matters must fit
#define MOST_DIGITS 15        // of a length
#define AHEAD       16        // header blocks read before the library asks, with their blanks

enum state { REQUEST_LINE, FIELDS, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, LOST };

static struct reader {
    enum state state;
    bool watched;
    bool cr; // the last byte of the line so far is CR
    bool has_length, chunked;
    bool in_body;                  // where it lost its way
    unsigned blocks, asked;        // header blocks that were read and not asked for yet; that were
    uint16_t spare, spares[AHEAD]; // blanks of this block; of those
    uint64_t left;                 // bytes of the body or chunk
    size_t length, blanks; // of the line so far; how many of a request line's bytes are blanks
    char line[LINE_KEPT];  // its beginning
} readers[MOST_FDS];

void
framing_watch(int fd)
{
    if (fd < MOST_FDS)
        readers[fd] = (struct reader){ .watched = true };
}

void
framing_forget(int fd)
{
    if (fd < MOST_FDS)
        readers[fd].watched = false;
}

/* Blanks in front of a value that are more than the usual one; none if the name is very long. */
static void
count_blanks(struct reader *self, const char *colon)
{
    size_t blanks = colon ? strspn(colon + 1, " \t") : 0;

    if (blanks > 1)
        self->spare = (uint16_t)(self->spare + blanks - 1); // of 16 KiB
}

/* Content-Length and Transfer-Encoding, each once and alone; the value's blanks may be any. */
static bool
read_field(struct reader *self)
{
    const char *colon = strchr(self->line, ':'), *value;
    bool is_length = strncasecmp(self->line, "content-length:", 15) == 0;
    bool is_coding = strncasecmp(self->line, "transfer-encoding:", 18) == 0;
    size_t digits;

    if (self->line[0] == ':' || self->line[0] == ' ' || self->line[0] == '\t')
        return false;
    count_blanks(self, colon);
    if (!is_length && !is_coding)
        return colon || self->length >= LINE_KEPT;
    if (self->has_length || self->chunked || self->length >= LINE_KEPT)
        return false;
    value = colon + 1 + strspn(colon + 1, " \t");
    if (is_coding) {
        self->chunked = strncasecmp(value, "chunked", 7) == 0;
        return self->chunked && value[7 + strspn(value + 7, " \t")] == '\0';
    }
    digits = strspn(value, "0123456789");
    self->has_length = true;
    self->left = strtoull(value, NULL, 10);
    return digits > 0 && digits <= MOST_DIGITS &&
           value[digits + strspn(value + digits, " \t")] == '\0';
}

/* chunk-size [ blanks or ";" chunk-ext ] */
static bool
read_chunk_size(struct reader *self)
{
    size_t digits = strspn(self->line, "0123456789abcdefABCDEF");

    self->left = strtoull(self->line, NULL, 16);
    return digits > 0 && digits <= MOST_DIGITS && strchr("; \t", self->line[digits]);
}

static enum state
behind_head(struct reader *self)
{
    enum state next = self->chunked ? CHUNK_SIZE : self->left ? BODY : REQUEST_LINE;

    if (self->blocks < AHEAD)
        self->spares[(self->asked + self->blocks) % AHEAD] = self->spare;
    self->blocks++;
    self->spare = 0;
    self->has_length = self->chunked = false;
    return next;
}

static enum state
end_line(struct reader *self)
{
    bool empty = self->length == 0;

    switch (self->state) {
    case REQUEST_LINE:
        return empty ? REQUEST_LINE : self->blanks == 2 ? FIELDS : LOST;
    case FIELDS:
        return empty ? behind_head(self) : read_field(self) ? FIELDS : LOST;
    case CHUNK_SIZE:
        return !read_chunk_size(self) ? LOST : self->left ? CHUNK : TRAILER;
    case CHUNK_END:
        return empty ? CHUNK_SIZE : LOST;
    case TRAILER:
        if (empty)
            return REQUEST_LINE;
        return *self->line == ' ' || *self->line == '\t' ? LOST : TRAILER;
    case BODY:
    case CHUNK:
    case LOST:
        break;
    }
    return LOST;
}

/* Take ${length} bytes of a line, none of which is LF; false if one of them must not be there. */
static bool
keep(struct reader *self, const char *bytes, size_t length)
{
    size_t room = self->length < LINE_KEPT - 1 ? LINE_KEPT - 1 - self->length : 0;
    const char *cr;

    if (length == 0)
        return true;
    cr = memchr(bytes, '\r', length);
    if (self->cr || (cr && cr + 1 < bytes + length) || memchr(bytes, '\0', length))
        return false;
    self->cr = cr != NULL;
    length -= self->cr;
    for (size_t i = 0; self->state == REQUEST_LINE && i < length; i++)
        self->blanks += bytes[i] == ' ';
    memcpy(self->line + (LINE_KEPT - 1 - room), bytes, length < room ? length : room);
    self->length += length;
    return true;
}

/* A line ends with CR LF; only the empty ones in front of a request may lack the CR. */
static size_t
read_line(struct reader *self, const char *bytes, size_t length)
{
    const char *end = memchr(bytes, '\n', length);
    size_t used = end ? (size_t)(end - bytes) : length;
    enum state next = self->state;

    if (!keep(self, bytes, used))
        next = LOST;
    if (end && next != LOST) {
        if (self->length < LINE_KEPT)
            self->line[self->length] = '\0';
        next = self->cr || (next == REQUEST_LINE && self->length == 0) ? end_line(self) : LOST;
    }
    self->in_body = next == LOST && self->state > FIELDS;
    self->state = next;
    if (end == NULL || next == LOST)
        return used;
    self->length = self->blanks = 0;
    self->cr = false;
    return used + 1;
}

static size_t
skip(struct reader *self, size_t length, enum state next)
{
    size_t used = self->left < length ? (size_t)self->left : length;

    self->left -= used;
    if (self->left == 0)
        self->state = next;
    return used;
}

static void
read_on(struct reader *self, const char *bytes, size_t length)
{
    while (length && self->state != LOST) {
        size_t used = self->state == BODY    ? skip(self, length, REQUEST_LINE)
                      : self->state == CHUNK ? skip(self, length, CHUNK_END)
                                             : read_line(self, bytes, length);

        bytes += used;
        length -= used;
    }
}

/* In place of the C library's, for all of this process. */
ssize_t
recv(int fd, void *bytes, size_t length, int flags)
{
    ssize_t got;

    if (ready_is_empty(fd)) {
        errno = EAGAIN;
        return -1;
    }
    got = recvfrom(fd, bytes, length, flags, NULL, NULL);
    ready_read(fd, length, got);
    if (got > 0 && fd < MOST_FDS && readers[fd].watched)
        read_on(&readers[fd], bytes, (size_t)got);
    return got;
}

bool
framing_agrees(int fd, size_t *blanks)
{
    struct reader *self = fd < MOST_FDS ? &readers[fd] : NULL;

    *blanks = 0;
    if (self == NULL || self->blocks == 0)
        return false;
    *blanks = self->spares[self->asked % AHEAD];
    self->spares[self->asked++ % AHEAD] = 0;
    self->blocks--;
    return true;
}

bool
framing_disputes_body(int fd)
{
    const struct reader *self = fd < MOST_FDS ? &readers[fd] : NULL;

    return self && self->state == LOST && self->in_body && self->blocks == 0;
}
