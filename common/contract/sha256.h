/* sha256 -- SHA-256 (FIPS 180-4), by the processor's own instructions where it has them.
 *
 * libsodium's is plain C: of the time to compare two documents of 12 MB a third went there.
 */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>

void sha256(const void *bytes, size_t length, unsigned char out[32]);

#endif
