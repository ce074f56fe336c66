/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * speaker: the state behind masc.h and the seams between its files. Not for other parts.
 *
 * Floors inside: claim, table, choose, plan, role, wire know nothing of this struct; update,
 * receive, own, clash, want, relay, query work on it and are called from masc.c. An UPDATE is
 * inserted into the table by whoever accepts or originates it, and that is all it takes to send
 * it: relay.c finds it in the log.
 */
#ifndef MASC_SPEAKER_H
#define MASC_SPEAKER_H

#include "base/event.h"
#include "base/prng.h"
#include "masc/choose.h"
#include "masc/claim.h"
#include "masc/config.h"
#include "masc/masc.h"
#include "masc/peer.h"
#include "masc/table.h"

/* In whose space an UPDATE lies: an index into masc.space[], stable for the life of the speaker. */
enum { SPACE_NONE = 0, SPACE_OWN = 1, SPACES_MAX = 64 };

struct space {
    u128 domain;          /* a parent; MASC_TLD_ID for the virtual parent; own for SPACE_OWN */
    int64_t denied_end_s; /* our claims must end by then, says a CLAIM_DENIED; 0 = no limit */
    int64_t denied_until_s;   /* until when that is remembered */
    uint8_t denied_len;   /* claims must be longer than this (smaller): 0 = any */
};

/* An own prefix or claim of any node of the domain, pending or in use. */
struct own {
    struct prefix prefix;
    enum masc_own_state state;
    enum masc_purpose purpose;
    bool present;          /* the place is taken */
    bool mine;             /* originated by this node: it has the timers */
    bool by_operator;
    bool keep;             /* to be renewed: wanted until it is released */
    bool replaces;         /* once in use, prefixes that cannot be expanded fade (17.1.4) */
    bool deprecated;
    bool maas, g_rib;      /* what was told last (outputs.c) */
    bool heard;            /* the claim went out whole over a session (own_heard.c) */
    bool storing_removal;  /* release: WITHDRAW goes out when the store has forgotten it */
    bool forgetting;       /* not present: but the store may have it still (own_kept.c) */
    bool unstored;         /* own_kept.c is to write it (or its removal), at `retry` */
    bool store_failed;     /* that failed before, and a person was told */
    uint8_t scope;
    uint16_t space;
    u128 node;
    int64_t timestamp_s;   /* Claim Timestamp; when planned for DELAYED */
    uint32_t lifetime_s;
    mono_t began, due;     /* of the delay or of the Claim-Timer; due = never if not mine */
    mono_t retry;          /* if unstored and no STORE is under way */
    uint64_t ticket;       /* of the STORE under way; 0 = none */
    uint32_t serial;       /* names it to `clashes` and tickets */
    uint64_t given[MASC_PEERS_MAX / 64]; /* peerings whose session was given the claim */
};

/* A part of own prefixes that another holds or that was withdrawn (12.4). */
struct clash {
    bool present, lost, withdrawn, ignored;
    struct claim ours, theirs;
    struct prefix range;
    mono_t due;            /* when the WITHDRAW goes out; never: waits for the operator, or done */
    wall_t since;
};

/* A lost clash takes the place of a won one; beyond that it is acted on without being kept. */
#define CLASHES_MAX 256
#define HOLES_MAX 256
#define SCRATCH_MAX 16384
/* A full scratch that is not shortened to this by normalising is taken for full: sorting it again
 * for each few ranges more would be all that a step does. */
#define SCRATCH_WORTH (SCRATCH_MAX / 4 * 3)

/* A range of a prefix in use that is not to be used: told to MAASs, and maybe to the G-RIB. */
struct hole {
    struct prefix range;
    bool present, g_rib, wanted, wanted_g_rib;
};

/* How far the log was sent to a peering (relay.c). */
struct relay {
    bool established;
    bool replaying;
    uint8_t pass;      /* of the replay: index into the order of 11.8 */
    uint32_t at;       /* last entry looked at; TABLE_NONE: before the first */
    uint32_t end;      /* last entry that belongs to the replay; TABLE_NONE: none left */
};

struct unassociated {
    struct masc_attr attr;
    uint64_t serial; /* order of arrival */
    unsigned peer;
    bool present;
};

