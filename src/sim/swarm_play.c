/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One plot, played: a world is made of it, deeds are done and undone at their times, all is healed,
 * and the witness is asked.
 *
 * Deeds may meet: a node that is down cannot crash, and the first who heals a link heals it for
 * all. So a deed that is left out changes what the others do only where they met.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/swarm.h"
#include "sim/world_impl.h"

struct play {
    const struct plot *p;
    struct world *w;
    struct witness *x;
    struct trace *trace;
    unsigned number[PLOT_NODES_MAX + 1];
    int64_t latency_ms;
    struct swarm_judge judge;
};

/* The witness says lines to nobody in particular. */
static struct swarm_judge *listening;

static void say(const char *line)
{
    if (listening)
        swarm_hear(listening, line);
}

/* ---- a world of a plot ---- */

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

static void make_world(struct play *y)
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

/* ---- deeds ---- */

static bool is_node(const struct play *y, unsigned number)
{
    return number && !world_host(y->w, number)->liar;
}

/* Of the global scope; a zone's demand stays. */
static void need(struct play *y, unsigned number, uint64_t addresses)
{
    struct masc_config *c;
    unsigned i = 0;
    if (!is_node(y, number))
        return;
    c = world_edit(y->w, number);
    while (i < c->demands && c->demand[i].scope != MASC_SCOPE_GLOBAL)
        i++;
    if (i == c->demands)
        c->demands++;
    c->demand[i] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = addresses,
                                        .lifetime_s = c->lifetime_s};
    if (!addresses)
        c->demand[i] = c->demand[--c->demands];
    world_apply(y->w, number);
}

static void need_of_domain(struct play *y, const struct deed *d)
{
    const struct plot_domain *x = &y->p->domain[y->p->node[d->node].domain];
    unsigned i;
    for (i = 0; i < x->nodes; i++)
        need(y, y->number[x->first + i], d->amount);
}

static void order(struct play *y, const struct deed *d, unsigned n)
{
    char words[64];
    struct prefix p = witness_holds(y->x, n, (unsigned)(d->amount / (d->kind == DEED_RESOLVE ? 2 : 1)));
    if (d->kind == DEED_CLAIM) {
        snprintf(words, sizeof words, "claim --size %llu", (unsigned long long)d->amount);
        (void)world_ask(y->w, n, words, NULL);
    }
    if (d->kind == DEED_RELEASE && p.family)
        (void)world_release(y->w, n, p);
    if (d->kind == DEED_RESOLVE && p.family)
        (void)world_resolve(y->w, n, p, d->amount & 1);
}

/* For others a peer that was stopped is a link that is cut. */
static void stop_or_start(struct play *y, unsigned a, unsigned b, bool start)
{
    char words[80];
    if (!is_node(y, a) || !world_host(y->w, a)->up)
        return;
    snprintf(words, sizeof words, "peer %s %s", start ? "start" : "stop",
             world_peering(y->w, a, b)->name);
    (void)world_ask(y->w, a, words, NULL);
}

static void partition(struct play *y, uint64_t group, bool cut)
{
    unsigned i;
    for (i = 0; i < y->p->links; i++) {
        unsigned a = y->p->link[i].a, b = y->p->link[i].b;
        if (!y->number[a] || !y->number[b] || (group >> a & 1) == (group >> b & 1))
            continue;
        if (cut)
            world_cut(y->w, y->number[a], y->number[b]);
        else
            world_heal(y->w, y->number[a], y->number[b]);
    }
}

static void crash(struct play *y, unsigned n, const struct deed *d)
{
    world_crash(y->w, n, d->kind != DEED_CRASH);
    if (d->kind == DEED_LOSE && !world_host(y->w, n)->up)
        world_forget(y->w, n);
}

static void boot(struct play *y, unsigned n)
{
    if (!world_host(y->w, n)->up)
        world_boot(y->w, n);
}

static void reboot(struct play *y, unsigned n)
{
    bool was_up = world_host(y->w, n)->up;
    world_crash(y->w, n, true);
    world_disk(y->w, n, DISK_GOOD);
    if (was_up)
        boot(y, n);
}

