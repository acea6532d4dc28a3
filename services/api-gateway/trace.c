#include "trace.h"

#include <sodium.h>
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
trace_hex(char *out, const unsigned char *bytes, size_t size)
{
    static const char DIGITS[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        *out++ = DIGITS[bytes[i] >> 4];
        *out++ = DIGITS[bytes[i] & 15];
    }
    *out = '\0';
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
    trace_hex(out, random, sizeof random);
}

/* ${digits} lowercase hex digits at ${text}, not all of them zero unless ${zero} is fine. */
static bool
is_hex(const char *text, size_t digits, bool zero)
{
    return strspn(text, "0123456789abcdef") >= digits && (zero || strspn(text, "0") < digits);
}

/* version "-" trace-id "-" parent-id "-" flags; a later version may have more behind. */
bool
trace_is_parent(const char *text)
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

    take_random(random, sizeof random);
    memcpy(out, "00-", 3);
    trace_hex(out + 3, random, 16);
    out[35] = '-';
    trace_hex(out + 36, random + 16, 8);
    memcpy(out + 52, "-00", 4);
    if (!trace_is_parent(from_client))
        return;
    memcpy(out + 3, from_client + 3, 32);
    if (strncmp(from_client, "00", 2) == 0)
        memcpy(out + 53, from_client + 53, 2);
    else if (strchr("13579bdf", from_client[54])) // of a later version only that bit
        out[54] = '1';
}