/* The newest entry of a list; at = TABLE_NONE: the list was empty. */
struct newest {
    struct prefix prefix;
    int64_t timestamp_s;
    uint32_t at;
};

/* What a child domain holds and claims in one family, as deny.c counted it last. */
struct held {
    bool counted;
    struct newest in[2];   /* of the two lists of the domain (table.h), when that was */
    uint64_t addresses;
    uint64_t judged;       /* claims since all entries were walked */
    mono_t walked;
};

/* Kept of a domain so that not all its entries are looked at for each of its UPDATEs. Any of it may
 * be out of date: those who use it check it. */
struct tally {
    u128 domain;
    struct held held[2];   /* by family */
    uint32_t denied[2][2]; /* by family, and by life or size: the entry that deny.c found last */
    uint64_t look;         /* need.c: of which look is `claimed_s` */
    int64_t claimed_s;     /* the newest Timestamp of what it claims or holds as a child */
};

struct counters {
    uint64_t received, duplicates, expired_on_arrival, refused, unassociated, table_full, relayed,
        won, lost, clashes, ignored;
};

/* The arrays lie behind it (masc.c), in memory that the host gave zeroed: what is in none of them
 * costs nothing, so each is scanned only up to its `_top` or `_n`. What every step looks at comes
 * first. */
struct masc {
    const struct masc_config *cfg;
    struct masc_peers *peers;
    struct now now;
    bool ready, stopping;
    bool store_failing;
    bool dirty;            /* want.c: something changed that may need a decision */
    bool unheard;          /* own_heard.c has claims to look after */
    bool retrying;         /* update.c: UPDATEs of the ring are tried again */
    bool stale_outputs;    /* outputs.c: own prefixes, holes or leaf changed */
    bool relay_pending;    /* relay.c stopped for want of room in the list of actions */
    bool relay_behind;     /* some session has not been sent all of the log up to `relay_last` */
    uint32_t relay_last;
    unsigned clash_top, hole_top; /* one past the last that is taken */
    mono_t want_due;       /* next regular look at the demand */
    mono_t want_next;      /* not before, if dirty */
    mono_t own_due;        /* earliest of the own timers */
    wall_t own_wall_due;   /* earliest end of an own prefix, clash or hole */
    struct table table;
    struct own *own;       /* own_max places */
    struct clash *clash;   /* CLASHES_MAX places */
    struct hole *hole;     /* HOLES_MAX places */
    struct relay *relay;   /* per peering */
    struct space *space;   /* SPACES_MAX places */
    unsigned own_max, own_top; /* places; one past the last that is taken */
    unsigned peers_max;
    unsigned spaces;
    unsigned unassociated_max, unassociated_n;
    struct unassociated *unassociated; /* unassociated_max places, unassociated_n taken */
    struct masc_trend (*trend)[2];     /* per scope, the global one too, and family */
    struct prefix *scratch; /* SCRATCH_MAX, for pictures of a space */
    struct tally *tally;    /* origins_max, beside table.domain[] */
    struct counters count;
    struct prng rng;
    bool children_in[MASC_SCOPES_MAX + 1][2]; /* 12.2: non-leaf there; by scope and family */
    mono_t leaf_from;       /* after a restart: not leaf by silence before */
    uint64_t tickets;
    uint32_t serials;
    uint64_t unassociated_serial;
    uint64_t needed;
    uint64_t looks;         /* need.c */
    uint64_t looked_at;     /* entries that decisions passed over: what they cost */
};

/* ---- masc.c ---- */

/* Handles what the sessions have to tell after an event or a command. */
void masc_signals(struct masc *m, struct out *out);
/* What every step and every command of an operator ends with: decisions, outputs, sending. */
void masc_after(struct masc *m, struct out *out);

uint16_t space_of_domain(struct masc *m, u128 domain); /* makes one; SPACE_NONE when full */
static inline bool is_us(const struct masc *m, u128 domain)
{
    return domain == m->cfg->domain;
}

/* 12.2: no child domain speaks of space in that scope and family. */
static inline bool is_leaf(const struct masc *m, uint8_t scope, uint8_t family)
{
    return !m->children_in[scope][family == FAMILY_IPV6];
}

/* ---- update.c: is an UPDATE acceptable (8.3, 11.1)? ---- */

