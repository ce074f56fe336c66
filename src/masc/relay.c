/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relay: who is sent what, and in which order (RFC 2909 11, 11.8; ).
 *
 * Nobody queues messages: each session walks the log of the table at its own pace. When a session
 * comes up it first replays, one pass over the log for each (role, type) in the order of 11.8 that
 * has entries at all; then it follows the log, in order of arrival, from where the replay ended. A
 * slow peer costs its cursor and its window. Whether an entry is for a peer is decided when the
 * cursor meets it (is_for): so what has expired, or was denied meanwhile, is never sent.
 *
 * The Rol sent is the entry's role: what its origin is to our domain.
 */
#include "base/check.h"
#include "masc/role.h"
#include "masc/speaker.h"

/* Entries looked at in one step for one peer: bounds the time a step takes. */
enum { VISITS_MAX = 32768 };

/* ---- is it for this peer? ---- */

/* A WITHDRAW goes to those who know what it withdraws, and not once that is void. */
static bool withdraw_stands(const struct masc *m, uint32_t at)
{
    struct claim w = table_claim(&m->table, at);
    struct cover c = table_cover_of(&m->table, w.prefix, at);
    uint32_t by;
    if (m->table.entry[at].flags & ENTRY_CLASH)
        return true;
    /* a release is obsolete once a newer prefix of the same domain covers its range */
    while ((by = table_cover_next(&c)) != TABLE_NONE) {
        const struct entry *e = &m->table.entry[by];
        if (table_is_held(&m->table, by) && e->timestamp_s > w.timestamp_s && e->role == w.role &&
            table_live(&m->table, by, m->now.wall.s))
            return false;
    }
    return true;
}

static bool is_current(const struct masc *m, uint32_t at, bool replaying)
{
    const struct entry *e = &m->table.entry[at];
    int64_t hold = e->timestamp_s + e->holdtime_s, end = e->timestamp_s + e->lifetime_s;
    if (e->flags & (ENTRY_DEAD | ENTRY_UNSENT) || hold <= m->now.wall.s)
        return false; /* an expired UPDATE is never sent (I-27) */
    if ((e->type & 7) == MASC_CLAIM_DENIED)
        return true; /* its Lifetime is a limit, not a life */
    if (end <= m->now.wall.s)
        return false;
    if ((e->type & 7) == MASC_WITHDRAW)
        return withdraw_stands(m, at);
    return !replaying || !table_superseded(&m->table, at, m->now.wall.s);
}

static bool is_hint(const struct masc *m, uint32_t at)
{
    return m->table.entry[at].addr == 0;
}

static bool is_for_parent(const struct masc *m, const struct masc_peer_config *p, uint32_t at)
{
    const struct entry *e = &m->table.entry[at];
    if (is_hint(m, at)) /* 11.5: our domain's, to a parent; which one is known for our own only */
        return e->role == MASC_INTERNAL &&
               (e->space == SPACE_NONE || m->space[e->space].domain == p->domain);
    if (e->role == MASC_SIBLING && !m->cfg->relay_siblings)
        return false;
    /* 4.4: only what lies in that parent's space; PARENT only back to the origin */
    return e->space != SPACE_NONE && m->space[e->space].domain == p->domain;
}

static bool is_for_sibling(const struct masc *m, const struct masc_peer_config *p, uint32_t at)
{
    const struct entry *e = &m->table.entry[at];
    u128 parent = m->space[e->space].domain;
    if (is_hint(m, at) || e->space == SPACE_NONE || e->space == SPACE_OWN)
        return false;
    /* 4: among top-level domains relaying is a must, elsewhere a choice */
    if (e->role == MASC_SIBLING && !m->cfg->relay_siblings && parent != MASC_TLD_ID)
        return false;
    /* Zone TLDs speak of their zone over whatever sibling session they have */
    if (parent == MASC_TLD_ID &&
        masc_config_scope(m->cfg, table_prefix(&m->table, at)) != MASC_SCOPE_GLOBAL)
        return true;
    return parent == p->parent;
}

static bool is_for_child(const struct masc *m, const struct masc_peer_config *p, uint32_t at)
{
    const struct entry *e = &m->table.entry[at];
    enum masc_type type = e->type & 7;
    bool origins = table_domain(&m->table, at) == p->domain;
    if (e->flags & ENTRY_ORIGIN_ONLY)
        return origins;
    if (type == MASC_WITHDRAW && e->role == MASC_INTERNAL)
        return e->flags & ENTRY_CHILDREN;
    if (claim_is_pending(type) && (is_hint(m, at) || e->flags & ENTRY_DENIED))
        return false; /* 11.4.3, 11.5, 11.8.1 */
    return true;
}

