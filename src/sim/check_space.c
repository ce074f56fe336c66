/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocation: who holds what (I-01, I-03), and that each prefix lies in one of a parent's, in place
 * and time (I-05, I-06).
 *
 * I-01 and I-03 may be broken only after faults that lasted a waiting period or longer, and then
 * until the clash they caused had time to be settled (B_clash: reconnecting and a few messages). A
 * period of faults is one when the pause between two is shorter than that.
 */
#include "sim/witness_impl.h"

#include <string.h>

enum { B_PROP_MS = 2000, OVER_S = 3600 };

/* ---- faults, and how long they may be seen ---- */

int64_t check_reconnect_ms(const struct witness *x)
{
    int64_t longest = 0;
    unsigned n;
    for (n = 1; n <= x->nodes; n++) {
        const struct masc_config *c = witness_config(x, n);
        int64_t hold = c->peers ? c->peer[0].hold_time_s : 0;
        int64_t ms =
            (hold + 2 * (int64_t)c->connect_retry_s + 2 * (int64_t)c->start_backoff_max_s) *
                SECOND +
            B_PROP_MS;
        longest = ms > longest ? ms : longest;
    }
    return longest;
}

static int64_t wait_ms(const struct witness *x)
{
    return (int64_t)witness_config(x, 1)->waiting_period_s * SECOND;
}

bool check_disturbed(const struct witness *x)
{
    return x->faults || (x->calm_at >= 0 && world_now(x->w) < x->calm_at + check_reconnect_ms(x));
}

void check_fault(struct witness *x, const struct happening *h)
{
    int64_t now = world_now(x->w);
    x->clocks_moved |= strcmp(h->what, "clock") == 0;
    if (!h->ends) {
        if (!check_disturbed(x))
            x->fault_since = now;
        x->faulty = true;
        x->faults++;
        return;
    }
    if (x->faults)
        x->faults--;
    if (x->faults || !x->faulty)
        return;
    x->calm_at = now;
    if (now - x->fault_since + check_reconnect_ms(x) < wait_ms(x))
        return;
    x->long_faults = true;
    if (x->clash_until != INT64_MAX)
        x->clash_until = now + check_reconnect_ms(x) + 2 * B_PROP_MS;
}

/* What a node forgot was its domain's and its children's promise: nobody defends it while it lasts,
 * and what lies in it is strange to who had it. */
void check_store_lost(struct witness *x)
{
    int64_t life_s = 0, until;
    unsigned n;
    for (n = 1; n <= x->nodes; n++)
        if (witness_config(x, n)->lifetime_s > life_s)
            life_s = witness_config(x, n)->lifetime_s;
    until = world_now(x->w) + life_s * SECOND;
    x->long_faults = true;
    x->clash_until = until > x->clash_until ? until : x->clash_until;
}

/* Two may overlap now, because they could not hear each other long enough. */
bool check_is_excused(const struct witness *x)
{
    int64_t now = world_now(x->w);
    return now < x->clash_until ||
           (x->faults && now - x->fault_since + check_reconnect_ms(x) >= wait_ms(x));
}

void witness_excuse_clashes(struct witness *x)
{
    x->clash_until = INT64_MAX;
}

/* ---- relations ---- */

bool check_is_parent(const struct witness *x, u128 above, u128 below)
{
    unsigned n, i;
    for (n = 1; n <= x->nodes; n++) {
        const struct masc_config *c = witness_config(x, n);
        for (i = 0; c->domain == below && i < c->peers; i++)
            if (c->peer[i].role == MASC_CHILD && c->peer[i].domain == above)
                return true;
    }
    return false;
}

bool check_is_ancestor(const struct witness *x, u128 above, u128 below)
{
    unsigned n;
    if (check_is_parent(x, above, below))
        return true;
    for (n = 1; n <= x->nodes; n++)
        if (check_is_parent(x, witness_config(x, n)->domain, below) &&
            check_is_ancestor(x, above, witness_config(x, n)->domain))
            return true;
    return false;
}

