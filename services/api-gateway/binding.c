#include "binding.h"

#include "exchange.h"

#include "pl_log.h"
#include "pl_metric.h"

#include <sodium.h>
#include <string.h>

#define BYTES 16 // of the hash, as auth makes it

PL_COUNTER(mismatches, "gateway_binding_mismatch_total",
           "requests of sessions from another client than the one that logged in", "action");

/* The hash of this client in base64url, with its address or without. */
static void
hash_client(const struct exchange *self, bool with_address, char text[2 * BYTES])
{
    const char *agent = exchange_header(self, "User-Agent");
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    if (agent)
        crypto_hash_sha256_update(&state, (const unsigned char *)agent, strlen(agent));
    if (with_address) {
        crypto_hash_sha256_update(&state, (const unsigned char *)"\n", 1);
        crypto_hash_sha256_update(&state, (const unsigned char *)self->client,
                                  strlen(self->client));
    }
    crypto_hash_sha256_final(&state, digest);
    sodium_bin2base64(text, 2 * BYTES, digest, BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool
binding_holds(const struct exchange *self)
{
    const char *binding = self->principal->binding;
    const char *dot = binding ? strchr(binding, '.') : NULL;
    bool enforce;
    char text[2 * BYTES];

    if (dot == NULL)
        return true;
    hash_client(self, dot - binding == 2 && binding[1] == 'a', text);
    if (strcmp(dot + 1, text) == 0)
        return true;
    enforce = binding[0] == 'e';
    pl_inc(&mismatches, enforce ? "refused" : "warned");
    pl_info("session.other_client", PL_S("session", self->principal->session),
            PL_S("action", enforce ? "refused" : "warned"));
    return !enforce;
}
