/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own_learn: own prefixes and claims known from elsewhere than this node's own claiming: from the
 * store after a restart (RFC 2909 13), from internal peers, and from neighbours that report back
 * what we said before a restart (14, A-97); and WITHDRAWs of our own domain or of a parent that
 * concern them (11.7.3, 11.7.4).
 */
#include "masc/own.h"

/* How long after its wait an internal peer's claim is still followed. */
enum { LAPSE_S = 30 };

/* ---- memory of an earlier life (13, A-97) ---- */

/* A record that this program cannot have written, or whose clock is far off (3/18, 3/20). */
static bool is_plausible(const struct masc *m, const struct own *o)
{
    return o->timestamp_s <= m->now.wall.s + m->cfg->timestamp_skew_s &&
           (!m->cfg->lifetime_max_s || o->lifetime_s <= m->cfg->lifetime_max_s);
}

void own_restore(struct masc *m, const struct row *row, struct out *out)
{
    struct own o;
    u128 parent;
    if (row->type != &masc_row_own)
        return;
    if (!own_row_read(row, &o, &parent) || !is_plausible(m, &o)) {
        /* left in the store, where a person can look at it */
        o.timestamp_s = m->now.wall.s; /* what is there may be any number */
        own_log(m, &o, "not-restored", "the stored row cannot be true: see own_prefix", out);
        return;
    }
    o.space = o.purpose == MASC_FOR_LOCAL ? SPACE_OWN : space_of_domain(m, parent);
    o.scope = masc_config_scope(m->cfg, o.prefix);
    o.state = MASC_OWN_IN_USE;
    o.mine = o.node == m->cfg->node;
    o.due = MONO_NEVER;
    if (own_end(&o) <= m->now.wall.s || !own_take_place(m, &o))
        out_store(out, row, ++m->tickets, true);
}

/* Its own, or those of another node of the domain. */
static bool may_have_children(const struct masc *m)
{
    unsigned i;
    for (i = 0; i < m->cfg->peers; i++)
        if (m->cfg->peer[i].role == MASC_PARENT || m->cfg->peer[i].role == MASC_INTERNAL)
            return true;
    return false;
}

void own_ready(struct masc *m, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        if (!own_in_use(&m->own[i]))
            continue;
        own_announce(m, &m->own[i], ENTRY_LOCAL, out);
        own_log(m, &m->own[i], "restored", NULL, out);
        /* it had children before, or only children use it: it may hear them again */
        if (own_role(&m->own[i]) == MASC_CHILD ||
            (m->cfg->demands == 0 && !m->own[i].by_operator && may_have_children(m)))
            m->children_in[m->own[i].scope][m->own[i].prefix.family == FAMILY_IPV6] = true;
    }
    m->leaf_from = mono_add_ms(m->now.mono, (int64_t)m->cfg->waiting_period_s * 1000);
    m->stale_outputs = m->dirty = true;
}

/* ---- UPDATEs of our own domain from elsewhere ---- */

static bool known_in_use(const struct masc *m, const struct claim *c, enum masc_role role)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (own_in_use(&m->own[i]) && own_role(&m->own[i]) == role &&
            prefix_equal(m->own[i].prefix, c->prefix) && m->own[i].timestamp_s >= c->timestamp_s)
            return true;
    return false;
}

static struct own learnt(struct masc *m, const struct claim *c)
{
    bool local = c->role == MASC_CHILD;
    return (struct own){
        .prefix = c->prefix,
        .purpose = local ? MASC_FOR_LOCAL
                   : c->type == MASC_CLAIM_TO_EXPAND ? MASC_FOR_EXPANSION : MASC_FOR_SPACE,
        .keep = true,
        .deprecated = c->deprecated,
        .mine = c->node == m->cfg->node,
        .node = c->node,
        .scope = masc_config_scope(m->cfg, c->prefix),
        .space = local ? SPACE_OWN : associate(m, c->prefix, SPACE_NONE),
        .timestamp_s = c->timestamp_s,
        .lifetime_s = c->lifetime_s,
        .began = m->now.mono,
        .due = MONO_NEVER,
    };
}

