/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * demand_pool: see demand_pool.h. Lists are short (a handful of ranges, some dozens of blocks), so
 * they are sorted arrays.
 */
#include "sim/demand_pool.h"

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

static bool place_in(struct pool *p, struct range in, uint32_t size, uint32_t owner)
{
    uint64_t at = ((uint64_t)in.first + size - 1) / size * size;
    unsigned i = place_of(p, (uint32_t)at);
    for (; at + size - 1 <= in.last; at += size) {
        struct range here = {(uint32_t)at, (uint32_t)(at + size - 1)};
        if (i < p->blocks && p->block[i].first == here.first) {
            i++;
            continue;
        }
        if (!ranges_usable(&p->ranges, here))
            continue;
        put(p, i, (struct block){.first = here.first, .owner = owner});
        return true;
    }
    return false;
}

bool pool_place(struct pool *p, uint32_t size, uint32_t owner)
{
    unsigned i;
    for (i = 0; i < p->ranges.n; i++)
        if (place_in(p, p->ranges.told[i], size, owner))
            return true;
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
