/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deeds of a plot: who wants how much and when, what operators do, and what breaks.
 *
 * All begin within some tens of waiting periods. Most faults are over before a quarter of one, so
 * that safety may be demanded without exception; some plots have faults that last longer.
 *
 * Each draw is a statement of its own: compilers differ in the order in which they evaluate the
 * members of an initialiser.
 */
#include "sim/plot.h"

enum { FAULTS_MAX = 24, WAITS_MAX = 16, NEEDS_MAX = 6, ORDERS_MAX = 8 };

static int64_t wait_ms(const struct plot *p)
{
    return (int64_t)p->rules.wait_s * SECOND;
}

static int64_t some_time(struct plot_maker *m)
{
    return (int64_t)prng_below(&m->rng, (uint64_t)(WAITS_MAX * wait_ms(m->p)));
}

/* Short: less than half a waiting period. */
static int64_t some_while(struct plot_maker *m)
{
    int64_t wait = wait_ms(m->p);
    if (plot_has(m->p, HAS_LONG) && plot_below(m, 3) == 0)
        return wait / 2 + (int64_t)prng_below(&m->rng, (uint64_t)(3 * wait));
    return 100 + (int64_t)prng_below(&m->rng, (uint64_t)(wait / (plot_below(m, 3) ? 12 : 4)));
}

/* At some time, for some while, to some node. */
static struct deed some_deed(struct plot_maker *m, enum deed_kind kind)
{
    struct deed d = {.kind = kind};
    d.begin_ms = some_time(m);
    d.lasts_ms = some_while(m);
    d.node = 1 + plot_below(m, m->p->nodes);
    return d;
}

static void add(struct plot_maker *m, struct deed d)
{
    struct plot *p = m->p;
    if (p->deeds < PLOT_DEEDS_MAX)
        p->deed[++p->deeds] = d;
}

/* ---- demands and operators ---- */

static uint64_t some_addresses(struct plot_maker *m)
{
    return 1 + plot_below(m, plot_below(m, 4) ? 400 : 1500);
}

static bool is_plain_domain(const struct plot *p, unsigned d)
{
    return !p->node[p->domain[d].first].lies;
}

static void add_needs(struct plot_maker *m)
{
    const struct plot *p = m->p;
    unsigned d, n;
    for (d = 0; d < p->domains; d++)
        if (is_plain_domain(p, d) && plot_below(m, p->domain[d].top ? 4 : 8) != 0)
            add(m, (struct deed){.kind = DEED_NEED, .node = p->domain[d].first,
                                 .amount = some_addresses(m)});
    if (!plot_has(p, HAS_WORKLOAD))
        return;
    for (n = plot_below(m, NEEDS_MAX) + 1; n; n--) {
        struct deed need = {.kind = DEED_NEED};
        d = plot_below(m, p->domains);
        need.node = p->domain[d].first;
        need.begin_ms = some_time(m);
        need.amount = plot_below(m, 4) ? some_addresses(m) : 0;
        if (is_plain_domain(p, d))
            add(m, need);
    }
}

static void add_order(struct plot_maker *m)
{
    static const enum deed_kind kinds[] = {DEED_CLAIM, DEED_RELEASE, DEED_RESOLVE, DEED_STOP};
    struct deed d = some_deed(m, kinds[plot_below(m, 4)]);
    const struct plot_link *l = &m->p->link[plot_below(m, m->p->links)];
    if (d.kind == DEED_STOP) {
        d.node = l->a;
        d.other = l->b;
        add(m, d);
        return;
    }
    d.lasts_ms = 0;
    d.amount = d.kind == DEED_CLAIM ? UINT64_C(1) << plot_below(m, 11) : plot_below(m, 6);
    if (d.kind == DEED_RELEASE)
        d.amount /= 2;
    add(m, d);
}

/* ---- faults ---- */

static bool is_of_a_link(enum deed_kind kind)
{
    return kind == DEED_CUT || kind == DEED_SEVER || kind == DEED_STALL || kind == DEED_HANG ||
           kind == DEED_CLOG;
}

