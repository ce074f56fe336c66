/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * want: what the files that decide about claiming share: need.c (how much), source.c (from whom),
 * picture.c (what is free), want.c (new space), renew.c (what is held). Not for other files.
 */
#ifndef MASC_WANT_H
#define MASC_WANT_H

#include "masc/speaker.h"

/* What is needed in one scope and family, in addresses. */
struct need {
    uint8_t scope, family;
    uint64_t local;      /* own hosts want */
    uint64_t children;   /* child domains hold, claim or hint at */
    uint64_t total;      /* predicted for one waiting period from now (17.1.2) */
    uint64_t next;       /* and for one more */
    uint32_t lifetime_s; /* of claims for it */
};

struct need need_of(struct masc *m, uint8_t scope, uint8_t family);
/* The table has an UPDATE of a child domain about space of that scope and family, be it retained
 * only (12.2). */
bool need_hears_children(struct masc *m, const struct need *n);

/* A prefix to claim from: a parent's PREFIX_MANAGED or a top-level range. */
struct source {
    struct prefix managed;
    uint16_t space;
    int64_t end_s;
    bool deprecated;
};

enum { SOURCES_MAX = 64, HOLDINGS_MAX = 64 };

/* Those for this need, in the order to try: active before deprecated (4.3, A-90). Returns how many,
 * at most SOURCES_MAX. */
unsigned source_list(const struct masc *m, const struct need *n, struct source *s);
/* All peerings with that parent are there only to defend old prefixes (12.5, A-98). */
bool source_is_abandoned(const struct masc *m, u128 domain);
/* The life of a claim planned now inside something that ends at `managed_end_s`: nested,
 * within what a denial allowed, longer than the wait; 0: none of use. */
uint32_t source_life(const struct masc *m, uint16_t space, uint32_t wanted_s,
                     int64_t managed_end_s);
/* All that a parent has around it is deprecated: it cannot be renewed, and something else is to be
 * claimed in time (4.3, A-90). */
bool source_fades(const struct masc *m, const struct own *o);
/* When the prefix under which `o` lies ends. */
int64_t source_end(const struct masc *m, const struct own *o);

/* Own prefixes and claims in one source as plan.c wants to see them; `view` points into it. */
struct holdings {
    struct masc_holding h[HOLDINGS_MAX];
    struct own *own[HOLDINGS_MAX];
    size_t n;
    struct prefix ours[HOLDINGS_MAX]; /* those that are not fading, normalised */
    uint64_t elsewhere; /* addresses held in other sources */
    uint64_t before;    /* of them, of lower address: what is kept first when all is too much */
    struct masc_space space;
    struct masc_demand_view view;
};
/* In three steps, of which the latter cost a look at the whole log: what is held, with an empty
 * picture of the source; then that picture; then how much of each is used, where own hosts use
 * `local` addresses. */
void want_holdings(struct masc *m, const struct need *n, const struct source *s,
                   struct holdings *hs);
void want_space_of(struct masc *m, struct holdings *hs);
void want_use(struct masc *m, uint64_t local, struct holdings *hs);

/* Addresses that the domain holds or claims for its own hosts as a child of itself. */
uint64_t want_held_locally(const struct masc *m, const struct need *n);

/* In use, for the needs of this scope and family, and not being replaced. */
bool want_is_holding(const struct masc *m, const struct own *o, const struct need *n);
/* A newer own prefix lies inside or around it: it runs out. */
bool want_is_replaced(const struct masc *m, const struct own *o);

/* Ranges taken inside `managed` by other domains, and by us except where it is fading. Narrowed to
 * a part of managed if that has more ranges than can be pictured. */
struct masc_space picture_with_own(struct masc *m, struct prefix managed, bool own_space);
/* Addresses of `p` that child domains hold or claim. */
uint64_t picture_used(struct masc *m, struct prefix p);

void renew_tick(struct masc *m, const struct need *n, struct out *out);

static inline uint64_t add_sat(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

#endif
