/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * demand_pool: see demand_pool.h.
 *
 * Lists are short (a handful of ranges, some dozens of blocks), so they are sorted arrays: of
 * ranges the wider one comes before what it covers, and a block is found by halving.
 */
#include "sim/demand_pool.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- ranges ---- */

static struct range range_of(struct prefix p)
{
    uint32_t first = (uint32_t)p.addr;
    return (struct range){first, first + (uint32_t)(prefix_size(p) - 1)};
}

static bool covers(struct range outer, struct range inner)
{
    return outer.first <= inner.first && inner.last <= outer.last;
}

static bool overlaps(struct range a, struct range b)
{
    return a.first <= b.last && b.first <= a.last;
}

static bool before(struct range a, struct range b)
{
    return a.first != b.first ? a.first < b.first : a.last > b.last;
}

static void insert(struct range *list, unsigned *n, struct range x)
{
    unsigned i = *n;
    if (*n == RANGES_MAX)
        abort();
    for (; i > 0 && before(x, list[i - 1]); i--)
        list[i] = list[i - 1];
    list[i] = x;
    ++*n;
}

/* Takes out all that `of` covers; returns how many. */
static unsigned drop(struct range *list, unsigned *n, struct range of)
{
    unsigned i, kept = 0, dropped;
    for (i = 0; i < *n; i++)
        if (!covers(of, list[i]))
            list[kept++] = list[i];
    dropped = *n - kept;
    *n = kept;
    return dropped;
}

static bool find(const struct range *list, unsigned n, struct range x)
{
    unsigned i;
    for (i = 0; i < n; i++)
        if (list[i].first == x.first && list[i].last == x.last)
            return true;
    return false;
}

static bool covered(const struct range *list, unsigned n, struct range x)
{
    unsigned i;
    for (i = 0; i < n; i++)
        if (covers(list[i], x))
            return true;
    return false;
}

/* Holes that no told range covers are none. */
static void settle(struct ranges *r)
{
    unsigned i, kept = 0;
    for (i = 0; i < r->holes; i++)
        if (covered(r->told, r->n, r->hole[i]))
            r->hole[kept++] = r->hole[i];
    r->holes = kept;
}

void ranges_add(struct ranges *r, struct prefix p)
{
    struct range x = range_of(p);
    bool was_hole = find(r->hole, r->holes, x);
    (void)drop(r->hole, &r->holes, x);
    if (!was_hole && !find(r->told, r->n, x))
        insert(r->told, &r->n, x);
}

/* An expanded prefix leaves the old one told inside the new: taking that back is no hole. */
void ranges_remove(struct ranges *r, struct prefix p)
{
    struct range x = range_of(p);
    bool told = find(r->told, r->n, x);
    (void)drop(r->told, &r->n, x);
    if (!told && covered(r->told, r->n, x) && !find(r->hole, r->holes, x))
        insert(r->hole, &r->holes, x);
    settle(r);
}

/* Sorted, and a wider range before what it covers: so what covers [i] ends latest of all before. */
static unsigned outermost(const struct range *list, unsigned n, uint64_t *size)
{
    unsigned i, count = 0;
    uint64_t end = 0; /* one past the last address seen */
    *size = 0;
    for (i = 0; i < n; i++) {
        if (list[i].last < end)
            continue;
        end = (uint64_t)list[i].last + 1;
        *size += end - list[i].first;
        count++;
    }
    return count;
}

unsigned ranges_count(const struct ranges *r)
{
    uint64_t size;
    return outermost(r->told, r->n, &size);
}

uint64_t ranges_size(const struct ranges *r)
{
    uint64_t told, holes;
    (void)outermost(r->told, r->n, &told);
    (void)outermost(r->hole, r->holes, &holes);
    return told - holes;
}

bool ranges_usable(const struct ranges *r, struct range of)
{
    unsigned i;
    for (i = 0; i < r->holes; i++)
        if (overlaps(r->hole[i], of))
            return false;
    return covered(r->told, r->n, of);
}

/* ---- blocks ---- */

void pool_free(struct pool *p)
{
    free(p->block);
    *p = (struct pool){.blocks = 0};
}

