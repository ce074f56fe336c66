/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * update: is a received UPDATE acceptable (RFC 2909 8.3, 11.1)?
 *
 * The octets were judged by wire_update.c; here the configured role, the clock, the table and local
 * policy judge, in the order of A-25: origin identifiers, roles, expired, duplicate, policy, scope.
 * What passes goes to receive.c. An attribute in error is dropped alone, with a NOTIFICATION of its
 * own that leaves the connection open; nothing of it is kept but, when only the prefix it
 * belongs to was missing, a place in a bounded ring of UPDATEs that are tried again when a
 * PREFIX_MANAGED or PREFIX_IN_USE that overlaps it arrives.
 */
#include "masc/role.h"
#include "masc/speaker.h"

static const struct masc_peer_config *peer_config(const struct masc *m, unsigned peer)
{
    return masc_peer_settings(m->peers, peer);
}

/* A domain of which one of our peerings makes us the parent, or one of an internal peer's: then we
 * know of its claims as a child's. */
static bool is_child_domain(const struct masc *m, u128 domain)
{
    uint32_t at;
    unsigned i;
    for (i = 0; i < m->cfg->peers; i++)
        if (m->cfg->peer[i].role == MASC_PARENT && m->cfg->peer[i].domain == domain)
            return true;
    for (at = table_first_of_domain(&m->table, domain); at != TABLE_NONE;
         at = table_next_of_domain(&m->table, at))
        if (m->table.entry[at].role == MASC_CHILD && !is_us(m, domain))
            return true;
    return false;
}

/* 11.1 Table 1 and its three exceptions, then the test of Origin Domain. */
static bool updated_role(const struct masc *m, const struct masc_peer_config *p,
                         const struct masc_attr *a, enum masc_role *role)
{
    bool legal = masc_role_update(a->role, p->role, role);
    if (legal && *role == MASC_SIBLING && is_us(m, a->domain))
        *role = MASC_INTERNAL; /* exception 1 */
    if (p->role == MASC_PARENT && a->role == MASC_PARENT) {
        /* exception 2: our own, reported back by a child; 3: our denial of a child's claim, the
         * reporter's own or another child's. */
        if (!is_us(m, a->domain) &&
            !(a->type == MASC_CLAIM_DENIED && is_child_domain(m, a->domain)))
            return false;
        *role = MASC_INTERNAL;
        legal = true;
    }
    if (!legal)
        return false;
    /* "INTERNAL but Origin Domain differs" is an error, except for CLAIM_DENIED, which carries the
     * claimer's domain. */
    return *role != MASC_INTERNAL || is_us(m, a->domain) || a->type == MASC_CLAIM_DENIED;
}

/* The columns of 11.2 - 11.7: types that an origin in that role cannot originate. */
static bool role_can_originate(enum masc_role role, enum masc_type type)
{
    switch (type) {
    case MASC_PREFIX_IN_USE:
    case MASC_CLAIM_TO_EXPAND:
    case MASC_NEW_CLAIM:
        return role != MASC_PARENT;
    case MASC_CLAIM_DENIED:
    case MASC_PREFIX_MANAGED:
        return role == MASC_INTERNAL || role == MASC_PARENT;
    case MASC_WITHDRAW:
        return true;
    }
    return false;
}

/* 3/15 and 3/16. */
static uint8_t check_origin(const struct masc *m, const struct masc_peer_config *p,
                            const struct masc_attr *a)
{
    bool denial_by_parent = a->type == MASC_CLAIM_DENIED && p->role == MASC_CHILD;
    if (a->domain == 0)
        return MASC_UPDATE_ORIGIN_DOMAIN;
    if (a->node == 0 || (!is_us(m, a->domain) && a->node == m->cfg->node))
        return MASC_UPDATE_ORIGIN_NODE;
    if (a->role == MASC_INTERNAL && p->role != MASC_INTERNAL && a->domain != p->domain &&
        !denial_by_parent)
        return MASC_UPDATE_ORIGIN_DOMAIN;
    return 0;
}

static bool is_ignored(const struct masc *m, const struct masc_attr *a)
{
    unsigned i;
    for (i = 0; i < m->cfg->ignored; i++) {
        const struct masc_ignored *g = &m->cfg->ignore[i];
        if (g->domain == a->domain && (g->node == 0 || g->node == a->node))
            return true;
    }
    return false;
}

/* 14, A-94: in strict mode third parties speak only through the common parent, and children only
 * for themselves. */
