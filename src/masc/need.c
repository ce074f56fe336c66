/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * need: how many addresses a domain needs (RFC 2909 17.1.2).
 *
 * Needed = what its own hosts want (configured demand) + what its children hold, claim or hint at,
 * each range once; predicted one waiting period and one claim delay ahead, because a claim made now
 * serves only then.
 */
#include "masc/want.h"

/* The newest Timestamp of what the domain of a hint claims or holds; INT64_MIN: nothing. Found once
 * in each look, however many hints the domain gave. */
static int64_t claimed_last(struct masc *m, uint32_t hint)
{
    struct tally *y = tally_of(m, hint);
    uint32_t at = table_first_of_domain(&m->table, y->domain);
    if (y->look == m->looks)
        return y->claimed_s;
    y->look = m->looks;
    y->claimed_s = INT64_MIN;
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        m->looked_at++;
        if (e->role == MASC_CHILD && e->addr != 0 && claim_is_compared(e->type & 7) &&
            e->timestamp_s > y->claimed_s)
            y->claimed_s = e->timestamp_s;
    }
    return y->claimed_s;
}

/* 11.5: a hint counts until its domain claims something itself. */
static bool hint_stands(struct masc *m, uint32_t hint)
{
    return claimed_last(m, hint) < m->table.entry[hint].timestamp_s;
}

static bool is_childs(const struct masc *m, uint32_t at)
{
    const struct entry *e = &m->table.entry[at];
    return e->role == MASC_CHILD && claim_is_compared(e->type & 7) &&
           (e->type & 7) != MASC_CLAIM_DENIED && !is_us(m, table_domain(&m->table, at)) &&
           table_live(&m->table, at, m->now.wall.s);
}

static bool any_child_entries(const struct masc *m)
{
    unsigned t, n = 0;
    for (t = 0; t < MASC_TYPES; t++)
        n += m->table.live_kinds[MASC_CHILD][t];
    return n > 0;
}

static uint64_t children_need(struct masc *m, uint8_t scope, uint8_t family)
{
    uint64_t sum = 0;
    size_t n = 0, i;
    bool crowded = false;
    uint32_t at = any_child_entries(m) ? m->table.log_first : TABLE_NONE;
    m->looks++;
    for (; at != TABLE_NONE; at = m->table.entry[at].log_next) {
        struct prefix p = table_prefix(&m->table, at);
        m->looked_at++;
        if (p.family != family || !is_childs(m, at))
            continue;
        if (prefix_is_hint(p)) {
            if (scope == MASC_SCOPE_GLOBAL && hint_stands(m, at))
                sum = add_sat(sum, prefix_size(p));
            continue;
        }
        if (masc_config_scope(m->cfg, p) != scope)
            continue;
        if (n == SCRATCH_MAX && !crowded) {
            n = masc_space_normalise(m->scratch, n);
            crowded = n > SCRATCH_WORTH;
        }
        if (n < SCRATCH_MAX)
            m->scratch[n++] = p;
        else /* among so many, ranges that are named twice do not matter */
            sum = add_sat(sum, prefix_size(p));
    }
    n = masc_space_normalise(m->scratch, n);
    for (i = 0; i < n; i++)
        sum = add_sat(sum, prefix_size(m->scratch[i]));
    return sum;
}

/* Of a non-leaf domain's space its hosts take what is claimed for them, and that is whole prefixes:
 * what they do not use of these is not there for children (12.2, A-65). */
static uint64_t hosts_need(const struct masc *m, const struct need *n)
{
    uint64_t claimed = is_leaf(m, n->scope, n->family) ? 0 : want_held_locally(m, n);
    return claimed > n->local ? claimed : n->local;
}

struct need need_of(struct masc *m, uint8_t scope, uint8_t family)
{
    struct need n = {.scope = scope, .family = family, .lifetime_s = m->cfg->lifetime_s};
    int64_t now = m->now.wall.s, ahead = (int64_t)m->cfg->waiting_period_s + m->cfg->claim_delay_s;
    struct masc_trend *t = &m->trend[scope][family == FAMILY_IPV6];
    uint64_t wanted, hosts, peak, forecast = 0;
    unsigned i;
    for (i = 0; i < m->cfg->demands; i++) {
        const struct masc_demand *d = &m->cfg->demand[i];
        if (d->scope != scope || d->family != family)
            continue;
        n.local = add_sat(n.local, d->addresses);
        forecast = add_sat(forecast, d->forecast);
        if (d->lifetime_s > n.lifetime_s) /* Appendix B: life grows with what hosts need */
            n.lifetime_s = d->lifetime_s;
    }
    n.children = children_need(m, scope, family);
    hosts = hosts_need(m, &n);
    wanted = add_sat(hosts, n.children);
    masc_trend_add(t, now, wanted, m->cfg->waiting_period_s);
    if (wanted == 0) /* with no demand nothing is claimed (2) */
        return n;
    /* Ours: what is booked needs no prediction; nor does a domain that says so. */
    if (forecast || m->cfg->steady) {
        n.total = add_sat(n.children, hosts > forecast ? hosts : forecast);
        n.next = n.total;
        return n;
    }
    peak = masc_trend_peak(t);
    n.total = masc_trend_predict(t, now + ahead);
    n.total = n.total > peak ? n.total : peak;
    n.next = n.total > wanted ? add_sat(n.total, n.total - wanted) : n.total;
    return n;
}

/* An UPDATE of a child domain about space of that kind; a hint has no scope. */
static bool is_of_child(const struct masc *m, uint32_t at, const struct need *n)
{
    const struct entry *e = &m->table.entry[at];
    struct prefix p = table_prefix(&m->table, at);
    uint8_t scope = prefix_is_hint(p) ? MASC_SCOPE_GLOBAL : masc_config_scope(m->cfg, p);
    return e->role == MASC_CHILD && p.family == n->family && scope == n->scope &&
           !is_us(m, table_domain(&m->table, at));
}

bool need_hears_children(struct masc *m, const struct need *n)
{
    uint32_t at = TABLE_NONE;
    unsigned t;
    for (t = 0; t < MASC_TYPES; t++)
        if (m->table.kinds[MASC_CHILD][t])
            at = m->table.log_first;
    for (; at != TABLE_NONE && !is_of_child(m, at, n); at = m->table.entry[at].log_next)
        m->looked_at++;
    return at != TABLE_NONE;
}
