/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * twice: all that a node is lies in its memory (I-48).
 *
 * Before some steps the memory of the node is copied; after the step it is put back, and the step
 * is done again. If anything differs (what it does, or when it wants to be called next), the node
 * kept something elsewhere, or read what it did not write. The world goes on with the second.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/world_impl.h"

struct twice {
    unsigned one_in;
    uint64_t done;
    void (*between)(struct world *w, unsigned n);
    uint8_t *copy;
    size_t octets;
};

void world_twice(struct world *w, unsigned one_in)
{
    if (!w->twice)
        w->twice = calloc(1, sizeof *w->twice);
    if (!w->twice)
        abort();
    w->twice->one_in = one_in;
}

void twice_between(struct world *w, void (*between)(struct world *w, unsigned n))
{
    w->twice->between = between;
}

uint64_t world_done_twice(const struct world *w)
{
    return w->twice ? w->twice->done : 0;
}

void twice_free(struct world *w)
{
    if (w->twice)
        free(w->twice->copy);
    free(w->twice);
}

static void save(struct twice *t, const void *memory, size_t octets)
{
    if (octets > t->octets) {
        free(t->copy);
        t->copy = malloc(octets);
        t->octets = octets;
        if (!t->copy)
            abort();
    }
    memcpy(t->copy, memory, octets);
}

static uint64_t result_of(const struct world *w, unsigned n)
{
    uint64_t h = (uint64_t)node_deadline(w->host[n]->node).ms;
    size_t i;
    for (i = 0; i < w->out.actions; i++)
        h = world_hash_action(w, h, &w->out.action[i]);
    return h;
}

void twice_step(struct world *w, unsigned n, const struct event *ev)
{
    struct host *h = w->host[n];
    struct twice *t = w->twice;
    uint64_t first;
    if (!t || !t->one_in || w->steps % t->one_in != 0) {
        node_step(h->node, ev, &w->out);
        return;
    }
    save(t, h->memory, w->inside[n].octets);
    node_step(h->node, ev, &w->out);
    first = result_of(w, n);
    memcpy(h->memory, t->copy, w->inside[n].octets);
    out_reset(&w->out);
    if (t->between)
        t->between(w, n);
    node_step(h->node, ev, &w->out);
    t->done++;
    if (result_of(w, n) != first)
        world_see(w, &(struct happening){.sight = SIGHT_WORLD,
                                         .node = n,
                                         .what = "I-48 the same step again does something else"});
}
