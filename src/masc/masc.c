/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * masc: joins sessions and claims into one core (masc.h).
 *
 * Every step does the same things in the same order: what has expired goes first; then the
 * event; then own timers, so that a collision that arrives in the same instant is heard before a
 * Claim-Timer succeeds; then decisions, outputs, and what is to be sent.
 */
#include "masc/masc.h"

#include <string.h>

#include "base/check.h"
#include "masc/speaker.h"

static size_t align64(size_t n)
{
    return (n + 63) & ~(size_t)63;
}

/* The parts of the speaker's memory, in order; with mem = 0 it only measures. What every node uses
 * comes first and together, so that it shares pages; the last are used by few nodes or rarely. */
static size_t lay_out(struct masc *m, uintptr_t mem, const struct masc_config *c, void **table,
                      void **peers)
{
    size_t at = align64(sizeof *m);
    m->relay = (void *)(mem + at);
    at += align64(c->peers_max * sizeof *m->relay);
    *peers = (void *)(mem + at);
    at += align64(masc_peers_octets(c));
    m->own = (void *)(mem + at);
    at += align64(c->own_max * sizeof *m->own);
    m->space = (void *)(mem + at);
    at += align64(SPACES_MAX * sizeof *m->space);
    m->trend = (void *)(mem + at);
    at += align64((MASC_SCOPES_MAX + 1) * sizeof *m->trend);
    *table = (void *)(mem + at);
    at += align64(table_octets(c));
    m->tally = (void *)(mem + at);
    at += align64(c->origins_max * sizeof *m->tally);
    m->scratch = (void *)(mem + at);
    at += align64(SCRATCH_MAX * sizeof *m->scratch);
    m->unassociated = (void *)(mem + at);
    at += align64(c->unassociated_max * sizeof *m->unassociated);
    m->clash = (void *)(mem + at);
    at += align64(CLASHES_MAX * sizeof *m->clash);
    m->hole = (void *)(mem + at);
    at += align64(HOLES_MAX * sizeof *m->hole);
    return at;
}

size_t masc_octets(const struct masc_config *c)
{
    struct masc m;
    void *table, *peers;
    return lay_out(&m, 0, c, &table, &peers);
}

uint16_t space_of_domain(struct masc *m, u128 domain)
{
    unsigned i;
    for (i = SPACE_OWN + 1; i < m->spaces; i++)
        if (m->space[i].domain == domain)
            return (uint16_t)i;
    if (m->spaces == SPACES_MAX)
        return SPACE_NONE;
    m->space[m->spaces] = (struct space){.domain = domain};
    return (uint16_t)m->spaces++;
}

static void know_spaces(struct masc *m)
{
    u128 parent[MASC_PARENTS_MAX];
    unsigned i, n = masc_config_parents(m->cfg, parent);
    m->space[SPACE_OWN].domain = m->cfg->domain;
    (void)space_of_domain(m, MASC_TLD_ID);
    for (i = 0; i < n; i++)
        (void)space_of_domain(m, parent[i]);
}

struct masc *masc_init(void *mem, const struct masc_config *c, uint64_t seed)
{
    struct masc *m = mem;
    void *table, *peers;
    CHECK((uintptr_t)mem % 64 == 0);
    *m = (struct masc){
        .cfg = c,
        .rng = prng_init(seed),
        .want_due = MONO_NEVER,
        .want_next = {0},
        .own_due = MONO_NEVER,
        .own_wall_due = {INT64_MAX},
        .spaces = SPACE_OWN + 1,
        .own_max = c->own_max,
        .peers_max = c->peers_max,
        .unassociated_max = c->unassociated_max,
    };
    (void)lay_out(m, (uintptr_t)mem, c, &table, &peers);
    table_init(&m->table, table, c, prng_u64(&m->rng));
    m->peers = masc_peers_init(peers, c, prng_u64(&m->rng));
    for (unsigned i = 0; i < m->peers_max; i++)
        relay_down(m, i);
    know_spaces(m);
    return m;
}

