/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query: what a person may ask of a speaker, and order (masc.h).
 *
 * Views are values made on the spot; cursors are positions in tables, so that a long answer can be
 * given in parts while the speaker goes on.
 */
#include "base/check.h"
#include "base/text.h"
#include "masc/speaker.h"

const struct masc_config *masc_configuration(const struct masc *m)
{
    return m->cfg;
}

const struct masc_peers *masc_sessions(const struct masc *m)
{
    return m->peers;
}

static bool is_leaf_everywhere(const struct masc *m)
{
    unsigned scope;
    for (scope = 0; scope <= MASC_SCOPES_MAX; scope++)
        if (m->children_in[scope][0] || m->children_in[scope][1])
            return false;
    return true;
}

struct masc_status masc_status(const struct masc *m, struct now now)
{
    struct masc_status s = {
        .ready = m->ready,
        .leaf = is_leaf_everywhere(m),
        .store_failing = m->store_failing,
        .claims = m->table.count,
        .claims_max = m->table.entries_max,
        .received = m->count.received,
        .duplicates = m->count.duplicates,
        .expired_on_arrival = m->count.expired_on_arrival,
        .refused = m->count.refused,
        .unassociated = m->unassociated_n,
        .table_full = m->count.table_full,
        .relayed = m->count.relayed,
        .collisions_won = m->count.won,
        .collisions_lost = m->count.lost,
        .clashes = m->count.clashes,
        .needed = m->needed,
    };
    unsigned i, r, t;
    (void)now;
    for (r = 0; r < 4; r++)
        for (t = 0; t < MASC_TYPES; t++)
            s.live += m->table.live_kinds[r][t];
    for (i = 0; i < m->own_top; i++)
        if (m->own[i].g_rib)
            s.managed += prefix_size(m->own[i].prefix);
    return s;
}

/* ---- claims ---- */

static const char *entry_state(const struct masc *m, uint32_t at, struct now now)
{
    uint16_t flags = m->table.entry[at].flags;
    if (flags & ENTRY_DENIED)
        return "denied";
    if (flags & ENTRY_LOST)
        return "lost";
    if (!table_live(&m->table, at, now.wall.s))
        return "retained";
    if (table_superseded(&m->table, at, now.wall.s))
        return "superseded";
    if ((m->table.entry[at].type & 7) != MASC_WITHDRAW &&
        table_hidden(&m->table, at, table_prefix(&m->table, at), now.wall.s))
        return "withdrawn";
    return "live";
}

/* The cursor is index + 1 of the last entry shown. An entry freed meanwhile ends the walk at the
 * next one in memory, which may be out of order: rare, and said in masc.h. */
static uint32_t after_cursor(const struct masc *m, uint64_t cursor)
{
    uint32_t at = (uint32_t)cursor - 1;
    if (cursor == 0)
        return m->table.log_first;
    if (at >= m->table.used || m->table.count == 0)
        return TABLE_NONE;
    return m->table.entry[at].log_next;
}

bool masc_claim_next(const struct masc *m, struct now now, uint64_t *cursor,
                     struct masc_claim_view *v)
{
    uint32_t at = after_cursor(m, *cursor);
    struct claim c;
    if (at == TABLE_NONE)
        return false;
    c = table_claim(&m->table, at);
    *cursor = (uint64_t)at + 1;
    *v = (struct masc_claim_view){
        .attr = claim_to_attr(&c),
        .timestamp_s = c.timestamp_s,
        .own = is_us(m, c.domain),
        .state = entry_state(m, at, now),
        .parent = m->space[m->table.entry[at].space].domain,
    };
    v->live = text_equal(v->state, "live");
    return true;
}

/* ---- own prefixes ---- */

/* The place after the cursor in order of prefix and serial; NULL at the end. The cursor is the
 * serial of the last one shown: the order is found anew each time, as own prefixes are few. */
static const struct own *next_own(const struct masc *m, uint64_t cursor)
{
    const struct own *last = NULL, *best = NULL;
    unsigned i;
    for (i = 0; i < m->own_top && cursor; i++)
        if (m->own[i].present && m->own[i].serial == cursor)
            last = &m->own[i];
    if (cursor && !last)
        return NULL;
    for (i = 0; i < m->own_top; i++) {
        const struct own *o = &m->own[i];
        int after = last ? prefix_compare(o->prefix, last->prefix) : 1, before;
        if (!o->present || after < 0 || (after == 0 && o->serial <= last->serial))
            continue;
        before = best ? prefix_compare(o->prefix, best->prefix) : -1;
        if (before < 0 || (before == 0 && o->serial < best->serial))
            best = o;
    }
    return best;
}

/* Addresses held by children, or by own hosts' ranges. */
static uint64_t used_of(const struct masc *m, const struct own *o, struct now now)
{
    uint64_t sum = 0;
    uint32_t at = m->table.live_kinds[MASC_CHILD][MASC_PREFIX_IN_USE] ? m->table.log_first
                                                                      : TABLE_NONE;
    for (; at != TABLE_NONE; at = m->table.entry[at].log_next) {
        const struct entry *e = &m->table.entry[at];
        struct prefix p = table_prefix(&m->table, at);
        if (e->role == MASC_CHILD && (e->type & 7) == MASC_PREFIX_IN_USE &&
            prefix_covers(o->prefix, p) && table_effective(&m->table, at, p, now.wall.s))
            sum += prefix_size(p);
    }
    return sum;
}

bool masc_own_next(const struct masc *m, struct now now, uint64_t *cursor,
                   struct masc_own_view *v)
{
    const struct own *o = next_own(m, *cursor);
    if (!o)
        return false;
    *cursor = o->serial;
    *v = (struct masc_own_view){
        .prefix = o->prefix,
        .state = o->state,
        .purpose = o->purpose,
        .scope = o->scope,
        .parent = m->space[o->space].domain,
        .node = o->node,
        .by_operator = o->by_operator,
        .since = {o->timestamp_s},
        .until = {own_end(o)},
        .began = o->began,
        .due = o->due,
        .usable = o->maas,
        .routed = o->g_rib,
        .clashed = clash_touches(m, o->prefix),
        .deprecated = o->deprecated,
        .unstored = o->unstored,
        .used = own_in_use(o) && own_role(o) == MASC_INTERNAL ? used_of(m, o, now) : 0,
    };
    return true;
}

const char *masc_own_state_name(enum masc_own_state s)
{
    switch (s) {
    case MASC_OWN_DELAYED:
        return "delayed";
    case MASC_OWN_WAITING:
        return "waiting";
    case MASC_OWN_STORING:
        return "storing";
    case MASC_OWN_IN_USE:
        return "in use";
    }
    CHECK(false && "state");
    return "";
}

const char *masc_purpose_name(enum masc_purpose p)
{
    switch (p) {
    case MASC_FOR_SPACE:
        return "new";
    case MASC_FOR_RENEWAL:
        return "renewal";
    case MASC_FOR_EXPANSION:
        return "expansion";
    case MASC_FOR_LOCAL:
        return "local";
    }
    CHECK(false && "purpose");
    return "";
}
