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
 * What is announced was stored before; what is released is forgotten by the store before the
 * WITHDRAW goes out: a crash in between costs nothing that was promised. Collisions are in
 * own_meet.c.
 */
#include <string.h>

#include "base/check.h"
#include "masc/speaker.h"

enum { RETRY_MS = 1000, STORE_RETRY_MS = 5000, LAPSE_S = 30 };

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

static void log_own(struct masc *m, const struct own *o, const char *event, const char *reason,
                    struct out *out)
{
    int64_t left_ms = o->due.ms - m->now.mono.ms;
    bool timed = own_is_pending(o) && o->mine && o->due.ms != MONO_NEVER.ms;
    life_log(m, &(struct life){.event = event, .prefix = o->prefix, .domain = m->cfg->domain,
                               .ready_s = timed ? m->now.wall.s + left_ms / 1000 : INT64_MAX,
                               .until_s = own_end(o), .reason = reason}, out);
}

/* ---- places ---- */

static struct own *take_place(struct masc *m, const struct own *wish)
{
    unsigned i;
    for (i = 0; i < m->own_max; i++) {
        if (m->own[i].present)
            continue;
        m->own[i] = *wish;
        m->own[i].present = true;
        m->own[i].serial = ++m->serials;
        m->own_top = i < m->own_top ? m->own_top : i + 1;
        return &m->own[i];
    }
    return NULL;
}

static void drop(struct masc *m, struct own *o, struct out *out)
{
    outputs_drop(m, o, out);
    *o = (struct own){.present = false};
    while (m->own_top && !m->own[m->own_top - 1].present)
        m->own_top--;
    m->stale_outputs = m->dirty = true;
}

static void store(struct masc *m, struct own *o, bool remove, bool wait, struct out *out)
{
    struct row row = own_row(m, o);
    uint64_t ticket = ++m->tickets;
    if (wait)
        o->ticket = ticket;
    out_store(out, &row, ticket, remove);
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
    struct own *o = take_place(m, wish);
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
    log_own(m, o, "delay", NULL, out);
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
        own_cancel(m, o, "dropped", 0, "no parent's prefix covers it any more", out);
        return;
    }
    if (!is_still_free(m, o)) {
        own_cancel(m, o, "dropped", 0, "taken by another domain during the delay", out);
        return;
    }
    o->lifetime_s = source_life_left(m, o);
    if (o->lifetime_s == 0) {
        own_cancel(m, o, "dropped", 0, "what it lies in ends too soon", out);
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
    log_own(m, o, "claim", NULL, out);
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
    store(m, o, false, false, out);
    log_own(m, o, "deprecated", "it is not needed any more and runs out", out);
}

/* what the new prefix covers is superseded; an equal one passes on what was told of it. True
 * if there was any. */
static bool supersede(struct masc *m, struct own *o, struct out *out)
{
    bool any = false;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *old = &m->own[i];
        if (old == o || !own_in_use(old) || own_role(old) != own_role(o) ||
            !prefix_covers(o->prefix, old->prefix) || old->timestamp_s > o->timestamp_s)
            continue;
        if (prefix_equal(o->prefix, old->prefix)) {
            o->maas = old->maas;
            o->g_rib = old->g_rib;
            old->maas = old->g_rib = false;
        }
        store(m, old, true, false, out);
        drop(m, old, out);
        any = true;
    }
    return any;
}

/* Announces a prefix that is in use: to parents and siblings as PREFIX_IN_USE, to children as
 * PREFIX_MANAGED, to internal peers as both (5.1 d, A-56). */
static void announce(struct masc *m, const struct own *o, uint16_t flags, struct out *out)
{
    struct claim c = own_claim(m, o, MASC_PREFIX_IN_USE);
    (void)record(m, &c, o->space, flags, out);
    if (own_role(o) == MASC_CHILD)
        return;
    c = own_claim(m, o, MASC_PREFIX_MANAGED);
    (void)record(m, &c, o->space, flags, out);
}

