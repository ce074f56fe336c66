/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plot: what a seed decided, as data: who there is, by which rules, and what happens to whom.
 *
 * plot_make() draws a plot from a seed; running it is another thing (swarm.h). Between the two a
 * plot can be made smaller: deeds and nodes are left out by number, and the rest stays what it was.
 * So a failure that a seed found is told as the least story that still fails.
 *
 * A seed first picks what may happen at all (features), and only then how often: a world in which
 * everything happens a little finds less than one in which disks fail and nothing else does.
 *
 *   plot.c        rules and features, leaving out     plot_place.c  domains, nodes, links
 *   plot_deed.c   faults, operators, demands          plot_text.c   for people
 */
#ifndef SIM_PLOT_H
#define SIM_PLOT_H

#include <stdio.h>

#include "base/prng.h"
#include "sim/liar.h"
#include "sim/world.h"

enum {
    PLOT_NODES_MAX = 32,
    PLOT_DOMAINS_MAX = 24,
    PLOT_LINKS_MAX = 160,
    PLOT_DEEDS_MAX = 96,
    PLOT_PARENTS_MAX = 3,
};

/* ---- what happens ---- */

enum deed_kind {
    /* demands and operators */
    DEED_NEED,        /* the domain of .node wants .amount addresses from now on */
    DEED_CLAIM,       /* somebody says `claim --size .amount` to .node */
    DEED_RELEASE,     /* `release` of the .amount-th prefix that .node holds */
    DEED_RESOLVE,     /* `resolve` of a clash of that prefix: withdraw if .amount is odd */
    DEED_STOP,        /* `peer stop`, and `peer start` afterwards: .node for .other */
    /* links */
    DEED_CUT,
    DEED_SEVER,       /* .node loses its connections with .other, which is not told */
    DEED_STALL,       /* octets from .node to .other stand still */
    DEED_HANG,        /* both ways */
    DEED_CLOG,        /* .amount octets per second from .node to .other */
    DEED_SLOW,        /* .node reads .amount octets per second */
    DEED_ISOLATE,
    DEED_PARTITION,   /* nodes whose bit is in .amount are cut off from all others */
    /* machines */
    DEED_CRASH,       /* and boot afterwards */
    DEED_DIE,         /* the same, but nobody is told */
    DEED_LOSE,        /* crash, and the store is lost */
    DEED_DISK_FAIL,
    DEED_DISK_MUTE,   /* mended by a reboot */
    DEED_DISK_SLOW,   /* .amount ms for a commit */
    DEED_CLOCK,       /* the offset of the wall clock is then .amount - PLOT_CLOCK_ZERO s */
    DEED_DRIFT,       /* ... and this in ppm */
};
#define DEED_KINDS (DEED_DRIFT + 1)
#define PLOT_CLOCK_ZERO 1000000

struct deed {
    enum deed_kind kind;
    bool left_out;
    unsigned node, other;   /* numbers in the plot, from 1 */
    int64_t begin_ms, lasts_ms;
    uint64_t amount;
};

/* ---- who there is ---- */

struct plot_domain {
    uint32_t number;
    bool top, in_zone, zone_tld;
    unsigned depth;
    unsigned parent[PLOT_PARENTS_MAX], parents; /* places in domain[] */
    unsigned first, nodes;  /* nodes first .. first + nodes - 1 */
};

struct plot_node {
    char name[WORLD_NAME_MAX];
    unsigned domain;        /* place in domain[] */
    bool left_out;
    bool lies;
    enum liar_kind liar;    /* if it lies */
    unsigned twin_of;       /* it has that node's identifier; 0: its own */
};

enum plot_tie { TIE_PARENT, TIE_SIBLING, TIE_INTERNAL };

/* TIE_PARENT: b is the parent of a. */
struct plot_link {
    unsigned a, b;
    enum plot_tie tie;
    unsigned parent;        /* of TIE_SIBLING: place in domain[] + 1; 0: top-level */
    uint16_t min_ms, max_ms;
};

/* ---- by which rules ---- */

enum plot_feature {
    HAS_WORKLOAD = 1,       /* demands change */
    HAS_OPERATORS = 2,
    HAS_LINKS = 4,          /* faults of links */
    HAS_LONG = 8,           /* some faults last longer than the waiting period */
    HAS_CRASHES = 16,
    HAS_DISKS = 32,
    HAS_CLOCKS = 64,        /* within what retention allows */
    HAS_WILD_CLOCKS = 128,  /* beyond */
    HAS_LIAR = 256,
    HAS_TWIN = 512,
    HAS_TIGHT_TABLES = 1024,
    HAS_LIMITS = 2048,      /* of sizes, lifetimes, thresholds */
    HAS_ZONE = 4096,
    HAS_MANUAL = 8192,
};

struct plot_rules {
    uint32_t wait_s, delay_s, lifetime_s, retention_s, retry_s, backoff_s, backoff_max_s;
    uint16_t hold_s;
    uint8_t utilization_low, utilization_high, prefixes_max, range_len;
    bool packed, relay_siblings, strict_third_party;
    uint32_t claims_max, per_origin_max, origins_max, unassociated_max;
    uint16_t own_max, spare_peers;
    uint64_t soft, hard, size_max, claim_min;
    uint32_t lifetime_max_s;
};

struct plot {
    uint64_t seed;
    unsigned nodes_max;
    unsigned features;      /* bits of enum plot_feature */
    struct plot_rules rules;
    unsigned domains, nodes, links, deeds;
    struct plot_domain domain[PLOT_DOMAINS_MAX];
    struct plot_node node[PLOT_NODES_MAX + 1];   /* from 1 */
    struct plot_link link[PLOT_LINKS_MAX];
    struct deed deed[PLOT_DEEDS_MAX + 1];        /* from 1, in order of begin */
    int64_t end_ms;         /* of the last deed */
};

/* `nodes_max` at least 4, at most PLOT_NODES_MAX - 2. */
struct plot plot_make(uint64_t seed, unsigned nodes_max);

/* Whether everybody must have what it wants in the end. */
bool plot_is_peaceful(const struct plot *p);
/* What lies are told may be believed there: all below the liar's parents. */
bool plot_is_reached_by_lies(const struct plot *p, unsigned domain);
/* Above, below or the same. */
bool plot_is_related(const struct plot *p, unsigned a, unsigned b);
bool plot_is_below(const struct plot *p, unsigned below, unsigned above); /* or the same */

/* The deed concerns only nodes that are there. */
bool plot_deed_happens(const struct plot *p, unsigned deed);
unsigned plot_size(const struct plot *p); /* nodes and deeds that are not left out */

const char *plot_deed_name(enum deed_kind kind);
const char *plot_liar_name(enum liar_kind kind);
void plot_print(const struct plot *p, FILE *to);

/* ---- for the files of the plot ---- */

struct plot_maker {
    struct plot *p;
    struct prng rng;
};

static inline unsigned plot_below(struct plot_maker *m, unsigned n)
{
    return (unsigned)prng_below(&m->rng, n);
}

static inline bool plot_has(const struct plot *p, enum plot_feature f)
{
    return (p->features & f) != 0;
}

void plot_place(struct plot_maker *m); /* plot_place.c */
void plot_fill(struct plot_maker *m);  /* plot_deed.c */

#endif
