/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own: the life of own claims and prefixes (RFC 2909 5.1 - 5.4).
 *
 *   planned -> DELAYED -> (claim sent) WAITING -> (Claim-Timer) STORING -> (stored) IN_USE -> end
 *
 * A claim that loses, is denied or is not needed leaves this path by own_cancel(). A renewal or an
 * expansion is a claim of its own beside the prefix it concerns; when it is allocated, what it
 * covers goes. Only the node that originated a claim has its timers (`mine`); those of
 * internal peers are followed, so that any node can defend, announce and delegate them.
 *
 * What we announce first was stored before; what we release is forgotten by the store before the
 * WITHDRAW goes out. A crash in between leaves a range that nobody uses and everybody avoids until
 * its end: space is lost for a while, but none is ever held twice. The store's answers are in
 * own_kept.c, collisions in own_meet.c.
 */
#include <string.h>

#include "base/check.h"
#include "masc/own.h"

enum { RETRY_MS = 1000 };

enum masc_role own_role(const struct own *o)
{
    return o->purpose == MASC_FOR_LOCAL ? MASC_CHILD : MASC_INTERNAL;
}

/* It re-claims what is in use: a range for local use is known by what covers it. */
bool own_is_renewal(const struct masc *m, const struct own *o)
{
    unsigned i;
    if (o->purpose != MASC_FOR_LOCAL)
        return o->purpose == MASC_FOR_RENEWAL;
    for (i = 0; i < m->own_top; i++)
        if (own_in_use(&m->own[i]) && own_role(&m->own[i]) == MASC_CHILD &&
            prefix_covers(m->own[i].prefix, o->prefix))
            return true;
    return false;
}

enum masc_type own_pending_type(const struct masc *m, const struct own *o)
{
    bool again = o->purpose == MASC_FOR_EXPANSION || own_is_renewal(m, o);
    return again ? MASC_CLAIM_TO_EXPAND : MASC_NEW_CLAIM;
}

/* 7.3: Holdtime is the Lifetime of prefixes held, the waiting period of claims. */
struct claim own_claim(const struct masc *m, const struct own *o, enum masc_type type)
{
    return (struct claim){
        .prefix = o->prefix,
        .domain = m->cfg->domain,
        .node = o->node,
        .timestamp_s = o->timestamp_s,
        .lifetime_s = o->lifetime_s,
        .holdtime_s = claim_is_pending(type) ? m->cfg->waiting_period_s : o->lifetime_s,
        .type = type,
        .role = own_role(o),
        .deprecated = type == MASC_PREFIX_MANAGED && o->deprecated,
    };
}

void own_log(struct masc *m, const struct own *o, const char *event, const char *reason,
             struct out *out)
{
    int64_t left_ms = o->due.ms - m->now.mono.ms;
    bool timed = own_is_pending(o) && o->mine && o->due.ms != MONO_NEVER.ms;
    life_log(m, &(struct life){.event = event, .prefix = o->prefix, .domain = m->cfg->domain,
                               .ready_s = timed ? m->now.wall.s + left_ms / 1000 : INT64_MAX,
                               .until_s = own_end(o), .reason = reason}, out);
}

struct own *own_find_pending(const struct masc *m, struct prefix p, int64_t timestamp_s)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (own_is_pending(&m->own[i]) && m->own[i].state != MASC_OWN_DELAYED &&
            m->own[i].timestamp_s == timestamp_s && prefix_equal(m->own[i].prefix, p))
            return &m->own[i];
    return NULL;
}

/* ---- 5.1 (a): planning, with a random delay ---- */

struct own *own_plan(struct masc *m, const struct own *wish, struct out *out)
{
    struct own *o = own_take_place(m, wish);
    uint64_t delay_ms = (uint64_t)m->cfg->claim_delay_s * 1000;
    if (!o)
        return NULL;
    o->state = MASC_OWN_DELAYED;
    o->ticket = 0; /* the wish may be a claim that was lost while it was being stored */
    o->mine = true;
    o->node = m->cfg->node;
    o->timestamp_s = m->now.wall.s;
    o->began = m->now.mono;
    /* the open interval (0, INITIATE_CLAIM_DELAY), A-75 */
    o->due = mono_add_ms(m->now.mono,
                         delay_ms < 2 ? 0 : 1 + (int64_t)prng_below(&m->rng, delay_ms - 1));
    m->own_due = mono_min(m->own_due, o->due);
    own_log(m, o, "delay", NULL, out);
    return o;
}

