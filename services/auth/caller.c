#include "caller.h"

#include "settings.h"

#include "pl_utf8.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PAGE  50
#define LARGEST_PAGE  500
#define LONGEST_AGENT 200

const char *
caller_subject(const struct pl_call *call)
{
    return call->principal->subject ? call->principal->subject : "";
}

bool
caller_is_service(const struct pl_call *call)
{
    return strncmp(caller_subject(call), "service:", 8) == 0;
}

int
caller_owner(struct pl_call *call, char **account)
{
    const char *subject = caller_subject(call);

    *account = NULL;
    if (strncmp(subject, "user:", 5) == 0)
        *account = pl_arena_strdup(call->arena, subject + 5);
    else if (strncmp(subject, "token:", 6) == 0)
        return store_token_owner(call->db, subject + 6, call->arena, account, &call->err);
    return 0;
}

int
caller_account(struct pl_call *call, char **account)
{
    if (caller_owner(call, account))
        return -1;
    return *account ? 0 : pl_fail(&call->err, DENIED, "that token belongs to nobody's account");
}

const char *
caller_session(const struct pl_call *call)
{
    const char *session = call->principal->session;

    return session && *session ? session : NULL;
}

void
caller_binding(const struct pl_call *call, unsigned char binding[BINDING_BYTES])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)call->client_agent,
                              strlen(call->client_agent));
    if (settings.bind_address) {
        crypto_hash_sha256_update(&state, (const unsigned char *)"\n", 1);
        crypto_hash_sha256_update(&state, (const unsigned char *)call->client_address,
                                  strlen(call->client_address));
    }
    crypto_hash_sha256_final(&state, digest);
    memcpy(binding, digest, BINDING_BYTES);
}

char *
caller_network(const struct pl_call *call)
{
    unsigned char v6[16];
    char text[INET6_ADDRSTRLEN];

    if (*call->client_address == '\0')
        return NULL;
    if (inet_pton(AF_INET6, call->client_address, v6) != 1)
        return pl_arena_strdup(call->arena, call->client_address);
    if (memcmp(v6, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0)
        return pl_arena_printf(call->arena, "%d.%d.%d.%d", v6[12], v6[13], v6[14], v6[15]);
    memset(v6 + 8, 0, 8);
    return pl_arena_printf(call->arena, "%s/64", inet_ntop(AF_INET6, v6, text, sizeof text));
}

char *
caller_agent(const struct pl_call *call)
{
    size_t length = strlen(call->client_agent);
    char *text = pl_utf8_repair(call->arena, call->client_agent, &length);

    text = pl_arena_printf(call->arena, "%.*s", LONGEST_AGENT, text);
    pl_utf8_mend(text);
    return text;
}

int
caller_page(struct pl_call *call, bool has_limit, int64_t asked, const char *cursor, int64_t *limit,
            int64_t *before)
{
    *limit = has_limit ? asked : DEFAULT_PAGE;
    *before = cursor ? strtoll(cursor, NULL, 10) : 0;
    if (*limit < 1 || *limit > LARGEST_PAGE)
        return pl_fail(&call->err, MALFORMED, "limit must be from 1 to %d", LARGEST_PAGE);
    if (*before < 0 || (cursor && *before == 0))
        return pl_fail(&call->err, MALFORMED, "the cursor is not one of ours");
    return 0;
}

int
caller_audit(struct pl_call *call, struct audit entry)
{
    entry.actor = caller_subject(call);
    entry.address = call->client_address;
    entry.agent = caller_agent(call);
    if (entry.session == NULL)
        entry.session = caller_session(call);
    return store_add_audit(call->db, &entry, &call->err);
}