static bool is_for(const struct masc *m, unsigned peer, const struct masc_peer_config *p,
                   uint32_t at)
{
    const struct entry *e = &m->table.entry[at];
    if (table_from(&m->table, at, peer) || /* 11: not back to where it came from */
        !masc_role_may_send(e->role, e->type & 7, p->role) ||
        masc_config_crosses(m->cfg, p, table_prefix(&m->table, at)))
        return false;
    switch (p->role) {
    case MASC_INTERNAL:
        return true;
    case MASC_CHILD:
        return is_for_parent(m, p, at);
    case MASC_SIBLING:
        return is_for_sibling(m, p, at);
    case MASC_PARENT:
        return is_for_child(m, p, at);
    }
    return false;
}

/* ---- the order of a replay (11.8.1 - 11.8.4, A-95) ---- */

struct pass {
    uint8_t role, type;
};

#define PASS_END {255, 255}
#define HELD_THEN_CLAIMED(role)                                                                    \
    {role, MASC_PREFIX_IN_USE}, {role, MASC_CLAIM_TO_EXPAND}, {role, MASC_NEW_CLAIM}

static const struct pass to_child[] = {
    {MASC_INTERNAL, MASC_PREFIX_MANAGED}, {MASC_INTERNAL, MASC_WITHDRAW},
    HELD_THEN_CLAIMED(MASC_CHILD),
    {MASC_INTERNAL, MASC_CLAIM_DENIED},   {MASC_CHILD, MASC_WITHDRAW}, PASS_END,
};

/* To a parent (11.8.2) and to a sibling (11.8.3). */
static const struct pass to_parent_or_sibling[] = {
    {MASC_PARENT, MASC_PREFIX_MANAGED}, {MASC_PARENT, MASC_WITHDRAW},
    {MASC_INTERNAL, MASC_PREFIX_IN_USE}, {MASC_SIBLING, MASC_PREFIX_IN_USE},
    {MASC_INTERNAL, MASC_CLAIM_TO_EXPAND}, {MASC_SIBLING, MASC_CLAIM_TO_EXPAND},
    {MASC_INTERNAL, MASC_NEW_CLAIM}, {MASC_SIBLING, MASC_NEW_CLAIM},
    {MASC_PARENT, MASC_CLAIM_DENIED}, {MASC_INTERNAL, MASC_WITHDRAW},
    {MASC_SIBLING, MASC_WITHDRAW}, PASS_END,
};

static const struct pass to_internal[] = {
    {MASC_PARENT, MASC_PREFIX_MANAGED}, {MASC_PARENT, MASC_WITHDRAW},
    {MASC_INTERNAL, MASC_PREFIX_IN_USE}, {MASC_INTERNAL, MASC_PREFIX_MANAGED},
    {MASC_SIBLING, MASC_PREFIX_IN_USE}, {MASC_INTERNAL, MASC_CLAIM_TO_EXPAND},
    {MASC_SIBLING, MASC_CLAIM_TO_EXPAND}, {MASC_INTERNAL, MASC_NEW_CLAIM},
    {MASC_SIBLING, MASC_NEW_CLAIM}, {MASC_PARENT, MASC_CLAIM_DENIED},
    {MASC_INTERNAL, MASC_WITHDRAW}, {MASC_SIBLING, MASC_WITHDRAW},
    HELD_THEN_CLAIMED(MASC_CHILD),
    {MASC_INTERNAL, MASC_CLAIM_DENIED}, {MASC_CHILD, MASC_WITHDRAW}, PASS_END,
};

static const struct pass *passes(enum masc_role local)
{
    switch (local) {
    case MASC_PARENT:
        return to_child;
    case MASC_CHILD:
    case MASC_SIBLING:
        return to_parent_or_sibling;
    case MASC_INTERNAL:
        return to_internal;
    }
    CHECK(false && "role");
    return to_internal;
}

/* ---- cursors: the last entry looked at; TABLE_NONE: before the first ---- */

void relay_up(struct masc *m, unsigned peer)
{
    m->relay[peer] = (struct relay){
        .established = true,
        .replaying = m->table.log_last != TABLE_NONE,
        .at = TABLE_NONE,
        .end = m->table.log_last,
    };
    m->relay_behind = true;
}

void relay_down(struct masc *m, unsigned peer)
{
    m->relay[peer] = (struct relay){.at = TABLE_NONE, .end = TABLE_NONE};
    table_from_clear(&m->table, peer); /* */
}

void relay_forget(struct masc *m, uint32_t at)
{
    uint32_t before = m->table.entry[at].log_prev;
    unsigned i;
    m->relay_behind = true; /* its place may be that of the next new entry */
    for (i = 0; i < m->peers_max; i++) {
        struct relay *r = &m->relay[i];
        if (r->at == at)
            r->at = before;
        if (r->end == at)
            r->end = before;
    }
}

static uint32_t after(const struct masc *m, uint32_t at)
{
    return at == TABLE_NONE ? m->table.log_first : m->table.entry[at].log_next;
}

