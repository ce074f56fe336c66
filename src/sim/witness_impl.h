/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness_impl: what the files of the witness share. Not for stories, swarms or reports.
 *
 * What happens comes in at witness.c, which keeps the record and calls the checks: each check_*.c
 * has functions for the moments it cares about (something was sent, arrived, was logged, stored;
 * time passed). Marks are one hash table from 64-bit keys to numbers for all "did this happen
 * before?": a key is mixed from a word for the question and the values; that two keys are equal by
 * chance is not to be feared.
 */
#ifndef SIM_WITNESS_IMPL_H
#define SIM_WITNESS_IMPL_H

#include "sim/witness.h"

/* ---- marks ---- */

enum mark_kind {
    MARK_SAID = 1,   /* stream, side, UPDATE with role: end of the message in the stream */
    MARK_PASSED,     /* the same without role */
    MARK_HEARD,      /* PREFIX_IN_USE or _MANAGED of an origin was sent to a node */
    MARK_STORED,     /* was on the disk of a node */
    MARK_CLAIMED,    /* a node sent a claim: when, by its monotonic clock */
    MARK_KNOWN,      /* an UPDATE arrived at a node in its present life: index in known[] */
    MARK_COPY,       /* the origin's fields of an UPDATE */
    MARK_SHOWN,      /* a violation was said */
    MARK_ALLOCATED,  /* a node told that it has a prefix */
    MARK_CANCELLED,  /* a node lost, withdrew, or was denied a claim */
    MARK_DROPPED,    /* a node dropped a claim, or the plan of one for the same prefix */
    MARK_LIED,       /* an UPDATE that a liar wrote */
};

struct marks {
    uint64_t *key;   /* 0: free */
    int64_t *value;
    size_t n, max;   /* max: a power of two, or 0 */
};

uint64_t mark_mix(uint64_t h, uint64_t v);
uint64_t mark_prefix(uint64_t h, struct prefix p);
uint64_t mark_attr(uint64_t h, const struct masc_attr *a); /* all of it but the role */
int64_t *mark_find(const struct marks *m, uint64_t key);   /* NULL: not there */
void mark_put(struct marks *m, uint64_t key, int64_t value);
void mark_drop(struct marks *m, uint64_t key);
void mark_free(struct marks *m);

/* ---- streams ---- */

/* A message that was written and did not arrive yet. */
struct post {
    uint64_t end;           /* in the octets of its side */
    uint8_t message;
    uint8_t code;           /* of a NOTIFICATION */
    bool last_word;
    uint32_t first, count;  /* in sent[] */
};

/* What one side of a stream did. */
struct half {
    bool up;                        /* it was told that the connection is there */
    bool over;                      /* it closed it, or knows that it ended, or died */
    bool opened, confirmed, ended;  /* it sent OPEN, KEEPALIVE, a last word */
    bool open_came, confirm_came, end_came; /* the same of the other arrived at it */
    bool refused;                   /* it refused an UPDATE of the other */
    uint64_t written, arrived;      /* octets by it; of them arrived at the other */
    struct masc_open open;
    uint8_t *raw;                   /* of a liar: octets that are no whole message yet */
    size_t raws, raws_max;
    bool garbled;                   /* they never will be */
    struct post *post;
    size_t posts, posts_max, taken;
    int64_t keepalive_at, spoke_at; /* mono ms of its node; -1: never */
    int64_t established_at;         /* ms; -1: not */
    uint64_t backlog_step;          /* the step that made it Established */
    uint8_t backlog;                /* the step of 11.8 that was reached in it */
};

struct track {
    unsigned node[2];
    int64_t both_at;        /* ms: Established at both ends; -1: not */
    uint32_t last_sent;     /* in sent[]; UINT32_MAX: none */
    struct half half[2];
};

/* When a node connected to an address, by its monotonic clock. */
struct connects {
    u128 addr;
    int64_t last_at;
    uint32_t life;
};

/* ---- nodes ---- */

/* What was told to address servers or to routing, and the parts taken back for a time. */
struct told {
    struct prefix *range;
    bool *hole;
    size_t n, max, holes_max;
};

