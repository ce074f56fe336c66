/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * measure: what a long run shows: who holds how much, how often that changes, what it costs.
 *
 * A watch counts what nodes say (rows) and write (messages); measure_sample() says how things stand
 * now and what was counted until now. Prefixes held are those injected into routing (5.1 d): of
 * top-level domains they are what the whole network sees, its G-RIB; of their children, what is in
 * use of the parents' space.
 */
#ifndef SIM_MEASURE_H
#define SIM_MEASURE_H

#include "sim/demand.h"
#include "sim/world.h"

enum measure_level { MEASURE_TOP, MEASURE_LEAF, MEASURE_LEVELS };

/* Events in the life of own claims (masc_row_life) that are counted, and limits that were met. */
#define MEASURE_EVENTS(E_)                                                                         \
    E_(CLAIM, "claim")             /* all that were sent, renewals too */                          \
    E_(NEW, "in-use")                                                                              \
    E_(EXPANDED, "expanded")                                                                       \
    E_(RENEWED, "renewed")                                                                         \
    E_(LOST, "lost")               /* collisions */                                                \
    E_(DROPPED, "dropped")         /* before the claim was sent */                                 \
    E_(DENIED, "denied")                                                                           \
    E_(WITHDRAWN, "withdrawn")                                                                     \
    E_(EXPIRED, "expired")                                                                         \
    E_(DEPRECATED, "deprecated")                                                                   \
    E_(HINT, "hint")                                                                               \
    E_(CLASH, "clash")                                                                             \
    E_(THRESHOLD, "threshold")     /* of any child: Appendix B */                                  \
    E_(TABLE_FULL, "table-full")   /* the limits of this report were too small */

enum measure_event {
#define MEASURE_ENUM_(name_, text_) MEASURE_##name_,
    MEASURE_EVENTS(MEASURE_ENUM_)
#undef MEASURE_ENUM_
    MEASURE_EVENT_KINDS,
};

/* How things stand: of one level. */
struct measure_held {
    uint32_t prefixes;   /* of all domains together */
    uint32_t most;       /* of one domain */
    uint64_t addresses;
};

/* Counts are since the beginning. */
struct measure_sample {
    int64_t at_ms;
    uint64_t live;                             /* addresses in blocks that have a place */
    uint64_t waiting;                          /* blocks that have none */
    struct measure_held held[MEASURE_LEVELS];
    uint64_t events[MEASURE_LEVELS][MEASURE_EVENT_KINDS];
    uint64_t routes[MEASURE_LEVELS];           /* prefixes that came into routing or left it */
    uint64_t requests, lost;                   /* blocks */
    uint64_t messages, updates, octets;
    uint64_t steps;
};

struct measure;

/* Watches the world, which it must outlive, as must the demand. */
struct measure *measure_new(struct world *w, const struct demand *d);
void measure_free(struct measure *m);
/* That domain counts as of this level. */
void measure_domain(struct measure *m, unsigned node, enum measure_level level);
struct measure_sample measure_sample(const struct measure *m);

#endif
