/* cache_tags -- what ends answers that are kept: told by the Feed's threads, heard by the reactors.
 *
 * Each tag has a generation that only grows; an answer holds under the generations that were when
 * it was asked for.  This process's own generations are slots of a table, which tags may share: then more ends
 * than has to.  Those in Redis are raised by what is queued here.  Thread-safe.
 */
#ifndef CACHE_TAGS_H
#define CACHE_TAGS_H

#include "cache_rule.h"

#include <stdbool.h>
#include <stdint.h>

#define MOST_TAGS (1 + MOST_CACHE_EVENTS)

/* An event of that type and aggregate; NULL: nobody knows what was missed. */
void cache_tags_end(const char *event, const char *aggregate);

/* The tags of a rule; ${api} is the path's, or NULL.  Returns how many. */
int cache_tags_of(const struct cache_rule *rule, const char *api, uint64_t tags[MOST_TAGS]);

/* Their generations here, added up: it changes when one of them does. */
uint64_t cache_tags_generation(const uint64_t *tags, int count);

/* Take one that Redis does not know yet; false: none. */
bool cache_tags_take(uint64_t *tag);

#endif
