/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clash: two domains hold the same range (RFC 2909 12.4).
 *
 * Each overlap of an own prefix with a sibling's is a record that stays until one side is gone: the
 * administrator is told in every case. If ours loses by 5.1.1 the range is given to nobody at once,
 * and a WITHDRAW is originated, in automatic mode after CLASH_DELAY_MS: when a partition heals, the
 * other side's own WITHDRAW may be right behind its PREFIX_IN_USE. In manual mode the
 * operator decides. The winner does nothing.
 */
#include "base/text.h"
#include "masc/speaker.h"

enum { CLASH_DELAY_MS = 1000 };

static bool same(const struct claim *a, const struct claim *b)
{
    return prefix_equal(a->prefix, b->prefix) && a->timestamp_s == b->timestamp_s &&
           a->domain == b->domain && a->node == b->node;
}

static struct clash *find(struct masc *m, const struct claim *ours, const struct claim *theirs)
{
    unsigned i;
    for (i = 0; i < m->clash_top; i++) {
        struct clash *k = &m->clash[i];
        if (k->present && same(&k->ours, ours) && same(&k->theirs, theirs))
            return k;
    }
    return NULL;
}

/* A free place; a lost clash may take that of a won one, about which nothing is to be done. NULL:
 * none. */
static struct clash *place(struct masc *m, bool lost)
{
    struct clash *won = NULL;
    unsigned i;
    for (i = 0; i < m->clash_top; i++) {
        struct clash *k = &m->clash[i];
        if (!k->present)
            return k;
        if (!k->lost)
            won = k;
    }
    if (m->clash_top < CLASHES_MAX)
        return &m->clash[m->clash_top++];
    return lost ? won : NULL;
}

static void log_clash(struct masc *m, const struct clash *k, const char *event,
                      const char *reason, struct out *out)
{
    life_log(m, &(struct life){.event = event, .prefix = k->range, .domain = k->ours.domain,
                               .other = k->theirs.domain, .ready_s = INT64_MAX,
                               .until_s = claim_end(&k->theirs), .reason = reason}, out);
}

/* The range of ours is withdrawn already, so that it defends nothing, whatever its age. */
static bool is_given_up(const struct masc *m, const struct claim *ours, struct prefix range)
{
    uint32_t at = table_find(&m->table, ours);
    return at != TABLE_NONE && table_hidden(&m->table, at, range, m->now.wall.s);
}

/* A WITHDRAW that is no clash's takes it for the rest of its life. */
static bool is_gone_for_good(const struct masc *m, const struct claim *ours, struct prefix range)
{
    uint32_t at = table_first_of_domain(&m->table, ours->domain);
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        if ((e->type & 7) == MASC_WITHDRAW && e->role == ours->role &&
            !(e->flags & (ENTRY_CLASH | ENTRY_CANCEL)) &&
            prefix_covers(table_prefix(&m->table, at), range) &&
            e->timestamp_s >= ours->timestamp_s &&
            e->timestamp_s + e->holdtime_s >= claim_end(ours))
            return true;
    }
    return false;
}

static void withdraw(struct masc *m, struct clash *k, struct out *out);

void clash_note(struct masc *m, const struct own *o, const struct claim *theirs, struct out *out)
{
    struct claim ours = own_claim(m, o, MASC_PREFIX_IN_USE);
    struct prefix range = prefix_common(ours.prefix, theirs->prefix); /* */
    bool again = is_given_up(m, &ours, range), manual = m->cfg->clash == MASC_CLASH_MANUAL;
    bool lost = again || claim_wins(theirs, &ours);
    struct clash *k, beyond;
    if (find(m, &ours, theirs) || (again && is_gone_for_good(m, &ours, range)))
        return;
    k = place(m, lost);
    if (!k)
        k = &beyond;
    *k = (struct clash){
        .present = true,
        .lost = lost,
        .ours = ours,
        .theirs = *theirs,
        .range = range,
        .due = lost && !manual ? mono_add_ms(m->now.mono, CLASH_DELAY_MS) : MONO_NEVER,
        .since = m->now.wall,
    };
    m->stale_outputs = true;
    if (again) /* the winner renewed what it has: no news for the administrator */
        return;
    m->count.clashes++;
    log_clash(m, k, "clash",
              !lost    ? "ours is older and stands; the other has to withdraw"
              : manual ? "the other is older: say `mascot resolve PREFIX withdraw` or ignore"
                       : "the other is older: ours will be withdrawn there",
              out);
    if (k != &beyond)
        return;
    log_clash(m, k, "clashes-full", "more clashes at once than are kept: see the log", out);
    if (lost && !manual)
        withdraw(m, k, out);
}

/* The own prefix is still held, and the other still defends the range. */
static bool still_real(const struct masc *m, const struct clash *k)
{
    uint32_t ours = table_find(&m->table, &k->ours), theirs = table_find(&m->table, &k->theirs);
    return ours != TABLE_NONE && theirs != TABLE_NONE &&
           table_live(&m->table, ours, m->now.wall.s) &&
           !table_superseded(&m->table, ours, m->now.wall.s) &&
           table_effective(&m->table, theirs, k->range, m->now.wall.s);
}

static struct own *own_of(const struct masc *m, const struct clash *k)
{
    unsigned i;
    for (i = 0; i < m->own_top; i++)
        if (own_in_use(&m->own[i]) && prefix_equal(m->own[i].prefix, k->ours.prefix) &&
            m->own[i].timestamp_s == k->ours.timestamp_s)
            return &m->own[i];
    return NULL;
}

