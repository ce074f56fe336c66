/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan: what to do about demand (RFC 2909 17.1.2 - 17.1.6; readings .. A-102).
 *
 * With three prefixes that are powers of two any need can be held at 70 - 90 per cent: 4, 4+1, 4+2,
 * 4+2+1, 8 are at most a quarter apart and the range is wider than that (90/70 = 1.29). Growth goes
 * along that line: a neighbour, doubled until it joins, another one. The plan is not remembered:
 * each call looks at what is held and takes the next step, so that losing a claim, a restart or a
 * change of mind need no special case.
 *
 * Growing starts only when the need is beyond `high` per cent of what is held, shrinking only when
 * it is below `low`, and each step is tried out first: it is taken if its result lies between, so
 * that neither undoes the other. `goal` is the least that must be held: the need at `high`. What
 * misses the range (nothing else can be had) is left to masc_plan_renewal(), which acts only if it
 * can end in the range, or nearer to it.
 *
 * Addresses are counted in u128, with a size capped at 2^100, so that no sum or percentage of up to
 * 2^16 holdings overflows.
 */
#include "masc/choose.h"

#include "base/check.h"

#define SIZE_BITS_MAX 100

/* What is held and what is needed. */
struct tally {
    const struct masc_demand_view *view;
    u128 held;      /* in prefixes that do not fade, pending ones included */
    u128 goal;      /* needed at `high` per cent, rounded up */
    u128 goal_next; /* the same for needed_next; at least `goal` */
    unsigned count; /* of prefixes that do not fade */
    bool pending;   /* one of them at least */
};

/* What would be held after a step, and in how many prefixes. */
struct result {
    u128 held;
    unsigned count;
};

static unsigned host_bits(struct prefix p)
{
    return family_bits(p.family) - p.len;
}

static u128 size_of(struct prefix p)
{
    unsigned bits = host_bits(p);

    return (u128)1 << (bits < SIZE_BITS_MAX ? bits : SIZE_BITS_MAX);
}

/* The smallest power of two that is at least `n`. */
static u128 power_above(u128 n)
{
    u128 power = 1;

    while (power < n)
        power <<= 1;
    return power;
}

/* The largest power of two that is at most `n` >= 1. */
static u128 power_below(u128 n)
{
    u128 power = power_above(n);

    return power > n ? power >> 1 : power;
}

static u128 claim_min(const struct masc_demand_view *v)
{
    return power_above(v->claim_min);
}

/* The prefix length for `size`, a power of two; false if the managed space is smaller. */
static bool len_of(const struct masc_demand_view *v, u128 size, uint8_t *len)
{
    unsigned bits = 0;

    while ((u128)1 << bits < size)
        bits++;
    if (bits > host_bits(v->space->managed))
        return false;
    *len = (uint8_t)(family_bits(v->space->managed.family) - bits);
    return true;
}

/* What must be held so that `needed` is at most `per_cent` of it. */
static u128 held_for(uint64_t needed, unsigned per_cent)
{
    return ((u128)needed * 100 + per_cent - 1) / per_cent;
}

/* Utilization is at `low` or above if this is held. */
static bool is_used(const struct masc_demand_view *v, u128 held)
{
    return (u128)v->needed * 100 >= held * v->low;
}

static bool in_range(const struct tally *t, u128 held)
{
    return held >= t->goal && is_used(t->view, held);
}

static struct tally tally_view(const struct masc_demand_view *v)
{
    struct tally t = {.view = v};

    CHECK(v->low > 0 && v->low <= v->high && v->high <= 100);
    CHECK(v->claim_min > 0 && v->prefixes_max > 0);
    CHECK(v->holdings <= UINT16_MAX);
    t.goal = held_for(v->needed, v->high);
    t.goal_next = held_for(v->needed_next > v->needed ? v->needed_next : v->needed, v->high);
    for (size_t i = 0; i < v->holdings; i++) {
        if (v->holding[i].fading)
            continue;
        t.held += size_of(v->holding[i].prefix);
        t.count++;
        t.pending |= v->holding[i].pending;
    }
    return t;
}

static bool is_settled(const struct masc_holding *h)
{
    return !h->fading && !h->pending;
}

/* ---- expansion ---- */

/* What is held once `p` is in use in place of all own prefixes that it covers; false if one of them
 * is still pending: two claims for one range would wait for the same thing. */
static bool result_of_expansion(const struct tally *t, struct prefix p, struct result *r)
{
    *r = (struct result){t->held + size_of(p), t->count + 1};
    for (size_t i = 0; i < t->view->holdings; i++) {
        const struct masc_holding *h = &t->view->holding[i];

        if (h->fading || !prefix_covers(p, h->prefix))
            continue;
        if (h->pending)
            return false;
        r->held -= size_of(h->prefix);
        r->count--;
    }
    return true;
}