/* ---- I-01, I-03 ---- */

bool check_is_withdrawn(const struct witness *x, unsigned n, const struct record *r,
                        struct prefix range)
{
    const struct about *a = &x->about[n];
    int64_t now = witness_wall(x, n);
    size_t i;
    for (i = 0; i < a->withdrawals; i++) {
        const struct withdrawal *w = &a->withdrawal[i];
        if (w->until_s > now && prefix_covers(w->prefix, range) && w->timestamp_s != r->timestamp_s)
            return true;
    }
    return false;
}

static void remember_withdrawal(struct witness *x, const struct sent *s)
{
    struct about *a = &x->about[s->from];
    struct withdrawal w = {.prefix = s->a.prefix,
                           .timestamp_s = s->timestamp_s,
                           .until_s = s->timestamp_s + (s->a.lifetime_s < s->a.holdtime_s
                                                            ? s->a.lifetime_s
                                                            : s->a.holdtime_s),
                           .local = s->a.role == MASC_CHILD,
                           .by_clash = check_cause(x, s) == CAUSE_CLASH};
    int64_t now = witness_wall(x, s->from);
    size_t i, kept = 0;
    for (i = 0; i < a->withdrawals; i++) {
        struct withdrawal *old = &a->withdrawal[i];
        bool same = prefix_equal(old->prefix, w.prefix) && old->timestamp_s == w.timestamp_s;
        w.by_clash = same ? old->by_clash : w.by_clash;
        if (old->until_s + OVER_S > now && !same)
            a->withdrawal[kept++] = *old;
    }
    a->withdrawals = kept;
    a->withdrawal = witness_grow(a->withdrawal, kept, &a->withdrawals_max, sizeof w);
    a->withdrawal[a->withdrawals++] = w;
}

void check_withdrawal(struct witness *x, const struct sent *s)
{
    if (s->a.type == MASC_WITHDRAW && s->a.domain == witness_config(x, s->from)->domain &&
        check_cause(x, s) != CAUSE_CANCEL)
        remember_withdrawal(x, s);
}

static void compare_records(struct witness *x, unsigned a, unsigned b, const struct record *ra,
                            const struct record *rb)
{
    struct prefix range;
    char pa[PREFIX_TEXT_MAX], pb[PREFIX_TEXT_MAX];
    if (ra->local || rb->local || !prefix_overlaps(ra->prefix, rb->prefix))
        return;
    range = prefix_common(ra->prefix, rb->prefix);
    if (!record_is_live(x, a, ra) || !record_is_live(x, b, rb) ||
        check_is_withdrawn(x, a, ra, range) || check_is_withdrawn(x, b, rb, range))
        return;
    witness_violate(x, "I-01", a, "%s overlaps %s of %s", prefix_format(ra->prefix, pa),
                    prefix_format(rb->prefix, pb), witness_name(x, b));
}

static bool has_hole(const struct told *t, struct prefix range)
{
    size_t i;
    for (i = 0; i < t->n; i++)
        if (t->hole[i] && prefix_covers(t->range[i], range))
            return true;
    return false;
}

static void compare_told(struct witness *x, unsigned a, unsigned b)
{
    const struct told *ta = &x->about[a].maas, *tb = &x->about[b].maas;
    char text[PREFIX_TEXT_MAX];
    size_t i, j;
    for (i = 0; i < ta->n; i++)
        for (j = 0; j < tb->n; j++) {
            struct prefix range;
            if (ta->hole[i] || tb->hole[j] || !prefix_overlaps(ta->range[i], tb->range[j]))
                continue;
            range = prefix_common(ta->range[i], tb->range[j]);
            if (!has_hole(ta, range) && !has_hole(tb, range))
                witness_violate(x, "I-03", a, "%s is for hosts of %s, too",
                                prefix_format(range, text), witness_name(x, b));
        }
}

static bool records_overlap(const struct about *a, const struct about *b)
{
    size_t i, j;
    for (i = 0; i < a->records; i++)
        for (j = 0; j < b->records; j++)
            if (prefix_overlaps(a->record[i].prefix, b->record[j].prefix))
                return true;
    return false;
}

