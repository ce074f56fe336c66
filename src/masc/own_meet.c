/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own_meet: a claim of somebody else meets our own (RFC 2909 5.1 c, 11.2.2, 11.4.2, A-85).
 *
 * Called for every PREFIX_IN_USE, CLAIM_TO_EXPAND and NEW_CLAIM that was accepted and recorded.
 * Claims of siblings meet claims on a parent's space; claims of children meet those we made as a
 * child of ourselves. A pending claim that loses is cancelled; a prefix in use can only
 * clash with another prefix in use (12.4). Who wins is claim_wins() alone.
 */
#include "masc/speaker.h"

/* The part of the foreign claim that overlaps is neither superseded nor withdrawn. */
static bool counts_on(const struct masc *m, const struct claim *c, struct prefix range)
{
    uint32_t at = table_find(&m->table, c);
    return at == TABLE_NONE || table_effective(&m->table, at, range, m->now.wall.s);
}

static void cancel_lost(struct masc *m, struct own *o, const struct claim *c, struct out *out)
{
    m->count.lost++;
    own_cancel(
        m, o,
        &(struct ending){"lost", c->domain,
                         c->type == MASC_PREFIX_IN_USE     ? "the range is in use by another domain"
                         : c->type == MASC_CLAIM_TO_EXPAND ? "another domain expands into it"
                                                           : "another domain claimed it first"},
        out);
}

/* 5.1 (c): a pending claim, or one about to be sent. */
static void meet_pending(struct masc *m, struct own *o, const struct claim *c, struct out *out)
{
    struct claim ours = own_claim(m, o, own_pending_type(m, o));
    if (o->state == MASC_OWN_DELAYED && own_is_renewal(m, o) && claim_is_pending(c->type))
        return; /* it loses against the prefix in use */
    if (o->state == MASC_OWN_DELAYED) { /* nothing was sent: take another place at once */
        own_cancel(
            m, o,
            &(struct ending){"dropped", c->domain, "taken by another domain during the delay"},
            out);
        return;
    }
    if (c->type == MASC_PREFIX_IN_USE || claim_wins(c, &ours)) {
        cancel_lost(m, o, c, out);
        return;
    }
    m->count.won++;
    life_log(m, &(struct life){.event = "won", .prefix = o->prefix, .domain = m->cfg->domain,
                               .other = c->domain, .ready_s = INT64_MAX, .until_s = own_end(o),
                               .reason = "a colliding claim came later or is of lower rank"}, out);
}

/* A newer own prefix covers the overlap: that one is compared. */
static bool is_outdated(const struct masc *m, const struct own *o, struct prefix range)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *n = &m->own[i];
        if (n != o && own_in_use(n) && own_role(n) == own_role(o) &&
            n->timestamp_s > o->timestamp_s && prefix_covers(n->prefix, range))
            return true;
    }
    return false;
}

static void meet_foreign(struct masc *m, struct own *o, const struct claim *c, struct out *out)
{
    struct prefix range = prefix_common(o->prefix, c->prefix);
    if (!counts_on(m, c, range))
        return;
    if (own_is_pending(o))
        meet_pending(m, o, c, out);
    else if (c->type == MASC_PREFIX_IN_USE && !is_outdated(m, o, range))
        clash_note(m, o, c, out);
}

/* 5.1 (a): another node of our domain claims enough, so that our claim is not needed. Both
 * met the same need when they looked at it, up to a claim delay apart: their ends differ by that.
 */
static bool serves_instead(const struct masc *m, const struct own *o, const struct claim *c)
{
    bool wanted = o->purpose == MASC_FOR_SPACE ||
                  (o->purpose == MASC_FOR_EXPANSION && prefix_covers(c->prefix, o->prefix));
    return wanted && !o->by_operator && c->prefix.family == o->prefix.family &&
           c->prefix.len <= o->prefix.len &&
           masc_config_scope(m->cfg, c->prefix) == o->scope &&
           claim_end(c) + m->cfg->claim_delay_s >= own_end(o);
}

static void meet_internal(struct masc *m, struct own *o, const struct claim *c, struct out *out)
{
    struct claim ours = own_claim(m, o, MASC_NEW_CLAIM);
    if (!own_is_pending(o) || !o->mine || c->node == m->cfg->node || !claim_is_pending(c->type))
        return;
    if (o->state == MASC_OWN_DELAYED) {
        if (serves_instead(m, o, c))
            own_cancel(
                m, o,
                &(struct ending){"dropped", c->domain, "another node of the domain claims enough"},
                out);
        return;
    }
    ours.type = o->purpose == MASC_FOR_SPACE ? MASC_NEW_CLAIM : MASC_CLAIM_TO_EXPAND;
    /* 5.1 (c): lost to a node of the same domain: no replacement */
    if (prefix_overlaps(o->prefix, c->prefix) && claim_wins(c, &ours))
        own_cancel(
            m, o,
            &(struct ending){"lost", c->domain, "another node of the domain claimed it first"},
            out);
}

void own_meet(struct masc *m, const struct claim *c, struct out *out)
{
    enum masc_role role = c->role == MASC_CHILD ? MASC_CHILD : MASC_INTERNAL;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!o->present || own_role(o) != role)
            continue;
        if (is_us(m, c->domain))
            meet_internal(m, o, c, out);
        else if (prefix_overlaps(o->prefix, c->prefix))
            meet_foreign(m, o, c, out);
    }
}
