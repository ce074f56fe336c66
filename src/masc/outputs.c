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

/* ---- what keeps a range from use (11.7.3, 12.4) ---- */

/* A WITHDRAW of ours that hides part of `o` for now. */
static bool takes_from(const struct masc *m, const struct own *o, uint32_t at)
{
    const struct entry *e = &m->table.entry[at];
    return (e->type & 7) == MASC_WITHDRAW && !(e->flags & ENTRY_CANCEL) &&
           e->role == own_role(o) && (e->flags & ENTRY_CLASH || e->timestamp_s >= o->timestamp_s) &&
           prefix_overlaps(table_prefix(&m->table, at), o->prefix) &&
           table_live(&m->table, at, m->now.wall.s);
}

/* A clash that ours loses, and that part of `o`: not for address servers, even before the
 * WITHDRAW. */
static bool disputes(const struct clash *k, const struct own *o)
{
    return k->present && k->lost && !k->ignored && prefix_overlaps(k->range, o->prefix);
}

/* All of `o` is withdrawn, or disputed. */
static bool is_taken(const struct masc *m, const struct own *o, bool g_rib)
{
    uint32_t at = table_first_of_domain(&m->table, m->cfg->domain);
    unsigned i;
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at))
        if (takes_from(m, o, at) && prefix_covers(table_prefix(&m->table, at), o->prefix))
            return true;
    for (i = 0; i < m->clash_top && !g_rib; i++)
        if (disputes(&m->clash[i], o) && prefix_covers(m->clash[i].range, o->prefix))
            return true;
    return false;
}

/* Inside another own prefix of the same kind that is in use. */
static bool is_nested(const struct masc *m, const struct own *o, bool g_rib)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *n = &m->own[i];
        if (n != o && own_in_use(n) && own_role(n) == own_role(o) &&
            prefix_covers(n->prefix, o->prefix) &&
            (n->prefix.len < o->prefix.len || n->serial > o->serial) && !is_taken(m, n, g_rib))
            return true;
    }
    return false;
}

/* What its hosts may go on using is being stored: they are not told to stop in between. */
static bool is_handed_over(const struct masc *m, const struct own *o)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].present && m->own[i].state == MASC_OWN_STORING &&
            own_role(&m->own[i]) == MASC_CHILD && prefix_covers(o->prefix, m->own[i].prefix))
            return true;
    return false;
}

static bool wants_maas(const struct masc *m, const struct own *o)
{
    bool leaf = is_leaf(m, o->scope, o->prefix.family);
    bool for_hosts = own_role(o) == MASC_CHILD ? !leaf
                                               : leaf || (o->maas && is_handed_over(m, o));
    return own_in_use(o) && for_hosts && !is_nested(m, o, false) && !is_taken(m, o, false);
}

/* 12.5: an old provider's space, which the new one does not carry. It is defended all the same. */
static bool is_uncarried(const struct masc *m, const struct own *o)
{
    unsigned i;
    for (i = 0; i < m->cfg->peers; i++) {
        const struct masc_peer_config *p = &m->cfg->peer[i];
        if (p->role == MASC_CHILD && p->unrouted && p->domain == m->space[o->space].domain)
            return true;
    }
    return false;
}