/* It has not yet heard what it forgot: the two are not connected again (I-01). */
bool check_is_new(const struct witness *x, unsigned n)
{
    const struct about *a = &x->about[n];
    return a->life > 1 && world_now(x->w) < a->booted + check_reconnect_ms(x);
}

static void compare(struct witness *x, unsigned a, unsigned b)
{
    u128 da = witness_config(x, a)->domain, db = witness_config(x, b)->domain;
    const struct about *aa = &x->about[a], *ab = &x->about[b];
    size_t i, j;
    if (da == db || !aa->up || !ab->up || aa->liar || ab->liar || aa->full || ab->full ||
        check_is_new(x, a) || check_is_new(x, b))
        return;
    compare_told(x, a, b);
    if (!records_overlap(aa, ab) || check_is_ancestor(x, da, db) || check_is_ancestor(x, db, da))
        return;
    for (i = 0; i < aa->records; i++)
        for (j = 0; j < ab->records; j++)
            compare_records(x, a, b, &aa->record[i], &ab->record[j]);
}

void check_space(struct witness *x)
{
    unsigned a, b;
    if (check_is_excused(x))
        return;
    for (a = 1; a <= x->nodes; a++)
        for (b = a + 1; b <= x->nodes; b++)
            compare(x, a, b);
}

/* ---- I-05, I-06: at the moment of allocation ---- */

static bool is_in_range(const struct witness *x, unsigned n, struct prefix p)
{
    const struct masc_config *c = witness_config(x, n);
    unsigned i;
    for (i = 0; i < c->ranges; i++)
        if (prefix_covers(c->range[i].prefix, p))
            return true;
    return false;
}

/* End of the longest-living prefix of the node that covers p; 0: none. */
static int64_t longest_cover(const struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = &x->about[n];
    int64_t end = 0;
    size_t i;
    for (i = 0; i < a->records; i++) {
        const struct record *r = &a->record[i];
        if (!r->local && prefix_covers(r->prefix, p) && r->timestamp_s + r->lifetime_s > end)
            end = r->timestamp_s + r->lifetime_s;
    }
    return end;
}

static const struct record *newest_record(const struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = &x->about[n];
    const struct record *best = NULL;
    size_t i;
    for (i = 0; i < a->records; i++) {
        const struct record *r = &a->record[i];
        if (prefix_equal(r->prefix, p) &&
            (!best || r->timestamp_s + r->lifetime_s > best->timestamp_s + best->lifetime_s))
            best = r;
    }
    return best;
}

void check_allocated(struct witness *x, unsigned n, struct prefix p)
{
    const struct record *r = newest_record(x, n, p);
    u128 domain = witness_config(x, n)->domain;
    int64_t end, cover = 0;
    char text[PREFIX_TEXT_MAX];
    unsigned i;
    if (!r) {
        witness_violate(x, "I-46", n, "%s allocated but not stored", prefix_format(p, text));
        return;
    }
    check_claim_allocated(x, n, p);
    if (is_in_range(x, n, p))
        return;
    for (i = 1; i <= x->nodes; i++) {
        u128 other = witness_config(x, i)->domain;
        if (r->local ? other != domain : !check_is_parent(x, other, domain))
            continue;
        end = x->about[i].liar ? INT64_MAX : longest_cover(x, i, p);
        cover = end > cover ? end : cover;
    }
    if (cover == 0 && check_disturbed(x)) /* it may have been given back behind a cut */
        return;
    if (cover == 0)
        witness_violate(x, "I-05", n, "%s lies in no parent's prefix", prefix_format(p, text));
    else if (r->timestamp_s + r->lifetime_s > cover && !check_disturbed(x))
        witness_violate(x, "I-06", n, "%s outlives the parent's prefix by %lld s",
                        prefix_format(p, text),
                        (long long)(r->timestamp_s + r->lifetime_s - cover));
}
