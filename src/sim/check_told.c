/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outputs: what address servers and routers are told lies in what the domain has and nobody took
 * (I-04, I-13), ends with it (I-14, I-51), comes back (I-17), and is routed by one domain (I-16).
 * Once a child has spoken, hosts have only what was claimed for them (I-43).
 */
#include <string.h>

#include "sim/witness_impl.h"

enum { GRACE_S = 2, GRACE_MS = 5000, HALVINGS = 10 };

/* ---- what the domain has ---- */

/* As the clock would read if it had not been moved since the last step, which is too soon to act
 * on. */
static int64_t wall(const struct witness *x, unsigned n)
{
    return x->about[n].step_wall_s + (world_now(x->w) - x->about[n].step_at) / SECOND;
}

/* By its disk, or by what other nodes of the domain said and it may not have stored yet; with
 * `slack_s` after the end. */
static bool has_cover(const struct witness *x, unsigned n, struct prefix p, int64_t slack_s)
{
    const struct about *a = &x->about[n];
    u128 domain = witness_config(x, n)->domain;
    int64_t now = wall(x, n) - slack_s;
    size_t i;
    for (i = 0; i < a->records; i++)
        if (prefix_covers(a->record[i].prefix, p) &&
            a->record[i].timestamp_s + a->record[i].lifetime_s > now)
            return true;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.domain == domain && known_is_allocation(k) && prefix_covers(k->a.prefix, p) &&
            k->timestamp_s + k->a.lifetime_s > now && k->timestamp_s + k->a.holdtime_s > now)
            return true;
    }
    return false;
}

static bool is_managed(const struct witness *x, unsigned n, struct prefix p, int64_t slack_s)
{
    struct prefix half;
    if (has_cover(x, n, p, slack_s))
        return true;
    if (p.len >= family_bits(p.family) || p.len > 28)
        return false;
    half = (struct prefix){p.addr, p.family, (uint8_t)(p.len + 1)};
    return is_managed(x, n, half, slack_s) && is_managed(x, n, prefix_buddy(half), slack_s);
}

/* I-04 when it is told. */
void check_output(struct witness *x, const struct logged *l)
{
    char text[PREFIX_TEXT_MAX];
    if (strcmp(l->what, "add") != 0 || is_managed(x, l->node, l->prefix, 0))
        return;
    witness_violate(x, "I-04", l->node, "%s is told to %s and not held",
                    prefix_format(l->prefix, text), l->event);
}

/* ---- I-14 ---- */

static void judge_ends(struct witness *x, unsigned n, const struct told *t, int64_t slack_s)
{
    char text[PREFIX_TEXT_MAX];
    size_t i;
    for (i = 0; i < t->n; i++)
        if (!t->hole[i] && !is_managed(x, n, t->range[i], slack_s))
            witness_violate(x, "I-14", n, "%s is over and still told",
                            prefix_format(t->range[i], text));
}

/* The step that comes when a prefix ends must take it back. */
/* ---- I-13, I-17 ---- */

/* A range of one's own is taken back: by a clash until the end, by a release from what was had
 * then. */
static bool is_hidden_by(const struct witness *x, unsigned n, const struct withdrawal *w,
                         struct prefix p)
{
    const struct about *a = &x->about[n];
    size_t i;
    for (i = 0; i < a->records; i++) /* claimed anew */
        if (a->record[i].timestamp_s > w->timestamp_s && !w->by_clash &&
            prefix_overlaps(a->record[i].prefix, p))
            return false;
    return w->until_s > wall(x, n);
}

static void judge_hidden(struct witness *x, unsigned n, const struct withdrawal *w)
{
    const struct told *t = &x->about[n].maas;
    char text[PREFIX_TEXT_MAX];
    size_t i;
    for (i = 0; i < t->n; i++) {
        struct prefix both = prefix_common(t->range[i], w->prefix);
        if (!t->hole[i] && prefix_overlaps(t->range[i], w->prefix) && told_has(t, both) &&
            is_hidden_by(x, n, w, both))
            witness_violate(x, "I-13", n, "%s is for hosts and withdrawn",
                            prefix_format(both, text));
    }
}

static bool is_disputed(const struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = &x->about[n];
    u128 domain = witness_config(x, n)->domain;
    size_t i;
    for (i = 0; i < a->withdrawals; i++)
        if (a->withdrawal[i].until_s > wall(x, n) - GRACE_S &&
            prefix_overlaps(a->withdrawal[i].prefix, p))
            return true;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.domain != domain && k->a.role != MASC_CHILD && prefix_overlaps(k->a.prefix, p) &&
            (k->a.type == MASC_PREFIX_IN_USE || k->a.type == MASC_WITHDRAW) &&
            k->timestamp_s + k->a.holdtime_s > wall(x, n) - GRACE_S)
            return true;
    }
    return false;
}

