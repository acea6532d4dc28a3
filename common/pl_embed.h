/* pl_embed -- a file compiled into the program (see pl_embed() in cmake/PlService.cmake), so
 * that a container or a copied binary needs nothing beside it. */
#ifndef PL_EMBED_H
#define PL_EMBED_H

#include <stddef.h>

/* One file; arrays of them end with an all-zero row.  `text` has a NUL behind its last byte,
 * which `size` does not count. */
struct pl_embedded {
    const char *name; // without its folder
    const char *text;
    size_t size;
};

#endif