static bool is_hearsay(const struct masc *m, const struct masc_peer_config *p,
                       const struct claim *c)
{
    if (!m->cfg->strict_third_party)
        return false;
    if (p->role == MASC_SIBLING && p->parent != MASC_TLD_ID)
        return c->role != MASC_PARENT && c->domain != p->domain;
    if (p->role == MASC_PARENT)
        return c->role != MASC_CHILD || c->domain != p->domain || (p->node && c->node != p->node);
    return false;
}

/* 14, A-97: own UPDATEs coming back from siblings and children are believed only if configured. */
static bool is_untrusted_return(const struct masc *m, const struct masc_peer_config *p,
                                const struct claim *c)
{
    bool believed = p->role == MASC_INTERNAL || p->role == MASC_CHILD || p->trust_own;
    /* INTERNAL: ours; CHILD: ours for own hosts. A denial carries the child's domain. */
    bool ours = is_us(m, c->domain) && (c->role == MASC_INTERNAL || c->role == MASC_CHILD);
    return ours && !believed;
}

/* 8.3: limits that local policy sets. A child's long or large claim is first denied (receive.c). */
static uint8_t check_policy(const struct masc *m, const struct claim *c)
{
    const struct masc_config *g = m->cfg;
    bool claims = c->type != MASC_WITHDRAW && c->type != MASC_CLAIM_DENIED;
    bool child_waits = c->role == MASC_CHILD && claim_is_pending(c->type);
    int64_t now = m->now.wall.s;
    uint64_t size = prefix_size(c->prefix);
    if (g->timestamp_too_old && claim_is_pending(c->type) &&
        c->timestamp_s < now - g->waiting_period_s - g->timestamp_skew_s)
        return MASC_UPDATE_TIMESTAMP_OLD;
    if (c->timestamp_s > now + g->timestamp_skew_s)
        return MASC_UPDATE_TIMESTAMP_NEW;
    if (claims && g->lifetime_min_s && c->lifetime_s < g->lifetime_min_s)
        return MASC_UPDATE_LIFETIME_SHORT;
    if (claims && !child_waits && g->lifetime_max_s && c->lifetime_s > g->lifetime_max_s)
        return MASC_UPDATE_LIFETIME_LONG;
    if (claim_is_pending(c->type) && !prefix_is_hint(c->prefix)) {
        if (g->size_min && size < g->size_min)
            return MASC_UPDATE_SIZE_SMALL;
        if (g->size_max && size > g->size_max && !child_waits)
            return MASC_UPDATE_SIZE_LARGE;
    }
    if (g->holdtime_min_s && c->holdtime_s < g->holdtime_min_s)
        return MASC_UPDATE_HOLDTIME_SHORT;
    if (g->holdtime_max_s && c->holdtime_s > g->holdtime_max_s)
        return MASC_UPDATE_HOLDTIME_LONG;
    return 0;
}

static bool is_duplicate(struct masc *m, unsigned peer, const struct claim *c)
{
    uint32_t at = table_find(&m->table, c);
    if (at == TABLE_NONE)
        return false;
    table_from_set(&m->table, at, peer);
    m->count.duplicates++;
    return true;
}

/* One attribute: the UPDATE error subcode it draws, 0 for none. */
static uint8_t accept(struct masc *m, unsigned peer, const struct masc_attr *a, struct out *out)
{
    const struct masc_peer_config *p = peer_config(m, peer);
    struct claim c;
    enum masc_role role;
    uint8_t error = check_origin(m, p, a);
    if (error)
        return error;
    if (!updated_role(m, p, a, &role))
        return MASC_UPDATE_ORIGIN_ROLE;
    c = claim_from_attr(a, role, m->now.wall.s);
    /* 11.1: expired, silently; equality is expired. */
    if (claim_hold(&c) <= m->now.wall.s) {
        m->count.expired_on_arrival++;
        return 0;
    }
    if (!role_can_originate(role, c.type))
        return MASC_UPDATE_ORIGIN_ROLE;
    if (is_duplicate(m, peer, &c)) /* 11.1, silently */
        return 0;
    if (is_ignored(m, a) || is_hearsay(m, p, &c) || is_untrusted_return(m, p, &c)) {
        m->count.ignored++;
        return 0;
    }
    error = check_policy(m, &c);
    if (error)
        return error;
    if (masc_config_crosses(m->cfg, p, c.prefix))
        return MASC_UPDATE_NO_PARENT_PREFIX;
    return receive(m, peer, &c, out);
}

/* ---- what could not be associated yet ---- */

static bool may_associate_later(uint8_t error)
{
    return error >= MASC_UPDATE_NO_PARENT_PREFIX && error <= MASC_UPDATE_NO_SIBLING_PREFIX;
}

static bool is_same(const struct masc_attr *a, const struct masc_attr *b)
{
    return b->type == a->type && b->domain == a->domain && b->node == a->node &&
           b->timestamp_s == a->timestamp_s && prefix_equal(b->prefix, a->prefix);
}