/* 12.4: everything but origin and range is the winner's. A winner that has renewed since is younger
 * than ours: with its Timestamp the WITHDRAW would read as a release, so it is one, for all
 * that is left of our life; else ours would come back and beat the winner's. */
static void withdraw(struct masc *m, struct clash *k, struct out *out)
{
    const struct own *o = own_of(m, k);
    bool by_clash = k->theirs.timestamp_s < k->ours.timestamp_s;
    int64_t left_s = claim_end(&k->ours) - m->now.wall.s;
    struct withdrawal w = {k->theirs.timestamp_s, k->theirs.lifetime_s, k->theirs.holdtime_s,
                           ENTRY_CHILDREN};
    k->withdrawn = true;
    k->due = MONO_NEVER;
    if (!o || left_s <= 0)
        return;
    if (!by_clash && k->theirs.timestamp_s > k->ours.timestamp_s)
        w = (struct withdrawal){m->now.wall.s, (uint32_t)left_s, (uint32_t)left_s, ENTRY_CHILDREN};
    if (by_clash)
        w.flags |= ENTRY_CLASH;
    own_withdraw(m, o, k->range, &w, out);
    log_clash(m, k, "withdrawn",
              by_clash ? "lost a clash; back when the other ends"
                       : "given up: the other renewed what it won",
              out);
    m->dirty = true;
}

void clash_tick(struct masc *m, struct out *out)
{
    unsigned i;
    for (i = 0; i < m->clash_top; i++) {
        struct clash *k = &m->clash[i];
        if (!k->present)
            continue;
        if (!still_real(m, k)) {
            log_clash(m, k, "clash-over", NULL, out);
            k->present = false;
            m->stale_outputs = true;
        } else if (mono_due(k->due, m->now.mono)) {
            withdraw(m, k, out);
        }
    }
    while (m->clash_top > 0 && !m->clash[m->clash_top - 1].present)
        m->clash_top--;
}

mono_t clash_deadline(const struct masc *m)
{
    mono_t due = MONO_NEVER;
    unsigned i;
    for (i = 0; i < m->clash_top; i++)
        if (m->clash[i].present)
            due = mono_min(due, m->clash[i].due);
    return due;
}

bool clash_touches(const struct masc *m, struct prefix p)
{
    unsigned i;
    for (i = 0; i < m->clash_top; i++) {
        const struct clash *k = &m->clash[i];
        if (k->present && k->lost && !k->ignored && prefix_overlaps(k->range, p))
            return true;
    }
    return false;
}

bool clash_impairs(const struct masc *m, const struct own *o)
{
    uint32_t at = table_first_of_domain(&m->table, m->cfg->domain);
    unsigned i;
    for (i = 0; i < m->clash_top; i++)
        if (m->clash[i].present && prefix_overlaps(m->clash[i].range, o->prefix) &&
            own_role(o) == (m->clash[i].ours.role == MASC_CHILD ? MASC_CHILD : MASC_INTERNAL))
            return true;
    if (!m->table.live_kinds[own_role(o)][MASC_WITHDRAW])
        return false;
    for (; at != TABLE_NONE; at = table_next_of_domain(&m->table, at)) {
        const struct entry *e = &m->table.entry[at];
        if ((e->type & 7) == MASC_WITHDRAW && e->role == own_role(o) &&
            !(e->flags & ENTRY_CANCEL) && table_live(&m->table, at, m->now.wall.s) &&
            prefix_overlaps(table_prefix(&m->table, at), o->prefix) &&
            (e->flags & ENTRY_CLASH || e->timestamp_s >= o->timestamp_s))
            return true;
    }
    return false;
}

/* ---- the operator ---- */

bool masc_clash_next(const struct masc *m, struct now now, uint64_t *cursor,
                     struct masc_clash_view *v)
{
    (void)now;
    for (; *cursor < m->clash_top; ++*cursor) {
        const struct clash *k = &m->clash[*cursor];
        if (!k->present)
            continue;
        *v = (struct masc_clash_view){
            .ours = k->ours.prefix,
            .theirs = k->theirs.prefix,
            .range = k->range,
            .domain = k->theirs.domain,
            .node = k->theirs.node,
            .lost = k->lost,
            .waiting = k->lost && !k->withdrawn && !k->ignored && k->due.ms == MONO_NEVER.ms,
            .since = k->since,
            .until = {claim_end(&k->theirs)},
        };
        ++*cursor;
        return true;
    }
    return false;
}

bool masc_resolve(struct masc *m, struct prefix range, bool withdraw_it,
                  const struct masc_order *order)
{
    struct out *out = order->out;
    bool found = false;
    unsigned i;
    m->now = order->now;
    for (i = 0; i < m->clash_top; i++) {
        struct clash *k = &m->clash[i];
        if (!k->present || !k->lost || k->withdrawn || !prefix_covers(range, k->range))
            continue;
        found = true;
        k->ignored = !withdraw_it;
        k->due = MONO_NEVER;
        if (withdraw_it)
            withdraw(m, k, out);
        else
            log_clash(m, k, "ignored", "by the operator, until the other ends", out);
    }
    m->stale_outputs |= found;
    masc_after(m, out);
    if (!found)
        wr_text(order->why,
                "no clash that we lost and that waits lies in this range: see `clashes`");
    return found;
}
