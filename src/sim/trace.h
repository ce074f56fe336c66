/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace: what happens in a world, one line for each thing, for a person to read.
 *
 *    0d 00:02:06.018  C1       in-use           228.0.1.0/24       ends in 30m
 *    0d 00:02:06.018  C1 -> T  PREFIX_IN_USE    228.0.1.0/24       by C1 as child, age 2m, life 32m
 *
 * Simulated time, the node, the node it speaks to (->), has a session with (<>) or is parted from
 * (##), what, which prefix, and the rest. Points in time are told as the clock of the node has
 * them, relative to its present: a node with a wrong clock shows as it is. ASCII; the same world
 * gives the same octets with every compiler.
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdio.h>

#include "sim/world.h"

enum trace_level {
    TRACE_QUIET,  /* the life of claims, outputs, faults, boots and deaths */
    TRACE_NORMAL, /* ... and UPDATEs, NOTIFICATIONs, sessions */
    TRACE_ALL,    /* ... and OPENs, KEEPALIVEs, arrivals, connections, stores */
};

struct trace;

/* "quiet", "normal" or "all"; false, *level untouched, on anything else. */
bool trace_level_of(const char *text, enum trace_level *level);

/* Watches from now on, after the last node was made; `to` stays the caller's. Aborts when there is
 * no memory. */
struct trace *trace_new(struct world *w, FILE *to, enum trace_level level);
void trace_free(struct trace *t); /* after the world */

/* A line of the teller: "0d 00:01:00.000  -- text". */
void trace_say(struct trace *t, const char *text);

#endif
