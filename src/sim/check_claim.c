/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a claim: how it is made (I-40 .. I-42, I-44, I-45), who wins (I-08, I-09, I-38), and
 * that only what was claimed, and waited for, becomes a prefix (I-07, I-39).
 *
 * 5.1.1 is written here once more; nothing of src/masc is asked who wins.
 */
#include <string.h>

#include "sim/witness_impl.h"

/* ---- 5.1.1 ---- */

struct rank {
    enum masc_type type;
    int64_t timestamp_s;
    u128 node;
};

static struct rank rank_of(const struct known *k)
{
    return (struct rank){k->a.type, k->timestamp_s, k->a.node};
}

/* "PREFIX_IN_USE > CLAIM_DENIED > CLAIM_TO_EXPAND > NEW_CLAIM", then the oldest, then the lowest
 * Node Identifier. */
static bool beats(struct rank a, struct rank b)
{
    if (a.type != b.type)
        return a.type < b.type;
    if (a.timestamp_s != b.timestamp_s)
        return a.timestamp_s < b.timestamp_s;
    return a.node < b.node;
}

/* ---- whose claim ---- */

static bool is_pending_type(enum masc_type t)
{
    return t == MASC_NEW_CLAIM || t == MASC_CLAIM_TO_EXPAND;
}

static uint64_t claim_key(enum mark_kind kind, unsigned n, struct prefix p, int64_t timestamp_s)
{
    return mark_mix(mark_prefix(mark_mix(kind, n), p), (uint64_t)timestamp_s);
}

static bool is_own_claim(const struct witness *x, unsigned n, const struct known *k)
{
    const struct masc_config *c = witness_config(x, n);
    return is_pending_type(k->a.type) && k->a.domain == c->domain && k->a.node == c->node;
}

/* Claims meet what siblings have; those for own hosts meet what children have. */
static bool is_rival(const struct witness *x, unsigned n, const struct known *k, bool local)
{
    if (k->refused || k->doubtful || k->a.domain == witness_config(x, n)->domain ||
        k->a.role != (local ? MASC_CHILD : MASC_SIBLING))
        return false;
    return k->a.type == MASC_PREFIX_IN_USE || is_pending_type(k->a.type);
}

/* The newest own claim for that prefix; NULL: none was sent. */
static const struct known *own_claim(const struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = &x->about[n];
    size_t i;
    for (i = a->knowns; i-- > 0;)
        if (is_own_claim(x, n, &a->known[i]) && prefix_equal(a->known[i].a.prefix, p))
            return &a->known[i];
    return NULL;
}

/* ---- when it is sent ---- */

static bool is_retained(const struct witness *x, unsigned n, const struct known *k)
{
    int64_t now = witness_wall(x, n), hold = k->timestamp_s + k->a.holdtime_s;
    return k->a.type == MASC_PREFIX_IN_USE && hold <= now &&
           hold + witness_config(x, n)->retention_s > now;
}

/* I-40: nothing that is known, live or retained, lies where a new claim is made (12.3). */
static void judge_place(struct witness *x, const struct sent *s, bool local)
{
    const struct about *a = &x->about[s->from];
    char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX];
    size_t i;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (!prefix_overlaps(k->a.prefix, s->a.prefix) || !is_rival(x, s->from, k, local))
            continue;
        if (is_retained(x, s->from, k) ? known_would_be_live(x, s->from, k)
                                       : known_is_live(x, s->from, k))
            witness_violate(x, "I-40", s->from, "claims %s in spite of %s %s of %u",
                            prefix_format(s->a.prefix, text), masc_type_name(k->a.type),
                            prefix_format(k->a.prefix, other), (unsigned)k->a.domain);
    }
}

static bool is_covered(const struct witness *x, const struct sent *s, bool local)
{
    const struct about *a = &x->about[s->from];
    const struct masc_config *c = witness_config(x, s->from);
    int64_t end = s->timestamp_s + s->a.lifetime_s;
    size_t i;
    for (i = 0; !local && i < c->ranges; i++)
        if (prefix_covers(c->range[i].prefix, s->a.prefix))
            return true;
    for (i = 0; local && i < a->records; i++)
        if (!a->record[i].local && prefix_covers(a->record[i].prefix, s->a.prefix))
            return true;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.type == MASC_PREFIX_MANAGED &&
            k->a.role == (local ? MASC_INTERNAL : MASC_PARENT) &&
            prefix_covers(k->a.prefix, s->a.prefix) && k->timestamp_s + k->a.lifetime_s >= end &&
            known_is_live(x, s->from, k))
            return true;
    }
    return false;
}

