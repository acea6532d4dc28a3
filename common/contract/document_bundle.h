/* document_bundle -- several files become one document.  Private to pl_document.
 */
#ifndef PL_DOCUMENT_BUNDLE_H
#define PL_DOCUMENT_BUNDLE_H

#include "document_private.h"
#include "meaning.h"

/* What an object of an API description is, which says where a copy of it may live. */
enum section {
    SECTION_NONE,
    SECTION_SCHEMAS,
    SECTION_RESPONSES,
    SECTION_PARAMETERS,
    SECTION_EXAMPLES,
    SECTION_REQUEST_BODIES,
    SECTION_HEADERS,
    SECTION_SECURITY_SCHEMES,
    SECTION_LINKS,
    SECTION_CALLBACKS,
    SECTION_PATH_ITEMS,
};

/* Names of the maps: below `components`, and at the top of Swagger 2.0; NULL: there is none. */
extern const struct section_names {
    const char *name, *old;
} section_names[];

/* What the member ${key} of an object (that means ${meaning}) is or holds. */
enum section section_below(enum section parent, enum meaning meaning, const char *key);

/* Bring in what `$ref`s name in other files; problems go into the document. */
void document_bundle(struct pl_document *document, const struct pl_document_reader *reader,
                     const struct pl_limits *limits);

#endif
