/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Four top-level domains in a row, cut in the middle: T1 - T2 | T3 - T4 (4, 6, 12.4).
 */
#include "tests/scenario/figure.h"

enum { T1 = 1, T2, T3, T4 };

static struct world *row_of_four(uint64_t seed)
{
    struct world *w = world_new(seed);
    unsigned i;
    for (i = T1; i <= T4; i++) {
        char name[3] = {'T', (char)('0' + i), 0};
        (void)world_node(w, name, i);
        world_tld(w, i, "228.0.0.0/6");
        if (i > T1)
            world_siblings(w, i - 1, i, 0);
    }
    return w;
}

static struct world *cut_in_the_middle(uint64_t seed, const char *at_1, const char *at_4)
{
    struct world *w = row_of_four(seed);
    world_start(w);
    world_run(w, 30 * SECOND);
    world_cut(w, T2, T3);
    world_run(w, SECOND);
    EXPECT(world_claim(w, T1, at_1));
    EXPECT(world_claim(w, T4, at_4));
    return w;
}

static unsigned withdrawals(struct world *w, unsigned by)
{
    return world_sent(w, (struct match){.from = by, .types = T(WITHDRAW),
                                        .domain = world_config(w, by)->domain});
}

/* Who has the older claim by 5.1.1, computed from what they sent. */
static unsigned older(struct world *w)
{
    unsigned i1 = 0, i4 = 0;
    const struct sent *a = world_next(w, (struct match){.from = T1, .types = T(NEW_CLAIM)}, &i1);
    const struct sent *b = world_next(w, (struct match){.from = T4, .types = T(NEW_CLAIM)}, &i4);
    if (!a || !b)
        return 0;
    return b->a.timestamp_s < a->a.timestamp_s ? T4 : T1;
}

