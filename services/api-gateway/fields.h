/* fields -- many header fields for the price of one.
 *
 * libmicrohttpd copies each field of an answer into three pieces of memory and takes them apart
 * again, which for a dozen fields was a sixth of what a request costs.  So an answer's fields are
 * written into one value, with a mark instead of each line's end, which the library would refuse;
 * where it sends the header block, the marks become what they stand for.  Both have two bytes, so
 * that nothing of what the library counts changes.
 *
 * The library sends with send() and sendmsg(), of which fields.c has own ones, as framing.c has
 * of recv().  Each entry belongs to the thread that has the connection.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include "pl_buf.h"

#include <stdbool.h>

/* May this be a field's value?  Not if it is empty or holds a control character. */
bool fields_allow(const char *value);

/* Add a field to the value of the one that leads; nothing is added if its value is not allowed. */
void fields_add(struct pl_buf *value, const char *name, const char *text);

/* The next bytes that are sent on this socket begin with the header block of an answer; or a new
 * connection has it. */
void fields_expect(int fd);
void fields_forget(int fd);

#endif