static void begin(struct play *y, const struct deed *d)
{
    unsigned a = y->number[d->node], b = y->number[d->other];
    switch (d->kind) {
    case DEED_NEED: need_of_domain(y, d); break;
    case DEED_CLAIM:
    case DEED_RELEASE:
    case DEED_RESOLVE: order(y, d, a); break;
    case DEED_STOP:
        world_fault(y->w, "peer stop", (unsigned[2]){a, b}, false);
        stop_or_start(y, a, b, false);
        break;
    case DEED_CUT: world_cut(y->w, a, b); break;
    case DEED_SEVER: world_sever(y->w, a, b); break;
    case DEED_HANG: world_stall(y->w, b, a); /* fall through */
    case DEED_STALL: world_stall(y->w, a, b); break;
    case DEED_CLOG: world_clog(y->w, a, b, (uint32_t)d->amount); break;
    case DEED_SLOW: world_slow(y->w, a, (uint32_t)d->amount); break;
    case DEED_ISOLATE: world_isolate(y->w, a); break;
    case DEED_PARTITION: partition(y, d->amount, true); break;
    case DEED_CRASH:
    case DEED_DIE:
    case DEED_LOSE: crash(y, a, d); break;
    case DEED_DISK_FAIL: world_disk(y->w, a, DISK_FAILING); break;
    case DEED_DISK_MUTE: world_disk(y->w, a, DISK_MUTE); break;
    case DEED_DISK_SLOW: world_at(y->w, a)->disk.latency_ms = (int64_t)d->amount; break;
    case DEED_CLOCK:
        world_step_clock(y->w, a, (int64_t)d->amount - PLOT_CLOCK_ZERO -
                                      world_host(y->w, a)->offset_s);
        break;
    case DEED_DRIFT: world_drift(y->w, a, (int32_t)((int64_t)d->amount - PLOT_CLOCK_ZERO)); break;
    }
}

static void end(struct play *y, const struct deed *d)
{
    unsigned a = y->number[d->node], b = y->number[d->other];
    switch (d->kind) {
    case DEED_STOP:
        stop_or_start(y, a, b, true);
        world_fault(y->w, "peer stop", (unsigned[2]){a, b}, true);
        break;
    case DEED_CUT:
    case DEED_HANG:
    case DEED_STALL:
    case DEED_CLOG: world_heal(y->w, a, b); break;
    case DEED_SLOW: world_slow(y->w, a, 0); break;
    case DEED_ISOLATE: world_rejoin(y->w, a); break;
    case DEED_PARTITION: partition(y, d->amount, false); break;
    case DEED_CRASH:
    case DEED_DIE:
    case DEED_LOSE: boot(y, a); break;
    case DEED_DISK_FAIL:
        if (world_host(y->w, a)->disk.mode == DISK_FAILING)
            world_disk(y->w, a, DISK_GOOD);
        break;
    case DEED_DISK_MUTE: reboot(y, a); break;
    case DEED_DISK_SLOW: world_at(y->w, a)->disk.latency_ms = y->latency_ms; break;
    case DEED_DRIFT: world_drift(y->w, a, 0); break;
    case DEED_NEED:
    case DEED_CLAIM:
    case DEED_RELEASE:
    case DEED_RESOLVE:
    case DEED_SEVER:
    case DEED_CLOCK: break;
    }
}

/* ---- the three acts ---- */

struct moment {
    int64_t at;
    unsigned deed;
    bool ends;
};

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->deed != y->deed)
        return x->deed < y->deed ? -1 : 1;
    return x->ends - y->ends;
}

/* Demands of the beginning are there before anybody boots. */
static unsigned make_moments(struct play *y, struct moment *at)
{
    const struct plot *p = y->p;
    unsigned i, n = 0;
    for (i = 1; i <= p->deeds; i++) {
        const struct deed *d = &p->deed[i];
        if (!plot_deed_happens(p, i))
            continue;
        if (d->kind == DEED_NEED && d->begin_ms == 0) {
            begin(y, d);
            continue;
        }
        at[n++] = (struct moment){d->begin_ms, i, false};
        at[n++] = (struct moment){d->begin_ms + d->lasts_ms, i, true};
    }
    qsort(at, n, sizeof *at, by_time);
    return n;
}

