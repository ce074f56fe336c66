/* SPDX-License-Identifier: BSD-2-Clause */
/* plan_test: each rule of Appendix A by itself; plan_sim_test.c shows what they make together. */
#include "masc/choose.h"

#include <string.h>

#include "tests/tap.h"

#define MAX 16

static struct prefix pfx(const char *text)
{
    struct prefix p = {0};

    EXPECT(prefix_parse(&p, text));
    return p;
}

struct scene {
    struct prefix taken[2 * MAX], ours[MAX], other[MAX];
    struct masc_holding holding[MAX];
    size_t others, holdings;
    struct masc_space space;
    struct masc_demand_view view;
    struct prng rng;
};

static struct scene *scene(const char *managed)
{
    static struct scene s;

    s = (struct scene){.space = {.managed = pfx(managed)}, .rng = prng_init(5)};
    s.view = (struct masc_demand_view){.claim_min = 256, .prefixes_max = 3, .low = 70, .high = 90};
    return &s;
}

static void other(struct scene *s, const char *text)
{
    s->other[s->others++] = pfx(text);
}

static struct masc_holding *own(struct scene *s, const char *text)
{
    s->holding[s->holdings].prefix = pfx(text);
    return &s->holding[s->holdings++];
}

static void arrange(struct scene *s, uint64_t needed)
{
    size_t ours = 0, taken = s->others;

    memcpy(s->taken, s->other, s->others * sizeof(s->other[0]));
    for (size_t i = 0; i < s->holdings; i++) {
        if (!s->holding[i].fading)
            s->ours[ours++] = s->taken[taken++] = s->holding[i].prefix;
    }
    s->space.taken = s->taken;
    s->space.taken_n = masc_space_normalise(s->taken, taken);
    s->space.ours = s->ours;
    s->space.ours_n = masc_space_normalise(s->ours, ours);
    s->view.space = &s->space;
    s->view.holding = s->holding;
    s->view.holdings = s->holdings;
    s->view.needed = needed;
}

static struct masc_plan plan_for(struct scene *s, uint64_t needed)
{
    arrange(s, needed);
    return masc_plan_demand(&s->view, &s->rng);
}

static void expect_plan(struct scene *s, uint64_t needed, enum masc_plan_kind kind,
                        const char *text)
{
    char buf[PREFIX_TEXT_MAX];
    struct masc_plan p = plan_for(s, needed);

    EXPECT_EQ(p.kind, kind);
    if (text != NULL) {
        EXPECT_STR(prefix_format(p.prefix, buf), text);
        EXPECT_EQ(p.len, p.prefix.len);
    }
}

/* ---- when ---- */

TEST(claims_only_beyond_the_threshold, "M-17.1.2-02")
{
    struct scene *s = scene("224.0.0.0/12");

    own(s, "224.0.0.0/20"); /* 4096; 90 % are 3686.4 */
    expect_plan(s, 3686, MASC_PLAN_NOTHING, NULL);
    expect_plan(s, 3687, MASC_PLAN_NEW, "224.0.16.0/24");
    s->view.high = 100;
    expect_plan(s, 4096, MASC_PLAN_NOTHING, NULL);
    expect_plan(s, 4097, MASC_PLAN_NEW, "224.0.16.0/24");
}

TEST(a_pending_claim_waits_for_small_needs, "M-17.1.2-02")
{
    struct scene *s = scene("224.0.0.0/12");

    own(s, "224.0.0.0/20");
    own(s, "224.0.16.0/24")->pending = true;
    expect_plan(s, 4352, MASC_PLAN_NOTHING, NULL);
    expect_plan(s, 4353, MASC_PLAN_NEW, "224.8.0.0/23"); /* not an expansion of what is pending */
}

TEST(pending_and_full_waits, "")
{
    struct scene *s = scene("224.0.0.0/12");

    own(s, "224.0.0.0/20");
    own(s, "224.1.0.0/20");
    other(s, "224.0.16.0/24");
    other(s, "224.1.16.0/24");
    own(s, "224.2.0.0/24")->pending = true;
    expect_plan(s, 50000, MASC_PLAN_NOTHING, NULL);
    s->holding[2].pending = false;
    expect_plan(s, 50000, MASC_PLAN_EXPAND, "224.2.0.0/16"); /* 68 %, but no step could follow */
}