/* What a lost clash took away comes back when the other's time is over. */
static void judge_back(struct witness *x, unsigned n, struct withdrawal *w)
{
    const struct about *a = &x->about[n];
    int64_t now = wall(x, n);
    char text[PREFIX_TEXT_MAX];
    size_t i;
    if (w->judged || !w->by_clash || w->local || w->until_s + GRACE_S > now)
        return;
    w->judged = true;
    for (i = 0; i < a->records; i++) {
        const struct record *r = &a->record[i];
        struct prefix both = prefix_common(r->prefix, w->prefix);
        if (!r->local && prefix_overlaps(r->prefix, w->prefix) &&
            r->timestamp_s + r->lifetime_s > now + GRACE_S && r->timestamp_s < w->until_s &&
            !is_disputed(x, n, both) && !told_has(&a->g_rib, both))
            witness_violate(x, "I-17", n, "%s is free again and not routed",
                            prefix_format(both, text));
    }
}

/* ---- I-43 ---- */

static const struct known *child_word(const struct witness *x, unsigned n)
{
    const struct about *a = &x->about[n];
    u128 domain = witness_config(x, n)->domain;
    size_t i;
    for (i = 0; i < a->knowns; i++)
        if (a->known[i].a.role == MASC_CHILD && a->known[i].a.domain != domain &&
            a->known[i].at + GRACE_MS < world_now(x->w) && known_is_live(x, n, &a->known[i]))
            return &a->known[i];
    return NULL;
}

static bool is_for_hosts(const struct witness *x, unsigned n, struct prefix p, unsigned deep)
{
    const struct about *a = &x->about[n];
    u128 domain = witness_config(x, n)->domain;
    struct prefix half = {p.addr, p.family, (uint8_t)(p.len + 1)};
    size_t i;
    for (i = 0; i < a->records; i++)
        if (a->record[i].local && prefix_covers(a->record[i].prefix, p))
            return true;
    for (i = 0; i < a->knowns; i++)
        if (a->known[i].a.domain == domain && a->known[i].local &&
            a->known[i].a.type == MASC_PREFIX_IN_USE && prefix_covers(a->known[i].a.prefix, p))
            return true;
    return deep > 0 && p.len < family_bits(p.family) && is_for_hosts(x, n, half, deep - 1) &&
           is_for_hosts(x, n, prefix_buddy(half), deep - 1);
}

static void judge_hosts(struct witness *x, unsigned n)
{
    const struct told *t = &x->about[n].maas;
    const struct known *word = child_word(x, n);
    char text[PREFIX_TEXT_MAX];
    size_t i;
    if (!word || x->about[n].full || x->clocks_moved || witness_config(x, n)->scopes ||
        world_host(x->w, n)->disk.mode != DISK_GOOD)
        return;
    for (i = 0; i < t->n; i++)
        if (!t->hole[i] && !is_for_hosts(x, n, t->range[i], HALVINGS))
            witness_violate(x, "I-43", n,
                            "hosts have %s, which was not claimed for them, though %u spoke",
                            prefix_format(t->range[i], text), (unsigned)word->a.domain);
}

/* ---- I-16 ---- */

static bool gave_up(const struct about *a, struct prefix p)
{
    size_t i;
    for (i = 0; i < a->withdrawals; i++)
        if (prefix_overlaps(a->withdrawal[i].prefix, p))
            return true;
    return false;
}

static void judge_routes(struct witness *x, unsigned a, unsigned b)
{
    const struct told *ta = &x->about[a].g_rib, *tb = &x->about[b].g_rib;
    u128 da = witness_config(x, a)->domain, db = witness_config(x, b)->domain;
    char text[PREFIX_TEXT_MAX];
    size_t i, k;
    for (i = 0; i < ta->n; i++)
        for (k = 0; k < tb->n; k++) {
            struct prefix inner = prefix_common(ta->range[i], tb->range[k]);
            bool same = prefix_equal(ta->range[i], tb->range[k]), below;
            if (ta->hole[i] || tb->hole[k] || !prefix_overlaps(ta->range[i], tb->range[k]) ||
                !told_has(ta, inner) || !told_has(tb, inner) ||
                !is_managed(x, a, ta->range[i], -GRACE_S) ||
                !is_managed(x, b, tb->range[k], -GRACE_S)) /* two may end one after the other */
                continue;
            /* a child may claim, and then routes, all that its parent has (5.1 d) */
            below = (same || ta->range[i].len < tb->range[k].len) && check_is_ancestor(x, da, db);
            below |= (same || ta->range[i].len > tb->range[k].len) && check_is_ancestor(x, db, da);
            if (!below && !gave_up(&x->about[a], inner) && !gave_up(&x->about[b], inner))
                witness_violate(x, "I-16", a, "%s is routed by %s, too", prefix_format(inner, text),
                                witness_name(x, b));
        }
}

