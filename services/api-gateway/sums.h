/* sums -- several Prometheus texts added up, series by series, without a new label (RULINGS 29).
 *
 * Counters and histograms of all processes become those of the product.  Gauges are added up too,
 * which is right for amounts and is why Prometheus scrapes each process and never this sum.
 * A family whose HELP ends with SUMS_SHARED is a count of the database, the same in every replica:
 * the largest counts.
 */
#ifndef SUMS_H
#define SUMS_H

#include "pl_buf.h"

#define SUMS_SHARED "(all replicas)"

struct sums;

struct sums *sums_new(struct pl_arena *arena);

/* Add one text in format 0.0.4; lines that make no sense are left out.  Not kept. */
void sums_add(struct sums *self, const char *text);

/* Append everything, families in the order they were first seen. */
void sums_print(const struct sums *self, struct pl_buf *out);

#endif