/* I-44: 5.1: with a session to the parent only; top-level domains have none. */
static bool may_initiate(const struct witness *x, unsigned n, struct prefix p)
{
    const struct masc_config *c = witness_config(x, n);
    const struct about *a = &x->about[n];
    size_t i;
    if (masc_config_is_top_level(c, masc_config_scope(c, p)))
        return true;
    for (i = 0; i < a->opens; i++) {
        const struct track *t = &x->track[a->open[i] / 2];
        unsigned side = a->open[i] & 1;
        const struct masc_peer_config *peer = witness_peering(x, t, side);
        if (peer && peer->role == MASC_CHILD && t->half[side].established_at >= 0)
            return true;
    }
    return false;
}

static bool is_cancelled(const struct witness *x, unsigned n, const struct known *k)
{
    return mark_find(&x->marks, claim_key(MARK_CANCELLED, n, k->a.prefix, k->timestamp_s)) ||
           mark_find(&x->marks, claim_key(MARK_DROPPED, n, k->a.prefix, k->timestamp_s));
}

/* A renewal and an expansion may wait at the same time, for the one is always on its way;
 * two for the same range must not. */
static void judge_second(struct witness *x, const struct sent *s)
{
    const struct about *a = &x->about[s->from];
    const struct masc_config *c = witness_config(x, s->from);
    char text[PREFIX_TEXT_MAX];
    size_t i;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (is_own_claim(x, s->from, k) && k->a.type == MASC_CLAIM_TO_EXPAND &&
            (k->a.role == MASC_CHILD) == (s->a.role == MASC_CHILD) &&
            k->timestamp_s < s->timestamp_s && prefix_equal(k->a.prefix, s->a.prefix) &&
            k->timestamp_s + c->waiting_period_s > witness_wall(x, s->from) &&
            !is_cancelled(x, s->from, k) && known_is_live(x, s->from, k))
            witness_violate(x, "I-41", s->from, "claims %s again though that is pending",
                            prefix_format(s->a.prefix, text));
    }
}

/* I-41: one renewal and one expansion at a time; none of what lies with an old provider. */
static void judge_expansion(struct witness *x, const struct sent *s)
{
    const struct about *a = &x->about[s->from];
    const struct masc_config *c = witness_config(x, s->from);
    char text[PREFIX_TEXT_MAX];
    size_t i;
    unsigned p;
    judge_second(x, s);
    for (i = 0; i < a->records; i++) {
        const struct record *r = &a->record[i];
        if (r->local || s->a.role == MASC_CHILD || !prefix_equal(r->prefix, s->a.prefix))
            continue;
        for (p = 0; p < c->peers; p++)
            if (c->peer[p].role == MASC_CHILD && c->peer[p].domain == r->parent &&
                c->peer[p].defend_only)
                witness_violate(x, "I-41", s->from, "renews %s of an old provider",
                                prefix_format(s->a.prefix, text));
    }
}

/* Than what is held there: a renewal meets nobody new. */
static bool is_larger(const struct about *a, struct prefix p)
{
    size_t i;
    for (i = 0; i < a->records; i++)
        if (prefix_covers(a->record[i].prefix, p))
            return false;
    return true;
}

static void judge_initiation(struct witness *x, const struct sent *s)
{
    bool local = s->a.role == MASC_CHILD;
    char text[PREFIX_TEXT_MAX];
    if (prefix_is_hint(s->a.prefix) || x->about[s->from].full)
        return;
    if (s->a.type == MASC_NEW_CLAIM || is_larger(&x->about[s->from], s->a.prefix))
        judge_place(x, s, local);
    if (s->a.type == MASC_CLAIM_TO_EXPAND)
        judge_expansion(x, s);
    if (!is_covered(x, s, local))
        witness_violate(x, "I-40", s->from, "claims %s in nobody's prefix",
                        prefix_format(s->a.prefix, text));
    if (!local && !may_initiate(x, s->from, s->a.prefix))
        witness_violate(x, "I-44", s->from, "claims %s without a session with the parent",
                        prefix_format(s->a.prefix, text));
}

void check_claim_sent(struct witness *x, const struct sent *s)
{
    const struct masc_config *c = witness_config(x, s->from);
    uint64_t key;
    if (s->a.domain != c->domain || s->a.node != c->node)
        return;
    key = claim_key(MARK_CLAIMED, s->from, s->a.prefix, s->timestamp_s);
    if (s->a.type == MASC_WITHDRAW && mark_find(&x->marks, key))
        mark_put(&x->marks, claim_key(MARK_CANCELLED, s->from, s->a.prefix, s->timestamp_s), s->at);
    if (!is_pending_type(s->a.type))
        return;
    if (mark_find(&x->marks, key))
        return;
    judge_initiation(x, s);
    mark_put(&x->marks, key, world_clock(x->w, s->from).mono.ms);
}