static void add_link_fault(struct plot_maker *m)
{
    static const enum deed_kind kinds[] = {DEED_CUT,  DEED_CUT,  DEED_SEVER,
                                           DEED_STALL, DEED_HANG, DEED_CLOG,
                                           DEED_SLOW, DEED_ISOLATE, DEED_PARTITION};
    const struct plot *p = m->p;
    const struct plot_link *l = &p->link[plot_below(m, p->links)];
    struct deed d = some_deed(m, kinds[plot_below(m, sizeof kinds / sizeof kinds[0])]);
    bool turned = plot_below(m, 2);
    d.node = turned ? l->b : l->a;
    if (is_of_a_link(d.kind))
        d.other = turned ? l->a : l->b;
    if (d.kind == DEED_SEVER)
        d.lasts_ms = 0;
    if (d.kind == DEED_CLOG || d.kind == DEED_SLOW)
        d.amount = 20 + plot_below(m, plot_below(m, 2) ? 100 : 2000);
    if (d.kind == DEED_PARTITION) {
        d.amount = prng_u64(&m->rng) & ((UINT64_C(2) << p->nodes) - 2);
        d.node = 0;
    }
    add(m, d);
}

static void add_crash(struct plot_maker *m)
{
    unsigned kind = plot_below(m, 10);
    add(m, some_deed(m, kind < 5 ? DEED_CRASH : kind < 9 ? DEED_DIE : DEED_LOSE));
}

static void add_disk_fault(struct plot_maker *m)
{
    static const enum deed_kind kinds[] = {DEED_DISK_FAIL, DEED_DISK_MUTE, DEED_DISK_SLOW};
    struct deed d = some_deed(m, kinds[plot_below(m, 3)]);
    d.amount = 100 + plot_below(m, 10000);
    add(m, d);
}

/* No two clocks may differ by more than the retention (12.3); a drift is over soon. */
static void add_clock_fault(struct plot_maker *m)
{
    bool wild = plot_has(m->p, HAS_WILD_CLOCKS), drifts = plot_below(m, 3) == 0;
    unsigned most = drifts ? 20000 : m->p->rules.retention_s / (wild ? 1 : 6);
    struct deed d = some_deed(m, drifts ? DEED_DRIFT : DEED_CLOCK);
    if (wild && !drifts)
        most *= 8;
    d.amount = PLOT_CLOCK_ZERO - most + plot_below(m, 2 * most + 1);
    add(m, d);
}

static void add_faults(struct plot_maker *m)
{
    static const struct {
        enum plot_feature feature;
        void (*add)(struct plot_maker *m);
    } way[] = {
        {HAS_LINKS, add_link_fault},   {HAS_CRASHES, add_crash},
        {HAS_DISKS, add_disk_fault},   {HAS_CLOCKS, add_clock_fault},
        {HAS_WILD_CLOCKS, add_clock_fault},
    };
    unsigned i, n;
    for (i = 0; i < sizeof way / sizeof way[0]; i++)
        if (plot_has(m->p, way[i].feature))
            for (n = 1 + plot_below(m, FAULTS_MAX / 2); n; n--)
                way[i].add(m);
}

/* ---- in order ---- */

static bool is_later(const struct deed *a, const struct deed *b)
{
    return a->begin_ms > b->begin_ms;
}

void plot_fill(struct plot_maker *m)
{
    struct plot *p = m->p;
    unsigned i, j;
    add_needs(m);
    if (plot_has(p, HAS_OPERATORS) || plot_has(p, HAS_MANUAL))
        for (i = 1 + plot_below(m, ORDERS_MAX); i; i--)
            add_order(m);
    add_faults(m);
    for (i = 2; i <= p->deeds; i++)
        for (j = i; j > 1 && is_later(&p->deed[j - 1], &p->deed[j]); j--) {
            struct deed d = p->deed[j];
            p->deed[j] = p->deed[j - 1];
            p->deed[j - 1] = d;
        }
    for (i = 1; i <= p->deeds; i++)
        if (p->deed[i].begin_ms + p->deed[i].lasts_ms > p->end_ms)
            p->end_ms = p->deed[i].begin_ms + p->deed[i].lasts_ms;
    p->end_ms += (int64_t)prng_below(&m->rng, (uint64_t)(2 * wait_ms(p)));
}
