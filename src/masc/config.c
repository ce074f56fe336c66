/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config: defaults, and the questions that the rest of the speaker asks of its configuration.
 *
 * Nothing is kept here: a configuration is plain values, and the lists in it are short enough to be
 * searched anew each time. Whether the values agree with each other is judged in config_check.c.
 */
#include "masc/config.h"

#include <string.h>

void masc_config_defaults(struct masc_config *c)
{
    memset(c, 0, offsetof(struct masc_config, peer));
    c->ipv4 = true;
    c->ipv6 = true;

    c->waiting_period_s = MASC_WAITING_PERIOD_S;
    c->claim_delay_s = MASC_INITIATE_CLAIM_DELAY_S;
    c->retention_s = MASC_RETENTION_S;
    c->connect_retry_s = 120;       /* */
    c->start_backoff_s = 60;        /* 10.1 */
    c->start_backoff_max_s = 86400; /* 10.1 */

    c->lifetime_s = 30 * 86400; /* Appendix B */
    c->lifetime_max_s = MASC_LIFETIME_MAX_S;
    c->holdtime_max_s = MASC_LIFETIME_MAX_S;
    c->timestamp_skew_s = MASC_RETENTION_S; /* */
    c->soft_threshold = 8192;               /* Appendix B: a second-level domain */
    c->claim_min = 256;                     /* Appendix B */
    c->prefixes_max = 3;                    /* 17.1.4 */
    c->utilization_low = 70;                /* 17.1.3 */
    c->utilization_high = 90;

    c->clash = MASC_CLASH_AUTOMATIC; /* */
    c->relay_siblings = true;        /* */

    c->claims_max = 16384;
    c->per_origin_max = 1024;
    c->origins_max = 4096;
    c->unassociated_max = 1024;
    c->peers_max = 64;
    c->own_max = 64;
}

void masc_peer_defaults(struct masc_peer_config *p)
{
    *p = (struct masc_peer_config){.port = MASC_PORT, .hold_time_s = MASC_HOLDTIME_S};
}

struct addr masc_addr_plain(struct addr a)
{
    /* ::ffff:0:0/96 */
    if (a.family == FAMILY_IPV6 && a.addr >> 32 == 0xFFFF)
        return (struct addr){a.addr & UINT32_MAX, FAMILY_IPV4};
    return a;
}

bool masc_addr_same(struct addr a, struct addr b)
{
    a = masc_addr_plain(a);
    b = masc_addr_plain(b);
    return a.family == b.family && a.addr == b.addr;
}

uint8_t masc_config_scope(const struct masc_config *c, struct prefix p)
{
    unsigned best = MASC_SCOPE_GLOBAL;

    /* a hint pertains to no range, so to the global scope */
    if (prefix_is_hint(p))
        return MASC_SCOPE_GLOBAL;
    for (unsigned i = 0; i < c->scopes; i++) {
        if (!prefix_covers(c->scope[i].prefix, p))
            continue;
        if (best == MASC_SCOPE_GLOBAL || c->scope[i].prefix.len > c->scope[best - 1].prefix.len)
            best = i + 1;
    }
    return (uint8_t)best;
}

bool masc_config_is_top_level(const struct masc_config *c, uint8_t scope)
{
    return scope == MASC_SCOPE_GLOBAL ? c->tld : c->scope[scope - 1].zone_tld;
}

bool masc_config_crosses(const struct masc_config *c, const struct masc_peer_config *p,
                         struct prefix prefix)
{
    uint8_t scope = p->boundary ? masc_config_scope(c, prefix) : MASC_SCOPE_GLOBAL;
    return scope != MASC_SCOPE_GLOBAL && p->boundary >> (scope - 1) & 1;
}

unsigned masc_config_parents(const struct masc_config *c, u128 parent[MASC_PARENTS_MAX])
{
    unsigned n = 0;

    if (c->tld) {
        parent[0] = MASC_TLD_ID;
        return 1;
    }
    for (unsigned i = 0; i < c->peers && n < MASC_PARENTS_MAX; i++) {
        unsigned known = 0;
        if (c->peer[i].role != MASC_CHILD)
            continue;
        while (known < n && parent[known] != c->peer[i].domain)
            known++;
        if (known == n)
            parent[n++] = c->peer[i].domain;
    }
    return n;
}