TEST(no_need_no_claim, "")
{
    struct scene *s = scene("224.0.0.0/12");

    expect_plan(s, 0, MASC_PLAN_NOTHING, NULL);
    own(s, "224.0.0.0/20")->fading = true; /* does not count as held, but its place can be had */
    expect_plan(s, 3686, MASC_PLAN_NEW, "224.0.0.0/20"); /* and it has no neighbours */
}

/* ---- the first prefix ---- */

TEST(the_first_is_at_random, "M-17.1.4-01")
{
    struct scene *s = scene("224.0.0.0/12");
    unsigned seen = 0;

    other(s, "224.0.0.0/14");
    for (unsigned i = 0; i < 200; i++) {
        struct masc_plan p = plan_for(s, 900);

        EXPECT_EQ(p.kind, MASC_PLAN_NEW);
        EXPECT_EQ(p.len, 22);
        seen |= 1u << (p.prefix.addr >> 18 & 3);
        EXPECT(prefix_equal(p.prefix, pfx("224.8.0.0/22")));
    }
    EXPECT_EQ(seen, 1u << 2);
    other(s, "224.8.0.0/24");
    seen = 0;
    for (unsigned i = 0; i < 200; i++)
        seen |= 1u << (plan_for(s, 900).prefix.addr >> 18 & 3);
    EXPECT_EQ(seen, 1u << 1 | 1u << 3); /* 224.4/14 and 224.12/14, not the rest of 224.8/14 */
}

TEST(the_first_need_in_two_parts, "M-17.1.3-01 M-17.1.3-03")
{
    struct scene *s = scene("224.0.0.0/12");

    expect_plan(s, 1331, MASC_PLAN_NEW, "224.0.0.0/22"); /* 2048 would be used at 65 % */
    own(s, "224.0.0.0/22")->pending = true;
    expect_plan(s, 1331, MASC_PLAN_NEW, "224.0.4.0/23");
    own(s, "224.0.4.0/23")->pending = true;
    expect_plan(s, 1331, MASC_PLAN_NOTHING, NULL);
}

TEST(never_below_the_smallest_claim, "")
{
    struct scene *s = scene("224.0.0.0/12");

    expect_plan(s, 1, MASC_PLAN_NEW, "224.0.0.0/24");
    s->view.claim_min = 300;
    expect_plan(s, 1, MASC_PLAN_NEW, "224.0.0.0/23");
}

/* ---- increase ---- */

/* `needed` at 90 % of what is held and 256 more. */
TEST(a_neighbour_for_a_small_need, "M-17.1.4-02 M-17.1.3-03")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/16");
    expect_plan(s, (65536 + 256) * 9 / 10, MASC_PLAN_NEW, "224.1.0.0/24");
}

TEST(the_neighbour_grows_and_joins, "M-17.1.4-03 M-17.1.1-04")
{
    struct scene *s = scene("224.0.0.0/8");
    struct masc_holding *small;
    uint64_t size = 256;

    own(s, "224.0.0.0/16");
    small = own(s, "224.1.0.0/24");
    for (uint8_t len = 23; len >= 17; len--) { /* 224.1.0.0/23, /22 ... /17 */
        struct masc_plan p = plan_for(s, (65536 + size) * 9 / 10 + 1);

        REQUIRE(p.kind == MASC_PLAN_EXPAND && p.holding == 1 && p.len == len);
        EXPECT(prefix_equal(p.prefix, (struct prefix){small->prefix.addr, FAMILY_IPV4, len}));
        small->prefix = p.prefix;
        size *= 2;
    }
    /* 98304 held; twice 65536 at once would be below 70 %: a third prefix first */
    expect_plan(s, 88474, MASC_PLAN_NEW, "224.1.128.0/24");
    /* the last step swallows the neighbour: one prefix for all */
    expect_plan(s, 100000, MASC_PLAN_EXPAND, "224.0.0.0/15");
    small->prefix = pfx("224.1.0.0/16");
    expect_plan(s, 100000, MASC_PLAN_EXPAND, "224.0.0.0/15");
    expect_plan(s, 91000, MASC_PLAN_NOTHING, NULL); /* rather one of them shrinks */
    s->holdings = 1;
    s->holding[0].prefix = pfx("224.0.0.0/15");
    expect_plan(s, 100000, MASC_PLAN_NOTHING, NULL);
}

/* Ours: what will not grow goes as low as it fits, and leaves the neighbour free. */
TEST(tight_goes_as_low_as_it_fits, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.8.0.0/16");
    other(s, "224.0.0.0/19");
    expect_plan(s, 65536, MASC_PLAN_NEW, "224.9.0.0/19");
    s->view.tight = true;
    expect_plan(s, 65536, MASC_PLAN_NEW, "224.0.32.0/19");
}