void update_receive(struct masc *m, unsigned peer, const uint8_t *octets, size_t len,
                    struct out *out);
/* A prefix is held now, by whomever: tries what could not be associated with it before. */
void update_retry(struct masc *m, struct prefix p, struct out *out);
void update_forget(struct masc *m, unsigned peer); /* the peering is not configured any more */

/* ---- receive.c: what an acceptable UPDATE does, by type and role (11.2 - 11.7) ---- */

uint8_t receive(struct masc *m, unsigned peer, const struct claim *c, struct out *out);
/* What a child domain says of `p`, or says no more, changes what is needed: nothing else that it
 * holds or claims (but for the entry `but`) covers it. Renewals, most of what is said, do not. */
bool receive_changes_need(const struct masc *m, u128 domain, struct prefix p, uint32_t but);

/* Inserts an UPDATE that was accepted or originated; TABLE_NONE if the table is full (logged). */
uint32_t record(struct masc *m, const struct claim *c, uint16_t space, uint16_t flags,
                struct out *out);

/* The parent whose PREFIX_MANAGED, or top-level range, covers `p` (11, A-62, A-63, A-92), most
 * specific first; `only`: SPACE_NONE for any, else that one. SPACE_NONE: cannot be associated. */
uint16_t associate(const struct masc *m, struct prefix p, uint16_t only);
/* An own prefix in use that covers `p`: its place in own[], or NULL (11.2.3). */
struct own *own_covering(const struct masc *m, struct prefix p);

/* ---- own.c: own claims (5.1 - 5.4) ---- */

void own_restore(struct masc *m, const struct row *row, struct out *out); /* BOOT */
void own_ready(struct masc *m, struct out *out);
void own_stored(struct masc *m, uint64_t ticket, enum stored result, struct out *out);
void own_tick(struct masc *m, struct out *out);   /* timers */
void own_expire(struct masc *m, struct out *out); /* ends of life */
/* Plans a claim: random delay first (5.1 a). NULL if there is no place. */
struct own *own_plan(struct masc *m, const struct own *wish, struct out *out);
struct ending {
    const char *event;  /* of the life row */
    u128 other;         /* the domain it met; 0 none; our own: nothing is claimed in its place */
    const char *reason; /* a sentence */
};
/* Ends a pending claim: lost, denied, not needed. It is marked in the table and, where A-83 asks
 * for it, withdrawn. */
void own_cancel(struct masc *m, struct own *o, const struct ending *why, struct out *out);
/* A foreign or internal claim arrived: who wins against own ones (5.1.1, 11.2.2, 11.4.2, A-85)? */
void own_meet(struct masc *m, const struct claim *c, struct out *out);
/* An UPDATE of our own domain that did not come from this node's memory. */
void own_learn(struct masc *m, const struct claim *c, struct out *out);
/* A PREFIX_MANAGED with D = 1 of our domain: true if it speaks of a prefix we know. */
bool own_learn_deprecated(struct masc *m, const struct claim *c);
/* An accepted WITHDRAW takes effect: our own (11.7.3) or a parent's (11.7.4). `flags`: of its
 * entry. */
void own_withdrawn(struct masc *m, const struct claim *w, uint16_t flags, struct out *out);
bool own_release(struct masc *m, struct own *o, struct out *out);
/* The pending own claim with this prefix and Claim Timestamp, of any node of the domain. */
struct own *own_find_pending(const struct masc *m, struct prefix p, int64_t timestamp_s);
static inline bool own_is_pending(const struct own *o)
{
    return o->present && o->state != MASC_OWN_IN_USE;
}
static inline bool own_in_use(const struct own *o)
{
    return o->present && o->state == MASC_OWN_IN_USE;
}
static inline int64_t own_end(const struct own *o)
{
    return o->timestamp_s + o->lifetime_s;
}
enum masc_role own_role(const struct own *o); /* CHILD for local use, else INTERNAL */
bool own_is_renewal(const struct masc *m, const struct own *o);
enum masc_type own_pending_type(const struct masc *m, const struct own *o);
/* It is not to be renewed: children are told (4.3). */
void own_deprecate(struct masc *m, struct own *o, struct out *out);
struct claim own_claim(const struct masc *m, const struct own *o, enum masc_type type);
/* Allocated at once, without a wait: the switch from leaf to non-leaf. */
bool own_allocate(struct masc *m, const struct own *wish, struct out *out); /* false: no place */