/* An UPDATE that a node heard or said itself, in its present life. */
struct known {
    struct masc_attr a;     /* role: what the origin is to the node (Table 1) */
    int64_t timestamp_s;
    int64_t at;             /* ms */
    uint32_t stream;
    unsigned from;          /* itself: its own */
    bool local;             /* of its domain as a child of itself */
    bool doubtful;          /* a liar said it */
    bool refused;           /* and NOTIFIED so */
    bool unassociated;      /* refused as 3/24 .. 3/27: may be taken later */
};

/* A WITHDRAW that a node sent for its own domain. */
struct withdrawal {
    struct prefix prefix;
    int64_t timestamp_s, until_s;
    bool local;
    bool by_clash;
    bool judged;            /* that the range came back (I-17) */
};

struct about {
    bool up, liar;
    uint64_t wanted;        /* its demand */
    int64_t changed_at;     /* when it last rose, or a person gave space back: what is held then may
                               be on its way out */
    struct prefix ran_out;  /* in this step, though it could have been renewed (I-51) */
    bool full;              /* its table was: it may have forgotten what it heard */
    uint32_t life;
    struct record *record;
    size_t records, records_max;
    struct told maas, g_rib;
    struct known *known;
    size_t knowns, knowns_max;
    struct withdrawal *withdrawal;
    size_t withdrawals, withdrawals_max;
    size_t pruned_at;       /* prune when there are that many */
    uint32_t *open;         /* streams that are up here, times 2 plus the side */
    size_t opens, opens_max;
    struct connects *connect;
    size_t connects, connects_max;
    int64_t booted;         /* ms */
    int64_t step_at;        /* ms: its last step, and what its wall clock read then */
    int64_t step_wall_s;
};

/* ---- the witness ---- */

#define INVARIANTS_MAX 60

struct count {
    char name[8];
    unsigned n;
};

struct witness {
    struct world *w;
    struct watch watch;
    void (*say)(const char *line);
    unsigned nodes;
    struct about *about;    /* by number of node */
    struct track *track;    /* by number of stream */
    size_t tracks, tracks_max;
    struct sent *sent;
    size_t sents, sents_max;
    struct logged *logged;
    size_t loggeds, loggeds_max;
    struct marks marks;
    struct count count[INVARIANTS_MAX];
    unsigned violations, counts;
    uint64_t steps, update_step; /* steps seen; the last in which an UPDATE arrived */
    bool asked, resolving;  /* this step is what an operator wanted; a `resolve` */
    bool clocks_moved;
    bool long_faults;       /* some lasted a waiting period */
    /* faults: how many there are, since when, and until when what they did may be seen */
    unsigned faults;
    int64_t fault_since, calm_at, clash_until;
    int64_t looked, look_every;
    bool faulty;            /* there was a fault at all */
};

/* witness.c */
void witness_violate(struct witness *x, const char *invariant, unsigned node, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));
/* `array` of `n` with room for one more; aborts when there is no memory. */
void *witness_grow(void *array, size_t n, size_t *max, size_t size);
struct track *witness_track(struct witness *x, uint32_t stream);
const struct masc_config *witness_config(const struct witness *x, unsigned n);
int64_t witness_wall(const struct witness *x, unsigned n);
const char *witness_name(const struct witness *x, unsigned n);
/* The peering of `n` with the other side of the stream; NULL: none (any more). */
const struct masc_peer_config *witness_peering(const struct witness *x, const struct track *t,
                                               unsigned side);

/* witness_wire.c */
void wire_wrote(struct witness *x, const struct happening *h);
void wire_event(struct witness *x, const struct happening *h);
void wire_closed(struct witness *x, const struct happening *h);
void wire_died(struct witness *x, unsigned n);

/* witness_rows.c */
void rows_told(struct witness *x, const struct happening *h);
void rows_committed(struct witness *x, const struct happening *h);
void rows_forgotten(struct witness *x, unsigned n);
/* Of MARK_HEARD. */
uint64_t heard_key(unsigned n, struct prefix p, int64_t timestamp_s, u128 domain);
/* Of MARK_STORED. */
uint64_t record_key(unsigned n, struct prefix p, int64_t timestamp_s);
bool told_has(const struct told *t, struct prefix p); /* all of it */
bool record_is_live(const struct witness *x, unsigned n, const struct record *r);

