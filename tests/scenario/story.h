/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story: a world with a witness, for the stories (*_test.c here) of more than one node.
 *
 * A story builds its world by world_...(s->w, ...), lets time pass, asks the witness by
 * witness_...(s->x, ...), and ends with story_end(), which demands that no invariant was violated.
 * What the witness says is shown with the test.
 */
#ifndef MASCOT_SCENARIO_STORY_H
#define MASCOT_SCENARIO_STORY_H

#include "sim/witness.h"
#include "tests/tap.h"

struct story {
    struct world *w;
    struct witness *x;
};

struct story *story_new(uint64_t seed);
void story_end(struct story *s); /* frees it, too */
/* Runs until it holds or `ms` are over; returns whether it holds. Looks once a second. */
bool story_until(struct story *s, bool (*holds)(struct story *s, unsigned n), unsigned n,
                 int64_t ms);
bool story_has(struct story *s, unsigned n); /* a prefix at least: to wait for */
void story_show(const struct story *s); /* who holds what */

#endif