void check_told(struct witness *x)
{
    unsigned n, b;
    size_t i;
    for (n = 1; n <= x->nodes; n++) {
        struct about *a = &x->about[n];
        if (!a->up || a->liar)
            continue;
        judge_ends(x, n, &a->maas, GRACE_S);
        judge_ends(x, n, &a->g_rib, GRACE_S);
        for (i = 0; i < a->withdrawals; i++) {
            if (!a->withdrawal[i].local)
                judge_hidden(x, n, &a->withdrawal[i]);
            judge_back(x, n, &a->withdrawal[i]);
        }
        judge_hosts(x, n);
        for (b = n + 1; b <= x->nodes && !check_is_excused(x); b++)
            if (x->about[b].up && !x->about[b].liar && !a->full && !x->about[b].full &&
                witness_config(x, b)->domain != witness_config(x, n)->domain)
                judge_routes(x, n, b);
    }
}

/* ---- I-51 ---- */

/* Nothing was in the way of a renewal for long enough to make it. */
static bool could_renew(const struct witness *x, unsigned n)
{
    const struct masc_config *c = witness_config(x, n);
    int64_t need =
        3 * ((int64_t)c->waiting_period_s + c->claim_delay_s) * SECOND + check_reconnect_ms(x);
    int64_t since = x->about[n].booted > x->calm_at ? x->about[n].booted : x->calm_at;
    if (x->about[n].changed_at > since)
        since = x->about[n].changed_at;
    return !x->faults && world_now(x->w) > since + need;
}

static bool is_kept(const struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = &x->about[n];
    size_t i;
    for (i = 0; i < a->records; i++)
        if (prefix_equal(a->record[i].prefix, p) && (a->record[i].keep || a->record[i].local))
            return true;
    return false;
}

/* What it lies in goes on. */
static bool parent_goes_on(const struct witness *x, unsigned n, struct prefix p)
{
    const struct masc_config *c = witness_config(x, n);
    const struct about *a = &x->about[n];
    int64_t until = wall(x, n) + c->waiting_period_s + c->claim_delay_s;
    size_t i;
    if (masc_config_is_top_level(c, masc_config_scope(c, p)))
        return true;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.type == MASC_PREFIX_MANAGED && k->a.role == MASC_PARENT && !k->a.deprecated &&
            prefix_covers(k->a.prefix, p) && k->timestamp_s + k->a.lifetime_s > until &&
            k->at + (int64_t)c->waiting_period_s * 3 * SECOND < world_now(x->w) &&
            known_is_live(x, n, k))
            return true;
    }
    return false;
}

/* A person gave space of the domain back: any of its nodes may want other space now. */
static void note_release(struct witness *x, u128 domain)
{
    unsigned n;
    for (n = 1; n <= world_nodes(x->w); n++)
        if (witness_config(x, n)->domain == domain)
            x->about[n].changed_at = world_now(x->w);
}

void check_life_logged(struct witness *x, const struct logged *l)
{
    if (strcmp(l->event, "released") == 0)
        note_release(x, witness_config(x, l->node)->domain);
    if (strcmp(l->event, "expired") == 0 && could_renew(x, l->node) &&
        parent_goes_on(x, l->node, l->prefix) && !gave_up(&x->about[l->node], l->prefix) &&
        !x->about[l->node].full && is_kept(x, l->node, l->prefix))
        x->about[l->node].ran_out = l->prefix;
}

/* When the step is over: what hosts are told instead comes in the same one. */
static void judge_ran_out(struct witness *x, unsigned n)
{
    const struct masc_config *c = witness_config(x, n);
    struct prefix p = x->about[n].ran_out;
    uint64_t wanted = 0;
    char text[PREFIX_TEXT_MAX];
    unsigned i;
    x->about[n].ran_out = (struct prefix){0};
    for (i = 0; i < c->demands; i++)
        wanted += c->demand[i].addresses;
    if (wanted > x->about[n].wanted)
        x->about[n].changed_at = world_now(x->w);
    x->about[n].wanted = wanted;
    if (p.family && witness_usable_addresses(x, n) < wanted && c->scopes == 0)
        witness_violate(x, "I-51", n, "%s was needed and ran out", prefix_format(p, text));
}

void check_done(struct witness *x, const struct happening *h)
{
    const struct about *a = &x->about[h->node];
    int64_t now = witness_wall(x, h->node);
    size_t i;
    judge_ran_out(x, h->node);
    for (i = 0; i < a->records; i++)
        if (a->record[i].timestamp_s + a->record[i].lifetime_s <= now && a->up &&
            h->event->kind != EVENT_BOOT && h->event->kind != EVENT_READY) {
            judge_ends(x, h->node, &a->maas, 0);
            judge_ends(x, h->node, &a->g_rib, 0);
            return;
        }
}
