/* meaning -- what the members of an object in an API description or a schema mean: keywords,
 * names of somebody's things, or data.  Private to the contract library.
 */
#ifndef PL_MEANING_H
#define PL_MEANING_H

#include "pl_node.h"

enum meaning {
    MEANS_KEYWORDS, // the members are keywords: `$ref` is a reference
    MEANS_NAMES,    // names of anything, as below `properties`
    MEANS_EXAMPLES, // names of examples
    MEANS_EXAMPLE,  // an example object: its `value` is data
    MEANS_DATA,     // nothing below has a meaning
};

/* Of the value of ${member} in an object that means ${parent}.  ${raw_examples}: `examples` holds
 * data itself, as in Swagger 2.0. */
enum meaning meaning_below(enum meaning parent, const struct pl_member *member, bool raw_examples);

#endif
