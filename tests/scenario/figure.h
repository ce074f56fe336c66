/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * figure: the topologies of RFC 2909 as worlds. Node names are those of the figures, domain numbers
 * the digits in them (P3a and P3b are nodes of domain 3).
 */
#ifndef MASCOT_SCENARIO_FIGURE_H
#define MASCOT_SCENARIO_FIGURE_H

#include "tests/scenario/story.h"

/* Figure 1, with a demand of `addresses` at each of C5, C6 and C7. */
struct story *figure_1(uint64_t seed, uint64_t addresses);

/* Figure 2: figure 1 without C6, C7 and P4b; the zone 239.192.0.0/14 around P3 and C5. The demand
 * of P3 and C5 in the zone, and of C5 in the global scope. */
struct story *figure_2(uint64_t seed, uint64_t addresses);

/* A top-level domain 1 ("T") with `n` child domains 11, 12, ... ("C1", "C2", ...) that want
 * `addresses` each; `siblings`: those next to each other are siblings, too. T holds enough space.
 * */
struct story *figure_family(uint64_t seed, unsigned n, uint64_t addresses, bool siblings);

#endif
