/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * operate: what an operator may order: claim, release, sessions (masc.h).
 *
 * Everything that speaks against an order is looked for before anything is changed; a refusal names
 * the thing, says why and what to do.
 */
#include "base/text.h"
#include "masc/want.h"

static void say(struct wr *why, const char *a, struct prefix p, const char *b)
{
    char text[PREFIX_TEXT_MAX];
    wr_text(why, a);
    if (p.family)
        wr_text(why, prefix_format(p, text));
    wr_text(why, b);
}

/* Whoever holds or claims part of `p`: named in the refusal. */
static bool say_who_has(struct masc *m, struct prefix p, enum masc_role role, struct wr *why)
{
    uint32_t at = m->table.log_first;
    for (; at != TABLE_NONE; at = m->table.entry[at].log_next) {
        const struct entry *e = &m->table.entry[at];
        struct prefix has = table_prefix(&m->table, at);
        if (e->role != role || (e->type & 7) > MASC_NEW_CLAIM || e->addr == 0 ||
            !prefix_overlaps(p, has) || !table_effective(&m->table, at, has, m->now.wall.s))
            continue;
        say(why, "", has, (e->type & 7) == MASC_PREFIX_IN_USE ? " is in use by domain "
                                                              : " is claimed by domain ");
        wr_decimal(why, u128_lo(table_domain(&m->table, at)));
        wr_text(why, ": choose another, or --size N to have one chosen");
        return true;
    }
    return false;
}

static bool own_overlaps(const struct masc *m, struct prefix p, enum masc_role role)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].present && own_role(&m->own[i]) == role &&
            prefix_overlaps(m->own[i].prefix, p))
            return true;
    return false;
}

/* The source whose prefix covers `p`, or for any place the first that has room. */
static bool find_source(struct masc *m, const struct need *n, struct prefix *p, uint8_t len,
                        struct source *found)
{
    struct source s[SOURCES_MAX];
    unsigned i, k = source_list(m, n, s);
    for (i = 0; i < k; i++) {
        struct masc_space space;
        *found = s[i];
        if (p->family) {
            if (prefix_covers(s[i].managed, *p))
                return true;
            continue;
        }
        space = picture_with_own(m, s[i].managed, false);
        if (own_space_reachable(m, s[i].space) &&
            masc_choose_new(&space, len, NULL, &m->rng, p))
            return true;
        p->family = 0;
    }
    return false;
}

static bool check_wish(struct masc *m, const struct masc_claim_wish *w, struct wr *why)
{
    if (w->prefix.family && !prefix_is_multicast(w->prefix)) {
        say(why, "", w->prefix, " is not multicast: expected a prefix in 224.0.0.0/4 or ff00::/8");
        return false;
    }
    if (w->prefix.family && own_overlaps(m, w->prefix, MASC_INTERNAL)) {
        say(why, "", w->prefix, " is, in whole or part, our own already: see `prefixes`");
        return false;
    }
    if (w->prefix.family && say_who_has(m, w->prefix, MASC_SIBLING, why))
        return false;
    if (!w->prefix.family && (w->addresses == 0 || prefix_len_for(w->family, w->addresses) < 4)) {
        say(why, "size: expected 1 or more addresses that fit in multicast space",
            (struct prefix){0}, "");
        return false;
    }
    return true;
}

static bool plan_wish(struct masc *m, const struct own *wish, const struct masc_order *order)
{
    if (own_plan(m, wish, order->out)) {
        masc_after(m, order->out);
        return true;
    }
    say(order->why, "no place for another own prefix: release one, or raise limits.own",
        (struct prefix){0}, "");
    return false;
}

/* Inside a prefix of ours: for our own hosts, as a child of ourselves (12.2, A-65). */
static bool claim_inside(struct masc *m, const struct masc_claim_wish *w, const struct own *in,
                         const struct masc_order *order)
{
    uint32_t life = w->lifetime_s ? w->lifetime_s : m->cfg->lifetime_s;
    struct own wish = {.prefix = w->prefix, .purpose = MASC_FOR_LOCAL, .by_operator = true,
                       .keep = w->lifetime_s == 0, .scope = in->scope, .space = SPACE_OWN,
                       .lifetime_s = source_life(m, SPACE_OWN, life, own_end(in))};
    if (is_leaf(m, in->scope, w->prefix.family)) {
        say(order->why, "", in->prefix,
            " is our own already, and without children all of it is for our hosts");
        return false;
    }
    if (own_overlaps(m, w->prefix, MASC_CHILD)) {
        say(order->why, "", w->prefix, " is, in whole or part, for our hosts already");
        return false;
    }
    if (say_who_has(m, w->prefix, MASC_CHILD, order->why))
        return false;
    if (!wish.lifetime_s) {
        say(order->why, "", in->prefix, " ends before a claim in it could be of use");
        return false;
    }
    return plan_wish(m, &wish, order);
}

