/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * swarm_impl: what the files that play a plot share. Not for others.
 */
#ifndef SIM_SWARM_IMPL_H
#define SIM_SWARM_IMPL_H

#include "sim/swarm.h"

struct play {
    const struct plot *p;
    struct world *w;
    struct witness *x;
    struct trace *trace;
    unsigned number[PLOT_NODES_MAX + 1];
    int64_t latency_ms;
    struct swarm_judge judge;
};

/* swarm_world.c: nodes, links and rules of the plot; liars are not trusted by the witness. */
void swarm_make_world(struct play *y);

/* swarm_deed.c */
void swarm_begin(struct play *y, const struct deed *d);
void swarm_end(struct play *y, const struct deed *d);
void swarm_heal(struct play *y); /* all that is still wrong */

#endif
