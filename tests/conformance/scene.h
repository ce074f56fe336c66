/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scene: one whole speaker (masc.h) driven by events, with a remote that says what the test says.
 *
 * The scene is host, clock and disk: it stores at once, takes all octets at once, and lets time
 * pass only when told, through every deadline. The remote never connects by itself: peerings are
 * passive, so that what the speaker sends has one cause. All that it sends on the connection is
 * collected in `sent` until scene_forget().
 */
#ifndef MASCOT_CONFORMANCE_SCENE_H
#define MASCOT_CONFORMANCE_SCENE_H

#include "masc/masc.h"
#include "tests/conformance/vectors.h"

#define SCENE_SENT_MAX 65536

struct scene {
    struct masc_config config;
    struct masc *masc;
    void *memory;
    struct out out;
    struct now now;
    conn_t conn;     /* of peer 0 */
    bool closed;     /* by the speaker */
    size_t sent_len;
    uint8_t sent[SCENE_SENT_MAX];
};

/* Those who speak in rfc2909.vectors: domains, nodes, and when and about what. */
#define SCENE_P 65000
#define SCENE_C 65001
#define SCENE_S 65002
#define SCENE_NODE_P 0xC00002FEu
#define SCENE_NODE_C 0xC0000201u
#define SCENE_NODE_S 0xC0000202u
#define SCENE_T0 0x40000000
#define SCENE_POOL ((struct prefix){0xE4000000, FAMILY_IPV4, 6})     /* 228.0.0.0/6 */
#define SCENE_SPACE ((struct prefix){0xE4010000, FAMILY_IPV4, 16})   /* 228.1.0.0/16, of P */
#define SCENE_CLAIMED ((struct prefix){0xE4010200, FAMILY_IPV4, 24}) /* 228.1.2.0/24, of C */

/* Seconds after scene_start() at which the boot order of 12.1 has come to its end. */
#define SCENE_BOOT_S 1000

/* A configuration without peers for this domain; its node and limits as the vectors need them. The
 * scene is one for all tests: it is too large for a stack. */
struct scene *scene_new(u128 domain);
/* Adds a passive peering; the first one is that of `conn`. Before scene_start(). */
struct masc_peer_config *scene_peer(struct scene *s, enum masc_role role, u128 domain);

/* Makes the speaker at this wall clock and tells it that it is ready. */
void scene_start(struct scene *s, int64_t wall_s);
void scene_end(struct scene *s);
/* The host is going down. */
void scene_stop(struct scene *s);

/* Lets time pass until the wall clock shows `wall_s`. */
void scene_wait(struct scene *s, int64_t wall_s);

/* The configuration was changed: the speaker is told. */
void scene_configure(struct scene *s);

/* The remote of peering 0 connects; says octets; `cut` octets per STREAM event, 0: all in one. */
void scene_connect(struct scene *s);
void scene_say(struct scene *s, const uint8_t *octets, size_t len, size_t cut);
/* The OPEN of a remote that suits peering 0; family 0: IPv4. */
struct masc_open scene_open(const struct scene *s);
void scene_say_open(struct scene *s, const struct masc_open *o);
/* That OPEN with a Hold Time of 0, so that time can pass in silence, and a KEEPALIVE. */
void scene_establish(struct scene *s);
/* One UPDATE of these attributes. */
void scene_say_update(struct scene *s, const struct masc_attr *a, unsigned n);

void scene_forget(struct scene *s);

/* Reads what was sent: every message must be well formed. Gives the n-th attribute of this type,
 * from 0; false if there are fewer. */
bool scene_sent_attr(struct scene *s, enum masc_type type, unsigned n, struct masc_attr *a);

/* An operator's claim, made at once if the configured delay is 0. */
void scene_claim(struct scene *s, struct prefix prefix, uint32_t lifetime_s);
bool scene_in_use(struct scene *s, struct prefix prefix);
/* The speaker gets `prefix` by the procedure of 5.1: it claims, waits and uses it. */
void scene_allocate(struct scene *s, struct prefix prefix);

/* P, a top-level domain that has SCENE_SPACE for months, Established with its child C, at `now_s`
 * on or after SCENE_T0. What it sent is forgotten. */
struct scene *scene_of_parent(int64_t now_s);
/* C, Established with P, whose PREFIX_MANAGED for SCENE_SPACE it has heard; at SCENE_T0. Its claims
 * are made without the random delay. */
struct scene *scene_of_child(void);

/* The cached UPDATE with the type, origin, timestamp and prefix of `a`; false: there is none. */
bool scene_cached(struct scene *s, const struct masc_attr *a, struct masc_claim_view *v);

#endif
