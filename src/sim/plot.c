/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plot: see plot.h. Here: what may happen at all, by which rules, and questions about a plot.
 *
 * The odds are such that about one plot in ten is calm, most have two or three kinds of trouble,
 * and the odd ones (tiny tables, wild clocks, decisions by hand) are rare: less is promised there.
 * Times are short by default, since what a fault does depends on proportions and not on hours.
 */
#include "sim/plot.h"

#include <string.h>

/* ---- what may happen ---- */

/* Of a hundred plots, how many have it. */
static const struct {
    enum plot_feature feature;
    unsigned of_hundred;
} odds[] = {
    {HAS_WORKLOAD, 50}, {HAS_OPERATORS, 25},   {HAS_LINKS, 55},  {HAS_LONG, 25},
    {HAS_CRASHES, 45},  {HAS_DISKS, 25},       {HAS_CLOCKS, 25}, {HAS_WILD_CLOCKS, 3},
    {HAS_LIAR, 18},     {HAS_TIGHT_TABLES, 8}, {HAS_LIMITS, 15}, {HAS_ZONE, 15},
    {HAS_MANUAL, 5},    {HAS_TWIN, 3},
};

/* A liar is enough trouble: what it did must not be taken for what a partition did. */
static unsigned sensible(unsigned f)
{
    if (f & (HAS_LIAR | HAS_TWIN))
        f &= ~(unsigned)(HAS_LONG | HAS_WILD_CLOCKS | HAS_MANUAL);
    if (f & HAS_LIAR)
        f &= ~(unsigned)HAS_TWIN;
    return f;
}

static unsigned draw_features(struct plot_maker *m)
{
    unsigned i, f = 0;
    if (plot_below(m, 12) == 0)
        return 0;
    for (i = 0; i < sizeof odds / sizeof odds[0]; i++)
        if (plot_below(m, 100) < odds[i].of_hundred)
            f |= odds[i].feature;
    return sensible(f);
}

/* ---- rules ---- */

static void draw_times(struct plot_maker *m, struct plot_rules *r)
{
    r->wait_s = 120;
    r->delay_s = 6;
    r->lifetime_s = 1800;
    r->retention_s = 240;
    r->retry_s = 3;
    r->backoff_s = 2;
    r->backoff_max_s = 4;
    r->hold_s = plot_below(m, 3) ? 24 : 12;
    if (plot_below(m, 12) != 0 || plot_has(m->p, HAS_LIAR)) /* liars never rest */
        return;
    /* the proportions of the RFC, a hundredth of its time */
    r->wait_s = 1728;
    r->lifetime_s = 25920;
    r->retention_s = 864;
    r->hold_s = 60;
}

static void draw_tables(struct plot_maker *m, struct plot_rules *r)
{
    r->claims_max = 2048;
    r->per_origin_max = 512;
    r->origins_max = 256;
    r->unassociated_max = 128;
    r->own_max = 32;
    r->spare_peers = 4;
    if (!plot_has(m->p, HAS_TIGHT_TABLES))
        return;
    r->claims_max = 12 + plot_below(m, 120);
    r->per_origin_max = 2 + plot_below(m, 10);
    r->origins_max = 2 + plot_below(m, 12);
    r->unassociated_max = 1 + plot_below(m, 4);
    r->own_max = (uint16_t)(2 + plot_below(m, 6));
    r->spare_peers = 0;
}

static void draw_limits(struct plot_maker *m, struct plot_rules *r)
{
    r->claim_min = 256;
    if (!plot_has(m->p, HAS_LIMITS))
        return;
    r->claim_min = UINT64_C(16) << plot_below(m, 5);
    if (plot_below(m, 2))
        r->soft = UINT64_C(256) << plot_below(m, 4);
    if (plot_below(m, 3) == 0)
        r->hard = UINT64_C(2048) << plot_below(m, 4);
    if (plot_below(m, 3) == 0)
        r->size_max = UINT64_C(1024) << plot_below(m, 4);
    if (plot_below(m, 3) == 0)
        r->lifetime_max_s = r->lifetime_s * (1 + plot_below(m, 3));
    if (r->hard && r->hard < r->soft)
        r->hard = r->soft;
}