/* ---- who wins ---- */

struct meeting {
    unsigned rivals, winning, expired; /* of the winning, those past their end */
};

static struct meeting meet(const struct witness *x, unsigned n, const struct known *ours,
                           u128 other)
{
    const struct about *a = &x->about[n];
    struct meeting m = {0, 0, 0};
    int64_t now = witness_wall(x, n);
    size_t i;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        if (k->a.domain != other || k == ours || k->refused || k->a.node == ours->a.node ||
            !prefix_overlaps(k->a.prefix, ours->a.prefix) ||
            (k->a.type != MASC_PREFIX_IN_USE && !is_pending_type(k->a.type)))
            continue;
        m.rivals++;
        if (!beats(rank_of(k), rank_of(ours)))
            continue;
        m.winning++;
        m.expired +=
            k->timestamp_s + k->a.holdtime_s <= now || k->timestamp_s + k->a.lifetime_s <= now;
    }
    return m;
}

static void judge_result(struct witness *x, const struct logged *l)
{
    const struct known *ours = own_claim(x, l->node, l->prefix);
    bool lost = strcmp(l->event, "lost") == 0;
    struct meeting m;
    char text[PREFIX_TEXT_MAX];
    if (!ours || !l->other)
        return;
    m = meet(x, l->node, ours, l->other);
    prefix_format(l->prefix, text);
    if (lost && m.winning == 0)
        witness_violate(x, "I-08", l->node, "gave %s up for %u, which does not beat it", text,
                        (unsigned)l->other);
    else if (lost && m.winning == m.expired)
        witness_violate(x, "I-38", l->node, "gave %s up for what %u had once", text,
                        (unsigned)l->other);
    if (!lost && m.rivals > 0 && m.rivals == m.winning)
        witness_violate(x, "I-09", l->node, "thinks that %s wins against %u", text,
                        (unsigned)l->other);
}

/* I-45: 5.1 (a): the delay is random, and below INITIATE_CLAIM_DELAY. */
static void judge_delay(struct witness *x, const struct logged *l)
{
    int64_t left = l->ready_s - witness_wall(x, l->node);
    if (left < 0 || left > (int64_t)witness_config(x, l->node)->claim_delay_s + 1)
        witness_violate(x, "I-45", l->node, "a claim is delayed by %lld s", (long long)left);
}

static bool has_listener(const struct witness *x, unsigned n, struct prefix prefix, unsigned roles)
{
    const struct about *a = &x->about[n];
    size_t i;
    for (i = 0; i < a->opens; i++) {
        const struct track *t = &x->track[a->open[i] / 2];
        const struct masc_peer_config *p = witness_peering(x, t, a->open[i] & 1);
        if (p && roles >> p->role & 1 && !masc_config_crosses(witness_config(x, n), p, prefix) &&
            t->half[a->open[i] & 1].established_at >= 0)
            return true;
    }
    return false;
}

/* Where nobody is to be told, nothing is sent: for space upwards and among equals, for own hosts
 * downwards. */
static bool is_unheard(const struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = &x->about[n];
    bool inside = false;
    size_t i;
    for (i = 0; i < a->records; i++)
        inside |= !a->record[i].local && prefix_covers(a->record[i].prefix, p);
    return !has_listener(x, n, p, 1u << MASC_INTERNAL | 1u << MASC_CHILD | 1u << MASC_SIBLING) ||
           (inside && !has_listener(x, n, p, 1u << MASC_INTERNAL | 1u << MASC_PARENT));
}

/* Or what is said of it is about an earlier one. */
static bool may_end_claim(const char *event)
{
    return strcmp(event, "dropped") == 0 || strcmp(event, "restarted") == 0 ||
           strcmp(event, "refused") == 0;
}

static bool ends_claim(const char *event)
{
    return strcmp(event, "lost") == 0 || strcmp(event, "denied") == 0;
}

void check_claim_logged(struct witness *x, const struct logged *l)
{
    unsigned n = l->node;
    const struct known *ours;
    uint64_t key = claim_key(MARK_CLAIMED, n, l->prefix, witness_wall(x, n));
    if (strcmp(l->event, "table-full") == 0)
        x->about[n].full = true;
    if (strcmp(l->event, "delay") == 0)
        judge_delay(x, l);
    /* one for own hosts may have the same prefix and Timestamp: the first counts for both */
    if (strcmp(l->event, "claim") == 0 && is_unheard(x, n, l->prefix) && !mark_find(&x->marks, key))
        mark_put(&x->marks, key, world_clock(x->w, n).mono.ms);
    if (strcmp(l->event, "won") == 0)
        judge_result(x, l);
    ours = own_claim(x, n, l->prefix);
    if (ours && may_end_claim(l->event))
        mark_put(&x->marks, claim_key(MARK_DROPPED, n, l->prefix, ours->timestamp_s), l->at);
    if (!ends_claim(l->event))
        return;
    if (l->domain != witness_config(x, n)->domain)
        return;
    if (strcmp(l->event, "lost") == 0)
        judge_result(x, l);
    if (ours)
        mark_put(&x->marks, claim_key(MARK_CANCELLED, n, l->prefix, ours->timestamp_s), l->at);
}

