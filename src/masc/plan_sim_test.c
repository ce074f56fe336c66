/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan_sim_test: one domain over simulated weeks, in steps of hours, with nothing but the functions
 * of choose.h: a claim takes 48 h, a prefix is renewed every 48 h and what is not renewed lasts
 * 30 days. What the functions are told comes from the domain; what is demanded of them is computed
 * from the prefixes alone.
 */
#include "masc/choose.h"

#include <string.h>

#include "tests/tap.h"

#define WAIT_H    48
#define LIFE_H    (30 * 24)
#define OWN_MAX   64
#define TAKEN_MAX 512

struct own {
    struct prefix prefix;
    int64_t ready_h; /* pending until then */
    int64_t renew_h, end_h;
    bool pending, fading;
};

struct domain {
    struct prefix managed;
    struct prefix foreign[TAKEN_MAX];
    size_t foreigns;
    struct own own[OWN_MAX];
    size_t owns;
    int64_t now_h;
    uint64_t used;
    unsigned claims; /* EXPAND, NEW and re-claimed halves */
    unsigned no_space;
    struct prng rng;

    /* the view */
    struct prefix taken[TAKEN_MAX + OWN_MAX], ours[OWN_MAX];
    struct masc_space space;
    struct masc_holding holding[OWN_MAX];
    size_t index[OWN_MAX]; /* of a holding in own[] */
    struct masc_demand_view view;
};

static struct prefix pfx(const char *text)
{
    struct prefix p = {0};

    EXPECT(prefix_parse(&p, text));
    return p;
}

static void remove_own(struct domain *d, size_t i)
{
    d->own[i] = d->own[--d->owns];
}

static bool is_replaced(const struct domain *d, size_t i)
{
    for (size_t k = 0; k < d->owns; k++) {
        if (k != i && d->own[k].pending && !d->own[i].pending &&
            prefix_covers(d->own[k].prefix, d->own[i].prefix))
            return true;
    }
    return false;
}

static uint64_t held(const struct domain *d, bool pending)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < d->owns; i++) {
        if (!d->own[i].fading && !d->own[i].pending && !(pending && is_replaced(d, i)))
            sum += prefix_size(d->own[i].prefix);
        if (pending && d->own[i].pending)
            sum += prefix_size(d->own[i].prefix);
    }
    return sum;
}

/* Addresses that hosts can use: what fades serves until its end. */
static uint64_t usable(const struct domain *d)
{
    uint64_t sum = held(d, false);

    for (size_t i = 0; i < d->owns; i++) {
        bool counted = !d->own[i].fading;

        for (size_t k = 0; k < d->owns; k++)
            counted |= !d->own[k].fading && !d->own[k].pending &&
                       prefix_overlaps(d->own[k].prefix, d->own[i].prefix);
        sum += counted ? 0 : prefix_size(d->own[i].prefix);
    }
    return sum;
}

static unsigned prefixes(const struct domain *d)
{
    unsigned n = 0;

    for (size_t i = 0; i < d->owns; i++)
        n += !d->own[i].fading && !is_replaced(d, i);
    return n;
}

/* The used addresses fill the holdings from their start, in the order of claiming. */
static void look(struct domain *d, uint64_t needed, uint64_t growth)
{
    uint64_t left = d->used;
    size_t taken = d->foreigns, ours = 0, n = 0;

    memcpy(d->taken, d->foreign, d->foreigns * sizeof(d->foreign[0]));
    for (size_t i = 0; i < d->owns; i++) {
        uint64_t size = prefix_size(d->own[i].prefix);
        struct masc_holding h = {
            .prefix = d->own[i].prefix, .fading = d->own[i].fading, .pending = d->own[i].pending};

        if (is_replaced(d, i))
            continue;
        if (!h.pending && !h.fading) {
            h.used = left < size ? left : size;
            h.used_low = h.used < size / 2 ? h.used : size / 2;
            left -= h.used;
        }
        if (!h.fading) {
            d->taken[taken++] = h.prefix;
            d->ours[ours++] = h.prefix;
        }
        d->index[n] = i;
        d->holding[n++] = h;
    }
    d->space = (struct masc_space){.managed = d->managed, .taken = d->taken, .ours = d->ours};
    d->space.taken_n = masc_space_normalise(d->taken, taken);
    d->space.ours_n = masc_space_normalise(d->ours, ours);
    d->view = (struct masc_demand_view){.space = &d->space,
                                        .holding = d->holding,
                                        .holdings = n,
                                        .needed = needed,
                                        .needed_next = needed + growth,
                                        .claim_min = 256,
                                        .prefixes_max = 3,
                                        .low = 70,
                                        .high = 90};
}