/* ---- time ---- */

/* Entries that one step expires: when a million end at once, the loop is not held up. What is left
 * is due at once, and not live meanwhile. */
enum { EXPIRED_MAX = 32768 };

static void expire(struct masc *m, struct out *out)
{
    unsigned n = 0;
    uint32_t at;
    while (n++ < EXPIRED_MAX && (at = table_due(&m->table, m->now.wall.s)) != TABLE_NONE) {
        const struct entry *e = &m->table.entry[at];
        enum masc_type type = e->type & 7;
        /* a child's last word may make the domain a leaf; a WITHDRAW's end gives ranges back */
        m->dirty |= type == MASC_PREFIX_MANAGED ||
                    (e->role == MASC_CHILD &&
                     receive_changes_need(m, table_domain(&m->table, at),
                                          table_prefix(&m->table, at), at));
        m->stale_outputs |= type == MASC_WITHDRAW;
        if (e->flags & ENTRY_DEAD)
            relay_forget(m, at);
        (void)table_expire(&m->table, at);
    }
    if (m->own_wall_due.s <= m->now.wall.s)
        own_expire(m, out);
}

void masc_after(struct masc *m, struct out *out)
{
    if (m->unheard)
        own_taken(m);
    if (mono_due(m->own_due, m->now.mono))
        own_tick(m, out);
    if (m->clash_top)
        clash_tick(m, out);
    if (mono_due(m->want_due, m->now.mono) || (m->dirty && m->want_next.ms <= m->now.mono.ms))
        want_tick(m, out);
    if (m->stale_outputs)
        outputs_refresh(m, out);
    relay_pump(m, out);
}

mono_t masc_deadline(const struct masc *m)
{
    mono_t due = masc_peers_deadline(m->peers);
    int64_t expiry = table_next_expiry(&m->table);
    if (!m->ready)
        return due;
    if (m->relay_pending)
        return m->now.mono;
    due = mono_min(due, m->own_due);
    due = mono_min(due, clash_deadline(m));
    due = mono_min(due, m->want_due);
    if (m->dirty)
        due = mono_min(due, m->want_next);
    if (m->own_wall_due.s < expiry)
        expiry = m->own_wall_due.s;
    return expiry == INT64_MAX ? due : mono_min(due, mono_of_wall(m->now, (wall_t){expiry}));
}

/* ---- events ---- */

/* an error about an own pending claim, from a node of the parent: as if denied. */
static void refused(struct masc *m, const struct masc_signal *sig, struct out *out)
{
    const struct masc_peer_config *p = masc_peer_settings(m->peers, sig->peer);
    uint8_t code = sig->notification.subcode;
    bool policy = (code >= MASC_UPDATE_LIFETIME_SHORT && code <= MASC_UPDATE_SIZE_LARGE) ||
                  code == MASC_UPDATE_NO_PARENT_PREFIX || code == MASC_UPDATE_HOLDTIME_SHORT ||
                  code == MASC_UPDATE_HOLDTIME_LONG;
    struct rd rest = rd_init(sig->notification.data, sig->notification.data_len);
    struct masc_attr a;
    struct masc_fault fault;
    if (p->role != MASC_CHILD || !policy)
        return;
    while (masc_update_next(&rest, sig->notification.data, sig->notification.data_len, &a,
                            &fault)) {
        struct own *o;
        if (masc_fault_is(&fault) || !is_us(m, a.domain) || !claim_is_pending(a.type))
            continue;
        o = own_find_pending(m, a.prefix, masc_timestamp_extend(a.timestamp_s, m->now.wall.s));
        if (!o || m->space[o->space].domain != p->domain) /* it speaks for its own space */
            continue;
        own_cancel(m, o,
                   &(struct ending){"refused", p->domain, masc_subcode_name(MASC_E_UPDATE, code)},
                   out);
    }
}

