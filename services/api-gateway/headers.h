/* headers -- the header fields of every answer, in one table (B-08..B-15), and CORS (B-17, B-18).
 */
#ifndef HEADERS_H
#define HEADERS_H

struct exchange;
struct MHD_Response;

/* Put on ${response} what the table and the exchange's answer say. */
void headers_add(struct MHD_Response *response, const struct exchange *self);

/* Answer an OPTIONS request to a path where ${allow} is allowed: a preflight or a question. */
void headers_options(struct exchange *self, const char *allow);

#endif
