/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * renew: own prefixes are re-claimed before they end (RFC 2909 5.2, 17.1.5, 17.1.6, A-88, A-102).
 *
 * Each prefix is re-claimed once per waiting period: the renewal that succeeds starts the next.
 * When demand has fallen it is not, or only its busier half is. What an operator claimed for a
 * given time is never renewed.
 */
#include "masc/want.h"

static bool renewal_pending(const struct masc *m, const struct own *o)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (own_is_pending(&m->own[i]) && own_role(&m->own[i]) == own_role(o) &&
            prefix_overlaps(m->own[i].prefix, o->prefix))
            return true;
    return false;
}

/* a prefix is renewed by the node that claimed it; if that one is silent until two waits
 * before the end, by any other. */
static bool is_our_turn(const struct masc *m, const struct own *o)
{
    return o->mine || own_end(o) - m->now.wall.s < 2 * (int64_t)m->cfg->waiting_period_s;
}

static bool is_due(const struct masc *m, const struct own *o)
{
    int64_t wait = m->cfg->waiting_period_s, delay = m->cfg->claim_delay_s;
    bool old = m->now.wall.s >= o->timestamp_s + wait;
    bool ending = own_end(o) - m->now.wall.s < 2 * (wait + delay);
    return own_in_use(o) && o->keep && !o->deprecated && !o->storing_removal &&
           (old || ending) && !want_is_replaced(m, o) && !renewal_pending(m, o) &&
           is_our_turn(m, o) && !clash_impairs(m, o);
}

static bool may_renew_from(const struct masc *m, const struct own *o)
{
    u128 parent = m->space[o->space].domain;
    return o->space != SPACE_NONE && own_space_reachable(m, o->space) &&
           (o->space == SPACE_OWN || parent == MASC_TLD_ID || !source_is_abandoned(m, parent));
}

/* The life of a claim for it made now; 0: none is worth it, for it would not live longer. */
static uint32_t longer_life(const struct masc *m, const struct own *o, const struct need *n)
{
    uint32_t life = source_life(m, o->space, n->lifetime_s, source_end(m, o));
    return m->now.wall.s + life > own_end(o) + 1 ? life : 0;
}

static void claim_again(struct masc *m, const struct own *o, struct prefix p,
                        const struct need *n, struct out *out)
{
    struct own wish = {
        .prefix = p,
        .purpose = o->purpose == MASC_FOR_LOCAL ? MASC_FOR_LOCAL : MASC_FOR_RENEWAL,
        .keep = true,
        .by_operator = o->by_operator,
        .scope = o->scope,
        .space = o->space,
        .lifetime_s = longer_life(m, o, n),
    };
    if (wish.lifetime_s)
        (void)own_plan(m, &wish, out);
}

/* 17.1.5: the whole, a half, or nothing: false. */
static bool shrinks_to(const struct holdings *hs, const struct own *o, struct prefix *p)
{
    size_t i;
    for (i = 0; i < hs->n; i++)
        if (hs->own[i] == o && !hs->h[i].fading && !hs->h[i].pending)
            return masc_plan_renewal(&hs->view, i, p);
    *p = o->prefix;
    return true;
}

static bool may_be_renewed(const struct masc *m, const struct own *o, const struct need *n,
                           const struct source *s)
{
    return is_due(m, o) && want_is_holding(m, o, n) && prefix_covers(s->managed, o->prefix) &&
           may_renew_from(m, o) && longer_life(m, o, n);
}

/* The picture of what others hold costs a look at the whole log: only where it decides. */
static void view_holdings(struct masc *m, const struct need *n, const struct source *s,
                          struct holdings *hs)
{
    want_holdings(m, n, s, hs);
    /* what is held in two sources, each enough, is given up in one of them, not in both */
    hs->view.needed = n->total > hs->before ? n->total - hs->before : 0;
    hs->view.needed_next = n->next > hs->before ? n->next - hs->before : 0;
    if (masc_plan_renewal_looks(&hs->view))
        want_space_of(m, hs);
    want_use(m, n->local, hs);
}

static void renew_in(struct masc *m, const struct need *n, const struct source *s,
                     struct out *out)
{
    struct holdings hs;
    bool viewed = false;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *o = &m->own[i];
        struct prefix p = o->prefix;
        if (!may_be_renewed(m, o, n, s))
            continue;
        if (!viewed)
            view_holdings(m, n, s, &hs);
        viewed = true;
        if (o->by_operator || shrinks_to(&hs, o, &p))
            claim_again(m, o, p, n, out);
    }
}

void renew_tick(struct masc *m, const struct need *n, struct out *out)
{
    struct source s[SOURCES_MAX];
    unsigned i, k;
    bool due = false;
    for (i = 0; i < m->own_top; i++) {
        const struct own *o = &m->own[i];
        if (!is_due(m, o) || o->scope != n->scope || o->prefix.family != n->family)
            continue;
        due = true;
        /* moot in a leaf domain */
        if (o->purpose == MASC_FOR_LOCAL && !is_leaf(m, n->scope, n->family))
            claim_again(m, o, o->prefix, n, out);
    }
    k = due ? source_list(m, n, s) : 0;
    for (i = 0; i < k; i++)
        renew_in(m, n, &s[i], out);
}
