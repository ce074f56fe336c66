/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * choose: which prefix to claim (RFC 2909 Appendix A, section 17).
 *
 * Pure functions over a picture of the space: the prefix managed by the parent and the ranges in it
 * that are taken (in use, claimed, retained). Nothing here knows of messages or time.
 *
 * Expandability of a place is the size of the largest aligned free block around it; new prefixes go
 * to the start of one of the largest free blocks, at random among equals, so that each can double
 * "from the right" as often as possible (17.1.1, A-100). That is reverse bit ordering: in an empty
 * space of width 4 come 0000, 1000, then 0100 or 1100.
 */
#ifndef MASC_CHOOSE_H
#define MASC_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"
#include "base/prng.h"

/* The taken ranges inside `managed`: sorted by prefix_compare(), pairwise disjoint (made so by
 * masc_space_normalise), each covered by `managed`. Own ranges that are fading are not taken:
 * own prefixes never collide, so what runs out may be had again, by a CLAIM_TO_EXPAND.
 * `ours`: the own ranges among them, in use or claimed, normalised by themselves. All borrowed. */
struct masc_space {
    struct prefix managed;
    const struct prefix *taken;
    size_t taken_n;
    const struct prefix *ours;
    size_t ours_n;
};

/* Sorts `p` in place, drops what another covers, joins buddies; returns how many are left. The
 * result is the one smallest set for those addresses. O(n log n), no recursion. */
size_t masc_space_normalise(struct prefix *p, size_t n);

/* No taken range overlaps `p` and `p` lies inside managed. */
bool masc_space_is_free(const struct masc_space *s, struct prefix p);

/* The largest aligned free block that contains `p`; false if `p` is not free. */
bool masc_space_block(const struct masc_space *s, struct prefix p, struct prefix *block);

/* Addresses in managed that are not taken, saturating. */
uint64_t masc_space_free(const struct masc_space *s);

/* 17.1.1, 17.1.4: a prefix of length `len` at the start of one of the largest free blocks,
 * uniformly at random among blocks of equal size (one draw, none if there is no choice). `avoid`
 * (may be NULL) counts as taken: the range just lost. False: no free block is large enough.
 * O(taken). */
bool masc_choose_new(const struct masc_space *s, uint8_t len, const struct prefix *avoid,
                     struct prng *rng, struct prefix *chosen);

/* Ours: the same at the lowest address that has room, so that the other end of the space falls
 * empty and the parent can let go of it: for what will not grow. */
bool masc_choose_first(const struct masc_space *s, uint8_t len, struct prefix *chosen);

/* 17.1.4: a neighbour of `own`: length `len` at the start of the buddy of `own`, if that buddy's
 * start is free up to there; so it can grow to the buddy and both be joined. False if not, or if
 * `len` is shorter than own.len: that would be larger than the buddy. */
bool masc_choose_neighbour(const struct masc_space *s, struct prefix own, uint8_t len,
                           struct prefix *chosen);

/* 17.1.1, 5.3: the prefix twice as large that covers `own` lies in managed and is free but for
 * `own` itself and ranges of s->ours. May be asked again of the result. */
bool masc_choose_double(const struct masc_space *s, struct prefix own, struct prefix *chosen);

/* ---- what to do about demand (17.1.2 - 17.1.6) ---- */

/* One own prefix in the space. Holdings are pairwise disjoint: a superseded prefix is left out, and
 * of a prefix whose half is being re-claimed (17.1.5) that half is one holding and the other half
 * another, fading one. A pending claim stands in place of what it expands. */
struct masc_holding {
    struct prefix prefix;
    uint64_t used;        /* addresses of it in use (by hosts and by children's prefixes) */
    uint64_t used_low;    /* of them in its lower half */
    bool fading;          /* not to be renewed or expanded: deprecated, or of an old provider */
    bool pending;         /* claimed, not yet ours: counts as held, but is left alone */
};

struct masc_demand_view {
    const struct masc_space *space;     /* one parent's space; taken includes the holdings but
                                           the fading ones */
    const struct masc_holding *holding; /* own prefixes in that space */
    size_t holdings;
    uint64_t needed;          /* addresses that will be in use one waiting period from now; take
                                 the larger of masc_trend_predict() and masc_trend_peak() */
    uint64_t needed_next;     /* and after one more, when a claim that follows this one can be done:
                                 `needed` plus its growth; less than `needed` counts as `needed` */
    uint64_t claim_min;       /* smallest claim, at least 1; rounded up to a power of two */
    unsigned prefixes_max;    /* three; at least 1; fading ones do not count */
    unsigned low, high;       /* utilization, per cent: 70, 90; 0 < low <= high <= 100 */
    unsigned shrink;          /* less is renewed below that utilization; 0: below `low` */
    bool gentle;              /* only what nobody uses is not renewed */
    bool tight;               /* new prefixes by masc_choose_first(), and not beside own ones */
};

