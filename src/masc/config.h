/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config: what an operator decides about one MASC speaker.
 *
 * Plain values, validated by the host before they reach a core (masc_config_check() names what is
 * wrong) and borrowed by the speaker until it is given others. Defaults are RFC 2909's (section 6,
 * Appendix B) and are filled in by masc_config_defaults(). Times are in seconds unless the name
 * says otherwise.
 */
#ifndef MASC_CONFIG_H
#define MASC_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefix.h"
#include "base/wr.h"
#include "masc/wire.h"

#define MASC_NAME_MAX 32     /* octets of a name, with its NUL */
#define MASC_PARENTS_MAX 8   /* parent domains of one domain */
#define MASC_SCOPES_MAX 16   /* administrative scopes (4.5), the global one not counted */
#define MASC_RANGES_MAX 16   /* ranges of a top-level domain */
#define MASC_DEMANDS_MAX 16
#define MASC_IGNORED_MAX 32
#define MASC_PEERS_MAX 512   /* bound of peers_max */
#define MASC_SCOPE_GLOBAL 0  /* scope 0 is the global one; scope[i] has number i + 1 */

#define MASC_PORT 2587                    /* section 6 [PORT_NUMBER] */
#define MASC_WAITING_PERIOD_S 172800      /* section 6 [WAITING_PERIOD] */
#define MASC_INITIATE_CLAIM_DELAY_S 600   /* section 6 [INITIATE_CLAIM_DELAY] */
#define MASC_TLD_ID 0                     /* section 6 [TLD_ID] */
#define MASC_HOLDTIME_S 240               /* section 6 [HOLDTIME] */
#define MASC_RETENTION_S 86400            /* 12.3 */
#define MASC_LIFETIME_MAX_S 15768000      /* 8.3: half a year */

enum masc_clash_mode { MASC_CLASH_AUTOMATIC, MASC_CLASH_MANUAL }; /* 12.4 */

struct masc_peer_config {
    char name[MASC_NAME_MAX];
    struct addr addr;       /* of the remote node; several peerings may share one (4.4) */
    uint16_t port;
    enum masc_role role;    /* of the LOCAL node towards the remote one: CHILD means the
                               remote is our parent */
    u128 domain;            /* the remote's Domain Identifier; own for INTERNAL_PEER */
    u128 node;              /* the remote's Node Identifier; 0 = any */
    u128 parent;            /* SIBLING only: the common parent; 0 among top-level domains */
    bool passive;           /* never connect, only listen */
    bool defend_only;       /* role CHILD only: an old provider (12.5, A-98) */
    bool unrouted;          /* with defend_only: the new provider does not carry the old prefixes,
                               so they leave the G-RIB (12.5) */
    bool trust_own;         /* believe our own UPDATEs coming back from it (14, A-97) */
    uint16_t hold_time_s;   /* offered; 0 or >= 3 */
    uint32_t boundary;      /* bit i: the session crosses the boundary of scope i (4.5) */
    uint64_t soft_threshold, hard_threshold; /* role PARENT only: for this customer, instead of the
                                                general ones; 0 = those (Appendix B) */
};

/* A range out of which a top-level domain claims: the "PREFIX_MANAGED" of its virtual parent
 * in the global scope or in the scope of which it is Zone TLD. */
struct masc_range {
    struct prefix prefix;
    uint8_t scope;
};

struct masc_scope {
    char name[MASC_NAME_MAX];
    struct prefix prefix;
    bool zone_tld;          /* no parent inside the zone: claims as a top-level domain */
};

/* Addresses the domain wants for its own hosts (its MAASs). */
struct masc_demand {
    uint8_t scope;
    uint8_t family;
    uint64_t addresses;
    uint64_t forecast;      /* known ahead: the most at one time until one waiting period and one
                               claim delay from now; 0: not known, it is predicted (17.1.2) */
    uint32_t lifetime_s;
};

struct masc_ignored { u128 domain; u128 node; /* 0 = any */ };

struct masc_config {
    u128 domain;            /* own Domain Identifier, not 0 */
    u128 node;              /* own Node Identifier, below 2^32 if IPv4 is spoken; not 0 */
    bool tld;               /* top-level in the global scope */
    bool sole_tld;          /* may claim without any sibling session, also as
                               the only Zone TLD */
    struct addr local;      /* source of outgoing connections; family 0: any */
    uint8_t open_family;    /* family of our OPENs; that of the peer's address if 0 */
    bool ipv4, ipv6;        /* families spoken; others draw 3/13 */

    uint32_t waiting_period_s, claim_delay_s;
    uint32_t retention_s;          /* 12.3 */
    uint32_t connect_retry_s;      /* 10.1 */
    uint32_t start_backoff_s, start_backoff_max_s; /* 10.1: 60 s doubled up to 24 h */
    uint16_t hold_time_min_s;      /* a peer's shorter offer draws 2/6; 0 = none refused */