static void expire(struct domain *d)
{
    for (size_t i = d->owns; i-- > 0;) {
        if (d->own[i].fading && d->own[i].end_h <= d->now_h)
            remove_own(d, i);
    }
}

/* A claim that waited long enough takes the place of what it covers. */
static void mature(struct domain *d)
{
    for (size_t i = 0; i < d->owns; i++) {
        struct own *o = &d->own[i];
        struct prefix p = o->prefix;

        if (!o->pending || o->ready_h > d->now_h)
            continue;
        *o = (struct own){.prefix = p, .renew_h = d->now_h + WAIT_H, .end_h = d->now_h + LIFE_H};
        for (size_t k = d->owns; k-- > 0;) {
            if (!prefix_equal(d->own[k].prefix, p) && prefix_covers(p, d->own[k].prefix))
                remove_own(d, k);
        }
        i = (size_t)-1; /* places changed: from the start */
    }
}

static void let_fade(struct domain *d, struct prefix p, int64_t end_h)
{
    REQUIRE(d->owns < OWN_MAX);
    d->own[d->owns++] = (struct own){.prefix = p, .fading = true, .end_h = end_h};
}

static void renew(struct domain *d, uint64_t needed)
{
    for (size_t i = 0; i < d->owns; i++) {
        struct own *o = &d->own[i];
        struct prefix p = {0};
        size_t k = 0;

        if (o->fading || o->pending || o->renew_h > d->now_h || is_replaced(d, i))
            continue;
        look(d, needed, 0);
        while (d->index[k] != i)
            k++;
        o->renew_h = d->now_h + WAIT_H;
        if (!masc_plan_renewal(&d->view, k, &p)) {
            o->fading = true;
            continue;
        }
        if (!prefix_equal(p, o->prefix)) {
            EXPECT(p.len == o->prefix.len + 1 && prefix_covers(o->prefix, p));
            d->claims++;
            o->prefix = p;
            let_fade(d, prefix_buddy(p), o->end_h);
        }
        d->own[i].end_h = d->now_h + LIFE_H;
    }
}

static void fade_after_replacement(struct domain *d)
{
    struct prefix twice;

    for (size_t i = 0; i < d->owns; i++) {
        if (!d->own[i].fading && !d->own[i].pending &&
            !masc_choose_double(&d->space, d->own[i].prefix, &twice))
            d->own[i].fading = true;
    }
}

static void claim(struct domain *d, uint64_t needed, uint64_t growth)
{
    for (unsigned round = 0; round < 5; round++) {
        struct masc_plan plan;

        look(d, needed, growth);
        plan = masc_plan_demand(&d->view, &d->rng);
        d->no_space += plan.kind == MASC_PLAN_NO_SPACE;
        if (plan.kind == MASC_PLAN_NOTHING || plan.kind == MASC_PLAN_NO_SPACE)
            return;
        EXPECT(round < 4);
        REQUIRE(d->owns < OWN_MAX);
        EXPECT(prefix_covers(d->managed, plan.prefix) && plan.len == plan.prefix.len);
        EXPECT(prefix_size(plan.prefix) >= d->view.claim_min);
        for (size_t i = 0; i < d->foreigns; i++)
            EXPECT(!prefix_overlaps(d->foreign[i], plan.prefix));
        for (size_t i = 0; i < d->owns; i++) {
            if (!d->own[i].fading && prefix_overlaps(d->own[i].prefix, plan.prefix))
                EXPECT(plan.kind == MASC_PLAN_EXPAND && !d->own[i].pending &&
                       prefix_covers(plan.prefix, d->own[i].prefix));
        }
        if (plan.replaces) /* the old ones serve until their end in any case */
            fade_after_replacement(d);
        d->claims++;
        d->own[d->owns++] =
            (struct own){.prefix = plan.prefix, .pending = true, .ready_h = d->now_h + WAIT_H};
    }
}

static void step(struct domain *d, unsigned hours, uint64_t used, uint64_t needed)
{
    uint64_t growth = needed > used ? needed - used : 0;

    d->used = used;
    expire(d);
    mature(d);
    renew(d, needed);
    claim(d, needed, growth);
    d->now_h += hours;
}

