/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One plot, played: a world is made of it, deeds are done and undone at their times, all is healed,
 * and the witness is asked.
 *
 * Demands of the beginning are there before anybody boots. Healing is followed by what the witness
 * says is enough time; how much of it was needed until all were satisfied is the recovery.
 */
#include <stdlib.h>

#include "sim/swarm_impl.h"

/* The witness says lines to nobody in particular. */
static struct swarm_judge *listening;

static void say(const char *line)
{
    if (listening)
        swarm_hear(listening, line);
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
            swarm_begin(y, d);
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
        (at[i].ends ? swarm_end : swarm_begin)(y, &y->p->deed[at[i].deed]);
    }
    run_until(y, y->p->end_ms);
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
    swarm_heal(y);
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
    swarm_make_world(&y);
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