/* Goes to the next pass that can have anything, or on to following the log. */
static void end_pass(struct masc *m, struct relay *r, const struct pass *order)
{
    r->pass++;
    while (order[r->pass].role != 255 && !m->table.kinds[order[r->pass].role][order[r->pass].type])
        r->pass++;
    r->replaying = order[r->pass].role != 255 && r->end != TABLE_NONE;
    r->at = r->replaying ? TABLE_NONE : r->end;
}

/* The next entry to send to the peer; TABLE_NONE: none now. *visits counts down. */
static uint32_t next_entry(struct masc *m, unsigned peer, const struct masc_peer_config *p,
                           int *visits)
{
    struct relay *r = &m->relay[peer];
    const struct pass *order = passes(p->role);
    while ((*visits)-- > 0) {
        bool replaying = r->replaying;
        struct pass pass = order[r->pass];
        uint32_t at;
        if (replaying && (r->at == r->end || r->end == TABLE_NONE ||
                          !m->table.kinds[pass.role][pass.type])) {
            end_pass(m, r, order);
            continue;
        }
        at = after(m, r->at);
        if (at == TABLE_NONE)
            return TABLE_NONE;
        r->at = at;
        if (replaying && (m->table.entry[at].role != pass.role ||
                          (m->table.entry[at].type & 7) != pass.type))
            continue;
        if (is_for(m, peer, p, at) && is_current(m, at, replaying))
            return at;
    }
    return TABLE_NONE;
}

/* ---- writing ---- */

/* The attribute of an entry as it is sent: the same octets to every peer, so they are written once
 * for all that are sent it in one step. */
struct encoded {
    uint32_t at; /* TABLE_NONE: nothing yet */
    size_t len;
    uint8_t octets[MASC_ATTR_IPV6_OCTETS];
};

/* UPDATE messages under construction: one attribute each, or as many as fit. */
struct batch {
    struct wr w;
    size_t begun;
    bool open;
    unsigned updates;
};

static void encode(const struct masc *m, uint32_t at, struct encoded *x)
{
    struct wr w = wr_init(x->octets, sizeof(x->octets));
    struct claim c = table_claim(&m->table, at);
    struct masc_attr a = claim_to_attr(&c);
    masc_attr_encode(&w, &a);
    CHECK(wr_ok(&w));
    x->at = at;
    x->len = w.len;
}

static void end_update(struct batch *b)
{
    if (b->open)
        masc_update_end(&b->w, b->begun);
    b->open = false;
}

static void add(struct batch *b, const struct encoded *x, bool packed)
{
    if (b->open && (!packed || b->w.len - b->begun + x->len > MASC_MESSAGE_MAX))
        end_update(b);
    if (!b->open) {
        b->begun = b->w.len;
        b->open = true;
        b->updates++;
        masc_update_begin(&b->w);
    }
    wr_bytes(&b->w, x->octets, x->len);
}

static bool has_room(const struct batch *b)
{
    return b->w.cap - b->w.len >= MASC_HEADER_OCTETS + MASC_ATTR_IPV6_OCTETS;
}

static void pump(struct masc *m, unsigned peer, struct encoded *x, struct out *out)
{
    const struct masc_peer_config *p = masc_peer_settings(m->peers, peer);
    size_t room = masc_peer_room(m->peers, peer), all = out_room(out);
    int visits = VISITS_MAX;
    struct batch b;
    uint32_t at = TABLE_NONE;
    if (all < MASC_MESSAGE_MAX) {
        m->relay_pending = true;
        return;
    }
    b = (struct batch){.w = out_stream_begin(out, room < all ? room : all)};
    while (has_room(&b) && (at = next_entry(m, peer, p, &visits)) != TABLE_NONE) {
        const struct entry *e = &m->table.entry[at];
        if (x->at != at)
            encode(m, at, x);
        add(&b, x, m->cfg->packed);
        if (e->flags & ENTRY_LOCAL && claim_is_pending(e->type & 7))
            own_given(m, at, peer);
        m->count.relayed++;
    }
    end_update(&b);
    CHECK(wr_ok(&b.w));
    masc_peer_commit(m->peers, peer, &b.w, b.updates, out);
    m->relay_pending |= visits <= 0 || room > all;
}

static bool is_behind(const struct masc *m, const struct relay *r)
{
    return r->established && (r->replaying || r->at != m->table.log_last);
}

void relay_pump(struct masc *m, struct out *out)
{
    unsigned i;
    bool behind = false;
    struct encoded x;
    m->relay_pending = false;
    if (!m->relay_behind && m->relay_last == m->table.log_last)
        return; /* most steps bring nothing to send */
    x.at = TABLE_NONE;
    for (i = 0; i < m->peers_max; i++) {
        const struct relay *r = &m->relay[i];
        if (is_behind(m, r) && masc_peer_room(m->peers, i) >= MASC_MESSAGE_MAX)
            pump(m, i, &x, out);
        behind |= is_behind(m, r);
    }
    m->relay_behind = behind;
    m->relay_last = m->table.log_last;
}
