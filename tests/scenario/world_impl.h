/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world_impl: what world.c, witness.c and check.c share. Stories do not include it.
 */
#ifndef MASCOT_SCENARIO_WORLD_IMPL_H
#define MASCOT_SCENARIO_WORLD_IMPL_H

#include "tests/scenario/world.h"

/* One transport connection; side 0 initiated it. Its number is never used again, so it is also the
 * incarnation of a session. */
struct pipe {
    unsigned node[2];
    uint32_t conn[2];
    bool open[2];           /* that side has it, and did not close it */
    int64_t last[2];        /* when the last thing under way to that side arrives */
    uint64_t written[2];    /* octets sent by that side */
    uint64_t arrived[2];    /* octets of that side that arrived at the other */
    bool opened[2], confirmed[2], ended[2]; /* that side sent OPEN, KEEPALIVE, a last word */
};

enum { FATE_UP, FATE_BYTES, FATE_DOWN, FATE_SENT, FATE_STORED };

/* Something that will happen to one node. */
struct fate {
    int64_t at;
    uint64_t order;
    uint8_t kind;
    unsigned node, life;
    uint32_t pipe;
    uint8_t side;           /* of the pipe: who it happens to */
    uint8_t *bytes;
    size_t len;
    uint64_t ticket;
    bool remove;
    struct record record;
};

struct link {
    int64_t min_ms, max_ms;
    bool cut;
    bool stalled;           /* from the row's node to the column's */
};

struct seen {
    uint64_t key, end;      /* key 0: free; end: of the message in the stream */
};

struct world {
    struct prng rng;
    int64_t now;
    uint64_t orders;
    struct node node[WORLD_NODES];
    unsigned nodes;
    struct link link[WORLD_NODES][WORLD_NODES];
    struct fate *fate;      /* a heap by (at, order) */
    size_t fates, fates_max;
    struct fate *held;      /* by stalled links */
    size_t held_n, held_max;
    struct pipe *pipe;
    size_t pipes, pipes_max;
    struct sent *sent;
    size_t sents, sents_max;
    struct logged *logged;
    size_t loggeds, loggeds_max;
    struct seen *seen;
    size_t seen_n, seen_max;
    struct out out;
    bool rfc_times;
    unsigned violations;
    uint64_t steps;
    /* for check.c: since when there are faults, and until when what they did may be seen */
    unsigned faults;
    int64_t fault_since, calm_at, clash_until;
    int64_t checked;
};

void world_violated(struct world *w, const char *invariant, unsigned node, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
struct now world_clock(const struct world *w, unsigned n);

/* witness.c */
void witness_stream(struct world *w, uint32_t pipe, unsigned side, const uint8_t *p, size_t len);
void witness_row(struct world *w, unsigned n, const struct row *row);
void witness_crash(struct world *w, unsigned n);

/* check.c */
void check_fault(struct world *w, bool begins);
void check_world(struct world *w);
void check_allocated(struct world *w, unsigned n, struct prefix p, u128 domain);
bool check_is_ancestor(const struct world *w, u128 above, u128 below);
bool check_disturbed(const struct world *w);

#endif
