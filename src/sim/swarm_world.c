/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world of a plot: its nodes with the plot's rules, its links, its zone, its liars.
 *
 * What is left out of the plot is not made, so the numbers of nodes in the world are others than
 * in the plot: struct play has the table. Liars and twins are made known to the witness, which does
 * not hold what they say against them.
 */
#include "sim/swarm_impl.h"

static unsigned peerings_of(const struct plot *p, unsigned n)
{
    unsigned i, peers = 0;
    for (i = 0; i < p->links; i++)
        peers += p->link[i].a == n || p->link[i].b == n;
    return peers ? peers : 1;
}

static void set_times(struct masc_config *c, const struct plot_rules *r)
{
    c->waiting_period_s = r->wait_s;
    c->claim_delay_s = r->delay_s;
    c->lifetime_s = r->lifetime_s;
    c->retention_s = r->retention_s;
    c->connect_retry_s = r->retry_s;
    c->start_backoff_s = r->backoff_s;
    c->start_backoff_max_s = r->backoff_max_s;
    if (r->lifetime_max_s)
        c->lifetime_max_s = c->holdtime_max_s = r->lifetime_max_s;
}

static void set_rules(struct masc_config *c, const struct plot_rules *r, bool manual)
{
    set_times(c, r);
    c->utilization_low = r->utilization_low;
    c->utilization_high = r->utilization_high;
    c->prefixes_max = r->prefixes_max;
    c->packed = r->packed;
    c->relay_siblings = r->relay_siblings;
    c->strict_third_party = r->strict_third_party;
    c->claims_max = r->claims_max;
    c->per_origin_max = r->per_origin_max < r->claims_max ? r->per_origin_max : r->claims_max;
    c->origins_max = r->origins_max;
    c->unassociated_max = r->unassociated_max;
    c->own_max = r->own_max;
    c->soft_threshold = r->soft;
    c->hard_threshold = r->hard;
    c->size_max = r->size_max;
    c->claim_min = r->claim_min;
    c->clash = manual ? MASC_CLASH_MANUAL : MASC_CLASH_AUTOMATIC;
}

static unsigned tops_of(const struct plot *p)
{
    unsigned n, tops = 0;
    for (n = 1; n <= p->nodes; n++)
        tops += !p->node[n].left_out && p->domain[p->node[n].domain].top &&
                p->domain[p->node[n].domain].first == n;
    return tops;
}

/* RFC 2365 9: the last 256 addresses of a scope are reserved, so its range is given in parts. */
static void enter_zone(struct masc_config *c, const struct plot_domain *d)
{
    c->scopes = 1;
    c->scope[0] = (struct masc_scope){.name = "zone", .prefix = prefix_of("239.192.0.0/14"),
                                      .zone_tld = d->zone_tld};
    c->demand[c->demands++] = (struct masc_demand){
        .scope = 1, .family = FAMILY_IPV4, .addresses = 100, .lifetime_s = c->lifetime_s};
    if (!d->zone_tld)
        return;
    c->range[c->ranges++] = (struct masc_range){prefix_of("239.192.0.0/15"), 1};
    c->range[c->ranges++] = (struct masc_range){prefix_of("239.194.0.0/16"), 1};
    c->sole_tld = true;
}

static void add_node(struct play *y, unsigned n)
{
    const struct plot *p = y->p;
    const struct plot_node *x = &p->node[n];
    const struct plot_domain *d = &p->domain[x->domain];
    unsigned number = world_node_wide(y->w, x->name, d->number,
                                      peerings_of(p, n) + p->rules.spare_peers);
    struct masc_config *c = world_config(y->w, number);
    char range[24];
    y->number[n] = number;
    set_rules(c, &p->rules, plot_has(p, HAS_MANUAL));
    snprintf(range, sizeof range, "228.0.0.0/%u", p->rules.range_len);
    if (d->top) {
        world_tld(y->w, number, range);
        c->sole_tld = tops_of(p) == 1;
    }
    if (d->in_zone && !x->lies)
        enter_zone(c, d);
    if (x->twin_of && y->number[x->twin_of])
        c->node = world_config(y->w, y->number[x->twin_of])->node;
}

/* Two peers with one identifier cannot be told from each other by it: the twin may have any. */
static void forget_identifier(struct play *y, unsigned from, unsigned to)
{
    if (y->p->node[to].twin_of)
        world_peering(y->w, y->number[from], y->number[to])->node = 0;
}

/* A session that leaves the zone. */
static void set_boundary(struct play *y, unsigned from, unsigned to)
{
    const struct plot *p = y->p;
    struct masc_config *c = world_config(y->w, y->number[from]);
    unsigned i;
    if (!p->domain[p->node[from].domain].in_zone || p->domain[p->node[to].domain].in_zone ||
        !c->scopes)
        return;
    for (i = 0; i < c->peers; i++)
        if (c->peer[i].addr.addr == world_address(y->number[to]).addr)
            c->peer[i].boundary = 1;
}

static void add_link(struct play *y, const struct plot_link *l)
{
    unsigned a = y->number[l->a], b = y->number[l->b];
    if (!a || !b)
        return;
    switch (l->tie) {
    case TIE_PARENT: world_parent(y->w, a, b); break;
    case TIE_INTERNAL: world_internal(y->w, a, b); break;
    case TIE_SIBLING:
        world_siblings(y->w, a, b, l->parent ? y->p->domain[l->parent - 1].number : 0);
        break;
    }
    forget_identifier(y, l->a, l->b);
    forget_identifier(y, l->b, l->a);
    world_delay(y->w, a, b, l->min_ms, l->max_ms);
    set_boundary(y, l->a, l->b);
    set_boundary(y, l->b, l->a);
}

static void set_hold(struct play *y, unsigned number)
{
    struct masc_config *c = world_config(y->w, number);
    unsigned i;
    for (i = 0; i < c->peers; i++)
        c->peer[i].hold_time_s = y->p->rules.hold_s;
}

static void make_liar(struct play *y, unsigned n)
{
    struct host *h = world_at(y->w, y->number[n]);
    if (y->p->node[n].lies)
        h->liar = liar_new(y->p->node[n].liar, h->cfg, y->p->seed + n);
    witness_distrust(y->x, y->number[n]);
}

void swarm_make_world(struct play *y)
{
    const struct plot *p = y->p;
    unsigned i;
    for (i = 1; i <= p->nodes; i++)
        if (!p->node[i].left_out)
            add_node(y, i);
    for (i = 0; i < p->links; i++)
        add_link(y, &p->link[i]);
    for (i = 1; i <= world_nodes(y->w); i++)
        set_hold(y, i);
    for (i = 1; i <= p->nodes; i++) {
        const struct plot_node *n = &p->node[i];
        if (n->left_out)
            continue;
        if (n->lies || n->twin_of)
            make_liar(y, i);
        if (n->twin_of && y->number[n->twin_of])
            witness_distrust(y->x, y->number[n->twin_of]);
    }
    if (p->features & (HAS_MANUAL | HAS_WILD_CLOCKS))
        witness_excuse_clashes(y->x);
}