TEST(elsewhere_if_the_neighbour_is_taken, "M-17.1.4-04")
{
    struct scene *s = scene("224.0.0.0/12");
    unsigned seen = 0;

    own(s, "224.0.0.0/16");
    other(s, "224.1.0.0/24");
    other(s, "224.8.0.0/15");
    for (unsigned i = 0; i < 100; i++) {
        struct masc_plan p = plan_for(s, 59212);

        EXPECT_EQ(p.kind, MASC_PLAN_NEW);
        EXPECT_EQ(p.len, 24);
        seen |= 1u << (p.prefix.addr >> 18 & 3);
        EXPECT_EQ(p.prefix.addr & 0x3FFFF, 0);
    }
    EXPECT_EQ(seen, 1u << 1 | 1u << 3); /* the largest free blocks: 224.4/14 and 224.12/14 */
}

TEST(a_large_need_doubles_more_than_once, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/20");
    expect_plan(s, 28000, MASC_PLAN_EXPAND, "224.0.0.0/17");
}

TEST(steady_growth_is_served_ahead, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/16");
    s->view.needed_next = 65000;
    expect_plan(s, 59213, MASC_PLAN_NEW, "224.1.0.0/19"); /* 72223 - 65536 */
    s->view.needed_next = UINT64_MAX;                     /* as much as leaves 70 % */
    expect_plan(s, 59213, MASC_PLAN_NEW, "224.1.0.0/18");
}

TEST(of_good_expansions_the_one_that_lasts, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/20");
    own(s, "224.32.0.0/22");
    own(s, "224.64.0.0/23");
    s->view.needed_next = 5300;
    expect_plan(s, 5100, MASC_PLAN_EXPAND, "224.64.0.0/22"); /* 6144 held, 5889 needed */
    s->view.needed_next = 5600;
    expect_plan(s, 5100, MASC_PLAN_EXPAND, "224.32.0.0/21"); /* 6656 held, 6223 needed */
}

TEST(joining_waits_for_claims, "M-17.1.4-03")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/16");
    own(s, "224.1.0.0/16");
    own(s, "224.64.0.0/24")->pending = true;
    expect_plan(s, 110000, MASC_PLAN_NOTHING, NULL);
    s->holding[2].pending = false;
    expect_plan(s, 110000, MASC_PLAN_EXPAND, "224.0.0.0/15");
}

TEST(three_prefixes_are_enough, "M-17.1.4-05")
{
    struct scene *s = scene("224.0.0.0/8");
    struct masc_plan p;

    own(s, "224.0.0.0/20");
    own(s, "224.32.0.0/21");
    other(s, "224.0.16.0/20");
    other(s, "224.32.8.0/21");
    p = plan_for(s, 5600); /* two: a third */
    EXPECT(p.kind == MASC_PLAN_NEW && !p.replaces && p.len == 24);
    own(s, "224.64.0.0/22");
    expect_plan(s, 7000, MASC_PLAN_EXPAND, "224.64.0.0/21"); /* one that can grow */
    other(s, "224.64.4.0/22");
    p = plan_for(s, 7000);
    EXPECT(p.kind == MASC_PLAN_NEW && p.replaces);
    EXPECT_EQ(p.len, 19); /* 8192 for all: 7000 are 85 % of it */
    EXPECT(prefix_equal(p.prefix, pfx("224.128.0.0/19")));
}

TEST(rather_one_prefix_than_two_of_that_size, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/20");
    s->view.prefixes_max = 2;
    expect_plan(s, 5576, MASC_PLAN_EXPAND, "224.0.0.0/19"); /* 68 % either way */
}

TEST(another_threshold, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/20");
    s->view.prefixes_max = 1;
    expect_plan(s, 4000, MASC_PLAN_EXPAND, "224.0.0.0/19"); /* 49 %: there is no other way */
    other(s, "224.0.16.0/20");
    EXPECT(plan_for(s, 4000).replaces);
}

