/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * demand_pool: the addresses of one domain, as its address server, or its routing, was told of
 * them.
 *
 * Ranges come and go by the rows that a node puts out (masc_row_output). Adds come before removes,
 * so one range may lie in another for a moment; a remove of a part is a hole, which a later add
 * fills. Blocks are placed in the largest range that has room, lowest address first, so that small
 * ones fall empty; where a prefix runs out only if there is no other place, and never where an
 * address was taken back. IPv4 only.
 */
#ifndef SIM_DEMAND_POOL_H
#define SIM_DEMAND_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prefix.h"

enum { RANGES_MAX = 128 };

/* First and last address. */
struct range {
    uint32_t first, last;
};

struct ranges {
    struct range told[RANGES_MAX], hole[RANGES_MAX]; /* sorted */
    unsigned n, holes;
};

/* Both abort when there are more than RANGES_MAX. */
void ranges_add(struct ranges *r, struct prefix p);
void ranges_remove(struct ranges *r, struct prefix p);
/* Of the told ranges those that lie in no other: how many, and their addresses without holes. */
unsigned ranges_count(const struct ranges *r);
uint64_t ranges_size(const struct ranges *r);
/* All of it may be used. */
bool ranges_usable(const struct ranges *r, struct range of);

/* Blocks in use, sorted by address; `owner` is what the pool's user knows each by. */
struct block {
    uint32_t first;
    uint32_t owner;
};

/* What the node said last of an own prefix: it runs out, or it is (again) there to stay. */
struct fate {
    struct range of;
    bool fades;
};

enum { FATES_MAX = 64 };

struct pool {
    struct ranges ranges;
    struct fate fate[FATES_MAX]; /* oldest first */
    unsigned fates;
    struct block *block;
    unsigned blocks, blocks_max;
};

void pool_free(struct pool *p);
/* That prefix runs out, or is there to stay; the last word counts, of parts too. The oldest word is
 * forgotten if there are too many. */
void pool_fate(struct pool *p, struct prefix of, bool fades);
/* That prefix is no more. */
void pool_forget(struct pool *p, struct prefix of);
/* The largest prefix in which no block is, and that is not needed: it runs out, or without it there
 * are still `wanted` addresses in what does not. False if there is none. */
bool pool_vacant(const struct pool *p, uint32_t size, uint64_t wanted, struct prefix *vacant);
/* Places a block of `size` addresses (a power of two), aligned; false if there is no room. */
bool pool_place(struct pool *p, uint32_t size, uint32_t owner);
/* Forgets the block of that owner, which is there. */
void pool_release(struct pool *p, uint32_t owner);
/* Takes out one block that lies where it may not any more; false if there is none. */
bool pool_evict(struct pool *p, uint32_t size, uint32_t *owner);

#endif