bool own_space_reachable(const struct masc *m, uint16_t space)
{
    u128 domain = m->space[space].domain;
    unsigned i;
    if (space == SPACE_OWN || (domain == MASC_TLD_ID && m->cfg->sole_tld))
        return true;
    for (i = 0; i < m->peers_max; i++) {
        const struct masc_peer_config *p;
        if (!masc_peer_established(m->peers, i))
            continue;
        p = masc_peer_settings(m->peers, i);
        if (domain == MASC_TLD_ID ? p->role == MASC_SIBLING
                                  : p->role == MASC_CHILD && p->domain == domain && !p->defend_only)
            return true;
    }
    return false;
}

/* Nothing that everybody knows of stands in the way, own prefixes apart. Claims of others inside a
 * prefix that is being renewed lose by type. */
static bool is_still_free(struct masc *m, const struct own *o)
{
    return own_is_renewal(m, o) ||
           want_picture(m, o->prefix, o->purpose == MASC_FOR_LOCAL).taken_n == 0;
}

/* ---- 5.1 (b): the claim goes out ---- */

/* It lies in what its parent has, or for own hosts in what we have. */
static bool is_managed(const struct masc *m, const struct own *o)
{
    if (own_role(o) == MASC_CHILD)
        return own_covering(m, o->prefix) != NULL;
    return associate(m, o->prefix, o->space) == o->space;
}

static void send_claim(struct masc *m, struct own *o, struct out *out)
{
    struct claim c;
    if (!own_space_reachable(m, o->space)) { /* 5.1: only with a session to the parent */
        o->due = mono_add_ms(m->now.mono, RETRY_MS);
        return;
    }
    if (!is_managed(m, o)) {
        own_cancel(m, o, &(struct ending){"dropped", 0, "no parent's prefix covers it any more"},
                   out);
        return;
    }
    if (!is_still_free(m, o)) {
        own_cancel(m, o, &(struct ending){"dropped", 0, "taken by another domain during the delay"},
                   out);
        return;
    }
    o->lifetime_s = source_life_left(m, o);
    if (o->lifetime_s == 0) {
        own_cancel(m, o, &(struct ending){"dropped", 0, "what it lies in ends too soon"}, out);
        return;
    }
    o->timestamp_s = m->now.wall.s; /* when it is sent */
    c = own_claim(m, o, own_pending_type(m, o));
    /* one just cancelled in this second is the same UPDATE, and would not be sent again (11.1) */
    if (table_find(&m->table, &c) != TABLE_NONE ||
        record(m, &c, o->space, ENTRY_LOCAL, out) == TABLE_NONE) {
        o->due = mono_add_ms(m->now.mono, RETRY_MS);
        return;
    }
    o->state = MASC_OWN_WAITING;
    o->heard = false;
    memset(o->given, 0, sizeof o->given);
    o->began = m->now.mono;
    o->due = mono_add_ms(m->now.mono, (int64_t)m->cfg->waiting_period_s * 1000);
    own_log(m, o, "claim", NULL, out);
}

/* ---- 5.1 (d): allocated ---- */

/* newer than what was said of it, but older than a part of it that was claimed again: that
 * part it must not supersede. With equal Timestamps D = 1 wins. */
static int64_t deprecated_at(const struct masc *m, const struct own *o)
{
    int64_t at = m->now.wall.s;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        const struct own *n = &m->own[i];
        if (n != o && own_in_use(n) && own_role(n) == own_role(o) &&
            prefix_covers(o->prefix, n->prefix) && n->timestamp_s > o->timestamp_s &&
            n->timestamp_s <= at)
            at = n->timestamp_s - 1;
    }
    return at;
}

/* what will not be renewed is told to children as deprecated: the same prefix with D = 1, a
 * new Timestamp and what is left of its life. */
void own_deprecate(struct masc *m, struct own *o, struct out *out)
{
    struct claim c;
    o->keep = false;
    if (o->deprecated || own_role(o) == MASC_CHILD)
        return;
    o->deprecated = true;
    c = own_claim(m, o, MASC_PREFIX_MANAGED);
    c.timestamp_s = deprecated_at(m, o);
    c.lifetime_s = c.holdtime_s = (uint32_t)(own_end(o) - c.timestamp_s);
    (void)record(m, &c, o->space, ENTRY_LOCAL, out);
    own_keep(m, o);
    own_log(m, o, "deprecated", "it runs out: less is needed, or another replaces it", out);
}

/* what the new prefix covers is superseded; an equal one passes on what was told of it. True
 * if there was any. */