/* Which of two results to take. */
enum aim {
    AIM_GOOD,   /* in range: the smallest that is enough for needed_next, or the largest */
    AIM_PART,   /* not enough, but another prefix can follow: the largest */
    AIM_MORE,   /* not enough: the largest */
    AIM_ENOUGH, /* enough, though utilization is below range: the smallest */
};

static bool fits_aim(const struct tally *t, enum aim aim, struct result r)
{
    bool more = r.held > t->held && r.held < t->goal;

    switch (aim) {
    case AIM_GOOD: return in_range(t, r.held);
    case AIM_PART: return more && r.count < t->view->prefixes_max;
    case AIM_MORE: return more;
    case AIM_ENOUGH: return r.held >= t->goal;
    }
    return false;
}

static bool is_better(const struct tally *t, enum aim aim, struct result a, struct result b)
{
    bool smaller = aim == AIM_ENOUGH || (aim == AIM_GOOD && b.held >= t->goal_next);

    if (a.held == b.held)
        return a.count < b.count;
    if (smaller)
        return a.held < b.held && (aim == AIM_ENOUGH || a.held >= t->goal_next);
    return a.held > b.held;
}

/* The best expansion for `aim`; false if there is none. 17.1.1: doubling, as often as needed. */
static bool find_expansion(const struct tally *t, enum aim aim, struct masc_plan *plan,
                           struct result *best)
{
    const struct masc_demand_view *v = t->view;
    bool found = false;

    for (size_t i = 0; i < v->holdings; i++) {
        struct prefix p = v->holding[i].prefix;
        struct result r;

        if (!is_settled(&v->holding[i]))
            continue;
        while (masc_choose_double(v->space, p, &p) && result_of_expansion(t, p, &r)) {
            if (fits_aim(t, aim, r) && (!found || is_better(t, aim, r, *best))) {
                found = true;
                *best = r;
                *plan = (struct masc_plan){
                    .kind = MASC_PLAN_EXPAND, .holding = i, .prefix = p, .len = p.len};
            }
            if (r.held >= t->goal_next)
                break;
        }
    }
    return found;
}

/* 17.1.4: two own buddies become one: an expansion that adds nothing. */
static bool find_join(const struct tally *t, struct masc_plan *plan)
{
    const struct masc_demand_view *v = t->view;

    for (size_t i = 0; i < v->holdings; i++) {
        struct prefix p;
        struct result r;

        if (!is_settled(&v->holding[i]) || !masc_choose_double(v->space, v->holding[i].prefix, &p))
            continue;
        if (!result_of_expansion(t, p, &r) || r.held > t->held)
            continue;
        *plan =
            (struct masc_plan){.kind = MASC_PLAN_EXPAND, .holding = i, .prefix = p, .len = p.len};
        return true;
    }
    return false;
}

/* ---- new prefixes ---- */

/* 17.1.4: beside an own prefix, where there is most room to grow; of equals beside the largest. */
static bool find_neighbour(const struct masc_demand_view *v, uint8_t len, struct prefix *chosen)
{
    struct prefix best_block = {.len = UINT8_MAX}, best_own = best_block;

    for (size_t i = 0; i < v->holdings; i++) {
        struct prefix own = v->holding[i].prefix, place, block;

        if (v->holding[i].fading || !masc_choose_neighbour(v->space, own, len, &place))
            continue;
        CHECK(masc_space_block(v->space, place, &block));
        if (block.len > best_block.len || (block.len == best_block.len && own.len >= best_own.len))
            continue;
        best_block = block;
        best_own = own;
        *chosen = place;
    }
    return best_own.len != UINT8_MAX;
}

static bool find_place(const struct masc_demand_view *v, u128 size, struct prng *rng,
                       struct masc_plan *plan)
{
    uint8_t len;
    struct prefix p;

    if (!len_of(v, size, &len))
        return false;
    if (v->tight ? !masc_choose_first(v->space, len, &p)
                 : !find_neighbour(v, len, &p) &&
                       !masc_choose_new(v->space, len, NULL, rng, &p))
        return false;
    *plan = (struct masc_plan){.kind = MASC_PLAN_NEW, .prefix = p, .len = len};
    return true;
}

/* The claim that covers `addresses`. */
static u128 claim_above(const struct masc_demand_view *v, u128 addresses)
{
    u128 size = power_above(addresses);

    return size > claim_min(v) ? size : claim_min(v);
}

static bool find_good(const struct tally *t, struct prng *rng, struct masc_plan *plan)
{
    struct result r = {.held = 0};
    u128 size = claim_above(t->view, t->goal_next - t->held);

    if (find_expansion(t, AIM_GOOD, plan, &r))
        return true;
    if (t->count >= t->view->prefixes_max)
        return false;
    for (; size >= claim_min(t->view) && t->held + size >= t->goal; size >>= 1) {
        if (in_range(t, t->held + size) && find_place(t->view, size, rng, plan))
            return true;
    }
    return false;
}

