/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * picture: what of a range is taken, as everybody's UPDATEs show it (RFC 2909 17.1.1).
 *
 * One pass over the log gathers the ranges that keep others out into m->scratch, which is bounded:
 * when it is full it is normalised (nested ranges dropped, buddies joined), and when that does not
 * help, the picture is narrowed to a random half of the range. Most entries are renewals of what is
 * in it already: those are known by a small hash of places and not added again.
 */
#include "masc/want.h"

/* Does the entry, a child's or a sibling's, keep us from its range? Retained ones do, too: until
 * hold plus retention a range is not chosen, because a clock may be wrong (12.3, A-89). A released
 * range is free at once. */
static bool blocks(const struct masc *m, uint32_t at, bool own_space)
{
    const struct entry *e = &m->table.entry[at];
    enum masc_type type = e->type & 7;
    if (!claim_is_compared(type) || e->addr == 0 || e->flags & ENTRY_LOST ||
        is_us(m, table_domain(&m->table, at)))
        return false;
    if (type == MASC_CLAIM_DENIED || e->flags & ENTRY_DENIED)
        return !own_space && !(e->flags & ENTRY_DEAD); /* avoid until Holdtime */
    return !m->table.live_kinds[e->role][MASC_WITHDRAW] ||
           !table_hidden(&m->table, at, table_prefix(&m->table, at), m->now.wall.s);
}

#define SEEN_BITS 9

/* What is gathered in the scratch: n ranges that overlap `managed`. `seen`: of some of them the
 * place, and whatever else; it is looked at before it is believed. */
struct gathering {
    struct prefix managed;
    size_t n;
    uint16_t seen[1 << SEEN_BITS];
};

/* Adds a range to the scratch; false if it stays full. */
static bool add(struct masc *m, struct gathering *g, struct prefix p)
{
    uint64_t hash;
    uint16_t *place;
    if (p.len < g->managed.len)
        p = g->managed;
    hash = (u128_lo(p.addr) ^ u128_hi(p.addr) ^ (uint64_t)p.len << 56) * 0x9e3779b97f4a7c15u;
    place = &g->seen[hash >> (64 - SEEN_BITS)];
    if (*place < g->n && prefix_equal(m->scratch[*place], p))
        return true;
    if (g->n == SCRATCH_MAX) {
        g->n = masc_space_normalise(m->scratch, g->n);
        if (g->n > SCRATCH_WORTH)
            return false;
    }
    *place = (uint16_t)g->n;
    m->scratch[g->n++] = p;
    return true;
}

static bool gather_others(struct masc *m, struct gathering *g, bool own_space)
{
    struct prefix managed = g->managed;
    enum masc_role role = own_space ? MASC_CHILD : MASC_SIBLING;
    u128 mask = prefix_mask(managed.family, managed.len);
    uint32_t at = TABLE_NONE;
    unsigned t;
    for (t = 0; t <= MASC_NEW_CLAIM; t++)
        if (m->table.kinds[role][t])
            at = m->table.log_first;
    for (; at != TABLE_NONE; at = m->table.entry[at].log_next) {
        const struct entry *e = &m->table.entry[at];
        struct prefix p = table_prefix(&m->table, at);
        m->looked_at++;
        if (e->role != role || p.family != managed.family)
            continue;
        if (p.len >= managed.len ? ((p.addr ^ managed.addr) & mask) != 0
                                 : !prefix_covers(p, managed))
            continue;
        if (blocks(m, at, own_space) && !add(m, g, p))
            return false;
    }
    return true;
}

static bool is_fading(const struct masc *m, const struct own *o)
{
    return own_in_use(o) &&
           (o->deprecated || !o->keep || want_is_replaced(m, o) || clash_impairs(m, o));
}

static bool gather_own(struct masc *m, struct gathering *g, bool own_space)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *o = &m->own[i];
        if (o->present && (own_role(o) == MASC_CHILD) == own_space && !is_fading(m, o) &&
            prefix_overlaps(g->managed, o->prefix) && !add(m, g, o->prefix))
            return false;
    }
    return true;
}

struct masc_space want_picture(struct masc *m, struct prefix managed, bool own_space)
{
    struct gathering g = {.managed = managed};
    (void)gather_others(m, &g, own_space);
    g.n = masc_space_normalise(m->scratch, g.n);
    return (struct masc_space){.managed = managed, .taken = m->scratch, .taken_n = g.n};
}

struct masc_space picture_with_own(struct masc *m, struct prefix managed, bool own_space)
{
    for (;;) {
        struct gathering g = {.managed = managed};
        bool whole = gather_others(m, &g, own_space) && gather_own(m, &g, own_space);
        if (whole || managed.len >= family_bits(managed.family)) {
            g.n = masc_space_normalise(m->scratch, g.n);
            return (struct masc_space){.managed = managed, .taken = m->scratch, .taken_n = g.n};
        }
        managed.len++;
        if (prng_below(&m->rng, 2))
            managed = prefix_buddy(managed);
    }
}

uint64_t picture_used(struct masc *m, struct prefix p)
{
    struct masc_space s = want_picture(m, p, true);
    uint64_t sum = 0;
    size_t i;
    for (i = 0; i < s.taken_n; i++)
        sum = add_sat(sum, prefix_size(s.taken[i]));
    return sum;
}
