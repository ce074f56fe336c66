/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * origin: Origin Domains and Origin Nodes of the entries of a table, each kept once.
 *
 * A domain knows how many entries it has, which bounds what one origin can make us remember
 * (per_origin_max, A-99), and links them. Index and chains work as those of entries do; buckets
 * hold index + 1.
 */
#include "masc/origin.h"

#include "base/check.h"

static uint32_t hash(const struct table *t, u128 a, uint32_t b)
{
    uint64_t x = u128_lo(a) ^ u128_hi(a) * UINT64_C(0x9e3779b97f4a7c15) ^ t->seed;
    x = (x ^ (uint64_t)b << 32) * UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(x >> 32) & t->origin_mask;
}

static uint32_t find_domain(const struct table *t, u128 id)
{
    uint32_t d = t->domain_bucket[hash(t, id, 0)] - 1;
    while (d != TABLE_NONE && t->domain[d].id != id)
        d = t->domain[d].next;
    return d;
}

static uint32_t make_domain(struct table *t, u128 id)
{
    uint32_t d = t->domain_free, *bucket = &t->domain_bucket[hash(t, id, 0)];
    if (d != TABLE_NONE)
        t->domain_free = t->domain[d].next;
    else if (t->domain_used < t->origins_max)
        d = t->domain_used++;
    else
        return TABLE_NONE;
    t->domain[d] = (struct domain){.id = id, .first = TABLE_NONE, .next = *bucket - 1};
    *bucket = d + 1;
    return d;
}

static void drop_domain(struct table *t, uint32_t d)
{
    uint32_t *bucket = &t->domain_bucket[hash(t, t->domain[d].id, 0)], before = *bucket - 1;
    if (before == d) {
        *bucket = t->domain[d].next + 1;
    } else {
        while (t->domain[before].next != d)
            before = t->domain[before].next;
        t->domain[before].next = t->domain[d].next;
    }
    t->domain[d].next = t->domain_free;
    t->domain_free = d;
}

static uint32_t find_origin(const struct table *t, uint32_t domain, u128 node)
{
    uint32_t o = t->origin_bucket[hash(t, node, domain)] - 1;
    while (o != TABLE_NONE && !(t->origin[o].node == node && t->origin[o].domain == domain))
        o = t->origin[o].next;
    return o;
}

static uint32_t make_origin(struct table *t, uint32_t domain, u128 node)
{
    uint32_t o = t->origin_free, *bucket = &t->origin_bucket[hash(t, node, domain)];
    if (o != TABLE_NONE)
        t->origin_free = t->origin[o].next;
    else if (t->origin_used < t->origins_max)
        o = t->origin_used++;
    else
        return TABLE_NONE;
    t->origin[o] = (struct origin){.node = node, .domain = domain, .next = *bucket - 1};
    *bucket = o + 1;
    return o;
}

static void drop_origin(struct table *t, uint32_t o)
{
    uint32_t *bucket = &t->origin_bucket[hash(t, t->origin[o].node, t->origin[o].domain)];
    uint32_t before = *bucket - 1;
    if (before == o) {
        *bucket = t->origin[o].next + 1;
    } else {
        while (t->origin[before].next != o)
            before = t->origin[before].next;
        t->origin[before].next = t->origin[o].next;
    }
    t->origin[o].next = t->origin_free;
    t->origin_free = o;
    t->last_origin = TABLE_NONE;
}

uint32_t origin_take(struct table *t, u128 domain, u128 node, bool local)
{
    uint32_t d, o = t->last_origin;
    if (o == TABLE_NONE || t->origin[o].node != node ||
        t->domain[t->origin[o].domain].id != domain) {
        d = find_domain(t, domain);
        if (d == TABLE_NONE)
            d = make_domain(t, domain);
        if (d == TABLE_NONE)
            return TABLE_NONE;
        if (!local && t->domain[d].refs >= t->per_origin_max)
            return TABLE_NONE; /* before an origin is made that nothing would count */
        o = find_origin(t, d, node);
        if (o == TABLE_NONE)
            o = make_origin(t, d, node);
        if (o == TABLE_NONE) {
            if (t->domain[d].refs == 0)
                drop_domain(t, d);
            return TABLE_NONE;
        }
        t->last_origin = o;
    }
    return local || t->domain[t->origin[o].domain].refs < t->per_origin_max ? o : TABLE_NONE;
}

void origin_link(struct table *t, uint32_t at)
{
    struct entry *e = &t->entry[at];
    struct domain *d = &t->domain[t->origin[e->origin].domain];
    e->dom_prev = TABLE_NONE;
    e->dom_next = d->first;
    if (d->first != TABLE_NONE)
        t->entry[d->first].dom_prev = at;
    d->first = at;
    d->refs++;
    t->origin[e->origin].refs++;
}

void origin_unlink(struct table *t, uint32_t at)
{
    struct entry *e = &t->entry[at];
    uint32_t o = e->origin, d = t->origin[o].domain;
    if (e->dom_prev != TABLE_NONE)
        t->entry[e->dom_prev].dom_next = e->dom_next;
    else
        t->domain[d].first = e->dom_next;
    if (e->dom_next != TABLE_NONE)
        t->entry[e->dom_next].dom_prev = e->dom_prev;
    CHECK(t->origin[o].refs && t->domain[d].refs);
    if (--t->origin[o].refs == 0)
        drop_origin(t, o);
    if (--t->domain[d].refs == 0)
        drop_domain(t, d);
}

uint32_t table_first_of_domain(const struct table *t, u128 domain)
{
    uint32_t d = find_domain(t, domain);
    return d == TABLE_NONE ? TABLE_NONE : t->domain[d].first;
}

uint32_t table_next_of_domain(const struct table *t, uint32_t at)
{
    return t->entry[at].dom_next;
}