TEST(the_smallest_makes_way_in_a_crowd, "")
{
    struct scene *s = scene("224.0.0.0/19");
    struct masc_plan p;
    struct prefix renew;

    own(s, "224.0.0.0/21");
    own(s, "224.0.16.0/22");
    own(s, "224.0.24.0/24");
    other(s, "224.0.8.0/21");
    other(s, "224.0.20.0/22");
    other(s, "224.0.25.0/24");
    p = plan_for(s, 3200); /* 3556 have to be held; no /20 is free for all, but a /23 and a /22 */
    EXPECT_EQ(p.kind, MASC_PLAN_NEW);
    EXPECT(!p.replaces);
    EXPECT(prefix_equal(p.prefix, pfx("224.0.28.0/23")));
    s->holding[s->holdings++].prefix = p.prefix;
    arrange(s, 3200);
    EXPECT(masc_plan_renewal(&s->view, 0, &renew));
    EXPECT(masc_plan_renewal(&s->view, 1, &renew));
    EXPECT(!masc_plan_renewal(&s->view, 2, &renew));
    EXPECT(masc_plan_renewal(&s->view, 3, &renew));
}

TEST(no_space_asks_for_what_is_missing, "")
{
    struct scene *s = scene("224.0.0.0/24");

    own(s, "224.0.0.0/24");
    expect_plan(s, 1000, MASC_PLAN_NO_SPACE, NULL);
    EXPECT_EQ(plan_for(s, 1000).len, 22); /* 1112 - 256 = 856 */
    s->view.prefixes_max = 1;
    EXPECT_EQ(plan_for(s, 1000).len, 21); /* 1112 in one */
    EXPECT_EQ(plan_for(s, UINT64_MAX).len, 0);
}

TEST(what_there_is_rather_than_nothing, "")
{
    struct scene *s = scene("224.0.0.0/20");

    other(s, "224.0.0.0/21");
    expect_plan(s, 50000, MASC_PLAN_NEW, "224.0.8.0/21");
    own(s, "224.0.8.0/21");
    expect_plan(s, 50000, MASC_PLAN_NO_SPACE, NULL);
}

TEST(fading_ranges_can_be_had_again, "")
{
    struct scene *s = scene("224.0.0.0/15");

    own(s, "224.0.0.0/16");
    own(s, "224.1.0.0/16")->fading = true;
    expect_plan(s, 60000, MASC_PLAN_NEW, "224.1.0.0/21");
    expect_plan(s, 100000, MASC_PLAN_EXPAND, "224.0.0.0/15");
}

TEST(sizes_beyond_64_bits, "")
{
    struct scene *s = scene("ff00::/8");
    struct masc_plan p = plan_for(s, UINT64_MAX);

    EXPECT_EQ(p.kind, MASC_PLAN_NEW);
    EXPECT_EQ(p.len, 64); /* and another for the rest */
    own(s, "ff00::/64");
    s->view.needed_next = UINT64_MAX;
    expect_plan(s, UINT64_MAX, MASC_PLAN_NEW, "ff00:0:0:1::/67");
    s->holding[0].prefix = pfx("ff00::/9");
    own(s, "ff80::/9");
    expect_plan(s, UINT64_MAX, MASC_PLAN_NOTHING, NULL);
    s = scene("::/0");
    own(s, "::/1");
    own(s, "8000::/1");
    expect_plan(s, UINT64_MAX, MASC_PLAN_NOTHING, NULL);
}

/* ---- renewal ---- */

static const char *renewed(struct scene *s, size_t i, uint64_t needed)
{
    static char buf[PREFIX_TEXT_MAX];
    struct prefix p = {0};

    arrange(s, needed);
    return masc_plan_renewal(&s->view, i, &p) ? prefix_format(p, buf) : "-";
}

TEST(the_busier_half_is_reclaimed, "M-17.1.5-02")
{
    struct scene *s = scene("224.0.0.0/8");
    struct masc_holding *h = own(s, "224.0.0.0/15");

    h->used = 65536;
    h->used_low = 40000;
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/16");
    h->used_low = 20000;
    EXPECT_STR(renewed(s, 0, 65536), "224.1.0.0/16");
    h->used_low = 32768; /* equal */
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/16");
    EXPECT_STR(renewed(s, 0, 91750), "224.0.0.0/16"); /* 69.99 %: and two neighbours */
    EXPECT_STR(renewed(s, 0, 91751), "224.0.0.0/15"); /* 70 % */
    s->view.prefixes_max = 1;                         /* no neighbour to complement a half */
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/15");
    EXPECT_STR(renewed(s, 0, 58982), "224.0.0.0/16");
}