bool own_supersede(struct masc *m, struct own *o, struct out *out)
{
    bool any = false;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *old = &m->own[i];
        if (old == o || !own_in_use(old) || own_role(old) != own_role(o) ||
            !prefix_covers(o->prefix, old->prefix) || old->timestamp_s > o->timestamp_s)
            continue;
        if (prefix_equal(o->prefix, old->prefix)) {
            o->maas |= old->maas;
            o->g_rib |= old->g_rib;
            old->maas = old->g_rib = false;
        }
        own_forget(m, old, out);
        any = true;
    }
    return any;
}

/* Announces a prefix that is in use: to parents and siblings as PREFIX_IN_USE, to children as
 * PREFIX_MANAGED, to internal peers as both (5.1 d, A-56). */
void own_announce(struct masc *m, const struct own *o, uint16_t flags, struct out *out)
{
    struct claim c = own_claim(m, o, MASC_PREFIX_IN_USE);
    (void)record(m, &c, o->space, flags, out);
    if (own_role(o) == MASC_CHILD)
        return;
    c = own_claim(m, o, MASC_PREFIX_MANAGED);
    (void)record(m, &c, o->space, flags, out);
}

void own_allocated(struct masc *m, struct own *o, struct out *out)
{
    bool expansion = o->purpose == MASC_FOR_EXPANSION, again;
    unsigned i;
    o->state = MASC_OWN_IN_USE;
    o->due = MONO_NEVER;
    if (o->purpose != MASC_FOR_LOCAL)
        o->purpose = MASC_FOR_SPACE;
    again = own_supersede(m, o, out);
    if (o->replaces)
        want_replace(m, o, out);
    for (i = 0; i < m->own_top; i++) /* half of it was re-claimed: the whole runs out (17.1.5) */
        if (&m->own[i] != o && own_in_use(&m->own[i]) &&
            own_role(&m->own[i]) == own_role(o) && prefix_covers(m->own[i].prefix, o->prefix))
            own_deprecate(m, &m->own[i], out);
    own_announce(m, o, ENTRY_LOCAL, out);
    own_log(m, o, !again ? "in-use" : expansion ? "expanded" : "renewed", NULL, out);
    if (own_end(o) < m->own_wall_due.s)
        m->own_wall_due.s = own_end(o);
    m->stale_outputs = m->dirty = true;
    update_retry(m, o->prefix, out);
}

bool own_allocate(struct masc *m, const struct own *wish, struct out *out)
{
    struct own *o = own_take_place(m, wish);
    if (!o)
        return false;
    o->state = MASC_OWN_STORING;
    o->mine = true;
    o->node = m->cfg->node;
    o->due = MONO_NEVER;
    own_store(m, o, false, out);
    return true;
}

static void mature(struct masc *m, struct own *o, struct out *out)
{
    if (!is_managed(m, o)) { /* what it lay in was given back or ended meanwhile */
        own_cancel(m, o, &(struct ending){"dropped", 0, "no parent's prefix covers it any more"},
                   out);
        return;
    }
    /* Could not be stored for so long that nobody remembers the claim (7.3, 12.3). */
    if (m->now.wall.s >= o->timestamp_s + m->cfg->waiting_period_s + m->table.retention_s) {
        own_cancel(
            m, o,
            &(struct ending){"dropped", 0, "it could not be stored in time; to be claimed anew"},
            out);
        return;
    }
    o->state = MASC_OWN_STORING;
    o->due = MONO_NEVER;
    own_store(m, o, false, out);
}

void own_release_uncovered(struct masc *m, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!o->present || own_role(o) != MASC_CHILD || is_managed(m, o))
            continue;
        if (own_in_use(o))
            (void)own_release(m, o, out);
        else
            own_cancel(m, o,
                       &(struct ending){"dropped", m->cfg->domain, "what it lies in is released"},
                       out);
    }
}

/* The store has forgotten it: the WITHDRAW goes out (5.4, A-82). It hides all that we hold inside,
 * so that goes with it, and the WITHDRAW lasts as long as the last of it. */
void own_released(struct masc *m, struct own *o, struct out *out)
{
    struct prefix p = o->prefix;
    enum masc_role role = own_role(o);
    int64_t end = own_end(o), left;
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (own_in_use(&m->own[i]) && own_role(&m->own[i]) == role &&
            prefix_covers(p, m->own[i].prefix) && own_end(&m->own[i]) > end)
            end = own_end(&m->own[i]);
    left = end > m->now.wall.s ? end - m->now.wall.s : 0;
    own_withdraw(m, o, p,
                 &(struct withdrawal){m->now.wall.s, (uint32_t)left, (uint32_t)left,
                                      ENTRY_CHILDREN},
                 out);
    own_log(m, o, "released", NULL, out);
    own_drop(m, o, out);
    for (i = 0; i < m->own_top; i++) {
        struct own *in = &m->own[i];
        if (!own_in_use(in) || own_role(in) != role || !prefix_covers(p, in->prefix))
            continue;
        own_forget(m, in, out);
    }
    own_release_uncovered(m, out);
}

