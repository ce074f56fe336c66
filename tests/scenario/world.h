/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: many speakers on simulated time, for stories (*_test.c here) that need more than one.
 *
 * Nodes are whole speakers (masc.h) with a store each; they are joined by ordered pipes of octets
 * that delay, and cut the stream at any place. Time is one count of milliseconds; the wall clock of
 * a node may be off. All that happens follows from the seed: a failing story is repeated by running
 * it again.
 *
 *   world_new, world_node ..., world_parent/siblings/peers ...    who there is and who knows whom
 *   world_start, world_run                                        and then time passes
 *   world_cut, world_stall, world_crash ...                       and things go wrong
 *   world_end                                                     nothing may have been violated
 *
 * world.c moves events and octets, witness.c records what was sent and logged and judges every
 * message at once, check.c recomputes the safety invariants from that record (I-xx of the readings)
 * at intervals; none of them asks a speaker for its opinion. Node numbers start at 1: 0 is "any".
 */
#ifndef MASCOT_SCENARIO_WORLD_H
#define MASCOT_SCENARIO_WORLD_H

#include "base/prng.h"
#include "masc/masc.h"
#include "tests/tap.h"

#define WORLD_NODES 24
#define WORLD_RECORDS 64
#define WORLD_TOLD 64
#define WORLD_BASE_S 1800000000 /* wall clock at time 0 */
#define SECOND ((int64_t)1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

/* A stored own prefix, as the host of the node would keep it. */
struct record {
    struct prefix prefix;
    int64_t timestamp_s;
    u128 node;
    uint32_t lifetime_s;
    bool local;  /* claimed as a child of itself */
    bool keep, by_operator, deprecated;
    u128 parent;
};

/* What was told to address servers or to routing, and the parts taken back for a time. */
struct told {
    struct prefix range[WORLD_TOLD];
    bool hole[WORLD_TOLD];
    unsigned n;
};

enum store_mode { STORE_GOOD, STORE_BAD, STORE_MUTE };

struct node {
    char name[16];
    struct masc_config *cfg, *spare; /* the speaker borrows cfg */
    struct masc *m;
    size_t octets;
    bool up;
    unsigned life;          /* incarnation: 1, 2, ... */
    int64_t offset_s;       /* of its wall clock */
    mono_t due;
    uint32_t next_odd;
    enum store_mode store;
    struct record record[WORLD_RECORDS];
    unsigned records;
    struct record *committed; /* all that ever was */
    size_t commits, commits_max;
    struct told maas, g_rib;
    bool established[32];   /* by number of peering */
};

/* A message that was sent; of an UPDATE each attribute is one. */
struct sent {
    int64_t at;             /* ms */
    unsigned from, to;
    uint32_t pipe;
    uint8_t message;        /* enum masc_message_type; KEEPALIVEs are not kept */
    uint8_t code, subcode;  /* of a NOTIFICATION */
    struct masc_attr a;     /* of an UPDATE */
    u128 parent;            /* of an OPEN: for which parent the session is (4.4) */
};

/* A LOG row about the life of a claim, or of an output. */
struct logged {
    int64_t at;
    unsigned node;
    char event[16];         /* of outputs: "maas" or "g-rib" */
    char what[8];           /* of outputs: "add" or "remove" */
    struct prefix prefix;
    u128 domain, other;
    char reason[80];
};

struct world;

/* ---- who there is ---- */

/* Periods are short (wait 120 s, delay 6 s, lives of half an hour) unless the story sets the RFC's
 * own with world_rfc_times() before the first node. */
struct world *world_new(uint64_t seed);
void world_rfc_times(struct world *w);
void world_end(struct world *w); /* demands that no invariant was violated, and frees */

unsigned world_node(struct world *w, const char *name, u128 domain);
unsigned world_named(const struct world *w, const char *name); /* aborts if there is none */
struct node *world_at(struct world *w, unsigned n);
struct masc_config *world_config(struct world *w, unsigned n); /* to change before world_start() */
struct prefix prefix_of(const char *text);

void world_tld(struct world *w, unsigned n, const char *range);
void world_demand(struct world *w, unsigned n, uint64_t addresses);
void world_parent(struct world *w, unsigned child, unsigned parent);
void world_siblings(struct world *w, unsigned a, unsigned b, u128 parent);
void world_internal(struct world *w, unsigned a, unsigned b);
/* The peering of `n` with `other`, in its configuration. */
struct masc_peer_config *world_peering(struct world *w, unsigned n, unsigned other);

