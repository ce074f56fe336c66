/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making and judging OPEN; see open.h for the order and the readings.
 *
 * What is odd: identifiers in Data are as long as those of the OPEN that is refused, and a
 * sibling that names another common parent is no error but a connection to be tried again.
 */
#include "masc/open.h"

#include "masc/role.h"

#define NO_FAULT ((struct masc_fault){.code = MASC_E_NONE})

/* 7.2, A-21: all our parents; [TLD_ID] for a top-level domain; our own Domain Identifier if we know
 * none yet. Never empty. */
static unsigned parents(const struct masc_config *c, u128 parent[MASC_PARENTS_MAX])
{
    unsigned n = masc_config_parents(c, parent);

    if (n == 0)
        parent[n++] = c->domain;
    return n;
}

/* 7.2, A-22, A-23 */
static u128 parent_to_send(const struct masc_config *c, const struct masc_peer_config *p)
{
    u128 parent[MASC_PARENTS_MAX];

    switch (p->role) {
    case MASC_SIBLING: return p->parent;
    case MASC_CHILD: return p->domain;
    case MASC_INTERNAL:
    case MASC_PARENT: break;
    }
    (void)parents(c, parent);
    return parent[0];
}

struct masc_open masc_open_make(const struct masc_config *c, const struct masc_peer_config *p,
                                uint8_t version)
{
    struct masc_open o = {
        .version = version,
        .family = c->open_family ? c->open_family : p->addr.family,
        .role = p->role,
        .hold_time_s = p->hold_time_s,
        .domain = c->domain,
        .node = c->node,
        .parent = parent_to_send(c, p),
    };

    if ((o.domain | o.node | o.parent) >> 32)
        o.family = FAMILY_IPV6;
    return o;
}

/* Data of 2/7 and 2/10, as long as the identifiers of the OPEN that is refused. */
static struct masc_fault parents_fault(const struct masc_config *c, const struct masc_open *o,
                                       uint8_t subcode, uint8_t data[MASC_OPEN_DATA_MAX])
{
    u128 parent[MASC_PARENTS_MAX];
    unsigned n = parents(c, parent);
    struct wr w = wr_init(data, MASC_OPEN_DATA_MAX);

    for (unsigned i = 0; i < n; i++) {
        size_t octets = family_octets(o->family);
        /* One that does not fit in 4 octets cannot be told in them. */
        if (octets == 16 || parent[i] >> 32 == 0)
            wr_uint(&w, parent[i], octets);
    }
    return masc_fault_of(MASC_E_OPEN, subcode, data, w.len);
}

static struct masc_fault parent_fault(const struct masc_open *o, uint8_t data[MASC_OPEN_DATA_MAX])
{
    struct wr w = wr_init(data, MASC_OPEN_DATA_MAX);

    wr_uint(&w, o->parent, family_octets(o->family));
    return masc_fault_of(MASC_E_OPEN, MASC_OPEN_PARENT_ID, data, w.len);
}

static bool is_parent(const struct masc_config *c, u128 domain)
{
    u128 parent[MASC_PARENTS_MAX];
    unsigned n = masc_config_parents(c, parent);

    for (unsigned i = 0; i < n; i++)
        if (parent[i] == domain)
            return true;
    return false;
}

static struct masc_fault judge_sibling(const struct masc_config *c,
                                       const struct masc_peer_config *p, const struct masc_open *o,
                                       uint8_t data[MASC_OPEN_DATA_MAX])
{
    /* 8.2: what a sibling's parent cannot be: ourselves or itself */
    if (o->parent == c->domain || o->parent == o->domain)
        return parent_fault(o, data);
    if (o->parent == p->parent)
        return NO_FAULT;
    /* 8.2, 10.1 OpenSent, A-37 */
    if (!is_parent(c, o->parent))
        return parents_fault(c, o, MASC_OPEN_NO_COMMON_PARENT, data);
    return masc_fault_of(MASC_E_CEASE, 0, NULL, 0);
}

static struct masc_fault judge_internal(const struct masc_config *c, const struct masc_open *o,
                                        uint8_t data[MASC_OPEN_DATA_MAX])
{
    /* 8.2, A-23: only whether one is top-level and the other is not; the parents may differ */
    if (c->tld != (o->parent == MASC_TLD_ID))
        return parents_fault(c, o, MASC_OPEN_PARENT_CONFIGURATION, data);
    return NO_FAULT;
}

struct masc_fault masc_open_judge(const struct masc_config *c, const struct masc_peer_config *p,
                                  const struct masc_open *o, struct rd body,
                                  uint8_t data[MASC_OPEN_DATA_MAX])
{
    /* 7.2, 8.2: policy; Hold Time 0 is below any minimum, for it never expires */
    if (o->hold_time_s < c->hold_time_min_s)
        return masc_fault_of(MASC_E_OPEN, MASC_OPEN_HOLD_TIME, body.p, body.left);
    if (o->domain != p->domain)
        return masc_fault_of(MASC_E_OPEN, MASC_OPEN_DOMAIN_ID, body.p, body.left);
    /* our own Node Identifier is a duplicate, or ourselves */
    if (o->node == 0 || o->node == c->node || (p->node != 0 && o->node != p->node))
        return masc_fault_of(MASC_E_OPEN, MASC_OPEN_NODE_ID, body.p, body.left);
    /* */
    if (o->role != masc_role_counterpart(p->role)) {
        data[0] = (uint8_t)p->role;
        return masc_fault_of(MASC_E_OPEN, MASC_OPEN_ROLE, data, 1);
    }
    switch (p->role) {
    case MASC_INTERNAL: return judge_internal(c, o, data);
    case MASC_SIBLING: return judge_sibling(c, p, o, data);
    case MASC_CHILD:
    case MASC_PARENT: break; /* */
    }
    return NO_FAULT;
}

unsigned masc_open_nearness(const struct masc_fault *fault)
{
    if (!masc_fault_is(fault))
        return 5;
    if (fault->code != MASC_E_OPEN)
        return 4;
    switch ((enum masc_subcode_open)fault->subcode) {
    case MASC_OPEN_VERSION:
    case MASC_OPEN_FAMILY:
    case MASC_OPEN_HOLD_TIME: return 0;
    case MASC_OPEN_DOMAIN_ID: return 1;
    case MASC_OPEN_NODE_ID: return 2;
    case MASC_OPEN_ROLE: return 3;
    case MASC_OPEN_PARENT_CONFIGURATION:
    case MASC_OPEN_PARENT_ID:
    case MASC_OPEN_NO_COMMON_PARENT: return 4;
    }
    return 0;
}