/* The larger of an expansion and a new prefix that leave room for another step. */
static bool find_part(const struct tally *t, struct prng *rng, struct masc_plan *plan)
{
    struct result r = {.held = 0};
    u128 size = power_below(t->goal - t->held);
    bool found = find_expansion(t, AIM_PART, plan, &r);

    if (t->count + 1 < t->view->prefixes_max && size >= claim_min(t->view) &&
        (!found || t->held + size > r.held))
        found |= find_place(t->view, size, rng, plan);
    return found;
}

static bool find_enough(const struct tally *t, struct prng *rng, struct masc_plan *plan)
{
    struct result r = {.held = 0};
    u128 size = claim_above(t->view, t->goal - t->held);
    bool found = find_expansion(t, AIM_ENOUGH, plan, &r);

    if (t->count < t->view->prefixes_max && (!found || t->held + size < r.held))
        found |= find_place(t->view, size, rng, plan);
    return found;
}

/* The larger of an expansion and a new prefix, where nothing leaves enough. */
static bool find_largest(const struct tally *t, struct prng *rng, struct masc_plan *plan)
{
    struct result r = {.held = 0};
    u128 size = claim_above(t->view, t->goal - t->held);
    bool found = find_expansion(t, AIM_MORE, plan, &r);

    if (t->count >= t->view->prefixes_max)
        return found;
    for (; size >= claim_min(t->view) && t->held + size > r.held; size >>= 1) {
        if (find_place(t->view, size, rng, plan))
            return true;
    }
    return found;
}

/* 17.1.4, M-17.1.4-05: too many prefixes and none that grows. */
static bool find_replacement(const struct tally *t, struct prng *rng, struct masc_plan *plan)
{
    const struct masc_demand_view *v = t->view;
    u128 smallest = t->held;
    u128 size = claim_above(v, t->goal);
    uint8_t len;

    if (len_of(v, size, &len) && masc_choose_new(v->space, len, NULL, rng, &plan->prefix)) {
        *plan = (struct masc_plan){
            .kind = MASC_PLAN_NEW, .prefix = plan->prefix, .len = len, .replaces = true};
        return true;
    }
    for (size_t i = 0; i < v->holdings; i++) {
        u128 own = size_of(v->holding[i].prefix);

        if (is_settled(&v->holding[i]) && own < smallest)
            smallest = own;
    }
    /* Not more than one beyond the maximum, and only for a while. */
    size = claim_above(v, t->goal - (t->held - smallest));
    return t->count <= v->prefixes_max && find_place(v, size, rng, plan);
}

/* Another own prefix lies in what the holding would double to: only then can they be joined. */
static bool may_join(const struct masc_demand_view *v, size_t i)
{
    struct prefix p = v->holding[i].prefix;

    if (!is_settled(&v->holding[i]) || p.len <= v->space->managed.len)
        return false;
    p = prefix_shorten(p, (uint8_t)(p.len - 1));
    for (size_t k = 0; k < v->holdings; k++)
        if (k != i && !v->holding[k].fading && prefix_covers(p, v->holding[k].prefix))
            return true;
    return false;
}

static bool is_enough(const struct tally *t)
{
    return t->held >= held_for(t->view->needed, t->pending ? 100 : t->view->high);
}

bool masc_plan_is_served(const struct masc_demand_view *v)
{
    struct tally t = tally_view(v);

    if (!is_enough(&t))
        return false;
    for (size_t i = 0; i < v->holdings && !t.pending && is_used(v, t.held); i++)
        if (may_join(v, i))
            return false;
    return true;
}

struct masc_plan masc_plan_demand(const struct masc_demand_view *v, struct prng *rng)
{
    struct tally t = tally_view(v);
    struct masc_plan plan = {.kind = MASC_PLAN_NOTHING};
    u128 size;

    if (is_enough(&t)) { /* 17.1.2, A-101 */
        if (!t.pending && is_used(v, t.held))
            (void)find_join(&t, &plan);
        return plan;
    }
    if (find_good(&t, rng, &plan) || find_part(&t, rng, &plan) || find_enough(&t, rng, &plan) ||
        find_largest(&t, rng, &plan))
        return plan;
    if (t.pending && t.count >= v->prefixes_max)
        return plan;
    if (t.count >= v->prefixes_max && find_replacement(&t, rng, &plan))
        return plan;
    size = claim_above(v, t.count >= v->prefixes_max ? t.goal : t.goal - t.held);
    plan = (struct masc_plan){.kind = MASC_PLAN_NO_SPACE};
    while (plan.len < family_bits(v->space->managed.family) &&
           (u128)1 << (family_bits(v->space->managed.family) - plan.len - 1) >= size)
        plan.len++;
    return plan;
}