static void draw_rules(struct plot_maker *m)
{
    struct plot_rules *r = &m->p->rules;
    draw_times(m, r);
    draw_tables(m, r);
    draw_limits(m, r);
    r->utilization_low = (uint8_t)(plot_below(m, 4) ? 70 : 40 + plot_below(m, 40));
    r->utilization_high = (uint8_t)(plot_below(m, 4) ? 90 : r->utilization_low + 1 +
                                                                plot_below(m, 15));
    if (r->utilization_high <= r->utilization_low)
        r->utilization_high = (uint8_t)(r->utilization_low + 5);
    r->prefixes_max = (uint8_t)(plot_below(m, 4) ? 3 : 1 + plot_below(m, 5));
    r->range_len = (uint8_t)(plot_below(m, 3) ? 6 : 8 + plot_below(m, 5));
    r->packed = plot_below(m, 2);
    r->relay_siblings = plot_below(m, 5) != 0;
    r->strict_third_party = plot_below(m, 8) == 0;
}

struct plot plot_make(uint64_t seed, unsigned nodes_max)
{
    struct plot p = {.seed = seed, .nodes_max = nodes_max};
    struct plot_maker m = {.p = &p, .rng = prng_init(seed ^ UINT64_C(0x706c6f74))};
    p.features = draw_features(&m);
    draw_rules(&m);
    plot_place(&m);
    plot_fill(&m);
    return p;
}

/* ---- questions ---- */

bool plot_is_below(const struct plot *p, unsigned below, unsigned above)
{
    const struct plot_domain *d = &p->domain[below];
    unsigned i;
    if (below == above)
        return true;
    for (i = 0; i < d->parents; i++)
        if (plot_is_below(p, d->parent[i], above))
            return true;
    return false;
}

bool plot_is_related(const struct plot *p, unsigned a, unsigned b)
{
    return plot_is_below(p, a, b) || plot_is_below(p, b, a);
}

/* By one liar in `from`: what it says about its siblings and its parent's space may be believed by
 * all who have part in that space. */
static bool is_reached_from(const struct plot *p, unsigned from, unsigned domain)
{
    const struct plot_domain *d = &p->domain[from];
    unsigned i;
    if (d->top)
        return true;
    for (i = 0; i < d->parents; i++)
        if (plot_is_below(p, domain, d->parent[i]))
            return true;
    return plot_is_below(p, domain, from);
}

bool plot_is_reached_by_lies(const struct plot *p, unsigned domain)
{
    unsigned n;
    for (n = 1; n <= p->nodes; n++)
        if ((p->node[n].lies || p->node[n].twin_of) && !p->node[n].left_out &&
            is_reached_from(p, p->node[n].domain, domain))
            return true;
    return false;
}

bool plot_is_peaceful(const struct plot *p)
{
    unsigned n;
    if (p->features & (HAS_TIGHT_TABLES | HAS_MANUAL | HAS_WILD_CLOCKS))
        return false;
    if (p->rules.hard || p->rules.size_max)
        return false;
    for (n = 1; n <= p->nodes; n++)
        if ((p->node[n].lies || p->node[n].twin_of) && !p->node[n].left_out)
            return false;
    return true;
}

static bool is_there(const struct plot *p, unsigned n)
{
    return n == 0 || !p->node[n].left_out;
}

bool plot_deed_happens(const struct plot *p, unsigned deed)
{
    const struct deed *d = &p->deed[deed];
    return !d->left_out && is_there(p, d->node) && is_there(p, d->other);
}

unsigned plot_size(const struct plot *p)
{
    unsigned i, n = 0;
    for (i = 1; i <= p->deeds; i++)
        n += plot_deed_happens(p, i);
    for (i = 1; i <= p->nodes; i++)
        n += !p->node[i].left_out;
    return n;
}
