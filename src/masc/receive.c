/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * receive: what an acceptable UPDATE does (RFC 2909 11.2 - 11.7), by type and Updated Origin Role.
 *
 * Each function first associates the UPDATE with the prefix it belongs under (a parent's, our own,
 * or one of its origin's own), and returns the subcode 3/24 - 3/27 when it cannot; then it records
 * it, which is also what propagates it (relay.c), and then lets it act on own claims. Roles: a
 * SIBLING competes with us, a CHILD lives in our space, INTERNAL is ourselves.
 */
#include "base/check.h"
#include "masc/speaker.h"

/* ---- association ---- */

static uint16_t find_space(const struct masc *m, u128 domain)
{
    unsigned i;
    for (i = SPACE_OWN + 1; i < m->spaces; i++)
        if (m->space[i].domain == domain)
            return (uint16_t)i;
    return SPACE_NONE;
}

static uint16_t associate_range(const struct masc *m, struct prefix p, uint8_t scope)
{
    unsigned i;
    for (i = 0; i < m->cfg->ranges; i++)
        if (m->cfg->range[i].scope == scope && prefix_covers(m->cfg->range[i].prefix, p))
            return find_space(m, MASC_TLD_ID);
    return SPACE_NONE;
}

/* The length of the most specific prefix with which a parent manages `p`; -1 if none. */
static int managed_length(const struct masc *m, u128 parent, struct prefix p)
{
    struct cover c = table_cover(&m->table, p, parent);
    uint32_t at;
    while ((at = table_cover_next(&c)) != TABLE_NONE) {
        const struct entry *e = &m->table.entry[at];
        if ((e->type & 7) == MASC_PREFIX_MANAGED && e->role == MASC_PARENT &&
            table_effective(&m->table, at, p, m->now.wall.s))
            return e->len;
    }
    return -1;
}

uint16_t associate(const struct masc *m, struct prefix p, uint16_t only)
{
    uint8_t scope = masc_config_scope(m->cfg, p);
    uint16_t i, best = SPACE_NONE;
    int best_len = -1;
    if (masc_config_is_top_level(m->cfg, scope))
        return associate_range(m, p, scope);
    for (i = SPACE_OWN + 1; i < m->spaces; i++) {
        int len = only == SPACE_NONE || only == i ? managed_length(m, m->space[i].domain, p) : -1;
        /* most specific; on a tie the parent with the lowest Domain ID */
        if (len > best_len ||
            (len >= 0 && len == best_len && m->space[i].domain < m->space[best].domain)) {
            best = i;
            best_len = len;
        }
    }
    return best;
}

/* Over a CHILD or SIBLING session only the space of that session's parent counts. */
static uint16_t space_of_session(const struct masc *m, const struct masc_peer_config *p)
{
    if (p->role == MASC_CHILD)
        return find_space(m, p->domain);
    if (p->role == MASC_SIBLING)
        return find_space(m, p->parent);
    return SPACE_NONE;
}

static uint16_t associate_over(const struct masc *m, unsigned peer, struct prefix p)
{
    const struct masc_peer_config *pc = masc_peer_settings(m->peers, peer);
    return associate(m, p, space_of_session(m, pc));
}

/* Our own WITHDRAW hides that part of it. */
static bool is_withdrawn(const struct masc *m, const struct own *o, struct prefix p)
{
    struct claim c = own_claim(m, o, MASC_PREFIX_IN_USE);
    uint32_t at = table_find(&m->table, &c);
    return at != TABLE_NONE && table_hidden(&m->table, at, p, m->now.wall.s);
}

struct own *own_covering(const struct masc *m, struct prefix p)
{
    struct own *best = NULL;
    unsigned i;
    for (i = 0; i < m->own_top; i++) {
        struct own *o = &m->own[i];
        if (own_in_use(o) && own_role(o) == MASC_INTERNAL && prefix_covers(o->prefix, p) &&
            own_end(o) > m->now.wall.s && (!best || own_end(o) > own_end(best)))
            best = o;
    }
    return best && !is_withdrawn(m, best, p) ? best : NULL;
}

/* ---- recording ---- */

uint32_t record(struct masc *m, const struct claim *c, uint16_t space, uint16_t flags,
                struct out *out)
{
    uint32_t at;
    if (table_insert(&m->table, c, space, flags, &at) != TABLE_FULL)
        return at;
    if (m->count.table_full++ == 0)
        life_log(m, &(struct life){.event = "table-full", .prefix = c->prefix,
                                   .domain = c->domain, .ready_s = INT64_MAX,
                                   .until_s = INT64_MAX,
                                   .reason = "no place for another UPDATE: raise limits.claims or "
                                             "limits.per-origin"}, out);
    return TABLE_NONE;
}

/* Where a received UPDATE goes: the space it lies in and its flags (enum entry_flag). */
struct place {
    uint16_t space, flags;
};

static void record_from(struct masc *m, unsigned peer, const struct claim *c, struct place at,
                        struct out *out)
{
    uint32_t entry = record(m, c, at.space, at.flags, out);
    if (entry != TABLE_NONE)
        table_from_set(&m->table, entry, peer);
}

bool receive_changes_need(const struct masc *m, u128 domain, struct prefix p, uint32_t but)
{
    struct cover k = table_cover(&m->table, p, domain);
    uint32_t at;
    if (prefix_is_hint(p))
        return true;
    while ((at = table_cover_next(&k)) != TABLE_NONE) {
        const struct entry *e = &m->table.entry[at];
        if (at != but && e->role == MASC_CHILD && claim_is_compared(e->type & 7) &&
            (e->type & 7) != MASC_CLAIM_DENIED && table_live(&m->table, at, m->now.wall.s))
            return false;
    }
    return true;
}

/* 12.2: the first UPDATE of a child domain makes the domain non-leaf; want.c acts on it. Asked
 * before the UPDATE is recorded. */
static void heard_child(struct masc *m, const struct claim *c)
{
    if (!is_us(m, c->domain) && receive_changes_need(m, c->domain, c->prefix, TABLE_NONE))
        m->dirty = true;
}

/* ---- 11.2, 11.6: prefixes held ---- */

/* PREFIX_IN_USE and PREFIX_MANAGED of our own domain imply one another: both are recorded,
 * so that any node can tell parents and siblings the one and children the other. */
static void record_own_pair(struct masc *m, unsigned peer, const struct claim *c, struct out *out)
{
    uint16_t space = associate(m, c->prefix, SPACE_NONE);
    struct claim twin = *c;
    twin.type = c->type == MASC_PREFIX_IN_USE ? MASC_PREFIX_MANAGED : MASC_PREFIX_IN_USE;
    twin.deprecated = twin.type == MASC_PREFIX_MANAGED && c->deprecated;
    record_from(m, peer, c, (struct place){space, 0}, out);
    record_from(m, peer, &twin, (struct place){space, 0}, out);
}

static uint8_t receive_internal_prefix(struct masc *m, unsigned peer, const struct claim *c,
                                       struct out *out)
{
    if (c->type == MASC_PREFIX_MANAGED && c->deprecated && own_learn_deprecated(m, c)) {
        record_from(m, peer, c, (struct place){associate(m, c->prefix, SPACE_NONE), 0}, out);
        return 0;
    }
    record_own_pair(m, peer, c, out);
    own_learn(m, c, out);
    update_retry(m, c->prefix, out);
    return 0;
}

static uint8_t receive_in_use(struct masc *m, unsigned peer, const struct claim *c,
                              struct out *out)
{
    uint16_t space;
    switch (c->role) {
    case MASC_SIBLING: /* 11.2.2 */
        space = associate_over(m, peer, c->prefix);
        if (space == SPACE_NONE)
            return MASC_UPDATE_NO_PARENT_PREFIX;
        record_from(m, peer, c, (struct place){space, 0}, out);
        own_meet(m, c, out);
        update_retry(m, c->prefix, out);
        return 0;
    case MASC_CHILD: /* 11.2.3 */
        if (!own_covering(m, c->prefix))
            return MASC_UPDATE_NO_PARENT_PREFIX;
        heard_child(m, c);
        record_from(m, peer, c, (struct place){SPACE_OWN, 0}, out);
        if (is_us(m, c->domain)) {
            own_learn(m, c, out);
            return 0;
        }
        own_meet(m, c, out);
        life_log(m, &(struct life){.event = "delegated", .prefix = c->prefix, .domain = c->domain,
                                   .ready_s = INT64_MAX, .until_s = claim_end(c)}, out);
        update_retry(m, c->prefix, out);
        return 0;
    case MASC_INTERNAL: /* 11.2.4 */
        return receive_internal_prefix(m, peer, c, out);
    case MASC_PARENT: /* 11.2.1: update.c refused it */
        break;
    }
    return MASC_UPDATE_ORIGIN_ROLE;
}

static uint8_t receive_managed(struct masc *m, unsigned peer, const struct claim *c,
                               struct out *out)
{
    const struct masc_peer_config *p = masc_peer_settings(m->peers, peer);
    uint16_t space;
    if (c->role == MASC_INTERNAL) /* 11.6.3 */
        return receive_internal_prefix(m, peer, c, out);
    /* 11.6.1: the origin must be a parent, and over a sibling's session the common one. */
    space = p->role == MASC_INTERNAL ? space_of_domain(m, c->domain) : space_of_session(m, p);
    if (space == SPACE_NONE || m->space[space].domain != c->domain || is_us(m, c->domain))
        return MASC_UPDATE_ORIGIN_DOMAIN;
    record_from(m, peer, c, (struct place){space, 0}, out);
    m->dirty = true;
    update_retry(m, c->prefix, out);
    return 0;
}

/* ---- 11.4, 11.5: claims ---- */

/* 11.5, A-30: seen by the claimer's domain and its parent only. */
static uint8_t receive_hint(struct masc *m, unsigned peer, const struct claim *c, struct out *out)
{
    const struct masc_peer_config *p = masc_peer_settings(m->peers, peer);
    if (c->role == MASC_CHILD && (p->role == MASC_PARENT || p->role == MASC_INTERNAL)) {
        record_from(m, peer, c, (struct place){SPACE_OWN, 0}, out);
        heard_child(m, c);
        life_log(m, &(struct life){.event = "hint", .prefix = c->prefix, .domain = c->domain,
                                   .ready_s = INT64_MAX, .until_s = claim_hold(c),
                                   .reason = "a child wants space"}, out);
    } else if (c->role == MASC_INTERNAL) {
        record_from(m, peer, c, (struct place){SPACE_NONE, 0}, out);
    } else {
        m->count.ignored++; /* 11.8.1, 11.8.4: a third party's */
    }
    return 0;
}

static bool expands_something(const struct masc *m, const struct claim *c)
{
    return c->type != MASC_CLAIM_TO_EXPAND ||
           table_in_use_overlapping(&m->table, (struct holder){c->domain, c->role}, c->prefix,
                                    m->now.wall.s) != TABLE_NONE;
}

/* 11.4.3: an equal copy but for type, Rol and Claim Lifetime, to the Origin Domain. */
static void deny(struct masc *m, const struct claim *c, const char *reason, uint32_t lifetime_s,
                 struct out *out)
{
    struct claim d = *c;
    d.type = MASC_CLAIM_DENIED;
    d.role = MASC_INTERNAL;
    d.lifetime_s = lifetime_s;
    (void)record(m, &d, SPACE_OWN, ENTRY_LOCAL | ENTRY_ORIGIN_ONLY, out);
    life_log(m, &(struct life){.event = "denied", .prefix = c->prefix, .domain = c->domain,
                               .other = m->cfg->domain, .ready_s = INT64_MAX,
                               .until_s = c->timestamp_s + lifetime_s, .reason = reason}, out);
}

static uint8_t receive_child_claim(struct masc *m, unsigned peer, const struct claim *c,
                                   struct out *out)
{
    const struct own *managed = own_covering(m, c->prefix);
    uint32_t lifetime_s;
    const char *reason;
    uint8_t error;
    if (!managed)
        return MASC_UPDATE_NO_PARENT_PREFIX;
    if (!expands_something(m, c))
        return MASC_UPDATE_NO_CHILD_PREFIX;
    if (is_us(m, c->domain)) { /* an internal peer's claim for local use */
        record_from(m, peer, c, (struct place){SPACE_OWN, 0}, out);
        own_learn(m, c, out);
        return 0;
    }
    error = deny_refuses(m, c);
    if (error)
        return error;
    reason = deny_reason(m, c, managed, &lifetime_s, out);
    heard_child(m, c);
    record_from(m, peer, c, (struct place){SPACE_OWN, reason ? ENTRY_DENIED : 0}, out);
    if (reason)
        deny(m, c, reason, lifetime_s, out);
    else
        own_meet(m, c, out);
    return 0;
}

static uint8_t receive_claim(struct masc *m, unsigned peer, const struct claim *c,
                             struct out *out)
{
    uint16_t space;
    if (prefix_is_hint(c->prefix))
        return c->type == MASC_NEW_CLAIM ? receive_hint(m, peer, c, out) : MASC_UPDATE_ADDRESS;
    if (c->role == MASC_CHILD) /* 11.4.3 */
        return receive_child_claim(m, peer, c, out);
    /* 11.4.2 SIBLING, 11.4.4 INTERNAL_PEER */
    space = associate_over(m, peer, c->prefix);
    if (space == SPACE_NONE)
        return MASC_UPDATE_NO_PARENT_PREFIX;
    if (!expands_something(m, c))
        return c->role == MASC_INTERNAL ? MASC_UPDATE_NO_INTERNAL_PREFIX
                                        : MASC_UPDATE_NO_SIBLING_PREFIX;
    record_from(m, peer, c, (struct place){space, 0}, out);
    own_meet(m, c, out);
    if (c->role == MASC_INTERNAL)
        own_learn(m, c, out);
    return 0;
}

/* ---- 11.3: CLAIM_DENIED ---- */

static void mark_denied(struct masc *m, const struct claim *c)
{
    uint32_t at = table_find_pending(&m->table, c->domain, c->prefix, c->timestamp_s);
    if (at != TABLE_NONE)
        m->table.entry[at].flags |= ENTRY_DENIED;
}

static bool was_denied(const struct masc *m, const struct claim *c)
{
    uint32_t at = table_find_pending(&m->table, c->domain, c->prefix, c->timestamp_s);
    return at != TABLE_NONE && m->table.entry[at].flags & ENTRY_DENIED;
}

/* What the parent allows from now on in its space: a shorter life, or a smaller prefix. */
static void heed_denial(struct masc *m, const struct own *o, const struct claim *c)
{
    struct space *s = &m->space[o->space];
    s->denied_until_s = claim_hold(c);
    if (claim_end(c) < own_end(o))
        s->denied_end_s = claim_end(c);
    else if (o->prefix.len >= s->denied_len)
        s->denied_len = (uint8_t)(o->prefix.len + 1);
}

static uint8_t receive_own_denial(struct masc *m, unsigned peer, const struct claim *c,
                                  struct out *out)
{
    struct own *o = own_find_pending(m, c->prefix, c->timestamp_s);
    uint16_t space = o ? o->space : associate_over(m, peer, c->prefix);
    const struct masc_peer_config *p = masc_peer_settings(m->peers, peer);
    bool hint = prefix_is_hint(c->prefix);
    if (o && p->role != MASC_INTERNAL && o->space != space_of_session(m, p))
        return MASC_UPDATE_NO_INTERNAL_PREFIX; /* another parent's space */
    if (!o && !hint && !was_denied(m, c))
        return MASC_UPDATE_NO_INTERNAL_PREFIX;
    if (hint && table_find_pending(&m->table, c->domain, c->prefix, c->timestamp_s) == TABLE_NONE)
        return MASC_UPDATE_NO_INTERNAL_PREFIX;
    mark_denied(m, c);
    record_from(m, peer, c, (struct place){space, 0}, out);
    if (o) {
        heed_denial(m, o, c);
        own_cancel(m, o,
                   &(struct ending){"denied", m->space[o->space].domain,
                                    "the parent refuses it; choosing again within its limits"},
                   out);
    }
    return 0;
}

static uint8_t receive_denied(struct masc *m, unsigned peer, const struct claim *c,
                              struct out *out)
{
    uint16_t space;
    if (c->role == MASC_INTERNAL) { /* 11.3.2 */
        mark_denied(m, c);
        record_from(m, peer, c,
                    (struct place){SPACE_OWN, prefix_is_hint(c->prefix) ? ENTRY_ORIGIN_ONLY : 0},
                    out);
        return 0;
    }
    if (is_us(m, c->domain)) /* 11.3.3 */
        return receive_own_denial(m, peer, c, out);
    if (prefix_is_hint(c->prefix)) { /* 11.8.1: of a third party's hint */
        m->count.ignored++;
        return 0;
    }
    space = associate_over(m, peer, c->prefix);
    if (space == SPACE_NONE)
        return MASC_UPDATE_NO_PARENT_PREFIX;
    mark_denied(m, c);
    record_from(m, peer, c, (struct place){space, 0}, out);
    return 0;
}

/* ---- 11.7: WITHDRAW ---- */

/* Superseded prefixes that a WITHDRAW is held against; renewals leave a handful. With a full table
 * the same WITHDRAW can come again and again, so what it costs is bounded. */
enum { OUTDATED_MAX = 64 };

/* What a WITHDRAW meets of its own domain. */
struct met {
    unsigned outdated; /* older and superseded there */
    bool newer, older; /* than it; an older one that still stands */
};

static void meet(const struct masc *m, const struct claim *w, uint32_t at, struct met *met)
{
    const struct entry *e = &m->table.entry[at];
    struct prefix range = prefix_common(table_prefix(&m->table, at), w->prefix);
    if (e->role != w->role || !table_is_held(&m->table, at) ||
        !table_live(&m->table, at, m->now.wall.s))
        return;
    if (e->timestamp_s > w->timestamp_s)
        met->newer = true;
    else if (table_superseded_on(&m->table, at, range, m->now.wall.s))
        met->outdated++;
    else
        met->older = true;
}

/* a WITHDRAW that is older than what it hides was caused by a clash: its Timestamp is the
 * winner's. If it also meets something older that still stands there, its origin gave that back,
 * and what is newer was claimed after: in a replay the WITHDRAW comes last. `held` is any entry of
 * its domain. */
static bool is_by_clash(const struct masc *m, const struct claim *w, uint32_t held)
{
    struct cover over = table_cover_of(&m->table, w->prefix, held);
    struct inside in;
    struct met met = {0};
    uint32_t at;
    while (!met.older && met.outdated < OUTDATED_MAX &&
           (at = table_cover_next(&over)) != TABLE_NONE)
        meet(m, w, at, &met);
    if (met.older)
        return false;
    in = table_inside(&m->table, w->prefix, w->domain);
    while (!met.older && met.outdated < OUTDATED_MAX &&
           (at = table_inside_next(&in)) != TABLE_NONE)
        meet(m, w, at, &met);
    return met.newer && !met.older;
}

/* The claim that the WITHDRAW cancels: exactly that, and still pending; one that became a
 * prefix in use kept its Timestamp. */
static uint32_t cancelled_by(const struct masc *m, const struct claim *w)
{
    uint32_t pending = table_find_pending(&m->table, w->domain, w->prefix, w->timestamp_s);
    uint32_t at;
    if (pending == TABLE_NONE || m->table.entry[pending].flags & ENTRY_DEAD)
        return TABLE_NONE;
    at = table_first(&m->table, w->prefix, w->domain);
    for (; at != TABLE_NONE; at = table_next(&m->table, at)) {
        if (m->table.entry[at].timestamp_s == w->timestamp_s && table_is_held(&m->table, at))
            return TABLE_NONE;
    }
    return pending;
}

static uint8_t withdraw_error(enum masc_role role)
{
    switch (role) {
    case MASC_CHILD:
        return MASC_UPDATE_NO_CHILD_PREFIX;
    case MASC_SIBLING:
        return MASC_UPDATE_NO_SIBLING_PREFIX;
    case MASC_INTERNAL:
        return MASC_UPDATE_NO_INTERNAL_PREFIX;
    case MASC_PARENT:
        return MASC_UPDATE_NO_PARENT_PREFIX;
    }
    return MASC_UPDATE_NO_PARENT_PREFIX;
}

static uint8_t receive_withdraw(struct masc *m, unsigned peer, const struct claim *w,
                                struct out *out)
{
    uint32_t pending = cancelled_by(m, w);
    uint32_t held = pending != TABLE_NONE
                        ? TABLE_NONE /* an exact pending claim takes precedence */
                        : table_in_use_overlapping(&m->table, (struct holder){w->domain, w->role},
                                                   w->prefix, m->now.wall.s);
    uint32_t of = pending != TABLE_NONE ? pending : held;
    uint16_t flags = held != TABLE_NONE ? ENTRY_CHILDREN : 0;
    if (of == TABLE_NONE) /* neither a prefix held nor a pending claim */
        return withdraw_error(w->role);
    if (held != TABLE_NONE && is_by_clash(m, w, held))
        flags |= ENTRY_CLASH;
    if (pending != TABLE_NONE) {
        flags |= ENTRY_CANCEL;
        if (m->table.entry[pending].flags & ENTRY_DENIED || prefix_is_hint(w->prefix))
            flags |= ENTRY_ORIGIN_ONLY; /* others never saw the claim */
        m->table.entry[pending].flags |= ENTRY_LOST;
    }
    record_from(m, peer, w, (struct place){m->table.entry[of].space, flags}, out);
    m->dirty = true;
    own_withdrawn(m, w, flags, out);
    return 0;
}

uint8_t receive(struct masc *m, unsigned peer, const struct claim *c, struct out *out)
{
    switch (c->type) {
    case MASC_PREFIX_IN_USE:
        return receive_in_use(m, peer, c, out);
    case MASC_CLAIM_DENIED:
        return receive_denied(m, peer, c, out);
    case MASC_CLAIM_TO_EXPAND:
    case MASC_NEW_CLAIM:
        return receive_claim(m, peer, c, out);
    case MASC_PREFIX_MANAGED:
        return receive_managed(m, peer, c, out);
    case MASC_WITHDRAW:
        return receive_withdraw(m, peer, c, out);
    }
    CHECK(false && "type");
    return 0;
}