static void learn_in_use(struct masc *m, const struct claim *c, struct out *out)
{
    struct own wish = learnt(m, c), *o = own_find_pending(m, c->prefix, c->timestamp_s);
    uint32_t at = table_find(&m->table, c);
    if (known_in_use(m, c, own_role(&wish)) || claim_end(c) <= m->now.wall.s ||
        (at != TABLE_NONE && !table_effective(&m->table, at, c->prefix, m->now.wall.s)))
        return;
    if (o && o->mine) /* our own promise is made only when we stored it */
        return;
    if (o)
        *o = (struct own){.present = false};
    o = own_take_place(m, &wish);
    if (!o)
        return;
    o->state = MASC_OWN_IN_USE;
    if (o->purpose == MASC_FOR_EXPANSION)
        o->purpose = MASC_FOR_SPACE;
    own_keep(m, o); /* what it covers goes when it is stored */
    own_log(m, o, "learnt", "another node knew it as ours", out);
    m->stale_outputs = m->dirty = true;
    if (own_end(o) < m->own_wall_due.s)
        m->own_wall_due.s = own_end(o);
}

/* What was planned since the restart was claimed before it: one renewal at a time. */
static void drop_plan(struct masc *m, const struct own *resumed, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (o != resumed && o->present && o->state == MASC_OWN_DELAYED &&
            own_role(o) == own_role(resumed) && prefix_equal(o->prefix, resumed->prefix))
            own_cancel(
                m, o,
                &(struct ending){"dropped", m->cfg->domain, "it was claimed before the restart"},
                out);
    }
}

/* A pending claim of an internal peer is followed; our own, from before a restart, is resumed with
 * the rest of its wait. */
static void learn_pending(struct masc *m, const struct claim *c, struct out *out)
{
    struct own wish = learnt(m, c), *o;
    int64_t left_s = claim_hold(c) - m->now.wall.s;
    if (own_find_pending(m, c->prefix, c->timestamp_s))
        return;
    o = own_take_place(m, &wish);
    if (!o)
        return;
    o->state = MASC_OWN_WAITING;
    if (!o->mine) /* the PREFIX_IN_USE is on its way when the wait is over */
        left_s += LAPSE_S;
    o->due = mono_add_ms(m->now.mono, left_s * 1000);
    m->own_due = mono_min(m->own_due, o->due);
    if (o->mine)
        drop_plan(m, o, out);
}

/* Only what children are told changes: the prefix keeps its Timestamp and so its seniority. */
bool own_learn_deprecated(struct masc *m, const struct claim *c)
{
    bool known = false;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!own_in_use(o) || own_role(o) != MASC_INTERNAL || o->timestamp_s > c->timestamp_s ||
            !prefix_equal(o->prefix, c->prefix))
            continue;
        o->deprecated = known = true;
        o->keep = false;
        own_keep(m, o);
    }
    return known;
}

void own_learn(struct masc *m, const struct claim *c, struct out *out)
{
    if (claim_is_pending(c->type))
        learn_pending(m, c, out);
    else
        learn_in_use(m, c, out);
}

/* ---- 11.7: accepted WITHDRAWs ---- */

/* 11.7.4: a parent took back part of its space: one WITHDRAW for each own prefix in it. */
static void cascade(struct masc *m, const struct claim *w, struct out *out)
{
    struct withdrawal t;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!own_in_use(o) || own_role(o) != MASC_INTERNAL ||
            !prefix_overlaps(o->prefix, w->prefix) || m->space[o->space].domain != w->domain)
            continue;
        t = (struct withdrawal){w->timestamp_s, w->lifetime_s, w->holdtime_s, ENTRY_CHILDREN};
        if (o->timestamp_s > w->timestamp_s)
            t.flags |= ENTRY_CLASH;
        own_withdraw(m, o, prefix_common(o->prefix, w->prefix), &t, out);
        own_log(m, o, "withdrawn", "the parent withdrew the space it lies in", out);
    }
}

void own_withdrawn(struct masc *m, const struct claim *w, uint16_t flags, struct out *out)
{
    unsigned i;
    if (w->role == MASC_PARENT) {
        cascade(m, w, out);
        return;
    }
    if (!is_us(m, w->domain))
        return;
    m->stale_outputs = true;
    if (!(flags & (ENTRY_CANCEL | ENTRY_CLASH)) && w->role == MASC_INTERNAL)
        own_cancel_renewals(m, w->prefix, out);
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!o->present || own_role(o) != w->role || !prefix_covers(w->prefix, o->prefix) ||
            o->timestamp_s > w->timestamp_s)
            continue;
        if (flags & ENTRY_CANCEL && own_is_pending(o) && o->state != MASC_OWN_DELAYED &&
            o->timestamp_s == w->timestamp_s && prefix_equal(o->prefix, w->prefix)) {
            own_forget(m, o, out); /* 11.7.3: its Claim-Timer is cancelled */
        } else if (!(flags & (ENTRY_CANCEL | ENTRY_CLASH)) && own_in_use(o)) {
            own_forget(m, o, out); /* released by a node of our domain */
        }
    }
    own_release_uncovered(m, out);
}
