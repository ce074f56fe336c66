/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outputs: what the domain's address servers (MAASs) and its routing (G-RIB) are told.
 *
 * Wanted is computed from the state, told is remembered, and only the difference is said: each add
 * has one remove and nothing is added twice (I-15). A prefix in use is routed (5.1 d); a leaf
 * domain's are usable by its MAASs, a non-leaf domain's only where claimed for local use (4.1,
 * 12.2). What lies inside another own prefix is not told again. Holes are parts of told prefixes
 * that a clash or a WITHDRAW takes away for a time (11.7.3, 12.4): told as a remove of that part,
 * and as an add when it comes back.
 */
#include "masc/speaker.h"

static const char *scope_name(const struct masc *m, uint8_t scope)
{
    return scope == MASC_SCOPE_GLOBAL ? "global" : m->cfg->scope[scope - 1].name;
}

static void tell(const struct masc *m, const char *to, const char *what, struct prefix p,
                 struct out *out)
{
    output_log(to, what, p, scope_name(m, masc_config_scope(m->cfg, p)), out);
}

/* Inside another own prefix of the same kind that is in use. */
static bool is_nested(const struct masc *m, const struct own *o)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *n = &m->own[i];
        if (n != o && own_in_use(n) && own_role(n) == own_role(o) &&
            prefix_covers(n->prefix, o->prefix) &&
            (n->prefix.len < o->prefix.len || n->serial > o->serial))
            return true;
    }
    return false;
}

static bool wants_maas(const struct masc *m, const struct own *o)
{
    return own_in_use(o) && !is_nested(m, o) && (own_role(o) == MASC_CHILD) == !m->leaf;
}

static bool wants_g_rib(const struct masc *m, const struct own *o)
{
    return own_in_use(o) && !is_nested(m, o) && own_role(o) == MASC_INTERNAL;
}

void outputs_drop(struct masc *m, struct own *o, struct out *out)
{
    if (o->maas)
        tell(m, "maas", "remove", o->prefix, out);
    if (o->g_rib)
        tell(m, "g-rib", "remove", o->prefix, out);
    o->maas = o->g_rib = false;
}

/* ---- holes ---- */

static void want_hole(struct masc *m, struct prefix range, bool g_rib)
{
    struct hole *free = NULL;
    unsigned i;
    for (i = 0; i < HOLES_MAX; i++) {
        struct hole *h = &m->hole[i];
        if (h->present && prefix_equal(h->range, range)) {
            h->wanted = true;
            h->wanted_g_rib |= g_rib;
            return;
        }
        if (!h->present && !free)
            free = h;
    }
    if (free)
        *free = (struct hole){.range = range, .wanted = true, .wanted_g_rib = g_rib};
}

/* 11.7.3: after a clash the range stays in the G-RIB if it is a proper part of the prefix and comes
 * back before the prefix ends. */
static bool stays_routed(const struct masc *m, const struct own *o, uint32_t withdraw)
{
    struct claim w = table_claim(&m->table, withdraw);
    return m->table.entry[withdraw].flags & ENTRY_CLASH && w.prefix.len > o->prefix.len &&
           claim_hold(&w) < own_end(o);
}

static void holes_of(struct masc *m, const struct own *o)
{
    uint32_t at = table_first_of_domain(&m->table, m->cfg->domain);
    unsigned i;
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        struct prefix p = table_prefix(&m->table, at);
        if ((e->type & 7) == MASC_WITHDRAW && e->role == own_role(o) &&
            table_live(&m->table, at, m->now.wall.s) && prefix_overlaps(p, o->prefix) &&
            !(e->flags & ENTRY_CANCEL) &&
            (e->flags & ENTRY_CLASH || e->timestamp_s >= o->timestamp_s))
            want_hole(m, prefix_common(p, o->prefix), !stays_routed(m, o, at));
    }
    for (i = 0; i < CLASHES_MAX; i++)
        if (m->clash[i].present && m->clash[i].lost && !m->clash[i].ignored &&
            prefix_overlaps(m->clash[i].range, o->prefix))
            want_hole(m, prefix_common(m->clash[i].range, o->prefix), false);
}

/* A told prefix (to MAASs, or to the G-RIB) covers the range. */
static bool is_told(const struct masc *m, struct prefix range, bool g_rib)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (own_in_use(&m->own[i]) && (g_rib ? m->own[i].g_rib : m->own[i].maas) &&
            prefix_covers(m->own[i].prefix, range))
            return true;
    return false;
}

static void settle_hole(struct masc *m, struct hole *h, struct out *out)
{
    if (h->wanted && !h->present && is_told(m, h->range, false))
        tell(m, "maas", "remove", h->range, out);
    if (!h->wanted && h->present && is_told(m, h->range, false))
        tell(m, "maas", "add", h->range, out);
    if (h->wanted_g_rib && !h->g_rib && is_told(m, h->range, true))
        tell(m, "g-rib", "remove", h->range, out);
    if (!h->wanted_g_rib && h->g_rib && is_told(m, h->range, true))
        tell(m, "g-rib", "add", h->range, out);
    h->present = h->wanted;
    h->g_rib = h->wanted_g_rib;
    h->wanted = h->wanted_g_rib = false;
}

/* An equal prefix that is not for own hosts any more passes on what was told of it: when a domain
 * becomes non-leaf, its hosts may keep all that they had. */
static bool takes_over(struct masc *m, const struct own *o)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *old = &m->own[i];
        if (old != o && old->present && old->maas && prefix_equal(old->prefix, o->prefix) &&
            !wants_maas(m, old)) {
            old->maas = false;
            return true;
        }
    }
    return false;
}

/* Adds come before removes, so that an expansion leaves no moment without addresses. */
static void settle_prefixes(struct masc *m, bool add, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        bool maas = wants_maas(m, o), g_rib = wants_g_rib(m, o);
        if (o->present && maas != o->maas && maas == add) {
            if (!add || !takes_over(m, o))
                tell(m, "maas", add ? "add" : "remove", o->prefix, out);
            o->maas = maas;
        }
        if (o->present && g_rib != o->g_rib && g_rib == add) {
            tell(m, "g-rib", add ? "add" : "remove", o->prefix, out);
            o->g_rib = g_rib;
        }
    }
}

void outputs_refresh(struct masc *m, struct out *out)
{
    unsigned i;
    if (!m->stale_outputs)
        return;
    m->stale_outputs = false;
    settle_prefixes(m, true, out);
    settle_prefixes(m, false, out);
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].maas || m->own[i].g_rib)
            holes_of(m, &m->own[i]);
    for (i = 0; i < HOLES_MAX; i++)
        if (m->hole[i].present || m->hole[i].wanted)
            settle_hole(m, &m->hole[i], out);
}