/* ---- when it has become a prefix ---- */

/* what hosts use of a prefix when the first child comes is not claimed. */
static bool is_switch(const struct witness *x, unsigned n, const struct record *r)
{
    const struct about *a = &x->about[n];
    size_t i;
    for (i = 0; r->local && i < a->records; i++)
        if (!a->record[i].local && prefix_covers(a->record[i].prefix, r->prefix))
            return true;
    return false;
}

/* It had lost: what beats it came while it waited. */
static void judge_loser(struct witness *x, unsigned n, const struct record *r)
{
    const struct about *a = &x->about[n];
    const struct known *ours = own_claim(x, n, r->prefix);
    int64_t wait_ms = (int64_t)witness_config(x, n)->waiting_period_s * SECOND - SECOND;
    char text[PREFIX_TEXT_MAX];
    size_t i;
    if (!ours || ours->timestamp_s != r->timestamp_s || a->full)
        return;
    for (i = 0; i < a->knowns; i++) {
        const struct known *k = &a->known[i];
        bool denied = k->a.type == MASC_CLAIM_DENIED && k->a.domain == ours->a.domain &&
                      prefix_equal(k->a.prefix, r->prefix) && k->timestamp_s == r->timestamp_s;
        if (k < ours || k->refused || k->at > ours->at + wait_ms)
            continue;
        if (denied)
            witness_violate(x, "I-07", n, "%s was denied and became a prefix",
                            prefix_format(r->prefix, text));
        else if (is_rival(x, n, k, r->local) && prefix_overlaps(k->a.prefix, r->prefix) &&
                 beats(rank_of(k), rank_of(ours)) && known_would_be_live(x, n, k))
            witness_violate(x, "I-08", n, "%s lost against %u and became a prefix",
                            prefix_format(r->prefix, text), (unsigned)k->a.domain);
    }
}

/* I-07. A restarted node counts from the Timestamp, in whole seconds. */
void check_claim_stored(struct witness *x, unsigned n, const struct record *r)
{
    const struct masc_config *c = witness_config(x, n);
    const int64_t *at = mark_find(&x->marks, claim_key(MARK_CLAIMED, n, r->prefix, r->timestamp_s));
    struct now now = world_clock(x->w, n);
    int64_t waited;
    char text[PREFIX_TEXT_MAX];
    if (x->about[n].liar || r->node != c->node ||
        mark_find(&x->marks, heard_key(n, r->prefix, r->timestamp_s, c->domain)) ||
        is_switch(x, n, r))
        return;
    prefix_format(r->prefix, text);
    if (prefix_is_hint(r->prefix)) {
        witness_violate(x, "I-42", n, "the hint %s became a prefix", text);
        return;
    }
    if (!at) {
        witness_violate(x, "I-07", n, "%s became a prefix and was not claimed", text);
        return;
    }
    waited = now.mono.ms - *at;
    if (x->about[n].life > 1 && world_now(x->w) - x->about[n].booted < waited)
        waited = (now.wall.s - r->timestamp_s + 1) * SECOND;
    if (waited < (int64_t)c->waiting_period_s * SECOND)
        witness_violate(x, "I-07", n, "%s became a prefix after %lld ms", text, (long long)waited);
    if (mark_find(&x->marks, claim_key(MARK_CANCELLED, n, r->prefix, r->timestamp_s)))
        witness_violate(x, "I-07", n, "%s was given up and became a prefix", text);
    judge_loser(x, n, r);
}

/* I-39: the Claim-Timer of one claim ends once. Hosts may have all of a prefix. */
void check_claim_allocated(struct witness *x, unsigned n, struct prefix p)
{
    const struct about *a = &x->about[n];
    char text[PREFIX_TEXT_MAX];
    size_t i;
    for (i = 0; i < a->records; i++) {
        const struct record *r = &a->record[i];
        uint64_t key = mark_mix(claim_key(MARK_ALLOCATED, n, p, r->timestamp_s),
                                (uint64_t)x->about[n].life << 1 | r->local);
        if (!prefix_equal(r->prefix, p) || mark_find(&x->marks, key))
            continue;
        mark_put(&x->marks, key, world_now(x->w));
        return;
    }
    witness_violate(x, "I-39", n, "%s was allocated twice", prefix_format(p, text));
}