static void allocated(struct masc *m, struct own *o, struct out *out)
{
    bool expansion = o->purpose == MASC_FOR_EXPANSION, again;
    unsigned i;
    o->state = MASC_OWN_IN_USE;
    o->due = MONO_NEVER;
    if (o->purpose != MASC_FOR_LOCAL)
        o->purpose = MASC_FOR_SPACE;
    again = supersede(m, o, out);
    if (o->replaces)
        want_replace(m, o, out);
    for (i = 0; i < m->own_top; i++) /* half of it was re-claimed: the whole runs out (17.1.5) */
        if (&m->own[i] != o && own_in_use(&m->own[i]) &&
            own_role(&m->own[i]) == own_role(o) && prefix_covers(m->own[i].prefix, o->prefix))
            own_deprecate(m, &m->own[i], out);
    announce(m, o, ENTRY_LOCAL, out);
    log_own(m, o, !again ? "in-use" : expansion ? "expanded" : "renewed", NULL, out);
    if (own_end(o) < m->own_wall_due.s)
        m->own_wall_due.s = own_end(o);
    m->stale_outputs = m->dirty = true;
    update_retry(m, o->prefix, out);
}

bool own_allocate(struct masc *m, const struct own *wish, struct out *out)
{
    struct own *o = take_place(m, wish);
    if (!o)
        return false;
    o->state = MASC_OWN_STORING;
    o->mine = true;
    o->node = m->cfg->node;
    o->due = MONO_NEVER;
    store(m, o, false, true, out);
    return true;
}

static void mature(struct masc *m, struct own *o, struct out *out)
{
    if (!is_managed(m, o)) { /* what it lay in was given back or ended meanwhile */
        own_cancel(m, o, "dropped", 0, "no parent's prefix covers it any more", out);
        return;
    }
    /* Could not be stored for so long that nobody remembers the claim (7.3, 12.3). */
    if (m->now.wall.s >= o->timestamp_s + m->cfg->waiting_period_s + m->table.retention_s) {
        own_cancel(m, o, "dropped", 0, "it could not be stored in time; to be claimed anew", out);
        return;
    }
    o->state = MASC_OWN_STORING;
    o->due = MONO_NEVER;
    store(m, o, false, true, out);
}

/* With a prefix goes what was claimed in it for own hosts. */
static void release_uncovered(struct masc *m, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!o->present || own_role(o) != MASC_CHILD || is_managed(m, o))
            continue;
        if (own_in_use(o))
            (void)own_release(m, o, out);
        else
            own_cancel(m, o, "dropped", m->cfg->domain, "what it lies in is released", out);
    }
}

/* The store has forgotten it: the WITHDRAW goes out (5.4, A-82). It hides all that we hold inside,
 * so that goes with it, and the WITHDRAW lasts as long as the last of it. */
static void released(struct masc *m, struct own *o, struct out *out)
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
    own_withdraw(m, o, p, (struct times){m->now.wall.s, (uint32_t)left, (uint32_t)left},
                 ENTRY_CHILDREN, out);
    log_own(m, o, "released", NULL, out);
    drop(m, o, out);
    for (i = 0; i < m->own_top; i++) {
        struct own *in = &m->own[i];
        if (!own_in_use(in) || own_role(in) != role || !prefix_covers(p, in->prefix))
            continue;
        store(m, in, true, false, out);
        drop(m, in, out);
    }
    release_uncovered(m, out);
}

