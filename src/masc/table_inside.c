/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_inside: what one domain has inside a prefix.
 *
 * The hash finds what is asked for by name, so what lies inside a prefix is found by asking for
 * each place in it, at each longer length that is present at all; or by going through the list of
 * the domain. Whichever asks less is taken: a large prefix costs as much as the domain has entries,
 * a small one a few look-ups.
 */
#include "masc/table.h"

/* The next longer length at which there are entries; 0 if none. */
static uint8_t longer_length(const struct table *t, uint8_t family, unsigned len)
{
    const uint64_t *bits = t->length_bits[family == FAMILY_IPV6];
    while (++len <= family_bits(family))
        if (bits[len / 64] >> len % 64 & 1)
            return (uint8_t)len;
    return 0;
}

/* Look-ups for all places in `p`, as far as they are not more than `most`. */
static bool few_places(const struct table *t, struct prefix p, uint32_t most)
{
    uint64_t places = 1;
    unsigned len = p.len;
    while ((len = longer_length(t, p.family, len)) != 0 && places <= most) {
        if (len - p.len >= 32)
            return false;
        places += UINT64_C(1) << (len - p.len);
    }
    return places <= most;
}

struct inside table_inside(const struct table *t, struct prefix p, u128 domain)
{
    struct inside c = {.t = t, .p = p, .at = p, .listed = true};
    c.entry = table_first_of_domain(t, domain);
    if (c.entry == TABLE_NONE)
        return c;
    c.domain = t->origin[t->entry[c.entry].origin].domain;
    c.listed = prefix_is_hint(p) || !few_places(t, p, t->domain[c.domain].refs);
    if (!c.listed)
        c.entry = table_first(t, p, domain);
    return c;
}

/* The next place of the same length, or the first of the next longer one. */
static bool next_place(struct inside *c)
{
    unsigned bits = family_bits(c->p.family);
    struct prefix next = c->at;
    if (c->at.len > c->p.len)
        next.addr += (u128)1 << (bits - c->at.len);
    if (c->at.len == c->p.len || next.addr == 0 || !prefix_covers(c->p, next)) {
        next = (struct prefix){c->p.addr, c->p.family,
                               longer_length(c->t, c->p.family, c->at.len)};
        if (next.len == 0)
            return false;
    }
    c->at = next;
    c->entry = table_first(c->t, next, 0);
    return true;
}

uint32_t table_inside_next(struct inside *c)
{
    const struct table *t = c->t;
    do {
        while (c->entry != TABLE_NONE) {
            uint32_t found = c->entry;
            c->entry = c->listed ? table_next_of_domain(t, found) : table_next(t, found);
            if (t->origin[t->entry[found].origin].domain == c->domain &&
                prefix_covers(c->p, table_prefix(t, found)))
                return found;
        }
    } while (!c->listed && next_place(c));
    return TABLE_NONE;
}