    uint32_t lifetime_s;           /* of own claims; Appendix B: 30 days */
    uint32_t lifetime_min_s, lifetime_max_s;   /* 3/17, 3/18; 0 = no limit */
    uint32_t holdtime_min_s, holdtime_max_s;   /* 3/28, 3/29; 0 = no limit */
    uint32_t timestamp_skew_s;     /* 3/20 Too New beyond now + this */
    bool timestamp_too_old;        /* 3/19 enabled */
    uint64_t size_min, size_max;   /* addresses in one claim: 3/21, 3/22; 0 = no limit */
    uint64_t soft_threshold;       /* addresses per child domain that draw a warning; 0 = none */
    uint64_t hard_threshold;       /* ... and a CLAIM_DENIED; 0 = none (Appendix B) */
    uint64_t claim_min;            /* addresses of the smallest own claim; Appendix B: 256 */
    uint8_t prefixes_max;          /* Appendix A: three prefixes per domain and scope */
    uint8_t utilization_low, utilization_high; /* per cent; Appendix A: 70, 90 */
    /* Beyond Appendix A, off by default (docs/decisions/0007) */
    uint8_t utilization_shrink;    /* less is renewed only below it (17.1.5); 0: the low one */
    bool gentle;                   /* ... and only what nobody uses, so that no child has to move */
    bool steady;                   /* no prediction: the need is what is used now (17.1.2) */
    bool tight;                    /* new prefixes go as low as they fit, not where most is free */

    enum masc_clash_mode clash;
    bool strict_third_party;       /* 14, A-94 */
    bool relay_siblings;           /* */
    bool packed;                   /* as many attributes per UPDATE as fit; else one */

    uint32_t claims_max;           /* entries in the claim table */
    uint32_t per_origin_max;       /* of them by one Origin Domain */
    uint32_t origins_max;
    uint32_t unassociated_max;     /* UPDATEs kept until their PREFIX_MANAGED arrives */
    uint16_t peers_max;            /* places for peerings, also those of a later configuration */
    uint16_t own_max;              /* own prefixes and claims together */

    uint16_t peers;
    uint8_t scopes, ranges, demands, ignored;
    struct masc_scope scope[MASC_SCOPES_MAX];
    struct masc_range range[MASC_RANGES_MAX];
    struct masc_demand demand[MASC_DEMANDS_MAX];
    struct masc_ignored ignore[MASC_IGNORED_MAX];
    struct masc_peer_config peer[MASC_PEERS_MAX]; /* last: see masc_config_octets() */
};

/* The octets of a configuration that has places for so many peers. The core never copies one, and
 * reads and writes only peer[0] .. peer[peers - 1]: so a host of many nodes may give less memory
 * than the whole struct, but must not assign it as a whole. */
static inline size_t masc_config_octets(unsigned peers)
{
    return offsetof(struct masc_config, peer) + peers * sizeof(struct masc_peer_config);
}

/* Everything but identity and peers, as the RFC has it. Limits which it merely allows are off, but
 * those that A-99 recommends are on. There is no default range. No peer: peer[] is left as
 * it is. */
void masc_config_defaults(struct masc_config *c);

/* A peer with port and Hold Time of section 6; the rest is to be filled in. */
void masc_peer_defaults(struct masc_peer_config *p);

/* An IPv4 address that is written as an IPv6 one (::ffff:192.0.2.1) as what it is; others as they
 * are. Two addresses are the same if they are so after that. */
struct addr masc_addr_plain(struct addr a);
bool masc_addr_same(struct addr a, struct addr b);

/* The number of the scope that `p` pertains to: the most specific configured one, else global. */
uint8_t masc_config_scope(const struct masc_config *c, struct prefix p);

/* The domain has no parent in that scope: its ranges stand for a parent's PREFIX_MANAGED (A-63,
 * */
bool masc_config_is_top_level(const struct masc_config *c, uint8_t scope);

/* 4.5: the session with `p` crosses the boundary of the scope that `prefix` pertains to. A hint has
 * no scope. */
bool masc_config_crosses(const struct masc_config *c, const struct masc_peer_config *p,
                         struct prefix prefix);

/* The distinct parent domains in order of configuration: remotes towards which we are CHILD, or
 * MASC_TLD_ID alone for a top-level domain. Returns their number, at most MASC_PARENTS_MAX. */
unsigned masc_config_parents(const struct masc_config *c, u128 parent[MASC_PARENTS_MAX]);

/* False if the values contradict each other; `why` then says which, what was expected and what to
 * do, and `path` names the setting (e.g. "peers[2].role") so that the host can give a line. Names
 * in paths are those of the fields here without their unit, addr as "address"; the lists are peers,
 * scopes, ranges, demands and ignore; "families" stands for ipv4 and ipv6. No NUL is written. */
bool masc_config_check(const struct masc_config *c, struct wr *path, struct wr *why);

#endif