TEST(sparse_mesh_hears_everything, "M-4-04 M-4-16 M-5.1b-02 M-11.2.2-05 M-11.5-03 M-11.4.2-05")
{
    struct world *w = row_of_four(2);
    struct prefix p = prefix_of("228.1.0.0/16"), wide = prefix_of("228.0.0.0/15");
    world_start(w);
    world_run(w, 30 * SECOND);
    EXPECT(world_claim(w, T1, "228.1.0.0/16"));
    world_run(w, 20 * SECOND);
    EXPECT(world_knows(w, T4, 1, MASC_NEW_CLAIM, p));
    world_run(w, 150 * SECOND);
    EXPECT(world_knows(w, T4, 1, MASC_PREFIX_IN_USE, p));
    /* and is not taken by who hears of it only so */
    EXPECT(!world_claim(w, T4, "228.1.2.0/24"));
    /* twice as much wanted: it grows over the buddy */
    world_edit(w, T1)->demand[0] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 100000, .lifetime_s = 3600};
    world_at(w, T1)->spare->demands = 1;
    world_apply(w, T1);
    world_run(w, 20 * SECOND);
    EXPECT(world_knows(w, T4, 1, MASC_CLAIM_TO_EXPAND, wide));
    world_run(w, 150 * SECOND);
    EXPECT(world_knows(w, T4, 1, MASC_PREFIX_IN_USE, wide));
    EXPECT_UEQ(world_sent(w, (struct match){.types = 1u << MASC_PREFIX_MANAGED}), 0);
    EXPECT_UEQ(world_complaints(w), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

TEST(shorter_than_the_wait_is_a_collision, "M-5.1+11-01")
{
    uint64_t seed;
    for (seed = 1; seed <= 4; seed++) {
        struct world *w = cut_in_the_middle(seed, "228.1.0.0/16", "228.1.0.0/16");
        struct prefix p = prefix_of("228.1.0.0/16");
        unsigned first;
        world_run(w, 60 * SECOND);
        world_heal(w, T2, T3);
        world_run(w, 300 * SECOND);
        first = older(w);
        REQUIRE(first);
        EXPECT(world_record(w, first, p) != NULL);
        EXPECT(world_record(w, T1 + T4 - first, p) == NULL);
        EXPECT(world_has(w, T1 + T4 - first));
        EXPECT_UEQ(world_logged(w, 0, "clash", 0), 0);
        EXPECT_UEQ(world_logged(w, 0, "lost", 0), 1);
        EXPECT_UEQ(withdrawals(w, first), 0);
        EXPECT_UEQ(world_unknown(w), 0);
        world_end(w);
    }
}

/* The loser's part may be smaller, equal or larger. */
static void clash(uint64_t seed, const char *at_1, const char *at_4)
{
    struct world *w = cut_in_the_middle(seed, at_1, at_4);
    struct prefix p1 = prefix_of(at_1), p4 = prefix_of(at_4), both = prefix_common(p1, p4);
    unsigned first, second;
    int64_t healed;
    world_run(w, 200 * SECOND);
    EXPECT(world_usable(w, T1, p1) && world_usable(w, T4, p4));
    world_heal(w, T2, T3);
    healed = world_now(w);
    world_run(w, 40 * SECOND);
    first = older(w);
    second = T1 + T4 - first;
    REQUIRE(first);
    /* I-10, I-11: only the loser withdraws, and everybody has its WITHDRAW */
    EXPECT_UEQ(world_logged(w, first, "clash", healed), 1);
    EXPECT_UEQ(world_logged(w, second, "clash", healed), 1);
    EXPECT_UEQ(world_logged(w, second, "withdrawn", healed), 1);
    EXPECT_UEQ(world_logged(w, first, "withdrawn", healed), 0);
    EXPECT_UEQ(withdrawals(w, first), 0);
    EXPECT(withdrawals(w, second) > 0);
    EXPECT(world_knows(w, T1, second, MASC_WITHDRAW, both));
    EXPECT(world_knows(w, T4, second, MASC_WITHDRAW, both));
    EXPECT(world_usable(w, first, first == T1 ? p1 : p4));
    EXPECT(!world_usable(w, second, both));
    EXPECT_UEQ(world_logged(w, first, "maas", healed), 0);
    EXPECT_UEQ(world_logged(w, first, "g-rib", healed), 0);
    world_run(w, 300 * SECOND);
    EXPECT(!world_usable(w, second, both));
    EXPECT_UEQ(world_logged(w, 0, "clash", healed), 2);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

TEST(longer_than_the_wait_is_a_clash,
     "M-12.4+11-01 M-12.4-01 M-12.4-09 M-12.4-12 M-12.4-18 M-11.2.2-03")
{
    uint64_t seed;
    for (seed = 1; seed <= 4; seed++)
        clash(seed, "228.1.0.0/16", "228.1.0.0/16");
}

TEST(clash_of_unequal_prefixes, "M-12.4-06")
{
    uint64_t seed;
    for (seed = 1; seed <= 4; seed++) {
        clash(seed, "228.1.0.0/16", "228.1.2.0/24");
        clash(seed, "228.1.2.0/24", "228.1.0.0/16");
    }
}

/* 12.4: in manual mode nobody withdraws until the operator says so (I-12). */
TEST(manual_mode_waits_for_the_operator, "")
{
    struct world *w = row_of_four(5);
    struct prefix p = prefix_of("228.1.0.0/16");
    unsigned first, second;
    world_excuse_clashes(w);
    world_config(w, T1)->clash = MASC_CLASH_MANUAL;
    world_config(w, T4)->clash = MASC_CLASH_MANUAL;
    world_start(w);
    world_run(w, 30 * SECOND);
    world_cut(w, T2, T3);
    world_run(w, SECOND);
    EXPECT(world_claim(w, T1, "228.1.0.0/16"));
    EXPECT(world_claim(w, T4, "228.1.0.0/16"));
    world_run(w, 200 * SECOND);
    world_heal(w, T2, T3);
    world_run(w, 40 * SECOND);
    first = older(w);
    second = T1 + T4 - first;
    REQUIRE(first);
    EXPECT_UEQ(world_logged(w, 0, "clash", 0), 2);
    EXPECT_UEQ(withdrawals(w, T1) + withdrawals(w, T4), 0);
    /* the disputed range is not for hosts of the loser, but still routed */
    EXPECT(!world_usable(w, second, p));
    EXPECT(world_routed(w, second, p));
    EXPECT(world_usable(w, first, p));
    EXPECT(world_resolve(w, second, p, true));
    world_run(w, SECOND);
    EXPECT(withdrawals(w, second) > 0);
    EXPECT(!world_routed(w, second, p));
    EXPECT_UEQ(withdrawals(w, first), 0);
    world_end(w);
}

/* what was withdrawn on the far side is replayed after the prefix it hides: no clash. */
TEST(withdrawn_behind_the_cut_is_no_clash, "")
{
    struct world *w = cut_in_the_middle(6, "228.1.0.0/16", "228.1.0.0/16");
    struct prefix p = prefix_of("228.1.0.0/16");
    world_run(w, 200 * SECOND);
    EXPECT(world_release(w, T4, p));
    world_run(w, 5 * SECOND);
    world_heal(w, T2, T3);
    world_run(w, 60 * SECOND);
    EXPECT_UEQ(withdrawals(w, T1), 0);
    EXPECT_UEQ(world_logged(w, 0, "withdrawn", 0), 0);
    EXPECT(world_usable(w, T1, p));
    EXPECT(world_routed(w, T1, p));
    world_end(w);
}
