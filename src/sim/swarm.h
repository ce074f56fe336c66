/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * swarm: plots (plot.h) played in worlds before a witness, by the thousand.
 *
 *   plot_make(seed) -> swarm_play(plot) -> verdict          one, here
 *   swarm_play_apart(plot)                                  ... in a process that may die of it
 *   swarm_shrink(plot)                                      the least that still fails
 *   swarm_run(...)                                          many, several at a time
 *
 * A play has three acts: deeds happen at their times, and safety is demanded all along; then
 * everything is healed and the world gets the time that the witness says is enough; then everybody
 * must have what it wants. A verdict depends on the plot alone, so its hash is the same with every
 * compiler.
 *
 * What is demanded depends on the plot. Where tables or limits are too small for what is wanted, a
 * person decides clashes, or clocks are off by more than the retention, nobody is promised
 * anything in the end; and see liar.h.
 *
 *   swarm_play.c   one plot     swarm_judge.c  what counts      swarm_shrink.c  less of it
 *   swarm_jobs.c   processes    swarm_cli.c    the words
 */
#ifndef SIM_SWARM_H
#define SIM_SWARM_H

#include "sim/plot.h"
#include "sim/trace.h"
#include "sim/witness.h"

enum { SWARM_LINES = 6, SWARM_LINE_OCTETS = 240 };

struct swarm_verdict {
    uint64_t seed, hash, steps;
    int64_t simulated_ms;
    int64_t recovery_ms;      /* from healing until all were satisfied; -1: not asked */
    unsigned violations;      /* 0: clean */
    char invariant[16];       /* the first that was violated; "panic", "hang" of a process */
    unsigned lines;
    char line[SWARM_LINES][SWARM_LINE_OCTETS];
};

struct swarm_how {
    FILE *trace;              /* NULL: none */
    enum trace_level level;
    /* Asked in the end besides the witness: the name of what it finds violated, or NULL. For tests
     * of the swarm itself. May be NULL. */
    const char *(*judge)(const struct plot *p, struct world *w);
    bool twice;               /* and the hashes must be equal (I-47) */
};

struct swarm_verdict swarm_play(const struct plot *p, const struct swarm_how *how);

/* In a process of its own: death by a signal is a verdict, too. */
struct swarm_verdict swarm_play_apart(const struct plot *p, const struct swarm_how *how);

/* Leaves out deeds and nodes one after the other while the same invariant is still violated; at
 * most `plays` plays. Returns how many were needed. */
unsigned swarm_shrink(struct plot *p, const struct swarm_how *how, const char *invariant,
                      unsigned plays);

/* The command that plays it again, without what is left out. */
void swarm_tell_command(const struct plot *p, FILE *to);

struct swarm_many {
    uint64_t first, seeds;
    unsigned nodes_max, jobs;
    int64_t milliseconds;     /* then no seed is begun any more; 0: no limit */
    bool hashes;              /* a line for each seed */
    bool quiet;               /* no progress */
    struct swarm_how how;
};

struct swarm_sum {
    uint64_t seeds, failed, steps;
    int64_t simulated_ms, worst_recovery_ms, took_ms;
    uint64_t worst_seed, first_failed;
};

/* Results come in order of seeds. */
struct swarm_sum swarm_run(const struct swarm_many *many);

/* ---- for the files of the swarm ---- */

/* What was violated, of that which counts in this plot. */
struct swarm_judge {
    const struct plot *p;
    struct world *w;
    struct witness *x;
    const unsigned *number;   /* of the nodes of the plot, in the world; 0: left out */
    struct swarm_verdict *v;
};

void swarm_violate(struct swarm_verdict *v, const char *invariant, const char *line);
/* A line of the witness. */
void swarm_hear(struct swarm_judge *j, const char *line);
/* Domains that no lie reaches hold the same: looked at now and then when there is a liar. */
void swarm_look(struct swarm_judge *j);
bool swarm_all_satisfied(const struct swarm_judge *j);
void swarm_conclude(struct swarm_judge *j);

#endif
