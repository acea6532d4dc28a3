/* schema_formats -- one function for each format that is asserted.  Private to the contract
 * library.  The text has ${length} bytes, well-formed UTF-8, and a NUL behind it.
 */
#ifndef PL_SCHEMA_FORMATS_H
#define PL_SCHEMA_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 3339; a leap second only where it can be: 23:59:60 UTC. */
bool format_is_date_time(const char *text, size_t length);
bool format_is_date(const char *text, size_t length);
bool format_is_time(const char *text, size_t length);
bool format_is_duration(const char *text, size_t length); // RFC 3339, appendix A

bool format_is_email(const char *text, size_t length);    // RFC 5321 mailbox, ASCII
bool format_is_hostname(const char *text, size_t length); // RFC 1123
bool format_is_ipv4(const char *text, size_t length);
bool format_is_ipv6(const char *text, size_t length); // without a zone
bool format_is_uri(const char *text, size_t length);  // RFC 3986
bool format_is_uri_reference(const char *text, size_t length);
bool format_is_uuid(const char *text, size_t length);         // RFC 4122
bool format_is_json_pointer(const char *text, size_t length); // RFC 6901

/* OpenAPI's formats of numbers.  Fractions are none of their business. */
bool format_is_int32(const char *text, size_t length);
bool format_is_int64(const char *text, size_t length);

#endif