/* Originates a WITHDRAW of `range` of own prefix or claim `o` (5.4, 12.4, 11.7.4). */
struct withdrawal {
    int64_t timestamp_s;
    uint32_t lifetime_s, holdtime_s;
    uint16_t flags; /* enum entry_flag */
};
void own_withdraw(struct masc *m, const struct own *o, struct prefix range,
                  const struct withdrawal *t, struct out *out);
/* May claims be initiated in this space now (5.1, A-63)? */
bool own_space_reachable(const struct masc *m, uint16_t space);

/* ---- own_heard.c: did anybody hear an own claim? ---- */

void own_given(struct masc *m, uint32_t at, unsigned peer); /* the session was given entry `at` */
void own_taken(struct masc *m);                             /* queues may be empty now */
void own_session_down(struct masc *m, unsigned peer, struct out *out);

/* ---- clash.c: 12.4 ---- */

void clash_note(struct masc *m, const struct own *o, const struct claim *theirs, struct out *out);
void clash_tick(struct masc *m, struct out *out);
/* Is the part of an own prefix disputed or withdrawn? */
bool clash_touches(const struct masc *m, struct prefix p);
/* Part of the prefix is held by another, too, or is withdrawn: it is not re-claimed as a whole, for
 * another's PREFIX_IN_USE beats every claim. */
bool clash_impairs(const struct masc *m, const struct own *o);
mono_t clash_deadline(const struct masc *m);

/* ---- outputs.c: MAAS and G-RIB (4.1, 5.1 d, 11.7.3, 12.2) ---- */

/* Tells the difference between what should be usable and routed and what was told last. */
void outputs_refresh(struct masc *m, struct out *out);
/* `o` ends: takes back what was told of it. */
void outputs_drop(struct masc *m, struct own *o, struct out *out);

/* ---- want.c, picture.c: what to claim, from whom (Appendix A, 12.2) ---- */

void want_tick(struct masc *m, struct out *out);
/* The life of a planned claim that is sent now: at most to the end of what it lies in, for
 * it may have waited long for a session; 0: of no use any more. */
uint32_t source_life_left(const struct masc *m, const struct own *o);
/* The ranges inside `managed` that other domains take, in m->scratch: by children's claims in our
 * own space, else by siblings'. */
struct masc_space want_picture(struct masc *m, struct prefix managed, bool own_space);
/* `o` is in use and replaces all that cannot be expanded (17.1.4). */
void want_replace(struct masc *m, const struct own *o, struct out *out);
void want_after_loss(struct masc *m, const struct own *lost, struct out *out);

/* ---- deny.c: why a parent refuses a child's claim (11.4.3, Appendix B) ---- */

/* 3/18 or 3/22: it was denied for its life or size before and still does not heed it (8.3). */
uint8_t deny_refuses(struct masc *m, const struct claim *c);
/* NULL: it does not. Else a sentence, and *lifetime_s for the CLAIM_DENIED. */
const char *deny_reason(struct masc *m, const struct claim *c, const struct own *managed,
                        uint32_t *lifetime_s, struct out *out);

/* What is kept of the domain of entry `at`. */
struct tally *tally_of(struct masc *m, uint32_t at);

/* ---- relay.c: who is sent what, in which order (11.8, A-59) ---- */

void relay_up(struct masc *m, unsigned peer);
void relay_down(struct masc *m, unsigned peer);
void relay_pump(struct masc *m, struct out *out);
void relay_forget(struct masc *m, uint32_t at); /* an entry is about to be deleted */

/* ---- claim_rows.c ---- */

/* Logs an event of a claim's life; other 0: none; ready_s, until_s INT64_MAX: none. */
struct life {
    const char *event;
    struct prefix prefix;
    u128 domain, other;
    int64_t ready_s, until_s;
    const char *reason;
};
void life_log(struct masc *m, const struct life *l, struct out *out);
/* The stored form of a prefix in use, and back; *parent: the domain whose space it is in. */
struct row own_row(const struct masc *m, const struct own *o);
bool own_row_read(const struct row *row, struct own *o, u128 *parent);
void output_log(const char *to, const char *what, struct prefix p, const char *scope,
                struct out *out);

#endif
