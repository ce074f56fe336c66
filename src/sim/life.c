/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * life: how nodes come up and die, and what their clocks read.
 *
 * Memory of a node is mapped, not allocated: a node touches little of what its limits allow, and
 * what it does not touch must cost nothing when there are a hundred thousand. One oscillator drives
 * both clocks of a host; an offset moves the wall clock alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/liar.h"
#include "sim/world_impl.h"

#define MONO_START 1000000 /* what a monotonic clock reads at time 0 */
#define MILLION 1000000

/* ---- clocks ---- */

struct now world_clock(const struct world *w, unsigned n)
{
    const struct host *h = w->host[n];
    const struct inside *in = &w->inside[n];
    int64_t gone = w->now - in->base_at;
    int64_t mono = in->mono_base + gone + gone * h->drift_ppm / MILLION;
    return (struct now){.mono = {mono},
                        .wall = {WORLD_BASE_S + (mono - MONO_START) / 1000 + h->offset_s}};
}

int64_t world_wall(const struct world *w, unsigned n)
{
    return world_clock(w, n).wall.s;
}

/* The rounding of world_clock() is undone by looking at the neighbours. */
int64_t life_time_of(const struct world *w, unsigned n, mono_t mono)
{
    const struct host *h = w->host[n];
    const struct inside *in = &w->inside[n];
    int64_t left = mono.ms - in->mono_base, gone;
    if (!h->drift_ppm)
        return in->base_at + left;
    gone = left * MILLION / (MILLION + h->drift_ppm) - 2;
    while (gone + gone * h->drift_ppm / MILLION < left)
        gone++;
    return in->base_at + gone;
}

static void tick(struct world *w, unsigned n)
{
    if (w->host[n]->up)
        world_step(w, n, &(struct event){.kind = EVENT_TIME}, SIDE_NONE);
}

void world_step_clock(struct world *w, unsigned n, int64_t by_s)
{
    world_fault(w, "clock", (unsigned[2]){n, 0}, false);
    w->host[n]->offset_s += by_s;
    tick(w, n);
    world_fault(w, "clock", (unsigned[2]){n, 0}, true);
}

void world_drift(struct world *w, unsigned n, int32_t ppm)
{
    struct inside *in = &w->inside[n];
    in->mono_base = world_clock(w, n).mono.ms;
    in->base_at = w->now;
    w->host[n]->drift_ppm = ppm;
    w->host[n]->alarm = INT64_MAX;
    tick(w, n);
}

/* ---- up and down ---- */

static void *map(size_t octets)
{
    void *p = mmap(NULL, octets, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        abort();
    return p;
}

void life_free(struct world *w, unsigned n)
{
    if (w->host[n]->memory)
        (void)munmap(w->host[n]->memory, w->inside[n].octets);
    w->host[n]->memory = NULL;
}

static void make_node(struct world *w, unsigned n)
{
    struct host *h = w->host[n];
    char why[200] = "", path[80] = "";
    struct wr to = wr_init(why, sizeof why - 1), at = wr_init(path, sizeof path - 1);
    if (!masc_config_check(&h->cfg->masc, &at, &to)) {
        fprintf(stderr, "mascot-sim: configuration of %s: %s %s\n", h->name, path, why);
        abort();
    }
    life_free(w, n);
    w->inside[n].octets = node_octets(h->cfg);
    h->memory = map(w->inside[n].octets);
    h->node = node_init(h->memory, h->cfg, prng_u64(&w->rng));
}

static void boot(struct world *w, unsigned n)
{
    struct host *h = w->host[n];
    if (!h->liar)
        make_node(w, n);
    h->up = true;
    h->life++;
    h->next_odd = 1;
    h->alarm = INT64_MAX;
    world_see(w, &(struct happening){.sight = SIGHT_BOOTED, .node = n});
    if (!h->liar)
        disk_replay(w, n);
    world_step(w, n, &(struct event){.kind = EVENT_READY}, SIDE_NONE);
}

void world_boot(struct world *w, unsigned n)
{
    world_fault(w, "crash", (unsigned[2]){n, 0}, true);
    boot(w, n);
}

void world_start(struct world *w)
{
    unsigned n;
    for (n = 1; n <= w->hosts; n++)
        if (!w->host[n]->up)
            boot(w, n);
}

void world_crash(struct world *w, unsigned n, bool silent)
{
    struct host *h = w->host[n];
    if (!h->up)
        return;
    world_fault(w, "crash", (unsigned[2]){n, 0}, false);
    h->up = false;
    h->alarm = INT64_MAX;
    disk_died(w, n);
    world_see(w, &(struct happening){.sight = SIGHT_DIED, .node = n});
    stream_died(w, n, silent);
}

/* ---- links of one node ---- */

void world_isolate(struct world *w, unsigned n)
{
    unsigned i;
    for (i = 1; i <= w->hosts; i++)
        if (i != n && (world_linked(w, n, i) || world_linked(w, i, n)))
            world_cut(w, n, i);
}

void world_rejoin(struct world *w, unsigned n)
{
    unsigned i;
    for (i = 1; i <= w->hosts; i++)
        if (i != n && (world_linked(w, n, i) || world_linked(w, i, n)))
            world_heal(w, n, i);
}
