/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness: what was sent, stored and told in a world, and whether all of it was right.
 *
 * It is a watch (world.h): it decodes every octet that a node writes, remembers what arrived where,
 * what each disk holds and what address servers and routers were told, and judges by the invariants
 * I-01 ... I-54 (docs/TESTING.md lists them). It never asks a node for its opinion of itself: what
 * a node must know is what arrived at it.
 *
 *   witness.c       the record: messages, disks, outputs, log rows; questions about it
 *   check*.c        the invariants, each beside its kin; a violation is named once and counted
 */
#ifndef SIM_WITNESS_H
#define SIM_WITNESS_H

#include "sim/world.h"

struct witness;

/* A message that was written; of an UPDATE each attribute is one. */
struct sent {
    int64_t at;             /* ms */
    unsigned from, to;
    uint32_t stream;
    uint8_t side;           /* of the writer */
    uint8_t message;        /* enum masc_message_type; KEEPALIVEs are not kept */
    uint8_t code, subcode;  /* of a NOTIFICATION */
    bool open;              /* O of a NOTIFICATION: the session goes on */
    struct masc_attr a;     /* of an UPDATE */
    int64_t timestamp_s;    /* of a, era resolved */
    u128 parent;            /* of an OPEN: for which parent the session is (4.4) */
    int64_t arrived;        /* ms; -1: not (yet) */
    uint32_t before;        /* the one before it on the same stream; UINT32_MAX: none */
};

/* A stored own prefix, as it lies on a disk (masc_row_own). */
struct record {
    struct prefix prefix;
    int64_t timestamp_s;
    u128 node;
    uint32_t lifetime_s;
    bool local;             /* claimed as a child of itself */
    bool keep, by_operator, deprecated;
    u128 parent;
};

/* A LOG row about the life of a claim, or of an output. */
struct logged {
    int64_t at;
    unsigned node;
    char event[16];         /* of outputs: "maas" or "g-rib" */
    char what[8];           /* of outputs: "add" or "remove" */
    struct prefix prefix;
    u128 domain, other;
    int64_t ready_s;        /* of a claim: when its wait or delay ends; INT64_MAX: does not say */
    char reason[96];
};

/* Watches the world from now on: before world_start(). `say` (may be NULL) is given a line for each
 * of the first violations, "violated I-01 at 123.456 C1: ..." without newline. */
struct witness *witness_new(struct world *w, void (*say)(const char *line));
void witness_free(struct witness *x);

/* ---- verdict ---- */

unsigned witness_violations(const struct witness *x);
/* Of that invariant ("I-01"; "host" for the contract of cores). */
unsigned witness_violated(const struct witness *x, const char *invariant);
/* The invariants that hold only sometimes, judged now: looks at the whole world (I-01, I-03 ...).
 * The witness does it by itself at intervals. */
void witness_look(struct witness *x);
/* Faults are over for good: how long, in ms from now, until everybody must have what it wants and
 * know what it must; computed from the configurations, links and clocks of the world. */
int64_t witness_bound(const struct witness *x);
/* After that time: the liveness invariants (I-08, I-10, I-25, I-50, I-51, I-54 ...). */
void witness_demand_peace(struct witness *x);
/* From now on unrelated domains may hold the same (manual mode). */
void witness_excuse_clashes(struct witness *x);
/* This node may say anything; what it says is judged in its form only, and what it may have caused
 * is not held against others. Before world_start(). */
void witness_distrust(struct witness *x, unsigned n);

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

unsigned witness_sent(const struct witness *x, struct match match);
/* The first that matches at or after *at, which moves behind it; NULL at the end. */
const struct sent *witness_next(const struct witness *x, struct match match, unsigned *at);
unsigned witness_notified(const struct witness *x, uint8_t code, uint8_t subcode);
/* NOTIFICATIONs that a run without faults must not have: all but 7/0 (I-26). Each is said. */
unsigned witness_complaints(const struct witness *x);
unsigned witness_logged(const struct witness *x, unsigned node, const char *event, int64_t since);
const struct logged *witness_log(const struct witness *x, unsigned node, const char *event,
                                 int64_t since);

/* What the node has on its disk and not past its end: the i-th, in order of prefix; family 0: no
 * more. Not what is for its own hosts. */
struct prefix witness_holds(const struct witness *x, unsigned n, unsigned i);
bool witness_has(const struct witness *x, unsigned n); /* at least one */
const struct record *witness_record(const struct witness *x, unsigned n, struct prefix p);
/* Its address servers have all of it; it is routed as a whole. */
bool witness_usable(const struct witness *x, unsigned n, struct prefix p);
bool witness_routed(const struct witness *x, unsigned n, struct prefix p);
/* Addresses that its address servers have. */
uint64_t witness_usable_addresses(const struct witness *x, unsigned n);
/* An UPDATE of `domain` that is live and neither withdrawn nor superseded arrived at `n` in its
 * present life (or was said by itself). */
bool witness_knows(const struct witness *x, unsigned n, u128 domain, enum masc_type type,
                   struct prefix p);
bool witness_session(const struct witness *x, unsigned a,
                     unsigned b); /* both confirmed, both open */
/* Live own prefixes of one node that another should know of and does not (I-25). Each is said. */
unsigned witness_unknown(const struct witness *x);

/* Says what is held by whom. What happened is told by a trace (trace.h). */
void witness_show(const struct witness *x, void (*say)(const char *line));

#endif
