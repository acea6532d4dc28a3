/* caller -- who asks, and from where. */
#ifndef CALLER_H
#define CALLER_H

#include "pl_service.h"
#include "store.h"

/* "user:usr_1", "token:tok_1", "service:plumb"; "" for somebody without a token, whom the gateway
 * keeps away but the bus does not. */
const char *caller_subject(const struct pl_call *call);

/* Is it a process of ours, by its CURVE key? */
bool caller_is_service(const struct pl_call *call);

/* The account that asks, itself or by a token of its own; DENIED if there is none behind it. */
int caller_account(struct pl_call *call, char **account);

/* The same; *account is NULL for none. */
int caller_owner(struct pl_call *call, char **account);

/* The session that asks; NULL if it is no session. */
const char *caller_session(const struct pl_call *call);

/* What a session is bound to: a hash of the User-Agent, and of the address if so set. */
void caller_binding(const struct pl_call *call, unsigned char binding[BINDING_BYTES]);

/* The client's address as it is counted: IPv6 by its /64; NULL if unknown. */
char *caller_network(const struct pl_call *call);

/* The User-Agent, shortened, for people. */
char *caller_agent(const struct pl_call *call);

/* A page of a list: MALFORMED for what is none. */
int caller_page(struct pl_call *call, bool has_limit, int64_t asked, const char *cursor,
                int64_t *limit, int64_t *before);

/* Write an entry of the audit, with who asked and from where filled in. */
int caller_audit(struct pl_call *call, struct audit entry);

#endif