void own_stored(struct masc *m, uint64_t ticket, enum stored result, struct out *out)
{
    struct own *o = NULL;
    unsigned i;
    m->store_failing = result == STORED_FAILED;
    for (i = 0; i < m->own_top && !o; i++)
        if (m->own[i].present && m->own[i].ticket == ticket)
            o = &m->own[i];
    if (!o)
        return;
    o->ticket = 0;
    if (result == STORED_OK && o->storing_removal) {
        released(m, o, out);
    } else if (result == STORED_OK) {
        allocated(m, o, out);
    } else if (o->storing_removal) {
        o->storing_removal = false;
        log_own(m, o, "kept", "the store could not forget it: release it again later", out);
    } else if (result == STORED_CONFLICT) {
        own_cancel(m, o, "lost", 0, "another node of the domain stored it first", out);
    } else { /* a full disk stops new promises, not the daemon */
        o->state = MASC_OWN_WAITING;
        o->due = mono_add_ms(m->now.mono, STORE_RETRY_MS);
        m->own_due = mono_min(m->own_due, o->due);
        log_own(m, o, "unstored", "could not be stored, so it is not announced; trying again",
                out);
    }
}

/* ---- the end of claims and prefixes ---- */

void own_withdraw(struct masc *m, const struct own *o, struct prefix range, struct times t,
                  uint16_t flags, struct out *out)
{
    struct claim w = own_claim(m, o, MASC_PREFIX_IN_USE);
    w.type = MASC_WITHDRAW;
    w.prefix = range;
    w.timestamp_s = t.timestamp_s;
    w.lifetime_s = t.lifetime_s;
    w.holdtime_s = t.holdtime_s;
    (void)record(m, &w, o->space, (uint16_t)(flags | ENTRY_LOCAL), out);
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
    own_withdraw(m, o, c.prefix, (struct times){c.timestamp_s, c.lifetime_s, c.holdtime_s},
                 ENTRY_CANCEL, out);
}

void own_cancel(struct masc *m, struct own *o, const char *event, u128 other, const char *reason,
                struct out *out)
{
    struct own was = *o;
    CHECK(own_is_pending(o));
    life_log(m, &(struct life){.event = event, .prefix = o->prefix, .domain = m->cfg->domain,
                               .other = other, .ready_s = INT64_MAX, .until_s = INT64_MAX,
                               .reason = reason}, out);
    if (o->state == MASC_OWN_STORING)
        store(m, o, true, false, out);
    if (o->state != MASC_OWN_DELAYED)
        retract(m, o, out);
    drop(m, o, out);
    if (was.mine && !is_us(m, other))
        want_after_loss(m, &was, out);
}

/* What is released is not claimed again by a renewal under way. */
static void cancel_renewals(struct masc *m, struct prefix released, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (own_is_pending(o) && o->purpose == MASC_FOR_RENEWAL &&
            prefix_covers(released, o->prefix))
            own_cancel(m, o, "dropped", m->cfg->domain, "the prefix it renews is released", out);
    }
}

bool own_release(struct masc *m, struct own *o, struct out *out)
{
    if (o->storing_removal)
        return false;
    cancel_renewals(m, o->prefix, out);
    o->storing_removal = true;
    store(m, o, true, true, out);
    return true;
}

static void end_of_life(struct masc *m, struct own *o, struct out *out)
{
    log_own(m, o, "expired", NULL, out);
    if (o->state == MASC_OWN_IN_USE || o->state == MASC_OWN_STORING)
        store(m, o, true, false, out);
    drop(m, o, out);
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
    log_own(m, o, "lapsed", "the node that claimed it did not say that it is in use", out);
    drop(m, o, out);
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
    m->own_due = MONO_NEVER;
    for (i = 0; i < m->own_top; i++)
        if (own_is_pending(&m->own[i]))
            m->own_due = mono_min(m->own_due, m->own[i].due);
}

/* ---- memory of an earlier life (13, A-97) ---- */

void own_restore(struct masc *m, const struct row *row, struct out *out)
{
    struct own o;
    u128 parent;
    if (row->type != &masc_row_own || !own_row_read(row, &o, &parent))
        return;
    o.space = o.purpose == MASC_FOR_LOCAL ? SPACE_OWN : space_of_domain(m, parent);
    o.scope = masc_config_scope(m->cfg, o.prefix);
    o.state = MASC_OWN_IN_USE;
    o.mine = o.node == m->cfg->node;
    o.due = MONO_NEVER;
    if (own_end(&o) <= m->now.wall.s || !take_place(m, &o))
        out_store(out, row, ++m->tickets, true);
}