/* ---- renewal ---- */

/* One way to hold less. Ordered by worth: nearer to the middle of the range within a rank. */
struct shrink {
    size_t holding;
    bool halve;    /* else drop */
    unsigned rank; /* 0: ends in range; 1: does with neighbours; 2: does not, yet */
    u128 distance; /* from the middle of the range */
    uint64_t lost; /* used addresses in what is given up */
};

static u128 distance_from_middle(const struct masc_demand_view *v, u128 held)
{
    u128 middle = held_for(v->needed, (v->low + v->high) / 2);

    return held > middle ? held - middle : middle - held;
}

/* What one or two neighbours make of `held`, as masc_plan_demand() will choose them; false if they
 * cannot bring it into the range. */
static bool complement(const struct tally *t, u128 held, u128 *result)
{
    const struct masc_demand_view *v = t->view;
    u128 lack = t->goal - held;
    u128 part = power_below(lack);

    *result = held + claim_above(v, lack);
    if (t->count < v->prefixes_max && in_range(t, *result))
        return true;
    if (part == lack || part < claim_min(v))
        return false;
    *result = held + part + claim_above(v, lack - part);
    return t->count + 1 < v->prefixes_max && in_range(t, *result);
}

/* Fills in what `s` leads to; false if the need would not be served, or no better than now. */
static bool try_shrink(const struct tally *t, struct shrink *s)
{
    const struct masc_holding *h = &t->view->holding[s->holding];
    u128 size = size_of(h->prefix);
    uint64_t high_half = h->used > h->used_low ? h->used - h->used_low : 0;
    u128 held;

    if (s->halve && size / 2 < claim_min(t->view))
        return false;
    held = t->held - (s->halve ? size / 2 : size);
    s->lost = h->used;
    if (s->halve)
        s->lost = high_half < h->used_low ? high_half : h->used_low;
    if (t->view->gentle && s->lost > 0)
        return false;
    s->rank = in_range(t, held) ? 0 : 2;
    if (held < t->goal) {
        s->rank = 1;
        if (!s->halve || !complement(t, held, &held) || held >= t->held)
            return false;
    }
    s->distance = distance_from_middle(t->view, held);
    return s->distance < distance_from_middle(t->view, t->held);
}

static bool shrink_is_better(const struct shrink *a, const struct shrink *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->distance != b->distance)
        return a->distance < b->distance;
    return a->lost < b->lost;
}

/* 17.1.5: the one step that best serves a need that became smaller. */
static bool find_shrink(const struct tally *t, struct shrink *best)
{
    bool found = false;

    for (size_t i = 0; i < t->view->holdings; i++) {
        if (!is_settled(&t->view->holding[i]))
            continue;
        for (int halve = 0; halve <= 1; halve++) {
            struct shrink s = {.holding = i, .halve = halve != 0};

            if (try_shrink(t, &s) && (!found || shrink_is_better(&s, best))) {
                *best = s;
                found = true;
            }
        }
    }
    return found;
}

/* 17.1.4: the smallest of too many prefixes, if it cannot grow and is not needed. */
static bool find_superfluous(const struct tally *t, size_t *found)
{
    const struct masc_demand_view *v = t->view;
    u128 smallest = 0;

    if (t->count <= v->prefixes_max)
        return false;
    for (size_t i = 0; i < v->holdings; i++) {
        u128 size = size_of(v->holding[i].prefix);
        struct prefix twice;

        if (!is_settled(&v->holding[i]) || (smallest != 0 && size >= smallest) ||
            masc_choose_double(v->space, v->holding[i].prefix, &twice))
            continue;
        smallest = size;
        *found = i;
    }
    return smallest != 0 && t->held - smallest >= t->goal;
}

bool masc_plan_renewal_looks(const struct masc_demand_view *v)
{
    return tally_view(v).count > v->prefixes_max;
}

bool masc_plan_renewal(const struct masc_demand_view *v, size_t i, struct prefix *renew)
{
    struct tally t = tally_view(v);
    const struct masc_holding *h = &v->holding[i];
    struct shrink s = {.holding = i};
    size_t superfluous;

    CHECK(i < v->holdings && is_settled(h));
    *renew = h->prefix;
    if (find_superfluous(&t, &superfluous) && superfluous == i)
        return false;
    /* 17.1.6: the demand did not decrease. */
    if ((u128)v->needed * 100 >= t.held * (v->shrink ? v->shrink : v->low) ||
        !find_shrink(&t, &s) || s.holding != i)
        return true;
    if (!s.halve)
        return false;
    /* 17.1.5, A-102: the half in better use; the lower if equal. */
    renew->len++;
    if (h->used > h->used_low && h->used - h->used_low > h->used_low)
        *renew = prefix_buddy(*renew);
    return true;
}