static struct domain domain_init(const char *managed, uint64_t seed)
{
    return (struct domain){.managed = pfx(managed), .rng = prng_init(seed)};
}

/* Others in the space: `n` ranges with up to `bits` host bits. */
static void crowd(struct domain *d, unsigned n, unsigned bits)
{
    unsigned host = family_bits(d->managed.family) - d->managed.len;

    for (unsigned i = 0; i < n; i++) {
        unsigned own_bits = 8 + (unsigned)prng_below(&d->rng, bits - 7);
        u128 at = (u128)prng_below(&d->rng, (uint64_t)1 << (host - own_bits)) << own_bits;

        d->foreign[d->foreigns++] =
            (struct prefix){d->managed.addr + at, d->managed.family,
                            (uint8_t)(family_bits(d->managed.family) - own_bits)};
    }
    d->foreigns = masc_space_normalise(d->foreign, d->foreigns);
}

static bool in_range(const struct domain *d, uint64_t needed)
{
    uint64_t all = held(d, true);

    return needed * 100 >= all * 70 && needed * 100 <= all * 90;
}

/* ---- constant need: the plan comes to rest ---- */

#define REST_H (24 * WAIT_H)

struct rest {
    unsigned bad_range, bad_count, restless, most_claims;
};

static void run_to_rest(struct domain *d, uint64_t needed, struct rest *r)
{
    unsigned before = d->claims, at_rest, no_space = d->no_space;

    for (unsigned h = 0; h < REST_H; h += 12)
        step(d, 12, needed, needed);
    at_rest = d->claims;
    for (unsigned h = 0; h < 6 * WAIT_H; h += 12)
        step(d, 12, needed, needed);
    r->restless += d->claims != at_rest;
    if (d->no_space == no_space)
        r->bad_range += needed >= 1024 && !in_range(d, needed);
    r->bad_count += prefixes(d) > 3;
    if (at_rest - before > r->most_claims)
        r->most_claims = at_rest - before;
}

/* Jumps between random needs, as far as a factor of a thousand. */
static void jump_about(const char *managed, unsigned others, unsigned bits, struct rest *r)
{
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct domain d = domain_init(managed, seed);

        crowd(&d, others, bits);
        for (unsigned i = 0; i < 25; i++) {
            unsigned wide = 10 + (unsigned)prng_below(&d.rng, 9);
            uint64_t needed = ((uint64_t)1 << wide) + prng_below(&d.rng, (uint64_t)1 << wide);

            run_to_rest(&d, needed, r);
        }
    }
}

TEST(rest_in_an_empty_space, "M-17.1.3-01")
{
    struct rest r = {0};

    jump_about("228.0.0.0/6", 0, 8, &r);
    EXPECT_EQ(r.restless, 0);
    EXPECT_EQ(r.bad_range, 0);
    EXPECT_EQ(r.bad_count, 0);
    EXPECT(r.most_claims <= 14);
    tap_diag("at most %u claims after a jump", r.most_claims);
}

TEST(rest_among_others, "M-17.1.3-01")
{
    struct rest r = {0};

    jump_about("228.0.0.0/8", 200, 14, &r);
    EXPECT_EQ(r.restless, 0);
    EXPECT_EQ(r.bad_range, 0);
    EXPECT_EQ(r.bad_count, 0);
    EXPECT(r.most_claims <= 14);
    tap_diag("at most %u claims after a jump", r.most_claims);
}

/* Where nothing fits well it is enough to come to rest. */
TEST(rest_in_a_crowd, "")
{
    struct rest r = {0};

    jump_about("228.0.0.0/12", 400, 12, &r);
    EXPECT_EQ(r.restless, 0);
    EXPECT_EQ(r.bad_count, 0);
    EXPECT(r.most_claims <= 24);
    tap_diag("at most %u claims after a jump, %u out of range", r.most_claims, r.bad_range);
}

TEST(rest_in_ipv6, "")
{
    struct rest r = {0};

    jump_about("ff1e::/96", 200, 20, &r);
    EXPECT_EQ(r.restless, 0);
    EXPECT_EQ(r.bad_range, 0);
    EXPECT_EQ(r.bad_count, 0);
}

/* ---- demand that lives ---- */

#define STEP_H          2
#define MONTH_H         (31 * 24)
#define RAMP_H          (10 * 24)
#define REST_IN_MONTH_H (24 * 24)