/* ---- time ---- */

void world_start(struct world *w); /* every node */
void world_run(struct world *w, int64_t ms);
int64_t world_now(const struct world *w);
/* Runs until it holds or `ms` are over; returns whether it holds. Looks once a second. */
bool world_until(struct world *w, bool (*holds)(struct world *w, unsigned n), unsigned n,
                 int64_t ms);
int64_t world_wall(const struct world *w, unsigned n); /* s, as the node reads it */

/* ---- what goes wrong, and what operators do ---- */

void world_delay(struct world *w, unsigned a, unsigned b, int64_t min_ms, int64_t max_ms);
void world_cut(struct world *w, unsigned a, unsigned b);   /* connections fail at once */
void world_stall(struct world *w, unsigned a, unsigned b); /* octets from a to b stand still */
void world_heal(struct world *w, unsigned a, unsigned b);
void world_isolate(struct world *w, unsigned n);           /* cuts all its links */
void world_rejoin(struct world *w, unsigned n);
/* The process dies; `silent`: as does the machine, and nobody is told. */
void world_crash(struct world *w, unsigned n, bool silent);
void world_forget(struct world *w, unsigned n);            /* its store is lost */
void world_boot(struct world *w, unsigned n);
void world_step_clock(struct world *w, unsigned n, int64_t by_s);

/* A copy of the configuration to change; world_apply() hands it to the running speaker. */
struct masc_config *world_edit(struct world *w, unsigned n);
void world_apply(struct world *w, unsigned n);
bool world_claim(struct world *w, unsigned n, const char *prefix);
bool world_release(struct world *w, unsigned n, struct prefix p);
bool world_resolve(struct world *w, unsigned n, struct prefix p, bool withdraw);

/* ---- what was recorded ---- */

/* What is 0 is any. */
struct match {
    unsigned from, to;
    unsigned types;         /* bits 1 << enum masc_type; with none, messages that are no UPDATE */
    u128 domain, node;      /* of the origin */
    struct prefix within;   /* the prefix lies in it */
    struct prefix prefix;   /* exactly */
    int64_t since;          /* ms */
    int64_t timestamp_s;
};

#define T(type) (1u << MASC_##type)
#define T_CLAIMS (T(NEW_CLAIM) | T(CLAIM_TO_EXPAND))
#define T_ALL 0x3Fu

unsigned world_sent(const struct world *w, struct match match);
/* The first that matches at or after *at, which moves behind it; NULL at the end. */
const struct sent *world_next(const struct world *w, struct match match, unsigned *at);
unsigned world_notified(const struct world *w, uint8_t code, uint8_t subcode);
/* NOTIFICATIONs that a run without faults must not have: all but 7/0 (I-26). */
unsigned world_complaints(const struct world *w);
unsigned world_logged(const struct world *w, unsigned node, const char *event, int64_t since);
const struct logged *world_log(const struct world *w, unsigned node, const char *event,
                               int64_t since);

/* What the node has in its store and not past its end: the i-th, in order of prefix; family 0: no
 * more. Not what is for its own hosts. */
struct prefix world_holds(struct world *w, unsigned n, unsigned i);
bool world_has(struct world *w, unsigned n); /* at least one */
/* Its address servers have all of it; it is routed as a whole. */
bool world_usable(struct world *w, unsigned n, struct prefix p);
bool world_routed(struct world *w, unsigned n, struct prefix p);
const struct record *world_record(struct world *w, unsigned n, struct prefix p);
/* In the cache of `n` as an UPDATE of `domain` that is live. */
bool world_knows(struct world *w, unsigned n, u128 domain, enum masc_type type, struct prefix p);
bool world_session(struct world *w, unsigned a, unsigned b); /* established, as a sees it */
/* Every live own prefix and every claim is known where it has to be (I-25). */
unsigned world_unknown(struct world *w);

/* Prints what is held by whom, and what was logged. */
void world_show(struct world *w);
void world_history(struct world *w, int64_t since);
/* From now on unrelated domains may hold the same (manual mode). */
void world_excuse_clashes(struct world *w);
unsigned world_violations(const struct world *w);

#endif