bool masc_claim(struct masc *m, const struct masc_claim_wish *w, const struct masc_order *order)
{
    struct wr *why = order->why;
    uint8_t family = w->prefix.family ? w->prefix.family : w->family;
    uint8_t len = w->prefix.len;
    struct need n = {.family = family,
                     .scope = w->prefix.family ? masc_config_scope(m->cfg, w->prefix) : w->scope,
                     .lifetime_s = w->lifetime_s ? w->lifetime_s : m->cfg->lifetime_s};
    struct prefix p = w->prefix;
    struct source s;
    struct own wish;
    m->now = order->now;
    if (w->prefix.family && own_covering(m, w->prefix))
        return claim_inside(m, w, own_covering(m, w->prefix), order);
    if (!check_wish(m, w, why))
        return false;
    if (!w->prefix.family)
        len = prefix_len_for(family, w->addresses);
    if (!find_source(m, &n, &p, len, &s)) {
        say(why, "no parent's prefix or configured range ", p,
            p.family ? " lies in: see `tree` for those known"
                     : "has room for it now: see `tree`, or ask for less");
        return false;
    }
    wish = (struct own){.prefix = p, .purpose = MASC_FOR_SPACE, .by_operator = true,
                        .keep = w->lifetime_s == 0, .scope = n.scope, .space = s.space,
                        .lifetime_s = source_life(m, s.space, n.lifetime_s, s.end_s)};
    if (!wish.lifetime_s) {
        say(why, "what lies under ", s.managed,
            " ends before a claim could be of use: the parent has to renew it first");
        return false;
    }
    return plan_wish(m, &wish, order);
}

static struct own *own_exact_as(const struct masc *m, struct prefix p, enum masc_role role)
{
    struct own *found = NULL;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (o->present && own_role(o) == role && prefix_equal(o->prefix, p) &&
            (!found || own_in_use(o)))
            found = o;
    }
    return found;
}

/* The prefix, or the range in one that an operator claimed for own hosts. */
static struct own *own_exact(const struct masc *m, struct prefix p)
{
    struct own *o = own_exact_as(m, p, MASC_INTERNAL);
    if (!o)
        o = own_exact_as(m, p, MASC_CHILD);
    return o && (own_role(o) == MASC_INTERNAL || o->by_operator) ? o : NULL;
}

/* 5.4: no part of it may be in use by a child. */
static bool child_inside(struct masc *m, const struct own *o, struct prefix *child)
{
    struct masc_space s = want_picture(m, o->prefix, true);
    if (s.taken_n)
        *child = s.taken[0];
    return s.taken_n > 0;
}

bool masc_release(struct masc *m, struct prefix p, const struct masc_order *order)
{
    struct wr *why = order->why;
    struct own *o = own_exact(m, p);
    struct prefix child;
    m->now = order->now;
    if (!o) {
        say(why, "", p, " is not an own prefix: see `prefixes`");
        return false;
    }
    if (own_is_pending(o)) {
        o->by_operator = false;
        own_cancel(m, o, &(struct ending){"released", m->cfg->domain, "by the operator"},
                   order->out);
    } else if (child_inside(m, o, &child)) {
        say(why, "", child, " in it is in use by a child: it has to be released there first");
        return false;
    } else if (!own_release(m, o, order->out)) {
        say(why, "", p, " is being released already");
        return false;
    }
    masc_after(m, order->out);
    return true;
}

bool masc_peer_command(struct masc *m, const char *verb, const char *name,
                       const struct masc_order *order)
{
    struct now now = order->now;
    struct wr *why = order->why;
    struct out *out = order->out;
    int peer = masc_peer_find(m->peers, name);
    if (peer < 0) {
        wr_text(why, "no peer is named ");
        wr_text(why, name);
        wr_text(why, ": see `peers`");
        return false;
    }
    if (text_equal(verb, "start"))
        masc_peer_start(m->peers, (unsigned)peer, now, out);
    else if (text_equal(verb, "stop"))
        masc_peer_stop(m->peers, (unsigned)peer, now, out);
    else
        masc_peer_clear(m->peers, (unsigned)peer, now, out);
    m->now = now;
    masc_signals(m, out);
    masc_after(m, out);
    return true;
}