static bool wants_g_rib(const struct masc *m, const struct own *o)
{
    return own_in_use(o) && own_role(o) == MASC_INTERNAL && !is_nested(m, o, true) &&
           !is_taken(m, o, true) && !is_uncarried(m, o);
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

/* All of it was taken back already, as a hole of what it lies in. */
static bool is_in_hole(const struct masc *m, struct prefix p, bool g_rib)
{
    unsigned i;
    for (i = 0; i < m->hole_top; i++)
        if ((g_rib ? m->hole[i].g_rib : m->hole[i].present) && prefix_covers(m->hole[i].range, p))
            return true;
    return false;
}

/* A prefix is taken back, and with it its holes. */
static void take_back(struct masc *m, struct own *o, bool g_rib, struct out *out)
{
    unsigned i;
    if (!is_in_hole(m, o->prefix, g_rib))
        tell(m, g_rib ? "g-rib" : "maas", "remove", o->prefix, out);
    *(g_rib ? &o->g_rib : &o->maas) = false;
    for (i = 0; i < m->hole_top; i++) {
        struct hole *h = &m->hole[i];
        bool *told = g_rib ? &h->g_rib : &h->present;
        if (*told && !is_told(m, h->range, g_rib))
            *told = false;
    }
}

void outputs_drop(struct masc *m, struct own *o, struct out *out)
{
    if (o->maas)
        take_back(m, o, false, out);
    if (o->g_rib)
        take_back(m, o, true, out);
}

/* ---- holes ---- */

static void want_hole(struct masc *m, struct prefix range, bool g_rib)
{
    struct hole *free = NULL;
    unsigned i;
    for (i = 0; i < m->hole_top; i++) {
        struct hole *h = &m->hole[i];
        bool used = h->present || h->g_rib || h->wanted;
        if (used && prefix_equal(h->range, range)) {
            h->wanted = true;
            h->wanted_g_rib |= g_rib;
            return;
        }
        if (!used && !free)
            free = h;
    }
    if (!free && m->hole_top < HOLES_MAX)
        free = &m->hole[m->hole_top++];
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
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at))
        if (takes_from(m, o, at) && table_prefix(&m->table, at).len > o->prefix.len)
            want_hole(m, table_prefix(&m->table, at), !stays_routed(m, o, at));
    for (i = 0; i < m->clash_top; i++)
        if (disputes(&m->clash[i], o) && m->clash[i].range.len > o->prefix.len)
            want_hole(m, m->clash[i].range, false);
}

/* Says what changed of a hole in what a told prefix covers; *told remembers it. */
static void settle_hole(const struct masc *m, const struct hole *h, bool g_rib, bool *told,
                        struct out *out)
{
    bool wanted = g_rib ? h->wanted_g_rib : h->wanted;
    if (wanted == *told || !is_told(m, h->range, g_rib))
        return;
    tell(m, g_rib ? "g-rib" : "maas", wanted ? "remove" : "add", h->range, out);
    *told = wanted;
}

/* An equal prefix that is not wanted there any more passes on what was told of it: when a domain
 * becomes non-leaf, its hosts may keep all that they had; and a renewal whose Timestamp is
 * older, because the clock was set back, supersedes nothing but serves instead. */
static bool takes_over(struct masc *m, const struct own *o, bool g_rib)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *old = &m->own[i];
        bool *told = g_rib ? &old->g_rib : &old->maas;
        if (old != o && old->present && *told && prefix_equal(old->prefix, o->prefix) &&
            !(g_rib ? wants_g_rib(m, old) : wants_maas(m, old))) {
            *told = false;
            return true;
        }
    }
    return false;
}

/* A prefix is told, and with it what holes of others took out of it: settle_hole() says it again of
 * those that remain. */
static void tell_all_of(struct masc *m, const struct own *o, bool g_rib, struct out *out)
{
    unsigned i;
    tell(m, g_rib ? "g-rib" : "maas", "add", o->prefix, out);
    for (i = 0; i < m->hole_top; i++)
        if (prefix_covers(o->prefix, m->hole[i].range))
            *(g_rib ? &m->hole[i].g_rib : &m->hole[i].present) = false;
}

/* Adds come before removes, so that an expansion leaves no moment without addresses. */
static void settle_prefixes(struct masc *m, bool add, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        bool maas = wants_maas(m, o), g_rib = wants_g_rib(m, o);
        if (o->present && maas != o->maas && maas == add) {
            if (!add)
                take_back(m, o, false, out);
            else if (!takes_over(m, o, false))
                tell_all_of(m, o, false, out);
            o->maas = maas;
        }
        if (o->present && g_rib != o->g_rib && g_rib == add) {
            if (!add)
                take_back(m, o, true, out);
            else if (!takes_over(m, o, true))
                tell_all_of(m, o, true, out);
            o->g_rib = g_rib;
        }
    }
}

void outputs_refresh(struct masc *m, struct out *out)
{
    unsigned i;
    m->stale_outputs = false;
    settle_prefixes(m, true, out);
    settle_prefixes(m, false, out);
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].maas || m->own[i].g_rib)
            holes_of(m, &m->own[i]);
    for (i = 0; i < m->hole_top; i++) {
        struct hole *h = &m->hole[i];
        settle_hole(m, h, false, &h->present, out);
        settle_hole(m, h, true, &h->g_rib, out);
        h->wanted = h->wanted_g_rib = false;
    }
    while (m->hole_top > 0 && !m->hole[m->hole_top - 1].present &&
           !m->hole[m->hole_top - 1].g_rib)
        m->hole_top--;
}