void masc_signals(struct masc *m, struct out *out)
{
    struct masc_signal sig;
    while (masc_peers_next(m->peers, &sig, out)) {
        switch (sig.kind) {
        case MASC_SIGNAL_ESTABLISHED:
            relay_up(m, sig.peer);
            m->dirty = true;
            break;
        case MASC_SIGNAL_DOWN:
            relay_down(m, sig.peer);
            own_session_down(m, sig.peer, out);
            break;
        case MASC_SIGNAL_REMOVED:
            relay_down(m, sig.peer);
            own_session_down(m, sig.peer, out);
            update_forget(m, sig.peer);
            m->dirty = true;
            break;
        case MASC_SIGNAL_UPDATE:
            update_receive(m, sig.peer, sig.octets, sig.len, out);
            break;
        case MASC_SIGNAL_REFUSED:
            refused(m, &sig, out);
            break;
        }
    }
}

static void ready(struct masc *m, struct out *out)
{
    m->ready = true;
    m->want_due = m->now.mono;
    m->own_wall_due = m->now.wall;
    own_ready(m, out);
    masc_peers_start(m->peers, m->now, out);
}

void masc_step(struct masc *m, const struct event *ev, struct out *out)
{
    m->now = ev->now;
    if (ev->kind == EVENT_BOOT) {
        own_restore(m, ev->row, out);
        return;
    }
    if (m->ready)
        expire(m, out);
    switch (ev->kind) {
    case EVENT_READY:
        ready(m, out);
        break;
    case EVENT_CONN_UP:
    case EVENT_CONN_DOWN:
    case EVENT_STREAM:
    case EVENT_SENT:
    case EVENT_TIME:
        masc_peers_event(m->peers, ev, out);
        break;
    case EVENT_STOP:
        m->stopping = true;
        masc_peers_event(m->peers, ev, out);
        break;
    case EVENT_STORED:
        own_stored(m, ev->ticket, ev->stored, out);
        break;
    case EVENT_BOOT:
    case EVENT_ASK:
        break;
    }
    masc_signals(m, out);
    if (m->ready)
        masc_after(m, out);
}

/* The remote of a peering has another role to us now, and in no session its old one. */
static bool changes_role(const struct masc_config *c, const struct masc_peer_config *old)
{
    bool known = false;
    unsigned i;
    for (i = 0; i < c->peers; i++) {
        if (c->peer[i].domain != old->domain)
            continue;
        if (c->peer[i].role == old->role)
            return false;
        known = true;
    }
    return known;
}

/* the cached roles of such a domain are wrong: its UPDATEs count no more, and come anew by
 * the sessions, which start again. */
static void forget_roles(struct masc *m, const struct masc_config *c)
{
    unsigned i;
    for (i = 0; i < m->peers_max; i++) {
        const struct masc_peer_config *old = masc_peer_info(m->peers, i).config;
        uint32_t at = old && changes_role(c, old) ? table_first_of_domain(&m->table, old->domain)
                                                  : TABLE_NONE;
        for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at))
            m->table.entry[at].flags |= ENTRY_LOST | ENTRY_UNSENT;
    }
}

void masc_configure(struct masc *m, const struct masc_config *c, struct now now, struct out *out)
{
    unsigned i;
    m->now = now;
    CHECK(c->claims_max == m->cfg->claims_max && c->peers_max == m->cfg->peers_max &&
          c->own_max == m->cfg->own_max && c->origins_max == m->cfg->origins_max &&
          c->unassociated_max == m->cfg->unassociated_max);
    m->cfg = c;
    table_retain(&m->table, c->retention_s);
    m->table.per_origin_max = c->per_origin_max;
    know_spaces(m);
    forget_roles(m, c);
    masc_peers_configure(m->peers, c, now, out);
    masc_signals(m, out);
    for (i = 0; i < m->own_top; i++)
        m->own[i].scope = masc_config_scope(c, m->own[i].prefix);
    m->dirty = m->stale_outputs = true;
    masc_after(m, out);
}
