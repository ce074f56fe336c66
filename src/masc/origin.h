/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * origin: the parts of the table that its own files share: who originated entries (pairs of Domain
 * and Node Identifier, each kept once and counted), and the heap of times. Not for other files.
 */
#ifndef MASC_ORIGIN_H
#define MASC_ORIGIN_H

#include <stdint.h>

#include "masc/table.h"

/* The index of the pair, made if new; TABLE_NONE if a bound is hit (origins_max, and per_origin_max
 * unless `local`). It is held only once origin_link() counts an entry: take and link belong
 * together. */
uint32_t origin_take(struct table *t, u128 domain, u128 node, bool local);
void origin_link(struct table *t, uint32_t at);
void origin_unlink(struct table *t, uint32_t at);

void table_heap_push(struct table *t, uint32_t at);
void table_remove(struct table *t, uint32_t at);

#endif