/* Place of the first block at `first` or above. */
static unsigned place_of(const struct pool *p, uint32_t first)
{
    unsigned low = 0, high = p->blocks;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (p->block[middle].first < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void put(struct pool *p, unsigned at, struct block b)
{
    if (p->blocks == p->blocks_max) {
        p->blocks_max = p->blocks_max ? p->blocks_max * 2 : 16;
        p->block = realloc(p->block, p->blocks_max * sizeof *p->block);
        if (!p->block)
            abort();
    }
    memmove(p->block + at + 1, p->block + at, (p->blocks - at) * sizeof b);
    p->block[at] = b;
    p->blocks++;
}

static void take_out(struct pool *p, unsigned at)
{
    p->blocks--;
    memmove(p->block + at, p->block + at + 1, (p->blocks - at) * sizeof *p->block);
}

/* ---- what runs out ---- */

void pool_forget(struct pool *p, struct prefix of)
{
    struct range x = range_of(of);
    unsigned i, kept = 0;
    for (i = 0; i < p->fates; i++)
        if (p->fate[i].of.first != x.first || p->fate[i].of.last != x.last)
            p->fate[kept++] = p->fate[i];
    p->fates = kept;
}

void pool_fate(struct pool *p, struct prefix of, bool fades)
{
    pool_forget(p, of);
    if (p->fates == FATES_MAX)
        memmove(p->fate, p->fate + 1, --p->fates * sizeof *p->fate);
    p->fate[p->fates++] = (struct fate){range_of(of), fades};
}

static bool fades(const struct pool *p, struct range x)
{
    unsigned i;
    for (i = p->fates; i-- > 0;)
        if (covers(p->fate[i].of, x))
            return p->fate[i].fades;
    return false;
}

static uint64_t size_of(struct range x)
{
    return (uint64_t)x.last - x.first + 1;
}

/* No block in it, and of what runs out no part that stays. */
static bool is_vacant(const struct pool *p, struct range x, uint32_t size)
{
    unsigned i;
    for (i = 0; i < p->fates && fades(p, x); i++)
        if (!p->fate[i].fades && overlaps(p->fate[i].of, x))
            return false;
    i = place_of(p, x.first);
    return (i == p->blocks || p->block[i].first > x.last) &&
           (i == 0 || p->block[i - 1].first + size - 1 < x.first);
}

/* Addresses told of that are there to stay. */
static uint64_t staying(const struct pool *p)
{
    uint64_t sum = 0, end = 0;
    unsigned i;
    for (i = 0; i < p->ranges.n; i++) {
        struct range x = p->ranges.told[i];
        if (x.last < end || fades(p, x))
            continue;
        end = (uint64_t)x.last + 1;
        sum += size_of(x);
    }
    return sum;
}

bool pool_vacant(const struct pool *p, uint32_t size, uint64_t wanted, struct prefix *vacant)
{
    uint64_t held = staying(p), best = 0;
    unsigned i;
    for (i = 0; i < p->ranges.n; i++) {
        struct range x = p->ranges.told[i];
        if (size_of(x) <= best || !(fades(p, x) || held >= wanted + size_of(x)) ||
            !is_vacant(p, x, size))
            continue;
        best = size_of(x);
        *vacant = (struct prefix){x.first, FAMILY_IPV4,
                                  (uint8_t)(32 - __builtin_popcount(x.last - x.first))};
    }
    return best > 0;
}

/* ---- where blocks go ---- */

static bool place_in(struct pool *p, struct range in, struct block wish, uint32_t size, bool fading)
{
    uint64_t at = ((uint64_t)in.first + size - 1) / size * size;
    unsigned i = place_of(p, (uint32_t)at);
    for (; at + size - 1 <= in.last; at += size) {
        struct range here = {(uint32_t)at, (uint32_t)(at + size - 1)};
        if (i < p->blocks && p->block[i].first == here.first) {
            i++;
            continue;
        }
        if (fades(p, here) != fading || !ranges_usable(&p->ranges, here))
            continue;
        wish.first = here.first;
        put(p, i, wish);
        return true;
    }
    return false;
}

/* The next smaller range after *i, or the next of its size; UINT_MAX as *i: the first. */
static bool next_by_size(const struct ranges *r, unsigned *i)
{
    unsigned k, best = r->n;
    for (k = 0; k < r->n; k++) {
        uint32_t size = r->told[k].last - r->told[k].first;
        if (*i != UINT_MAX) {
            uint32_t last = r->told[*i].last - r->told[*i].first;
            if (size > last || (size == last && k <= *i))
                continue;
        }
        if (best == r->n || size > r->told[best].last - r->told[best].first)
            best = k;
    }
    *i = best;
    return best < r->n;
}

bool pool_place(struct pool *p, uint32_t size, uint32_t owner)
{
    struct block wish = {.owner = owner};
    int fading;
    for (fading = 0; fading <= 1; fading++) {
        unsigned i = UINT_MAX;
        while (next_by_size(&p->ranges, &i))
            if (place_in(p, p->ranges.told[i], wish, size, fading != 0))
                return true;
    }
    return false;
}

void pool_release(struct pool *p, uint32_t owner)
{
    unsigned i;
    for (i = 0; i < p->blocks; i++)
        if (p->block[i].owner == owner) {
            take_out(p, i);
            return;
        }
    abort();
}

bool pool_evict(struct pool *p, uint32_t size, uint32_t *owner)
{
    unsigned i;
    for (i = 0; i < p->blocks; i++) {
        struct range here = {p->block[i].first, p->block[i].first + size - 1};
        if (ranges_usable(&p->ranges, here))
            continue;
        *owner = p->block[i].owner;
        take_out(p, i);
        return true;
    }
    return false;
}
