/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * demand: what hosts want of the domains of a world, over a long time.
 *
 * Each domain that has hosts asks for blocks of addresses again and again, at random gaps, each for
 * a fixed life (the model). Its address server places a block in what its node told it ("maas"
 * outputs), first fit; a request that finds no room waits in a queue until there is some. A block
 * whose range is taken back is lost, and is asked for again at once for the rest of its life. The
 * node is told how many addresses are wanted whenever that changes.
 *
 * A share of the requests can be booked: known some time before they begin. demand_peak() is then
 * what a calendar knows of the time to come, the ends of blocks included.
 *
 * All of it follows from the seed, in integers; the world's own chances are not touched.
 */
#ifndef SIM_DEMAND_H
#define SIM_DEMAND_H

#include "sim/demand_pool.h"
#include "sim/world.h"

#define DEMAND_CLASSES 4
#define LATENCY_BINS 10080 /* of LATENCY_BIN_MS: seven days */
#define LATENCY_BIN_MS MINUTE

/* Hours between two requests of a domain: uniform. A domain belongs to one class, at random. */
struct demand_gap {
    unsigned min_h, max_h;
};

struct demand_model {
    uint32_t block;                /* addresses in a request; a power of two */
    int64_t life_ms;
    unsigned classes;
    struct demand_gap gap[DEMAND_CLASSES];
    unsigned booked_permille;      /* of the requests */
    int64_t booked_ahead_ms;       /* how long before they begin these are known */
    bool forecast;                 /* nodes are told what is to come */
    int64_t forecast_ms;           /* how far they are told */
    bool vacate;                   /* a prefix that fell empty and is not needed is released */
    unsigned vacate_spare;         /* ... so many blocks beyond what is wanted are kept */
};

/* Latency: from request to place; counts[i] of those that took i bins, the last: or longer. What is
 * asked for again after a loss is not among them. */
struct demand_counts {
    uint64_t requests, placed, lost, ended;
    uint64_t live, waiting;        /* blocks, now */
    uint64_t latency_ms, latency_max_ms;
    uint32_t latency[LATENCY_BINS];
};

struct demand;

/* Watches the world, which it must outlive; the model is borrowed. */
struct demand *demand_new(struct world *w, const struct demand_model *model, uint64_t seed);
void demand_free(struct demand *d);
/* That domain has hosts from now on. */
void demand_hosts(struct demand *d, unsigned node);
/* Lets time pass, in the world and for hosts. */
void demand_run(struct demand *d, int64_t ms);

/* Forgets the waits of before: placed and latency count from here. */
void demand_wait_anew(struct demand *d);

const struct demand_counts *demand_counts(const struct demand *d);
/* Addresses in blocks that have a place; of those that are wanted. */
uint64_t demand_live(const struct demand *d, unsigned node);
uint64_t demand_wanted(const struct demand *d, unsigned node);
/* The most addresses that will be wanted at one time within `ms` from now, as far as is known:
 * blocks end, booked ones begin. */
uint64_t demand_peak(const struct demand *d, unsigned node, int64_t ms);

#endif
