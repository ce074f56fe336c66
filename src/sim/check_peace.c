/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After the last fault: how long until all must be well (I-54), and that it is: nobody overlaps
 * (I-01, I-03 without excuse), everybody knows what it must (I-25) and of every lost clash (I-10),
 * has what it wants (I-50), in few prefixes (I-52).
 */
#include "sim/witness_impl.h"

enum {
    ROUNDS = 2,
    LEVELS_MAX = 16,
    NEWS_MS = 10000,
    ENDS_SOON_S = 60,
    PREFIXES_SPARE = 2,
    LARGE = 1024,
};

/* ---- how long ---- */

static unsigned level_of(const struct witness *x, u128 domain, unsigned deep)
{
    unsigned n, most = 1;
    for (n = 1; n <= x->nodes && deep < LEVELS_MAX; n++) {
        u128 above = witness_config(x, n)->domain;
        if (above != domain && check_is_parent(x, above, domain)) {
            unsigned level = 1 + level_of(x, above, deep + 1);
            most = level > most ? level : most;
        }
    }
    return most;
}

/* Everybody reconnects; what was claimed behind a cut ends; then each level claims from the one
 * above, and may lose a few times or want more of what the one above must first get. */
int64_t witness_bound(const struct witness *x)
{
    int64_t round_s = 0, life_s = 0, skew_s = 0;
    unsigned n, levels = 1;
    for (n = 1; n <= world_nodes(x->w); n++) {
        const struct masc_config *c = witness_config(x, n);
        int64_t round = (int64_t)c->waiting_period_s + c->claim_delay_s, offset;
        unsigned level = n <= x->nodes ? level_of(x, c->domain, 0) : 1;
        offset = world_host(x->w, n)->offset_s;
        offset = offset < 0 ? -offset : offset;
        round_s = round > round_s ? round : round_s;
        life_s = c->lifetime_s > life_s ? c->lifetime_s : life_s;
        skew_s = offset > skew_s ? offset : skew_s;
        levels = level > levels ? level : levels;
    }
    return check_reconnect_ms(x) +
           (life_s + 2 * skew_s + (int64_t)(levels + 1) * 2 * ROUNDS * round_s) * SECOND;
}

/* ---- I-10, I-25 ---- */

static bool knows_of(const struct witness *x, unsigned n, const struct known *k)
{
    const struct about *a = &x->about[n];
    size_t i;
    if (known_find(x, n, &k->a))
        return true;
    for (i = 0; i < a->knowns; i++) /* or something newer in its place */
        if (a->known[i].a.domain == k->a.domain && a->known[i].timestamp_s > k->timestamp_s &&
            prefix_overlaps(a->known[i].a.prefix, k->a.prefix))
            return true;
    return false;
}

static bool is_old_news(const struct witness *x, unsigned n, const struct known *k)
{
    int64_t hold = k->timestamp_s + k->a.holdtime_s, end = k->timestamp_s + k->a.lifetime_s;
    int64_t now = witness_wall(x, n);
    return k->at + NEWS_MS < world_now(x->w) && (hold < end ? hold : end) > now + ENDS_SOON_S;
}

/* The nodes of one domain know the same. */
static void judge_domain(struct witness *x, unsigned a, unsigned b)
{
    const struct about *aa = &x->about[a];
    char text[PREFIX_TEXT_MAX];
    size_t i;
    for (i = 0; i < aa->knowns; i++) {
        const struct known *k = &aa->known[i];
        if (k->a.type != MASC_WITHDRAW && !prefix_is_hint(k->a.prefix) && is_old_news(x, a, k) &&
            known_is_live(x, a, k) && !knows_of(x, b, k))
            witness_violate(x, "I-25", b, "does not know %s %s of %u as %s does",
                            masc_type_name(k->a.type), prefix_format(k->a.prefix, text),
                            (unsigned)k->a.domain, witness_name(x, a));
    }
}

static bool knows_withdrawal(const struct witness *x, unsigned n, u128 domain,
                             const struct withdrawal *w)
{
    const struct about *a = &x->about[n];
    size_t i;
    for (i = 0; i < a->knowns; i++)
        if (a->known[i].a.type == MASC_WITHDRAW && a->known[i].a.domain == domain &&
            prefix_equal(a->known[i].a.prefix, w->prefix) &&
            a->known[i].timestamp_s == w->timestamp_s)
            return true;
    return false;
}