enum masc_plan_kind {
    MASC_PLAN_NOTHING, /* holdings serve the need */
    MASC_PLAN_EXPAND,  /* .holding -> .prefix, which may cover other own prefixes as well */
    MASC_PLAN_NEW,     /* .prefix; inside a fading prefix of ours it is a CLAIM_TO_EXPAND */
    MASC_PLAN_NO_SPACE, /* more is needed and nothing fits: ask the parent with a hint of .len */
};

struct masc_plan {
    enum masc_plan_kind kind;
    size_t holding;       /* EXPAND */
    struct prefix prefix; /* EXPAND, NEW */
    uint8_t len;          /* of .prefix, or of the hint */
    bool replaces;        /* NEW: for all (17.1.4): when it is in use, the holdings that
                             masc_choose_double() refuses fade */
};

/* The next single step that serves the need; ask again when it is pending, and when it is done.
 *
 * Enough means that the need is at most `high` per cent of what is held: the rest is the reserve
 * that keeps utilization in range (17.1.2 "will be used up" and 17.1.3, A-101). While a claim is
 * pending the limit is 100 per cent, so that small worries wait for it and large ones do not.
 *
 * A step is *good* if it leaves enough and utilization at `low` or above. Of good ones the smallest
 * that serves `needed_next` too is taken, or else the largest: `needed` says when to claim, and
 * `needed_next` how much, lest a steady rise is followed by claims that are each too late. In this
 * order:
 *  1. enough: NOTHING, or EXPAND to join two own buddies (17.1.4 "automatically aggregated");
 *  2. a good expansion: a prefix doubled, as often as needed;
 *  3. below prefixes_max, a good new prefix: neighbour, or else elsewhere (17.1.4);
 *  4. a part of it, expansion or new prefix, if another prefix can follow: the larger result;
 *  5. what leaves enough but utilization below `low`: expansion or new prefix, the smaller result;
 *  6. the largest expansion or, below prefixes_max, new prefix that there is room for;
 *  7. at prefixes_max, none expandable: one larger new prefix for all (17.1.4), or if there is no
 *     room for it, one that makes the smallest superfluous;
 *  8. NO_SPACE, or NOTHING if a claim is pending that may be expanded later. */
struct masc_plan masc_plan_demand(const struct masc_demand_view *v, struct prng *rng);

/* What is held is enough, and nothing can be joined: masc_plan_demand() would say NOTHING whatever
 * is taken. Of the space only `managed` is looked at, so that nobody needs to picture it. */
bool masc_plan_is_served(const struct masc_demand_view *v);

/* 17.1.5, 17.1.6: what to claim when holding `i`, neither fading nor pending, comes up for renewal.
 * False: let it run out. Otherwise *renew is its prefix, or the half with the more used addresses
 * (the lower if equal, A-102); the other half then fades.
 *
 * While utilization is at `shrink` or above every prefix is renewed, but for the smallest one that
 * cannot be expanded when there are more than prefixes_max and the others are enough. Below it,
 * the one step (drop a prefix, halve one) that brings utilization nearest to the middle of the
 * range is looked for among all holdings, so that only one holding shrinks at a time; a half too
 * small may be complemented by neighbours that masc_plan_demand() then finds in the half that
 * fades. */
bool masc_plan_renewal(const struct masc_demand_view *v, size_t i, struct prefix *renew);

/* There are more than prefixes_max: masc_plan_renewal() looks at what is taken. Otherwise only at
 * `managed`. */
bool masc_plan_renewal_looks(const struct masc_demand_view *v);

/* ---- prediction (17.1.2, A-101) ---- */

#define MASC_SAMPLES 16

/* Addresses in use over the last waiting period, in at most MASC_SAMPLES points. Zeroed: empty. */
struct masc_trend {
    int64_t at_s[MASC_SAMPLES];
    uint64_t used[MASC_SAMPLES];
    uint64_t peak[MASC_SAMPLES]; /* highest use since the sample before */
    unsigned n;
};

/* Adds a sample; of the points at least `span_s` before it only the youngest stays, so that the
 * span is always looked over. A last point that is closer than span_s/12 to the one before it is
 * replaced: points stay apart and the newest is always known. A time before the last point's
 * counts as that time. `span_s` >= 0. */
void masc_trend_add(struct masc_trend *t, int64_t at_s, uint64_t used, int64_t span_s);

/* Linear extrapolation by least squares to `at_s`, but no further ahead than the samples reach
 * back, and no higher above the last sample than that is above the lowest: a first step of demand
 * is not the start of a flood. When rising not below the last sample; never below zero; the last
 * sample if there are fewer than two, zero if none. Integer arithmetic, no overflow (saturates). */
uint64_t masc_trend_predict(const struct masc_trend *t, int64_t at_s);

/* The highest use in the samples, zero if none. Shrinking is judged by it, so that a quiet night
 * gives nothing back that the next day claims again. */
uint64_t masc_trend_peak(const struct masc_trend *t);

#endif
