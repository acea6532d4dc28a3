#include "trace.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ID_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* Identifiers, not secrets: a system call fetches them for many requests. */
static void
take_random(unsigned char *out, size_t size)
{
    static _Thread_local unsigned char pool[1024];
    static _Thread_local size_t left;

    if (left < size) {
        randombytes_buf(pool, sizeof pool);
        left = sizeof pool;
    }
    memcpy(out, pool + sizeof pool - left, size);
    left -= size;
}

void
trace_request_id(char out[REQUEST_ID_SIZE], const char *from_client)
{
    unsigned char random[16];

    if (from_client) {
        size_t length = strlen(from_client);

        if (length > 0 && length < REQUEST_ID_SIZE && strspn(from_client, ID_CHARS) == length) {
            memcpy(out, from_client, length + 1);
            return;
        }
    }
    take_random(random, sizeof random);
    sodium_bin2hex(out, REQUEST_ID_SIZE, random, sizeof random);
}

/* ${digits} lowercase hex digits at ${text}, not all of them zero unless ${zero} is fine. */
static bool
is_hex(const char *text, size_t digits, bool zero)
{
    return strspn(text, "0123456789abcdef") >= digits && (zero || strspn(text, "0") < digits);
}

/* version "-" trace-id "-" parent-id "-" flags; a later version may have more behind. */
static bool
is_traceparent(const char *text)
{
    size_t length = text ? strlen(text) : 0;

    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--; // blanks behind a value are not part of it (RFC 9110 section 5.5)
    if (length < TRACEPARENT_SIZE - 1 || length > 512)
        return false;
    if (text[2] != '-' || text[35] != '-' || text[52] != '-')
        return false;
    if (!is_hex(text, 2, true) || strncmp(text, "ff", 2) == 0)
        return false;
    if (!is_hex(text + 3, 32, false) || !is_hex(text + 36, 16, false) ||
        !is_hex(text + 53, 2, true))
        return false;
    if (length > TRACEPARENT_SIZE - 1)
        return strncmp(text, "00", 2) != 0 && text[55] == '-';
    return true;
}

void
trace_parent(char out[TRACEPARENT_SIZE], const char *from_client)
{
    unsigned char random[24];
    char hex[49];

    take_random(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    if (is_traceparent(from_client))
        snprintf(out, TRACEPARENT_SIZE, "00-%.32s-%.16s-%.2s", from_client + 3, hex + 32,
                 strncmp(from_client, "00", 2) == 0    ? from_client + 53
                 : strchr("13579bdf", from_client[54]) ? "01" // of a later version only that bit
                                                       : "00");
    else
        snprintf(out, TRACEPARENT_SIZE, "00-%.32s-%.16s-00", hex, hex + 32);
}
