#include "pl_log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = { "debug", "info", "warning", "error" };
static const char *service_name = "?";
static _Atomic int lowest_level = PL_INFO;
static bool as_json = true;
/* Set by the dispatcher for the length of a call, so that handlers need not pass them on. */
static _Thread_local const char *request_now, *trace_now;

/* A line is built here and written with one write(), so that two threads never mix. */
struct line {
    char bytes[4096];
    size_t used;
};

void
pl_log_open(const char *service, enum pl_level lowest, bool json)
{
    service_name = service;
    lowest_level = (int)lowest;
    as_json = json;
}

void
pl_log_level(enum pl_level lowest)
{
    lowest_level = (int)lowest;
}

int
pl_log_parse_level(const char *name)
{
    static const char *const names[] = { "DEBUG", "INFO", "WARNING", "ERROR" };

    for (int i = 0; i < 4; i++)
        if (strcasecmp(name, names[i]) == 0)
            return i;
    return -1;
}

void
pl_log_request(const char *request_id, const char *trace_id)
{
    request_now = request_id;
    trace_now = trace_id;
}

static void
put(struct line *line, const char *text)
{
    size_t length = strlen(text);

    /* The tail is kept for the closing brace and the newline. */
    if (length > sizeof line->bytes - 8 - line->used)
        length = sizeof line->bytes - 8 - line->used;
    memcpy(line->bytes + line->used, text, length);
    line->used += length;
}

/* Values come from outside: quoted, with everything that could end the quote or the line
 * escaped, and bytes that are not ASCII kept as they are. */
static void
put_quoted(struct line *line, const char *text)
{
    const size_t most = sizeof line->bytes - 16; // leaves room, so that a cut line still parses
    char escaped[8];

    put(line, "\"");
    while (*text) {
        unsigned char c = (unsigned char)*text;

        if (c != '"' && c != '\\' && c >= ' ' && c != 0x7f) {
            if (line->used >= most)
                break;
            line->bytes[line->used++] = (char)c;
            text++;
            continue;
        }
        snprintf(escaped, sizeof escaped, c == '"' || c == '\\' ? "\\%c" : "\\u%04x", c);
        if (line->used + strlen(escaped) > most)
            break;
        put(line, escaped);
        text++;
    }
    if (line->used <= sizeof line->bytes - 9)
        line->bytes[line->used++] = '"';
}

static void
put_pair(struct line *line, const struct pl_pair *pair)
{
    char number[32];

    /* A pair that no longer fits is left out whole rather than cut in its key. */
    if (line->used + strlen(pair->key) + 48 > sizeof line->bytes - 8)
        return;
    put(line, as_json ? ",\"" : " ");
    put(line, pair->key);
    put(line, as_json ? "\":" : "=");
    if (pair->text) {
        put_quoted(line, pair->text);
    } else {
        snprintf(number, sizeof number, "%" PRId64, pair->number);
        put(line, number);
    }
}

static void
put_head(struct line *line, enum pl_level level, const char *event)
{
    static _Thread_local char stamp[32]; // of this second
    static _Thread_local time_t stamped;
    char head[256];
    struct timespec now;
    struct tm utc;

    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != stamped) {
        gmtime_r(&now.tv_sec, &utc);
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
        stamped = now.tv_sec;
    }
    snprintf(head, sizeof head,
             as_json ? "{\"ts\":\"%s.%03ldZ\",\"level\":\"%s\",\"service\":\"%s\",\"event\":\"%s\""
                     : "ts=%s.%03ldZ level=%s service=%s event=%s",
             stamp, now.tv_nsec / 1000000, level_names[level], service_name, event);
    put(line, head);
}

void
pl_log(enum pl_level level, const char *event, const struct pl_pair *pairs)
{
    struct line line;

    if ((int)level < lowest_level)
        return;
    line.used = 0;
    put_head(&line, level, event);
    if (request_now && *request_now)
        put_pair(&line, &(struct pl_pair)PL_S("request_id", request_now));
    if (trace_now && *trace_now)
        put_pair(&line, &(struct pl_pair)PL_S("trace_id", trace_now));
    for (; pairs->key; pairs++)
        put_pair(&line, pairs);
    if (as_json)
        line.bytes[line.used++] = '}';
    line.bytes[line.used++] = '\n';
    /* A full disk or a closed pipe must not stop the service, and there is nowhere to say so. */
    if (write(STDERR_FILENO, line.bytes, line.used) < 0)
        return;
}
