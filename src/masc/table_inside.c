/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_inside: what one domain holds inside a prefix.
 *
 * The hash finds what is asked for by name, so what lies inside a prefix is found by asking for
 * each place in it, at each longer length that is present at all; or by going through the list of
 * what the domain holds. Whichever asks less is taken: a large prefix costs as much as the domain
 * holds, a small one a few look-ups. Any neighbor can ask by a WITHDRAW or a CLAIM_TO_EXPAND of its
 * own choice, as often as it likes (11.4.2, 11.7), so both ways end after TABLE_INSIDE_MAX steps:
 * of a domain that holds more, the newest are seen.
 */
#include "masc/origin.h"

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

/* Half of the steps go to places, so that what is there is seen as well. */
static bool by_places(const struct table *t, struct prefix p, const struct domain *d)
{
    uint32_t held = d->holds[0] + d->holds[1] + d->holds[2] + d->holds[3];
    return !prefix_is_hint(p) &&
           few_places(t, p, held < TABLE_INSIDE_MAX / 2 ? held : TABLE_INSIDE_MAX / 2);
}

struct inside table_inside(const struct table *t, struct prefix p, u128 domain)
{
    struct inside c = {.t = t, .who = table_ask(t, domain), .p = p, .at = p,
                       .entry = TABLE_NONE, .left = TABLE_INSIDE_MAX, .listed = true};
    if (c.who.domain == TABLE_NONE)
        return c;
    c.listed = !by_places(t, p, &t->domain[c.who.domain]);
    c.entry = c.listed ? t->domain[c.who.domain].held : table_first_asked(t, p, &c.who);
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
    c->entry = table_first_asked(c->t, next, &c->who);
    return true;
}

uint32_t table_inside_next(struct inside *c)
{
    const struct table *t = c->t;
    while (c->left > 0) {
        uint32_t found = c->entry;
        c->left--;
        if (found == TABLE_NONE) {
            if (c->listed || !next_place(c))
                return TABLE_NONE;
            continue;
        }
        c->entry = c->listed ? t->entry[found].dom_next : table_next_asked(t, found, &c->who);
        if (table_is_held(t, found) && !(t->entry[found].flags & ENTRY_DEAD) &&
            prefix_covers(c->p, table_prefix(t, found)))
            return found;
    }
    return TABLE_NONE;
}
