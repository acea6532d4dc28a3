/* The formats that are asserted, and what each one means (RULINGS 56: a fixed list).  A format
 * that is not here says nothing.  In every dialect. */
#include "schema_private.h"

#include "schema_formats.h"

const struct schema_format schema_formats[] = {
    { "date-time", PL_STRING, format_is_date_time, "a date and time like 2026-01-31T12:00:00Z" },
    { "date", PL_STRING, format_is_date, "a date like 2026-01-31" },
    { "time", PL_STRING, format_is_time, "a time like 12:00:00Z" },
    { "duration", PL_STRING, format_is_duration, "a duration like P3DT4H" },
    { "email", PL_STRING, format_is_email, "an e-mail address like name@example.org" },
    { "hostname", PL_STRING, format_is_hostname, "a host name like api.example.org" },
    { "ipv4", PL_STRING, format_is_ipv4, "an IPv4 address like 192.0.2.1" },
    { "ipv6", PL_STRING, format_is_ipv6, "an IPv6 address like 2001:db8::1" },
    { "uri", PL_STRING, format_is_uri, "a URI like https://example.org/path" },
    { "uri-reference", PL_STRING, format_is_uri_reference, "a URI or a part of one like /path" },
    { "uuid", PL_STRING, format_is_uuid, "a UUID like 123e4567-e89b-12d3-a456-426614174000" },
    { "json-pointer", PL_STRING, format_is_json_pointer, "a JSON pointer like /a/0" },
    { "int32", PL_NUMBER, format_is_int32, "an integer of 32 bits" },
    { "int64", PL_NUMBER, format_is_int64, "an integer of 64 bits" },
    { 0 },
};