/* Who is told of the prefix is told that it is withdrawn. */
static void judge_withdrawals(struct witness *x, unsigned a)
{
    const struct masc_config *c = witness_config(x, a);
    const struct about *aa = &x->about[a];
    char text[PREFIX_TEXT_MAX];
    size_t i, k;
    for (i = 0; i < aa->withdrawals; i++) {
        const struct withdrawal *w = &aa->withdrawal[i];
        if (!w->by_clash || w->local || w->until_s <= witness_wall(x, a) + ENDS_SOON_S)
            continue;
        for (k = 0; k < aa->opens; k++) {
            const struct track *t = &x->track[aa->open[k] / 2];
            const struct masc_peer_config *p = witness_peering(x, t, aa->open[k] & 1);
            unsigned b = t->node[1 - (aa->open[k] & 1)];
            if (p && p->role == MASC_INTERNAL && track_is_established(t) && !x->about[b].liar &&
                t->both_at + NEWS_MS < world_now(x->w) && !knows_withdrawal(x, b, c->domain, w))
                witness_violate(x, "I-10", b, "does not know that %s withdrew %s",
                                witness_name(x, a), prefix_format(w->prefix, text));
        }
    }
}

static void judge_knowledge(struct witness *x)
{
    unsigned a, b;
    if (witness_unknown(x) > 0)
        witness_violate(x, "I-25", 0, "somebody does not know of a prefix");
    for (a = 1; a <= x->nodes; a++) {
        if (!x->about[a].up || x->about[a].liar)
            continue;
        judge_withdrawals(x, a);
        for (b = 1; b <= x->nodes; b++)
            if (a != b && x->about[b].up && !x->about[b].liar &&
                witness_config(x, a)->domain == witness_config(x, b)->domain &&
                witness_session(x, a, b))
                judge_domain(x, a, b);
    }
}

/* ---- I-50, I-52 ---- */

static bool is_connected(const struct witness *x, unsigned n)
{
    const struct masc_config *c = witness_config(x, n);
    unsigned i;
    if (c->sole_tld)
        return true;
    for (i = 0; i < c->peers; i++)
        if ((c->peer[i].role == MASC_CHILD || (c->tld && c->peer[i].role == MASC_SIBLING) ||
             c->peer[i].role == MASC_INTERNAL) &&
            witness_session(x, n, world_of_address(x->w, c->peer[i].addr)))
            return true;
    return false;
}

static void judge_satisfied(struct witness *x, unsigned n)
{
    const struct masc_config *c = witness_config(x, n);
    uint64_t wanted = 0, has = witness_usable_addresses(x, n);
    unsigned i;
    for (i = 0; i < c->demands; i++)
        wanted += c->demand[i].addresses;
    if (wanted > 0 && has < wanted && is_connected(x, n))
        witness_violate(x, "I-50", n, "has %llu of %llu addresses", (unsigned long long)has,
                        (unsigned long long)wanted);
}

/* Of a small need the smallest claim is too much already. */
static void judge_number(struct witness *x, unsigned n)
{
    const struct masc_config *c = witness_config(x, n);
    const struct about *a = &x->about[n];
    uint64_t wanted = 0;
    unsigned active = 0, p;
    size_t i;
    for (p = 0; p < c->demands; p++)
        wanted += c->demand[p].addresses;
    if (wanted < LARGE)
        return;
    for (p = 0; p < c->peers; p++) /* what children lie in stays */
        if (c->peer[p].role == MASC_PARENT)
            return;
    for (i = 0; i < a->records; i++) {
        const struct record *r = &a->record[i];
        active +=
            !r->local && !r->by_operator && r->keep && !r->deprecated && record_is_live(x, n, r);
    }
    if (active > ((unsigned)c->prefixes_max + PREFIXES_SPARE) * (1u + c->scopes))
        witness_violate(x, "I-52", n, "renews %u prefixes", active);
}

void witness_demand_peace(struct witness *x)
{
    unsigned n, before = witness_violations(x);
    int64_t clash_until = x->clash_until;
    if (clash_until != INT64_MAX)
        x->clash_until = 0;
    x->faults = 0;
    witness_look(x);
    x->clash_until = clash_until;
    if (witness_violations(x) != before)
        witness_violate(x, "I-54", 0, "not all is well long after the last fault");
    judge_knowledge(x);
    for (n = 1; n <= x->nodes; n++) {
        if (!x->about[n].up || x->about[n].liar)
            continue;
        judge_satisfied(x, n);
        judge_number(x, n);
    }
}
