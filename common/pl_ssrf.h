/* pl_ssrf -- which addresses an outgoing request may go to.
 *
 * The check is on the address that is about to be connected to, not on the name: whatever a
 * name resolves to at that moment, and whatever form a literal has (0x7f.1, 2130706433), ends
 * here.  Everything in the IANA special-purpose registries is refused, and in IPv6 everything
 * outside 2000::/3, unless the operator has listed it in PLUMB_EGRESS_ALLOW *and* the endpoint
 * or target may use that list.
 */
#ifndef PL_SSRF_H
#define PL_SSRF_H

#include "pl_err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct pl_ssrf_range {
    int family;        // AF_INET or AF_INET6
    uint8_t bytes[16]; // network order
    int bits;
};

#define PL_SSRF_ALLOW_MAX 64
struct pl_ssrf_list {
    struct pl_ssrf_range ranges[PL_SSRF_ALLOW_MAX];
    int count;
};

/* Read "127.0.0.0/8,::1/128"; a bare address is itself alone, "" is an empty list. */
int pl_ssrf_parse(const char *text, struct pl_ssrf_list *out, struct pl_err *err);

/* Why nothing may be sent to ${address} ("loopback", "private network", ...), or NULL if it
 * may.  ${allow} NULL: nothing is allowed beyond the public addresses. */
const char *pl_ssrf_refuses(const struct sockaddr *address, const struct pl_ssrf_list *allow);

/* The same for a literal address in text ("10.0.0.1", "[::1]"); NULL for a name as well. */
const char *pl_ssrf_refuses_literal(const char *host, const struct pl_ssrf_list *allow);

#endif