/* A free place; else that of the oldest UPDATE of the peer that has most: what one peer sends does
 * not push out what another waits for. */
static struct unassociated *place_for_later(struct masc *m)
{
    uint16_t has[MASC_PEERS_MAX] = {0};
    struct unassociated *u, *oldest = NULL;
    unsigned i, most = 0;
    for (i = 0; i < m->unassociated_max; i++) {
        u = &m->unassociated[i];
        if (!u->present)
            return u;
        if (++has[u->peer] > has[most])
            most = u->peer;
    }
    for (i = 0; i < m->unassociated_max; i++) {
        u = &m->unassociated[i];
        if (u->peer == most && (!oldest || u->serial < oldest->serial))
            oldest = u;
    }
    return oldest;
}

static void keep_for_later(struct masc *m, unsigned peer, const struct masc_attr *a)
{
    struct unassociated *u;
    unsigned i;
    if (m->unassociated_max == 0 || a->type == MASC_CLAIM_DENIED)
        return;
    for (i = 0; i < m->unassociated_max; i++)
        if (m->unassociated[i].present && is_same(&m->unassociated[i].attr, a))
            return;
    u = place_for_later(m);
    m->unassociated_n += !u->present;
    *u = (struct unassociated){
        .attr = *a, .serial = ++m->unassociated_serial, .peer = peer, .present = true};
    m->count.unassociated++;
}

/* One pass over those that concern `p`; true if one of them was accepted. */
static bool retry_all(struct masc *m, struct prefix p, struct out *out)
{
    bool any = false;
    unsigned i;
    for (i = 0; i < m->unassociated_max && m->unassociated_n; i++) {
        struct unassociated *u = &m->unassociated[i];
        struct unassociated was = *u;
        if (!u->present || !prefix_overlaps(u->attr.prefix, p) ||
            !masc_peer_established(m->peers, u->peer))
            continue;
        u->present = false;
        m->unassociated_n--;
        if (may_associate_later(accept(m, was.peer, &was.attr, out))) {
            *u = was;
            m->unassociated_n++;
        } else {
            any = true;
        }
    }
    return any;
}

void update_retry(struct masc *m, struct prefix p, struct out *out)
{
    if (m->retrying) /* what is accepted by a retry may call for another: the loop below does it */
        return;
    m->retrying = true;
    while (m->unassociated_n && retry_all(m, p, out))
        continue;
    m->retrying = false;
}

void update_forget(struct masc *m, unsigned peer)
{
    unsigned i;
    for (i = 0; i < m->unassociated_max; i++) {
        struct unassociated *u = &m->unassociated[i];
        if (!u->present || u->peer != peer)
            continue;
        u->present = false;
        m->unassociated_n--;
    }
}

/* Errors of one UPDATE that leave the connection open: each kind is said once. Data is the whole
 * UPDATE (8.3, A-13), so a second NOTIFICATION of the kind would be the same octets again, and a
 * full UPDATE would draw a hundred times its size. */
struct answers {
    const struct rd body; /* of the UPDATE, without its header */
    uint32_t said;        /* bit: subcode */
};

static void answer(struct masc *m, unsigned peer, uint8_t subcode, struct answers *as,
                   struct out *out)
{
    struct masc_fault f = {.code = MASC_E_UPDATE, .subcode = subcode, .open = true,
                           .data = as->body.p, .data_len = as->body.left};
    m->count.refused++;
    if (as->said >> subcode & 1)
        return;
    as->said |= UINT32_C(1) << subcode;
    masc_peer_answer(m->peers, peer, &f, out);
}

void update_receive(struct masc *m, unsigned peer, const uint8_t *octets, size_t len,
                    struct out *out)
{
    struct masc_fault fault =
        masc_update_check(octets, len, m->cfg->ipv4, m->cfg->ipv6); /* closes */
    struct rd rest = rd_init(octets + MASC_HEADER_OCTETS, len - MASC_HEADER_OCTETS);
    struct answers as = {.body = rest};
    struct masc_attr a;
    if (masc_fault_is(&fault)) {
        m->count.refused++;
        masc_peer_answer(m->peers, peer, &fault, out);
        return;
    }
    while (masc_update_next(&rest, octets, len, &a, &fault)) {
        uint8_t error = fault.subcode;
        m->count.received++;
        if (!masc_fault_is(&fault))
            error = accept(m, peer, &a, out);
        if (error && !masc_fault_is(&fault) && may_associate_later(error))
            keep_for_later(m, peer, &a);
        if (error)
            answer(m, peer, error, &as, out);
    }
}
