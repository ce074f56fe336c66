/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deeds, done and undone.
 *
 * Deeds may meet: a node that is down cannot crash, and the first who heals a link heals it for
 * all. So a deed that is left out changes what the others do only where they met. For the witness
 * a peer that an operator stopped is a fault like a cut.
 */
#include "sim/swarm_impl.h"
#include "sim/world_impl.h"

/* ---- demands, operators ---- */

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
    unsigned which = (unsigned)(d->kind == DEED_RESOLVE ? d->amount / 2 : d->amount);
    struct prefix p = witness_holds(y->x, n, which);
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

/* ---- links and machines ---- */

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

/* ---- begin and end ---- */

void swarm_begin(struct play *y, const struct deed *d)
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

void swarm_end(struct play *y, const struct deed *d)
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

/* ---- all is healed ---- */

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

void swarm_heal(struct play *y)
{
    const struct plot *p = y->p;
    unsigned i;
    for (i = 1; i <= world_nodes(y->w); i++)
        heal_node(y, i);
    for (i = 1; i <= p->deeds; i++)
        if (p->deed[i].kind == DEED_STOP && plot_deed_happens(p, i))
            stop_or_start(y, y->number[p->deed[i].node], y->number[p->deed[i].other], true);
}