/* A step of a domain that predicts by itself. */
static void live_step(struct domain *d, struct masc_trend *t, uint64_t used)
{
    int64_t now_s = d->now_h * 3600;
    uint64_t predicted, peak;

    masc_trend_add(t, now_s, used, WAIT_H * 3600);
    predicted = masc_trend_predict(t, now_s + WAIT_H * 3600 + 1200);
    peak = masc_trend_peak(t);
    step(d, STEP_H, used, predicted > peak ? predicted : peak);
}

/* From one level to the next in ten days, then three weeks of it, under a daily swing of 5 %. */
static uint64_t level_at(const uint64_t *level, int64_t h)
{
    int64_t phase = h % (MONTH_H), ramp = phase < RAMP_H ? phase : RAMP_H;
    int64_t from = (int64_t)level[h / (MONTH_H)], to = (int64_t)level[h / (MONTH_H) + 1];
    int64_t now = from + (to - from) * ramp / RAMP_H;
    int64_t swing = h % 24 < 12 ? h % 24 : 24 - h % 24; /* 0..12 */

    return (uint64_t)(now - now * (12 - swing) / 240);
}

static const uint64_t levels[] = {1500,  3000,  9000, 40000, 70000, 260000, 200000, 90000,
                                  95000, 30000, 8000, 12000, 5000,  1100,   64000};

static void live(uint64_t seed, const char *managed, unsigned others)
{
    struct domain d = domain_init(managed, seed);
    struct masc_trend t = {.n = 0};
    unsigned periods = sizeof(levels) / sizeof(levels[0]) - 1, unserved = 0, late = 0, out = 0,
             crowded = 0;

    crowd(&d, others, 14);
    for (unsigned i = 0; i < periods; i++) {
        unsigned before = d.claims;
        bool steep = levels[i + 1] > 5 * levels[i];

        for (unsigned h = 0; h < MONTH_H; h += STEP_H) {
            uint64_t used = level_at(levels, d.now_h);
            unsigned claims = d.claims;

            live_step(&d, &t, used);
            crowded += prefixes(&d) > 3;
            /* No one foresees the bend: it takes one waiting period to see how steep it is, one for
               the claims made at first sight, one for those that follow. Then no more is missing
               than the daily swing, which a straight line does not see, on the steepest rise. */
            if (h > 3 * WAIT_H && used > usable(&d))
                unserved += steep ? used - usable(&d) > used / 50 : 1;
            if (h < REST_IN_MONTH_H)
                continue;
            late += d.claims != claims;
            out += !in_range(&d, masc_trend_peak(&t));
        }
        EXPECT(d.claims - before <= 14);
    }
    EXPECT_EQ(unserved, 0); /* 17.1.2: claimed before the addresses were used up */
    EXPECT_EQ(late, 0);     /* no claim in a steady week */
    EXPECT_EQ(out, 0);      /* and utilization in range */
    EXPECT_EQ(crowded, 0);
    EXPECT_EQ(d.no_space, 0);
    tap_diag("%s: %u claims in %u months", managed, d.claims, periods);
}

TEST(rise_and_fall_alone, "M-17.1.2-02")
{
    for (uint64_t seed = 0; seed < 5; seed++)
        live(seed, "228.0.0.0/6", 0);
}

TEST(rise_and_fall_among_others, "M-17.1.2-02")
{
    for (uint64_t seed = 0; seed < 5; seed++)
        live(seed, "228.0.0.0/8", 200);
}

/* A demand that never rests must not make the plan restless: a claim is for days. */
TEST(noise_is_not_answered, "")
{
    struct domain d = domain_init("228.0.0.0/8", 4);
    struct masc_trend t = {.n = 0};
    unsigned half_way = 0;

    crowd(&d, 200, 14);
    for (unsigned h = 0; h < 200 * 24; h += STEP_H) {
        live_step(&d, &t, 20000 + prng_below(&d.rng, 2000));
        if (h == 100 * 24)
            half_way = d.claims;
    }
    tap_diag("%u claims, %u of them in the first half", d.claims, half_way);
    EXPECT(d.claims - half_way <= 4);
    EXPECT(prefixes(&d) <= 3);
}

TEST(all_is_given_back, "")
{
    struct domain d = domain_init("228.0.0.0/8", 4);

    for (unsigned h = 0; h < 10 * WAIT_H; h += 12)
        step(&d, 12, 50000, 50000);
    EXPECT(held(&d, false) >= 50000);
    for (unsigned h = 0; h < 40 * WAIT_H; h += 12)
        step(&d, 12, 0, 0);
    EXPECT_EQ(d.owns, 0);
}
