/* compare_servers -- the addresses under which an operation answers, by whatever level of the
 * document says them. */
#include "compare.h"

#include <string.h>

/* The address behind its scheme. */
static const char *
host_of(const char *address)
{
    const char *scheme = strstr(address, "://");

    return scheme ? scheme + 3 : address;
}

/* Base paths do not count if they are part of the paths on one side; a scheme not, where the other
 * side leaves it open (Swagger 2.0 without `schemes`). */
static bool
are_same(const struct cmp_pair *pair, const char *one, const char *two)
{
    const char *a = host_of(one), *b = host_of(two);
    size_t length = pair->moved ? strcspn(a, "/") : strlen(a);

    if (length != (pair->moved ? strcspn(b, "/") : strlen(b)) || strncmp(a, b, length) != 0)
        return false;
    return a == one || b == two ||
           (a - one == b - two && strncmp(one, two, (size_t)(a - one)) == 0);
}

static bool
has_address(const struct cmp_pair *pair, const struct cmp_servers *servers, const char *key)
{
    for (int i = 0; i < servers->count; i++)
        if (are_same(pair, servers->all[i].key, key))
            return true;
    return false;
}

/* Were the paths matched by what stands in front of them, too? */
static bool
has_moved(const struct cmp_operation *base, const struct cmp_operation *head)
{
    return strcmp(base->key, head->key) != 0 && base->full_key && head->full_key &&
           strcmp(base->full_key, head->full_key) == 0;
}

void
cmp_pair_servers(struct cmp *self, struct cmp_pair *parent, const struct cmp_operation *base,
                 const struct cmp_operation *head)
{
    bool moved = has_moved(base, head);

    if (base->reversed || head->reversed)
        return; // the other side says where it is called
    cmp_pair(self, parent,
             (struct cmp_pair){ .kind = CMP_PAIR_SERVERS,
                                .moved = moved,
                                .base = base->servers->key,
                                .head = head->servers->key,
                                .base_item = base->servers,
                                .head_item = head->servers },
             moved);
}

void
cmp_servers(struct cmp *self, struct cmp_pair *pair)
{
    const struct cmp_servers *base = pair->base_item, *head = pair->head_item;

    for (int i = 0; i < base->count; i++) {
        if (has_address(pair, head, base->all[i].key))
            continue;
        cmp_found(self, pair, CMP_SERVER_REMOVED, "removed", base->all[i].spot, head->spot,
                  "the address `%.300s` is no longer listed", base->all[i].text);
        cmp_about(pair, base->all[i].text);
    }
    for (int i = 0; i < head->count; i++) {
        if (has_address(pair, base, head->all[i].key))
            continue;
        cmp_found(self, pair, CMP_SERVER_ADDED, "added", base->spot, head->all[i].spot,
                  "the address `%.300s` was added", head->all[i].text);
        cmp_about(pair, head->all[i].text);
    }
}