/* witness_known.c */
void known_add(struct witness *x, unsigned n, const struct sent *s);
void known_refused(struct witness *x, const struct track *t, unsigned side, const uint8_t *m,
                   size_t len);
/* As if never received: own UPDATEs that come back, hearsay in strict mode, those of
 * ignored origins. */
bool known_is_ignored(const struct witness *x, const struct sent *s);
struct known *known_find(const struct witness *x, unsigned n, const struct masc_attr *attr);
void known_forget(struct witness *x, unsigned n);
/* Live at the node by what it knows: not expired, superseded, withdrawn. */
bool known_is_live(const struct witness *x, unsigned n, const struct known *k);
/* It would be, were it not past its end. */
bool known_would_be_live(const struct witness *x, unsigned n, const struct known *k);
bool known_is_allocation(const struct known *k);
bool known_is_expired(const struct witness *x, unsigned n, const struct known *k);

/* witness_ask.c */
bool track_is_established(const struct track *t); /* at both ends, open, and both know */

/* check_wire.c: order on a connection, who may say what (I-18 .. I-20, I-27, I-29, I-46) */
void check_message(struct witness *x, struct track *t, unsigned side, const struct post *p);
void check_attr(struct witness *x, const struct sent *s, uint64_t end);

/* check_claim.c: the life of claims (I-07 .. I-09, I-38 .. I-42, I-44, I-45) */
void check_claim_sent(struct witness *x, const struct sent *s);
void check_claim_logged(struct witness *x, const struct logged *l);
void check_claim_stored(struct witness *x, unsigned n, const struct record *r);
void check_claim_allocated(struct witness *x, unsigned n, struct prefix p);

/* check_clash.c: I-02, I-11, I-12 */
enum cause { CAUSE_CANCEL, CAUSE_CLASH, CAUSE_OTHER };
enum cause check_cause(const struct witness *x, const struct sent *s); /* of a WITHDRAW */
void check_clash_sent(struct witness *x, const struct sent *s);

/* check_travel.c: I-21 .. I-24, I-34 */
void check_travel_sent(struct witness *x, const struct sent *s);

/* check_session.c: I-26, I-28, I-31 .. I-33, I-35, I-49 */
void check_notified(struct witness *x, const struct sent *s);
void check_opened(struct witness *x, unsigned n, uint32_t open);
void check_over(struct witness *x, unsigned n, uint32_t open);
void check_spoke(struct witness *x, struct track *t, unsigned side, uint8_t message);
void check_order(struct witness *x, const struct sent *s);
void check_connects(struct witness *x, const struct happening *h);
void check_sessions(struct witness *x);

/* check_space.c: I-01, I-03, I-05, I-06; faults */
void check_store_lost(struct witness *x);
void check_fault(struct witness *x, const struct happening *h);
void check_space(struct witness *x);
bool check_is_new(const struct witness *x, unsigned n); /* booted again, and not yet told all */
/* The node's domain withdrew the range, and the WITHDRAW still holds. */
bool check_is_withdrawn(const struct witness *x, unsigned n, const struct record *r,
                        struct prefix range);
void check_withdrawal(struct witness *x, const struct sent *s);
int64_t check_reconnect_ms(const struct witness *x);
bool check_is_excused(const struct witness *x); /* two may overlap now */
void check_allocated(struct witness *x, unsigned n, struct prefix p);
bool check_disturbed(const struct witness *x);
bool check_is_parent(const struct witness *x, u128 above, u128 below);
bool check_is_ancestor(const struct witness *x, u128 above, u128 below);

/* check_told.c: I-04, I-13, I-14, I-16, I-17, I-43, I-51 */
void check_output(struct witness *x, const struct logged *l);
void check_done(struct witness *x, const struct happening *h);
void check_told(struct witness *x);
void check_life_logged(struct witness *x, const struct logged *l);

#endif
