/* yaml_scalar -- what a plain YAML scalar means in the core schema of YAML 1.2 (chapter 10.3).
 * Private to the contract library.
 *
 * So `no`, `on`, `1_000`, `0777` as octal and dates are what they look like in 1.2: strings, and
 * 777.  A number comes out as JSON would write it.
 */
#ifndef PL_YAML_SCALAR_H
#define PL_YAML_SCALAR_H

#include "pl_node.h"

enum yaml_scalar { YAML_TEXT, YAML_NULL, YAML_TRUE, YAML_FALSE, YAML_NUMBER, YAML_NO_JSON };

/* Classify.  For YAML_NUMBER *number is its JSON text, in the arena.  YAML_NO_JSON: infinity, not
 * a number, or a hexadecimal number of more than 64 bits. */
enum yaml_scalar yaml_scalar(struct pl_arena *arena, const char *text, size_t length,
                             const char **number);

#endif
