#include "cache_key.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* With its end, so that "ab", "c" is not "a", "bc". */
static void
add_text(crypto_generichash_state *state, const char *text)
{
    const char *known = text ? text : "";

    crypto_generichash_update(state, (const unsigned char *)known, strlen(known) + 1);
}

static void
add_list(crypto_generichash_state *state, size_t count, char *const *list)
{
    const uint64_t number = count;

    crypto_generichash_update(state, (const unsigned char *)&number, sizeof number);
    for (size_t i = 0; i < count; i++)
        add_text(state, list[i]);
}

static void
add_principal(crypto_generichash_state *state, enum cache_vary vary, const Pl__Principal *who)
{
    if (vary == VARY_ALL)
        return;
    add_text(state, who ? "somebody" : "nobody");
    if (who == NULL)
        return;
    add_list(state, who->n_scopes, who->scopes);
    add_list(state, who->n_apis, who->apis);
    if (vary != VARY_PRINCIPAL)
        return;
    add_text(state, who->subject);
    add_text(state, who->session);
}

struct cache_key
cache_key_make(const char *contract, const char *call, enum cache_vary vary,
               const Pl__Principal *who, ProtobufCBinaryData request)
{
    crypto_generichash_state state;
    struct cache_key out;

    crypto_generichash_init(&state, NULL, 0, sizeof out.bytes);
    add_text(&state, contract);
    add_text(&state, call);
    add_principal(&state, vary, who);
    crypto_generichash_update(&state, request.data, request.len);
    crypto_generichash_final(&state, out.bytes, sizeof out.bytes);
    return out;
}

uint64_t
cache_tag(const char *event, const char *aggregate)
{
    crypto_generichash_state state;
    unsigned char hash[crypto_generichash_BYTES_MIN];
    uint64_t out;

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    add_text(&state, event);
    add_text(&state, aggregate);
    crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(&out, hash, sizeof out);
    return out;
}

void
cache_key_print(const struct cache_key *key, const char *kind, char out[CACHE_KEY_TEXT])
{
    int used = snprintf(out, CACHE_KEY_TEXT, "plumb:cache:%s", kind);

    sodium_bin2hex(out + used, CACHE_KEY_TEXT - (size_t)used, key->bytes, sizeof key->bytes);
}

void
cache_tag_print(uint64_t tag, char out[CACHE_KEY_TEXT])
{
    snprintf(out, CACHE_KEY_TEXT, "plumb:cache:tag:%016" PRIx64, tag);
}