/* ---- the end of claims and prefixes ---- */

void own_withdraw(struct masc *m, const struct own *o, struct prefix range,
                  const struct withdrawal *t, struct out *out)
{
    struct claim w = own_claim(m, o, MASC_PREFIX_IN_USE);
    w.type = MASC_WITHDRAW;
    w.prefix = range;
    w.timestamp_s = t->timestamp_s;
    w.lifetime_s = t->lifetime_s;
    w.holdtime_s = t->holdtime_s;
    (void)record(m, &w, o->space, (uint16_t)(t->flags | ENTRY_LOCAL), out);
    m->stale_outputs = true;
}

/* 5.1 (c): a WITHDRAW with the fields of the claim, so that nobody keeps avoiding it; a lost
 * renewal of an equal range is left to expire, a denied claim is dead already. */
static void retract(struct masc *m, const struct own *o, struct out *out)
{
    struct claim c = own_claim(m, o, own_pending_type(m, o));
    uint32_t at = table_find_pending(&m->table, c.domain, c.prefix, c.timestamp_s);
    if (at == TABLE_NONE)
        return;
    m->table.entry[at].flags |= ENTRY_LOST;
    if (own_is_renewal(m, o) || m->table.entry[at].flags & ENTRY_DENIED || !o->mine)
        return;
    own_withdraw(m, o, c.prefix,
                 &(struct withdrawal){c.timestamp_s, c.lifetime_s, c.holdtime_s, ENTRY_CANCEL},
                 out);
}

void own_cancel(struct masc *m, struct own *o, const struct ending *why, struct out *out)
{
    struct own was = *o;
    CHECK(own_is_pending(o));
    life_log(m, &(struct life){.event = why->event, .prefix = o->prefix, .domain = m->cfg->domain,
                               .other = why->other, .ready_s = INT64_MAX, .until_s = INT64_MAX,
                               .reason = why->reason}, out);
    if (o->state != MASC_OWN_DELAYED)
        retract(m, o, out);
    own_forget(m, o, out);
    if (was.mine && !is_us(m, why->other))
        want_after_loss(m, &was, out);
}

void own_cancel_renewals(struct masc *m, struct prefix released, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (own_is_pending(o) && o->purpose == MASC_FOR_RENEWAL &&
            prefix_covers(released, o->prefix))
            own_cancel(
                m, o,
                &(struct ending){"dropped", m->cfg->domain, "the prefix it renews is released"},
                out);
    }
}

bool own_release(struct masc *m, struct own *o, struct out *out)
{
    if (o->storing_removal)
        return false;
    own_cancel_renewals(m, o->prefix, out);
    o->storing_removal = true;
    own_store(m, o, true, out);
    return true;
}

static void end_of_life(struct masc *m, struct own *o, struct out *out)
{
    own_log(m, o, "expired", NULL, out);
    own_forget(m, o, out);
}

/* 4.2: at Timestamp + Lifetime the owner stops using the prefix. */
void own_expire(struct masc *m, struct out *out)
{
    unsigned i;
    m->own_wall_due = (wall_t){INT64_MAX};
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!o->present || o->state == MASC_OWN_DELAYED)
            continue;
        if (own_end(o) <= m->now.wall.s)
            end_of_life(m, o, out);
        else if (own_end(o) < m->own_wall_due.s)
            m->own_wall_due.s = own_end(o);
    }
}

/* the claim of an internal peer did not become a prefix in time: that node is gone, and what
 * it was for may be claimed anew. */
static void lapse(struct masc *m, struct own *o, struct out *out)
{
    own_log(m, o, "lapsed", "the node that claimed it did not say that it is in use", out);
    own_drop(m, o, out);
}

void own_tick(struct masc *m, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!own_is_pending(o) || !mono_due(o->due, m->now.mono))
            continue;
        if (!o->mine)
            lapse(m, o, out);
        else if (o->state == MASC_OWN_DELAYED)
            send_claim(m, o, out);
        else if (o->state == MASC_OWN_WAITING)
            mature(m, o, out);
    }
    m->own_due = own_store_again(m, out);
    for (i = 0; i < m->own_top; i++)
        if (own_is_pending(&m->own[i]))
            m->own_due = mono_min(m->own_due, m->own[i].due);
}
