/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * masc: one MASC speaker: sessions (peer.h) and claims joined; the core that node.c drives.
 *
 * Where to look: bytes are parsed in wire_*.c; sessions live in peer.c and its kin; an UPDATE is
 * accepted or refused in update.c (sections 8.3, 11.1) and decided by type and role in receive.c
 * (11.2 - 11.7); who wins is claim.c (5.1.1); own claims live and die in own.c (5.1 - 5.4, 12.4);
 * what to claim is decided in want.c with choose.c and plan.c (Appendix A); what is sent to whom
 * and in which order is relay.c (11.8, A-59); everything heard is in table.c.
 */
#ifndef MASC_MASC_H
#define MASC_MASC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "masc/config.h"
#include "masc/peer.h"
#include "masc/wire.h"

struct masc;

/* Memory for a speaker of this configuration; grows with claims_max, peers_max, own_max. Pages that
 * no claim needs stay untouched. */
size_t masc_octets(const struct masc_config *c);

/* `mem` is zeroed, aligned to 64 and stays the caller's; the configuration is borrowed until
 * masc_configure() gives another. claims_max, origins_max, peers_max, own_max and
 * unassociated_max cannot change. The same seed and events give the same actions. */
struct masc *masc_init(void *mem, const struct masc_config *c, uint64_t seed);

void masc_step(struct masc *m, const struct event *ev, struct out *out);
mono_t masc_deadline(const struct masc *m);

/* Another valid configuration: sessions whose settings did not change are kept. */
void masc_configure(struct masc *m, const struct masc_config *c, struct now now, struct out *out);

/* ---- what a person may ask ---- */

const struct masc_config *masc_configuration(const struct masc *m);
const struct masc_peers *masc_sessions(const struct masc *m);

struct masc_status {
    bool ready;
    bool leaf;                 /* 12.2: in every scope and family: no UPDATE of a child in the
                                  table, not even retained */
    bool store_failing;        /* the last STORE failed: no new promises */
    uint32_t claims, claims_max;
    uint32_t live;             /* of them not expired */
    uint64_t received, duplicates, expired_on_arrival, refused, unassociated, table_full,
        relayed, collisions_won, collisions_lost, clashes;
    uint64_t managed;          /* addresses in own prefixes in use */
    uint64_t needed;           /* predicted, now + waiting period */
};
struct masc_status masc_status(const struct masc *m, struct now now);

/* A cached UPDATE. */
struct masc_claim_view {
    struct masc_attr attr;     /* role: the Updated Origin Role */
    int64_t timestamp_s;       /* era resolved */
    bool own;                  /* of the local domain */
    bool live;                 /* neither expired, lost, denied, superseded nor hidden */
    const char *state;         /* "live", "retained", "lost", "denied", "superseded", "withdrawn" */
    u128 parent;               /* domain in whose space it lies; own domain for children's */
};

/* Iterates in order of arrival: start with *cursor = 0; false at the end. A cursor stays valid
 * between steps (it may skip claims that expired meanwhile). */
bool masc_claim_next(const struct masc *m, struct now now, uint64_t *cursor,
                     struct masc_claim_view *v);

enum masc_own_state {
    MASC_OWN_DELAYED,  /* random delay before the claim (5.1 a) */
    MASC_OWN_WAITING,  /* claimed, Claim-Timer runs (5.1 b, c) */
    MASC_OWN_STORING,  /* the wait is over; being stored before it is announced */
    MASC_OWN_IN_USE,   /* allocated (5.1 d) */
};

enum masc_purpose {
    MASC_FOR_SPACE,    /* new space of a parent (or of a top-level range) */
    MASC_FOR_RENEWAL,  /* 5.2 */
    MASC_FOR_EXPANSION,/* 5.3 */
    MASC_FOR_LOCAL,    /* child of itself: for own hosts (12.2, A-65) */
};

struct masc_own_view {
    struct prefix prefix;
    enum masc_own_state state;
    enum masc_purpose purpose;
    uint8_t scope;
    u128 parent;          /* domain whose space it is in; 0: a top-level range */
    u128 node;            /* that claimed it: another node of the domain, or we */
    bool by_operator;     /* asked for with `claim` */
    wall_t since;         /* Claim Timestamp; for DELAYED: when it was planned */
    wall_t until;         /* end of its lifetime */
    mono_t began, due;    /* of the delay or wait; for progress */
    bool usable;          /* advertised to MAASs */
    bool routed;          /* in the G-RIB */
    bool clashed;         /* all or part is withdrawn or disputed (12.4) */
    bool deprecated;
    bool unstored;        /* in use, but this node would forget it in a crash: see own_kept.c */
    uint64_t used;        /* addresses held by children or own hosts */
};

/* Own prefixes and claims, sorted by prefix; start with *cursor = 0. */
bool masc_own_next(const struct masc *m, struct now now, uint64_t *cursor,
                   struct masc_own_view *v);

struct masc_clash_view {
    struct prefix ours, theirs, range; /* range: where they overlap */
    u128 domain, node;                 /* of the other */
    bool lost;                         /* we have to withdraw */
    bool waiting;                      /* for the operator (manual mode) */
    wall_t since, until;               /* until: the end of the other's prefix */
};
bool masc_clash_next(const struct masc *m, struct now now, uint64_t *cursor,
                     struct masc_clash_view *v);

/* ---- what an operator may do ---- */

/* When it is ordered, where its actions go, and where a refusal is explained: false from the
 * functions below means that nothing was changed and `why` says why and what to do. */
struct masc_order {
    struct now now;
    struct out *out;
    struct wr *why;
};

struct masc_claim_wish {
    struct prefix prefix;  /* family 0: any place */
    uint64_t addresses;    /* if any place */
    uint8_t family;        /* if any place */
    uint8_t scope;         /* if any place */
    uint32_t lifetime_s;   /* then it is not renewed; 0: the configured one, and renewed */
};
bool masc_claim(struct masc *m, const struct masc_claim_wish *wish, const struct masc_order *o);
bool masc_release(struct masc *m, struct prefix prefix, const struct masc_order *o);
/* Manual mode: withdraw the disputed range now, or ignore the clash until the rival's end. */
bool masc_resolve(struct masc *m, struct prefix range, bool withdraw, const struct masc_order *o);
/* `verb` is "start", "stop" or "clear". */
bool masc_peer_command(struct masc *m, const char *verb, const char *name,
                       const struct masc_order *o);

const char *masc_own_state_name(
    enum masc_own_state s); /* "delayed", "waiting", "storing", "in use" */
const char *masc_purpose_name(enum masc_purpose p);     /* "new", "renewal", "expansion", "local" */

/* ---- rows (claim_rows.c) ---- */

/* LOG: the life of claims. Fields: event ("delay", "claim", "lost", "denied", "in-use", "renewed",
 * "expanded", "released", "withdrawn", "expired", "delegated", "clash", "hint", "refused", ...),
 * prefix, domain (whose), other (the domain it met, 0 none), ready (when the wait ends), until (end
 * of life), reason (a sentence). */
extern const struct row_type masc_row_life;

/* LOG: what the routing layer and the address servers of the domain are told (4.1, 5.1 d, 11.7.3):
 * fields: to ("maas" or "g-rib"), what ("add" or "remove"), prefix, scope, until. */
extern const struct row_type masc_row_output;

/* STORE: own prefixes in use; keys: prefix, Claim Timestamp, node that claimed it, use ("space", or
 * "local" for own hosts). */
extern const struct row_type masc_row_own;

#endif
