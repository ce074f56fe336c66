/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * speaker: one whole MASC speaker on a bench, with peers that are played by the test.
 *
 *     struct speaker *s = speaker_child();      a domain with a parent, siblings, children
 *     speaker_start(s);                         READY; every session is brought up by octets
 *     a = speaker_attr(s, SIBLING, MASC_NEW_CLAIM, "228.1.0.0/16");
 *     speaker_feed(s, SIBLING, &a);             an UPDATE arrives
 *     EXPECT(speaker_heard(s, PARENT, MASC_NEW_CLAIM, "228.1.0.0/16"));
 *
 * Everything goes through masc_step() as from a host. What the speaker sends is decoded and kept,
 * in order, until speaker_forget(); so are its LOG rows. STOREs are answered at once, or wait for
 * speaker_stored(). Kernel windows empty at once unless `choked`. Connections that the speaker
 * tries itself are refused: sessions begin as accepted ones. Hold Times are 0, so that nothing but
 * claims needs time. Tests may look into the speaker by masc/speaker.h, as unit tests do.
 */
#ifndef MASCOT_TESTS_SPEAKER_H
#define MASCOT_TESTS_SPEAKER_H

#include "masc/role.h"
#include "masc/speaker.h"

#define SPEAKER_PEERS 10
#define SPEAKER_STORES 256
#define SPEAKER_T0 INT64_C(1800000000)
#define SPEAKER_DOMAIN 65001
#define SPEAKER_LIFE (30 * 86400)       /* of what is fed and claimed here */
#define SPEAKER_CHILD_LIFE (10 * 86400) /* of what children claim: nested in ours */

/* An attribute or a NOTIFICATION that a peer was sent. */
struct heard {
    unsigned peer;
    unsigned message;      /* attributes of one UPDATE share it */
    struct masc_attr attr; /* if code is 0 */
    uint8_t code, subcode;
    bool open;
    size_t data_len;
    uint8_t data[128];     /* the first octets of a NOTIFICATION's Data */
};

/* A LOG row of claims: a "life" or an "output" row. */
struct told {
    char event[16], reason[128];
    char to[8], what[8];   /* output rows */
    struct prefix prefix;
    u128 domain, other;
};

struct stored_row {
    struct row row;
    char use[8];
    uint64_t ticket;
    bool remove, answered;
};

struct speaker {
    struct masc_config cfg;
    struct masc *m;
    void *mem;
    struct out out;
    struct now now;
    int64_t wall_ms;       /* of the wall clock */
    uint64_t seed;
    u128 node[SPEAKER_PEERS];
    uint32_t conn[SPEAKER_PEERS]; /* of the session; 0: none */
    size_t queued[SPEAKER_PEERS]; /* octets not taken while choked */
    uint32_t next_conn;
    bool choked[SPEAKER_PEERS];
    bool hold_stores;      /* STOREs wait for speaker_stored() */
    enum stored store_says;
    struct heard *heard;
    size_t heard_n, heard_cap;
    unsigned messages;
    struct told *told;
    size_t told_n, told_cap;
    struct stored_row store[SPEAKER_STORES];
    size_t stores;
    char why[300];         /* the last refusal */
    unsigned steps;
    unsigned faults;       /* broken promises of the core; must be 0 */
};

/* The peers of the two scenes. */
enum {
    PARENT,   /* domain 65000 */
    SIBLING,  /* 65002, with regard to 65000 */
    INTERNAL, /* another node of our domain */
    CHILD,    /* 65100 */
    CHILD2,   /* 65101 */
    SIBLING2, /* 65003, with regard to 65000 */
    PARENT2,  /* 65010, another parent */
    SIBLING3, /* 65012, with regard to 65010 */
};

/* A domain with parents, siblings, children and an internal peer, numbered as above; and a
 * top-level domain that claims from 228.0.0.0/6, with the peers below. Neither has any demand or
 * threshold, and neither is booted yet. */
struct speaker *speaker_child(void);
struct speaker *speaker_tld(void);
enum { TLD_SIBLING, TLD_INTERNAL, TLD_CHILD, TLD_CHILD2, TLD_SIBLING2 };

/* An empty one, to be configured by the test. */
struct speaker *speaker_new(void);
struct masc_peer_config *speaker_peer(struct speaker *s, enum masc_role role, u128 domain);
void speaker_free(struct speaker *s); /* expects that no promise was broken */

