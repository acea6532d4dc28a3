/* http_send -- one POST to somebody else's server, with nothing left to trust (libcurl).
 *
 * A fresh connection each time, to an address that pl_ssrf.h has seen; no redirects, no proxies, no
 * cookies, no credentials in URLs, only http and https; a limit on time, headers and body; the
 * certificate is checked.  Blocking; one sender belongs to one thread.
 */
#ifndef HTTP_SEND_H
#define HTTP_SEND_H

#include "pl_arena.h"
#include "pl_err.h"
#include "pl_ssrf.h"

#include <stdint.h>
#include <time.h>

#define ANSWER_KEPT 2048 // bytes of an answer that are kept

struct http_sender;

int http_sender_new(struct http_sender **out, struct pl_err *err);

/* Safe on NULL; clears the pointer. */
void http_sender_destroy(struct http_sender **self_p);

struct http_request {
    const char *url;
    const char *body;
    size_t length;
    const char *const *headers; // "name: value" lines, ends with NULL
    const struct pl_ssrf_list *allow;
    int64_t timeout_ms;
};

/* What came back.  Texts are in the arena. */
struct http_answer {
    int status;               // 0: no answer
    const char *failure;      // "" or: dns, connect, timeout, tls, refused, badAnswer, config
    const char *failure_text; // for people; never contains the URL
    double dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms; // each phase by itself
    const char *peer;        // address that was connected to, "" if none
    const char *body;        // its first 2 kB, clean, without the URL's path
    const char *retry_after; // the header, "" if none
};

/* Send and wait.  Always fills in *out. */
void http_send(struct http_sender *self, const struct http_request *request, struct pl_arena *arena,
               struct http_answer *out);

/* Refuse a URL that can never be sent to: not http(s), no host, credentials inside, a literal
 * address that is refused (INVALID).  *hint: its host and last four characters. */
int http_check_url(const char *url, const struct pl_ssrf_list *allow, struct pl_arena *arena,
                   char **hint, struct pl_err *err);

#endif