TEST(a_half_is_complemented_from_what_fades, "M-17.1.5-02 M-17.1.3-03")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/15");
    EXPECT_STR(renewed(s, 0, 80000), "224.0.0.0/16");
    s->holding[0].prefix = pfx("224.0.0.0/16");
    own(s, "224.1.0.0/16")->fading = true;
    expect_plan(s, 80000, MASC_PLAN_NEW, "224.1.0.0/17"); /* 23353 are missing */
}

TEST(only_one_shrinks_at_a_time, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/20")->used = 4000;
    own(s, "224.16.0.0/20")->used = 100;
    own(s, "224.32.0.0/22")->used = 100;
    EXPECT_STR(renewed(s, 0, 4200), "224.0.0.0/20");
    EXPECT_STR(renewed(s, 1, 4200), "-");
    EXPECT_STR(renewed(s, 2, 4200), "224.32.0.0/22");
}

TEST(the_less_used_one_shrinks, "")
{
    struct scene *s = scene("224.0.0.0/8");

    *own(s, "224.0.0.0/20") =
        (struct masc_holding){.prefix = pfx("224.0.0.0/20"), .used = 3000, .used_low = 1500};
    *own(s, "224.16.0.0/20") =
        (struct masc_holding){.prefix = pfx("224.16.0.0/20"), .used = 200, .used_low = 50};
    EXPECT_STR(renewed(s, 0, 4900), "224.0.0.0/20");
    EXPECT_STR(renewed(s, 1, 4900), "224.16.8.0/21");
}

TEST(too_many_but_expandable_are_renewed, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/19");
    own(s, "224.32.0.0/22");
    own(s, "224.64.0.0/22");
    own(s, "224.96.0.0/24");
    EXPECT_STR(renewed(s, 3, 8600), "224.96.0.0/24");
    other(s, "224.96.1.0/24");
    EXPECT_STR(renewed(s, 3, 8600), "-");
    EXPECT_STR(renewed(s, 3, 9300), "224.96.0.0/24"); /* needed */
}

/* Ours: what is chosen closely need not be given back closely. */
TEST(shrinking_can_wait_longer, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/15");
    s->view.shrink = 40;
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/15"); /* 50 % */
    EXPECT_STR(renewed(s, 0, 52428), "224.0.0.0/16"); /* 39.99 % */
    s->view.shrink = 0;
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/16");
}

/* Ours: a half in which a child is stays. */
TEST(gentle_moves_nobody, "")
{
    struct scene *s = scene("224.0.0.0/8");
    struct masc_holding *h = own(s, "224.0.0.0/15");

    h->used = 65536;
    h->used_low = 65280;
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/16");
    s->view.gentle = true;
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/15");
    h->used_low = 65536;
    EXPECT_STR(renewed(s, 0, 65536), "224.0.0.0/16");
}

/* Others' ranges count only where there are too many prefixes. */
TEST(renewal_looks_only_where_it_decides, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/16");
    own(s, "224.2.0.0/16");
    own(s, "224.4.0.0/16");
    arrange(s, 150000);
    EXPECT(!masc_plan_renewal_looks(&s->view));
    own(s, "224.6.0.0/16");
    arrange(s, 150000);
    EXPECT(masc_plan_renewal_looks(&s->view));
}

TEST(unused_prefixes_run_out, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/24");
    EXPECT_STR(renewed(s, 0, 0), "-");
    EXPECT_STR(renewed(s, 0, 1), "224.0.0.0/24"); /* never below the smallest claim */
}

TEST(used_prefixes_are_renewed, "")
{
    struct scene *s = scene("224.0.0.0/8");

    own(s, "224.0.0.0/16");
    own(s, "224.1.0.0/24");
    for (uint64_t needed = 46055; needed < 200000; needed += 1000) {
        EXPECT_STR(renewed(s, 0, needed), "224.0.0.0/16");
        EXPECT_STR(renewed(s, 1, needed), "224.1.0.0/24");
    }
}

TEST(promises_are_checked, "")
{
    struct scene *s = scene("224.0.0.0/8");
    struct prefix p;

    own(s, "224.0.0.0/16")->fading = true;
    arrange(s, 5);
    EXPECT_PANIC(masc_plan_renewal(&s->view, 0, &p));
    EXPECT_PANIC(masc_plan_renewal(&s->view, 1, &p));
    s->view.low = 0;
    EXPECT_PANIC(masc_plan_demand(&s->view, &s->rng));
    s->view.low = 70;
    s->view.prefixes_max = 0;
    EXPECT_PANIC(masc_plan_demand(&s->view, &s->rng));
}