void speaker_init(struct speaker *s);  /* masc_init() */
void speaker_ready(struct speaker *s); /* READY, after rows */
void speaker_row(struct speaker *s, const struct row *row); /* BOOT: before ready */
/* Init, ready, every session up; PARENT's PREFIX_MANAGED 228.0.0.0/8 for 180 days came in, unless
 * we are a top-level domain. What came out so far is forgotten. */
void speaker_start(struct speaker *s);
void speaker_up(struct speaker *s, unsigned peer);
void speaker_down(struct speaker *s, unsigned peer);

/* One step. */
void speaker_step(struct speaker *s, struct event ev);
/* For calls that take `out`: begin, the call, end. */
struct out *speaker_begin(struct speaker *s);
void speaker_end(struct speaker *s);

/* Lets time go by, with a TIME at each deadline. */
void speaker_wait_ms(struct speaker *s, int64_t ms);
void speaker_wait(struct speaker *s, int64_t seconds);
void speaker_wall(struct speaker *s, int64_t seconds); /* steps the wall clock alone */

/* An UPDATE as the peer itself would originate it now: Rol INTERNAL, Holdtime by 7.3. */
struct masc_attr speaker_attr(const struct speaker *s, unsigned peer, enum masc_type type,
                              const char *prefix);
void speaker_feed(struct speaker *s, unsigned peer, const struct masc_attr *a);
void speaker_feed_all(struct speaker *s, unsigned peer, const struct masc_attr *a, size_t n);
void speaker_octets(struct speaker *s, unsigned peer, const uint8_t *at, size_t len);
/* Feeds it and returns the subcode of the UPDATE error it drew, 0 for none. */
uint8_t speaker_error(struct speaker *s, unsigned peer, const struct masc_attr *a);

/* Takes what a choked peer's window holds, or `octets` of it. */
void speaker_take(struct speaker *s, unsigned peer, size_t octets);
/* Answers the oldest STORE that waits; false if none does. */
bool speaker_stored(struct speaker *s, enum stored result);

/* ---- what came out since speaker_forget() ---- */

void speaker_forget(struct speaker *s);
struct prefix speaker_prefix(const char *text);
/* The first such attribute the peer was sent, or NULL. */
const struct masc_attr *speaker_heard(const struct speaker *s, unsigned peer, enum masc_type type,
                                      const char *prefix);
size_t speaker_count(const struct speaker *s, unsigned peer);          /* attributes */
size_t speaker_notes(const struct speaker *s, unsigned peer);          /* NOTIFICATIONs */
/* Its Rol; -1: no such attribute. */
int speaker_role(const struct speaker *s, unsigned peer, enum masc_type type, const char *prefix);
void speaker_show(const struct speaker *s); /* for the reader of a failed test */
const struct heard *speaker_nth(const struct speaker *s, unsigned peer, size_t n); /* attributes */
/* LOG rows "life" with this event, for this prefix (NULL: any). */
size_t speaker_told(const struct speaker *s, const char *event, const char *prefix);
const char *speaker_reason(const struct speaker *s, const char *event);
/* Adds minus removes told to "maas" or "g-rib". */
int speaker_output(const struct speaker *s, const char *to, const char *prefix);
size_t speaker_outputs(const struct speaker *s, const char *to, const char *what);
/* Records with this prefix that the store has. */
size_t speaker_kept(const struct speaker *s, const char *prefix);
/* The STORE rows survive: READY of a new life with them. Sessions are gone. */
void speaker_reboot(struct speaker *s);

/* ---- the state ---- */

struct own *speaker_own(const struct speaker *s, const char *prefix); /* in use, or pending; NULL */
struct own *speaker_own_in(const struct speaker *s, enum masc_own_state state); /* first */
unsigned speaker_owns(const struct speaker *s);
/* The table entry equal to the attribute when received in this role; TABLE_NONE. */
uint32_t speaker_entry(const struct speaker *s, const struct masc_attr *a, enum masc_role role);
/* A claim by the operator for SPEAKER_LIFE: it is not renewed. False: refused, s->why says why. */
bool speaker_claim(struct speaker *s, const char *prefix);
bool speaker_wish(struct speaker *s, const struct masc_claim_wish *wish);
bool speaker_release(struct speaker *s, const char *prefix);
/* Claims `prefix`, waits until it is in use. */
void speaker_hold(struct speaker *s, const char *prefix);

#endif
