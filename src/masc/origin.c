/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * origin: Origin Domains and Origin Nodes of the entries of a table, each kept once.
 *
 * A domain knows how many entries it has, which bounds what one origin can make us remember
 * (per_origin_max, A-99), and links them in two lists: what it holds, and all else. So what lies
 * inside a prefix is asked of the first alone, and not of claims that come to nothing. Index and
 * chains work as those of entries do; buckets hold index + 1.
 */
#include "masc/origin.h"

#include "base/check.h"

static uint32_t domain_hash(const struct table *t, u128 id)
{
    return (uint32_t)(origin_key(t, id) >> 32) & t->origin_mask;
}

static uint32_t origin_hash(const struct table *t, uint32_t domain, u128 node)
{
    return (uint32_t)(origin_mix(origin_key(t, node) ^ domain) >> 32) & t->origin_mask;
}

uint32_t origin_find_domain(const struct table *t, u128 id)
{
    uint32_t d, last = t->last_origin;
    if (last != TABLE_NONE && t->domain[t->origin[last].domain].id == id)
        return t->origin[last].domain;
    d = t->domain_bucket[domain_hash(t, id)] - 1;
    while (d != TABLE_NONE && t->domain[d].id != id)
        d = t->domain[d].next;
    return d;
}

static uint32_t make_domain(struct table *t, u128 id)
{
    uint32_t d = t->domain_free, *bucket = &t->domain_bucket[domain_hash(t, id)];
    if (d != TABLE_NONE)
        t->domain_free = t->domain[d].next;
    else if (t->domain_used < t->origins_max)
        d = t->domain_used++;
    else
        return TABLE_NONE;
    t->domain[d] = (struct domain){.id = id, .held = TABLE_NONE, .first = TABLE_NONE,
                                   .next = *bucket - 1};
    *bucket = d + 1;
    return d;
}

static void drop_domain(struct table *t, uint32_t d)
{
    uint32_t *bucket = &t->domain_bucket[domain_hash(t, t->domain[d].id)], before = *bucket - 1;
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
    uint32_t o = t->origin_bucket[origin_hash(t, domain, node)] - 1;
    while (o != TABLE_NONE && !(t->origin[o].node == node && t->origin[o].domain == domain))
        o = t->origin[o].next;
    return o;
}

static uint32_t make_origin(struct table *t, uint32_t domain, u128 node)
{
    uint32_t o = t->origin_free, *bucket = &t->origin_bucket[origin_hash(t, domain, node)];
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
    uint32_t *bucket = &t->origin_bucket[origin_hash(t, t->origin[o].domain, t->origin[o].node)];
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
        d = origin_find_domain(t, domain);
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

static bool is_in_held(const struct table *t, uint32_t at)
{
    return table_is_held(t, at) && !(t->entry[at].flags & ENTRY_DEAD);
}

void origin_list(struct table *t, uint32_t at)
{
    struct entry *e = &t->entry[at];
    struct domain *d = &t->domain[t->origin[e->origin].domain];
    bool held = is_in_held(t, at);
    uint32_t *first = held ? &d->held : &d->first;
    e->dom_prev = TABLE_NONE;
    e->dom_next = *first;
    if (*first != TABLE_NONE)
        t->entry[*first].dom_prev = at;
    *first = at;
    d->holds[e->role] += held;
}

void origin_unlist(struct table *t, uint32_t at)
{
    const struct entry *e = &t->entry[at];
    struct domain *d = &t->domain[t->origin[e->origin].domain];
    bool held = is_in_held(t, at);
    if (e->dom_prev != TABLE_NONE)
        t->entry[e->dom_prev].dom_next = e->dom_next;
    else if (held)
        d->held = e->dom_next;
    else
        d->first = e->dom_next;
    if (e->dom_next != TABLE_NONE)
        t->entry[e->dom_next].dom_prev = e->dom_prev;
    d->holds[e->role] -= held;
}

void origin_link(struct table *t, uint32_t at)
{
    struct origin *o = &t->origin[t->entry[at].origin];
    origin_list(t, at);
    t->domain[o->domain].refs++;
    o->refs++;
}

void origin_unlink(struct table *t, uint32_t at)
{
    uint32_t o = t->entry[at].origin, d = t->origin[o].domain;
    origin_unlist(t, at);
    CHECK(t->origin[o].refs && t->domain[d].refs);
    if (--t->origin[o].refs == 0)
        drop_origin(t, o);
    if (--t->domain[d].refs == 0)
        drop_domain(t, d);
}

uint32_t table_first_of_domain(const struct table *t, u128 domain)
{
    uint32_t d = origin_find_domain(t, domain);
    if (d == TABLE_NONE)
        return TABLE_NONE;
    return t->domain[d].held != TABLE_NONE ? t->domain[d].held : t->domain[d].first;
}

uint32_t table_next_of_domain(const struct table *t, uint32_t at)
{
    const struct entry *e = &t->entry[at];
    if (e->dom_next != TABLE_NONE || !is_in_held(t, at))
        return e->dom_next;
    return t->domain[t->origin[e->origin].domain].first; /* what it holds comes first */
}
