/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config: are the peers possible, alone and together?
 *
 * One node has one role (RFC 2909 4). Only siblings may have several peerings between them, one
 * per common parent (4.4); two peerings are with the same node if address and port are the same,
 * or domain and Node Identifier are.
 */
#include "masc/config_judge.h"

static bool bad_peer(const struct masc_judge *j, unsigned i, const char *field, const char *why)
{
    return masc_judge_bad_at(j, "peers", i, field, why);
}

/* "peers[3] has the same name: ..." */
static bool bad_pair(const struct masc_judge *j, unsigned i, const char *field,
                     const struct masc_peer_config *other, const char *why)
{
    struct wr *w = masc_judge_at(j, "peers", i, field);

    wr_text(w, "peers[");
    wr_decimal(w, (uint64_t)(other - j->c->peer));
    wr_text(w, "] ");
    wr_text(w, why);
    return false;
}

/* Appendix B */
static bool check_thresholds(const struct masc_judge *j, unsigned i)
{
    const struct masc_peer_config *p = &j->c->peer[i];

    if (p->soft_threshold && p->role != MASC_PARENT)
        return bad_peer(j, i, "soft_threshold", "is for child domains only: remove it");
    if (p->hard_threshold && p->role != MASC_PARENT)
        return bad_peer(j, i, "hard_threshold", "is for child domains only: remove it");
    if (p->hard_threshold && p->hard_threshold < p->soft_threshold)
        return bad_peer(j, i, "hard_threshold",
                        "is below the soft one: what is refused draws no warning");
    return true;
}

static bool check_values(const struct masc_judge *j, unsigned i)
{
    const struct masc_peer_config *p = &j->c->peer[i];

    if (!masc_judge_name(p->name))
        return bad_peer(j, i, "name", "must have 1 to 31 octets: give the peer a name");
    if (p->addr.family != FAMILY_IPV4 && p->addr.family != FAMILY_IPV6)
        return bad_peer(j, i, "address", "is missing: set the IP address of the remote node");
    /* 8: sessions are TCP connections */
    if (masc_judge_is_group(masc_addr_plain(p->addr).addr, masc_addr_plain(p->addr).family))
        return bad_peer(j, i, "address",
                        "is a multicast address: set a unicast address of the remote node");
    if (p->port == 0)
        return bad_peer(j, i, "port", "must be 1 to 65535: MASC has 2587");
    if ((unsigned)p->role > MASC_PARENT)
        return bad_peer(j, i, "role",
                        "must be internal, child, sibling or parent: what this node is to the "
                        "remote one");
    /* 7.2: MUST be either zero or at least three seconds */
    if (p->hold_time_s == 1 || p->hold_time_s == 2)
        return bad_peer(j, i, "hold_time",
                        "must be 0 (never expires) or at least 3 seconds: 240 is usual");
    if (p->boundary >> j->c->scopes)
        return bad_peer(j, i, "boundary",
                        "names a scope that is not configured: add the scope or remove its name "
                        "here");
    if (p->defend_only && p->role != MASC_CHILD)
        return bad_peer(j, i, "defend_only",
                        "is for an old provider, so for a parent of ours: remove it");
    if (p->unrouted && !p->defend_only)
        return bad_peer(j, i, "unrouted",
                        "is for an old provider that is defended only: mark it so too, or remove "
                        "this");
    return check_thresholds(j, i);
}

static bool is_our_parent(const struct masc_config *c, u128 domain)
{
    u128 parent[MASC_PARENTS_MAX];
    unsigned n = masc_config_parents(c, parent);

    for (unsigned i = 0; i < n; i++)
        if (parent[i] == domain)
            return true;
    return false;
}

/* 4, 7.2, A-64 */
static bool check_relation(const struct masc_judge *j, unsigned i)
{
    const struct masc_config *c = j->c;
    const struct masc_peer_config *p = &c->peer[i];

    if (p->domain == MASC_TLD_ID)
        return bad_peer(j, i, "domain", "is missing: set the Domain Identifier of the remote node");
    if (p->role == MASC_INTERNAL && p->domain != c->domain)
        return bad_peer(j, i, "domain",
                        "must be our own for an internal peer: correct it or the role");
    if (p->role != MASC_INTERNAL && p->domain == c->domain)
        return bad_peer(j, i, "domain",
                        "is our own, so the remote node is an internal peer: correct it or the "
                        "role");
    /* 8.8, A-36 */
    if (p->node == c->node)
        return bad_peer(j, i, "node", "is our own Node Identifier: every node has another");
    if (p->role == MASC_CHILD && c->tld)
        return bad_peer(j, i, "role",
                        "is child, but a top-level domain has no parent: remove tld or the peer");
    if (p->role != MASC_SIBLING && p->parent != 0)
        return bad_peer(j, i, "parent", "is for siblings only: remove it");
    /* 4.4, 7.2: a sibling peering belongs to one common parent */
    if (p->role == MASC_SIBLING && c->tld && p->parent != MASC_TLD_ID)
        return bad_peer(j, i, "parent", "must be 0 between top-level domains: remove it, or tld");
    if (p->role == MASC_SIBLING && !is_our_parent(c, p->parent))
        return bad_peer(j, i, "parent",
                        "must be the domain of one of our parents, common to both siblings: "
                        "correct it, or add the peer towards which we are child");
    return true;
}

static bool same_node(const struct masc_peer_config *a, const struct masc_peer_config *b)
{
    if (masc_addr_same(a->addr, b->addr) && a->port == b->port)
        return true;
    return a->node != 0 && a->node == b->node && a->domain == b->domain;
}

static bool check_pair(const struct masc_judge *j, unsigned i, const struct masc_peer_config *b)
{
    const struct masc_peer_config *a = &j->c->peer[i];

    if (text_equal(a->name, b->name))
        return bad_pair(j, i, "name", b, "has the same name: rename one of them");
    if (!same_node(a, b))
        return true;
    /* 4: exactly one role with respect to each remote node */
    if (a->role != b->role)
        return bad_pair(j, i, "role", b,
                        "is the same node with another role, but a node has one role: remove one "
                        "of them");
    if (a->domain != b->domain)
        return bad_pair(j, i, "domain", b,
                        "is the same node with another domain: correct one of them");
    if (a->role != MASC_SIBLING)
        return bad_pair(j, i, "address", b,
                        "is the same node, and only siblings have several peerings: remove one of "
                        "them");
    /* 4.4: one per each common parent */
    if (a->parent == b->parent)
        return bad_pair(j, i, "parent", b,
                        "is a peering with this node for the same parent: remove one of them");
    return true;
}

/* More distinct parents than masc_config_parents() would give. */
static bool check_parents(const struct masc_judge *j)
{
    for (unsigned i = 0; i < j->c->peers; i++) {
        const struct masc_peer_config *p = &j->c->peer[i];
        if (p->role == MASC_CHILD && !is_our_parent(j->c, p->domain))
            return bad_peer(j, i, "domain", "is one parent too many, 8 is the most: remove it");
    }
    return true;
}

bool masc_judge_peers(const struct masc_judge *j)
{
    for (unsigned i = 0; i < j->c->peers; i++)
        if (!check_values(j, i) || !check_relation(j, i))
            return false;
    for (unsigned i = 1; i < j->c->peers; i++)
        for (unsigned k = 0; k < i; k++)
            if (!check_pair(j, i, &j->c->peer[k]))
                return false;
    return check_parents(j);
}