static bool has_child_peers(const struct masc *m)
{
    unsigned i;
    for (i = 0; i < m->cfg->peers; i++)
        if (m->cfg->peer[i].role == MASC_PARENT)
            return true;
    return false;
}

void own_ready(struct masc *m, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        if (!own_in_use(&m->own[i]))
            continue;
        announce(m, &m->own[i], ENTRY_LOCAL, out);
        log_own(m, &m->own[i], "restored", NULL, out);
        /* it had children before, or only children use it: it may hear them again */
        if (own_role(&m->own[i]) == MASC_CHILD || (m->cfg->demands == 0 && has_child_peers(m)))
            m->leaf = false;
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
    o = take_place(m, &wish);
    if (!o)
        return;
    o->state = MASC_OWN_IN_USE;
    if (o->purpose == MASC_FOR_EXPANSION)
        o->purpose = MASC_FOR_SPACE;
    store(m, o, false, false, out);
    (void)supersede(m, o, out);
    log_own(m, o, "learnt", "another node knew it as ours", out);
    m->stale_outputs = m->dirty = true;
    if (own_end(o) < m->own_wall_due.s)
        m->own_wall_due.s = own_end(o);
}

/* A pending claim of an internal peer is followed; our own, from before a restart, is resumed with
 * the rest of its wait. */
static void learn_pending(struct masc *m, const struct claim *c)
{
    struct own wish = learnt(m, c), *o;
    int64_t left_s = claim_hold(c) - m->now.wall.s;
    if (own_find_pending(m, c->prefix, c->timestamp_s))
        return;
    o = take_place(m, &wish);
    if (!o)
        return;
    o->state = MASC_OWN_WAITING;
    if (!o->mine) /* the PREFIX_IN_USE is on its way when the wait is over */
        left_s += LAPSE_S;
    o->due = mono_add_ms(m->now.mono, left_s * 1000);
    m->own_due = mono_min(m->own_due, o->due);
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
    }
    return known;
}

void own_learn(struct masc *m, const struct claim *c, struct out *out)
{
    if (claim_is_pending(c->type))
        learn_pending(m, c);
    else
        learn_in_use(m, c, out);
}

/* ---- 11.7: accepted WITHDRAWs ---- */

/* 11.7.4: a parent took back part of its space: one WITHDRAW for each own prefix in it. */
static void cascade(struct masc *m, const struct claim *w, struct out *out)
{
    struct times t = {w->timestamp_s, w->lifetime_s, w->holdtime_s};
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!own_in_use(o) || own_role(o) != MASC_INTERNAL ||
            !prefix_overlaps(o->prefix, w->prefix) || m->space[o->space].domain != w->domain)
            continue;
        own_withdraw(m, o, prefix_common(o->prefix, w->prefix), t,
                     (uint16_t)(ENTRY_CHILDREN | (o->timestamp_s > w->timestamp_s ? ENTRY_CLASH : 0)),
                     out);
        log_own(m, o, "withdrawn", "the parent withdrew the space it lies in", out);
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
        cancel_renewals(m, w->prefix, out);
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (!o->present || own_role(o) != w->role || !prefix_covers(w->prefix, o->prefix) ||
            o->timestamp_s > w->timestamp_s)
            continue;
        if (flags & ENTRY_CANCEL && own_is_pending(o) && o->state != MASC_OWN_DELAYED &&
            o->timestamp_s == w->timestamp_s && prefix_equal(o->prefix, w->prefix)) {
            if (o->state == MASC_OWN_STORING)
                store(m, o, true, false, out);
            drop(m, o, out); /* 11.7.3: its Claim-Timer is cancelled */
        } else if (!(flags & (ENTRY_CANCEL | ENTRY_CLASH)) && own_in_use(o)) {
            store(m, o, true, false, out); /* released by a node of our domain */
            drop(m, o, out);
        }
    }
    release_uncovered(m, out);
}
