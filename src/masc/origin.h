/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * origin: the parts of the table that its own files share: who originated entries (pairs of Domain
 * and Node Identifier, each kept once and counted), look-ups, and the heap of times. Not for other
 * files.
 */
#ifndef MASC_ORIGIN_H
#define MASC_ORIGIN_H

#include <stdint.h>

#include "masc/table.h"

/* Every bit of the result depends on every bit of x, but in a way that can be undone: what others
 * choose must be mixed with the secret t->seed before a second word of theirs enters, else they
 * could choose both so that the first is cancelled. */
static inline uint64_t origin_mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

/* A number for a Domain or Node Identifier, with the secret in it. */
static inline uint64_t origin_key(const struct table *t, u128 id)
{
    uint64_t h = origin_mix(u128_lo(id) ^ t->seed);
    return u128_hi(id) ? origin_mix(h ^ u128_hi(id)) : h;
}

/* The index of a domain that has entries, or TABLE_NONE. */
uint32_t origin_find_domain(const struct table *t, u128 id);

/* The index of the pair, made if new; TABLE_NONE if a bound is hit (origins_max, and per_origin_max
 * unless `local`). It is held only once origin_link() counts an entry: take and link belong
 * together. */
uint32_t origin_take(struct table *t, u128 domain, u128 node, bool local);
void origin_link(struct table *t, uint32_t at);
void origin_unlink(struct table *t, uint32_t at);

/* Into the list of its domain that it belongs in now, and out of it; what origin_link() and
 * origin_unlink() do, too. Its flag ENTRY_DEAD changes in between only. */
void origin_list(struct table *t, uint32_t at);
void origin_unlist(struct table *t, uint32_t at);

/* table_first() for those who ask more than once. */
struct asked table_ask(const struct table *t, u128 domain);
uint32_t table_first_asked(const struct table *t, struct prefix p, const struct asked *who);
uint32_t table_next_asked(const struct table *t, uint32_t at, const struct asked *who);
struct cover table_cover_asked(const struct table *t, struct prefix p, struct asked who);

void table_heap_push(struct table *t, uint32_t at);
void table_remove(struct table *t, uint32_t at);

#endif
