/* probe -- many requests at once in one thread: libcurl's multi interface over epoll.
 *
 * A prober belongs to one thread.  Its owner waits on probe_fd() (an epoll descriptor) for at most
 * probe_timeout_ms() and calls probe_run() after; what has finished is told to ${done}.  Addresses
 * are checked as they are connected to (pl_ssrf.h); no redirects, no proxies, no cookies.
 */
#ifndef PROBE_H
#define PROBE_H

#include "pl_ssrf.h"
#include "ring.h"
#include "target.h"

struct probe_result {
    void *subject; // what probe_start() was given
    enum sample_outcome outcome;
    int status;                                                  // of HTTP, 0 if none
    uint32_t dns_us, connect_us, tls_us, first_byte_us, body_us; // each phase by itself
    int64_t expires;  // of the certificate, Unix seconds; 0 if there is none
    const char *text; // why it failed, for people, without the url; "" if it did not
};

typedef void probe_done_fn(void *owner, const struct probe_result *result);

struct prober;

/* ${most}: probes at once.  ${connections}: that are kept alive.  ${allow}: private addresses that
 * may be probed.  ${ca_file} "": the system's certificates.  ${done} is called from probe_run() and probe_start(). */
int prober_new(struct prober **out, int most, int connections, const struct pl_ssrf_list *allow,
               const char *ca_file, probe_done_fn *done, void *owner, struct pl_err *err);

/* What is under way is forgotten.  Safe on NULL; clears the pointer. */
void prober_destroy(struct prober **self_p);

int probe_fd(const struct prober *self);
int64_t probe_timeout_ms(const struct prober *self, int64_t most);
void probe_run(struct prober *self);

/* Begin; ${target} must stay until it is done.  False if there are too many already. */
bool probe_start(struct prober *self, const struct target *target, void *subject);

/* How many are under way. */
int probe_count(const struct prober *self);

/* End all that is under way without a word; for when the process was asleep. */
void probe_abort_all(struct prober *self, probe_done_fn *done);

#endif