static int64_t look_ms(const struct play *y)
{
    return (int64_t)y->p->rules.wait_s * SECOND / 12;
}

static void run_until(struct play *y, int64_t until)
{
    while (world_now(y->w) < until) {
        int64_t left = until - world_now(y->w), step = look_ms(y);
        world_run(y->w, left < step ? left : step);
        swarm_look(&y->judge);
    }
}

static void act(struct play *y)
{
    struct moment at[2 * PLOT_DEEDS_MAX];
    unsigned i, n = make_moments(y, at);
    world_start(y->w);
    for (i = 0; i < n; i++) {
        run_until(y, at[i].at);
        (at[i].ends ? end : begin)(y, &y->p->deed[at[i].deed]);
    }
    run_until(y, y->p->end_ms);
}

static void heal_node(struct play *y, unsigned n)
{
    struct host *h = world_at(y->w, n);
    int64_t most = y->p->rules.retention_s / 6;
    unsigned i;
    for (i = 1; i <= world_nodes(y->w); i++)
        if (i != n && world_linked(y->w, n, i))
            world_heal(y->w, n, i);
    world_slow(y->w, n, 0);
    if (h->drift_ppm)
        world_drift(y->w, n, 0);
    if (h->offset_s > most || h->offset_s < -most)
        world_step_clock(y->w, n, -h->offset_s);
    h->disk.latency_ms = y->latency_ms;
    if (h->disk.mode == DISK_MUTE)
        reboot(y, n);
    world_disk(y->w, n, DISK_GOOD);
    boot(y, n);
}

static void heal(struct play *y)
{
    const struct plot *p = y->p;
    unsigned i;
    for (i = 1; i <= world_nodes(y->w); i++)
        heal_node(y, i);
    for (i = 1; i <= p->deeds; i++)
        if (p->deed[i].kind == DEED_STOP && plot_deed_happens(p, i))
            stop_or_start(y, y->number[p->deed[i].node], y->number[p->deed[i].other], true);
}

static int64_t recover(struct play *y)
{
    int64_t healed = world_now(y->w), until = healed + witness_bound(y->x), took;
    while (world_now(y->w) < until && !swarm_all_satisfied(&y->judge))
        world_run(y->w, look_ms(y));
    took = world_now(y->w) - healed;
    run_until(y, until);
    return took;
}

static void play(struct play *y, const struct swarm_how *how, struct swarm_verdict *v)
{
    const char *found;
    act(y);
    heal(y);
    v->recovery_ms = recover(y);
    if (!plot_is_peaceful(y->p))
        v->recovery_ms = -1;
    swarm_conclude(&y->judge);
    found = how->judge ? how->judge(y->p, y->w) : NULL;
    if (found)
        swarm_violate(v, found, "violated by the judge of a test");
    v->hash = world_hash(y->w);
    v->steps = world_steps(y->w);
    v->simulated_ms = world_now(y->w);
}

static void play_once(const struct plot *p, const struct swarm_how *how, struct swarm_verdict *v)
{
    struct play y = {.p = p, .w = world_new(p->seed)};
    y.x = witness_new(y.w, say);
    y.judge = (struct swarm_judge){.p = p, .w = y.w, .x = y.x, .number = y.number, .v = v};
    listening = &y.judge;
    make_world(&y);
    y.latency_ms = world_nodes(y.w) ? world_host(y.w, 1)->disk.latency_ms : 0;
    if (how->trace)
        y.trace = trace_new(y.w, how->trace, how->level);
    play(&y, how, v);
    listening = NULL;
    witness_free(y.x);
    world_free(y.w);
    if (y.trace)
        trace_free(y.trace);
}

struct swarm_verdict swarm_play(const struct plot *p, const struct swarm_how *how)
{
    struct swarm_verdict v = {.seed = p->seed, .recovery_ms = -1}, again = {.seed = p->seed};
    play_once(p, how, &v);
    if (!how->twice)
        return v;
    play_once(p, how, &again);
    if (again.hash != v.hash)
        swarm_violate(&v, "I-47", "violated I-47: the second play has another hash");
    return v;
}
