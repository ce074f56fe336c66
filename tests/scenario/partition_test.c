/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Four top-level domains in a row, cut in the middle: T1 - T2 | T3 - T4 (4, 6, 12.4).
 */
#include "tests/scenario/figure.h"

enum { T1 = 1, T2, T3, T4 };

static struct story *row_of_four(uint64_t seed)
{
    struct story *st = story_new(seed);
    unsigned i;
    for (i = T1; i <= T4; i++) {
        char name[3] = {'T', (char)('0' + i), 0};
        (void)world_node(st->w, name, i);
        world_tld(st->w, i, "228.0.0.0/6");
        if (i > T1)
            world_siblings(st->w, i - 1, i, 0);
    }
    return st;
}

static struct story *cut_in_the_middle(uint64_t seed, const char *at_1, const char *at_4)
{
    struct story *st = row_of_four(seed);
    world_start(st->w);
    world_run(st->w, 30 * SECOND);
    world_cut(st->w, T2, T3);
    world_run(st->w, SECOND);
    EXPECT(world_claim(st->w, T1, at_1));
    EXPECT(world_claim(st->w, T4, at_4));
    return st;
}

static unsigned withdrawals(struct story *st, unsigned by)
{
    return witness_sent(st->x, (struct match){.from = by, .types = T(WITHDRAW),
                                        .domain = world_config(st->w, by)->domain});
}

/* Who has the older claim by 5.1.1, computed from what they sent. */
static unsigned older(struct story *st)
{
    unsigned i1 = 0, i4 = 0;
    const struct sent *a =
        witness_next(st->x, (struct match){.from = T1, .types = T(NEW_CLAIM)}, &i1);
    const struct sent *b =
        witness_next(st->x, (struct match){.from = T4, .types = T(NEW_CLAIM)}, &i4);
    if (!a || !b)
        return 0;
    return b->a.timestamp_s < a->a.timestamp_s ? T4 : T1;
}

TEST(sparse_mesh_hears_everything, "M-4-04 M-4-16 M-5.1b-02 M-11.2.2-05 M-11.5-03 M-11.4.2-05")
{
    struct story *st = row_of_four(2);
    struct prefix p = prefix_of("228.1.0.0/16"), wide = prefix_of("228.0.0.0/15");
    world_start(st->w);
    world_run(st->w, 30 * SECOND);
    EXPECT(world_claim(st->w, T1, "228.1.0.0/16"));
    world_run(st->w, 20 * SECOND);
    EXPECT(witness_knows(st->x, T4, 1, MASC_NEW_CLAIM, p));
    world_run(st->w, 150 * SECOND);
    EXPECT(witness_knows(st->x, T4, 1, MASC_PREFIX_IN_USE, p));
    /* and is not taken by who hears of it only so */
    EXPECT(!world_claim(st->w, T4, "228.1.2.0/24"));
    /* twice as much wanted: it grows over the buddy */
    world_edit(st->w, T1)->demand[0] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = 100000, .lifetime_s = 3600};
    world_at(st->w, T1)->spare->masc.demands = 1;
    world_apply(st->w, T1);
    world_run(st->w, 20 * SECOND);
    EXPECT(witness_knows(st->x, T4, 1, MASC_CLAIM_TO_EXPAND, wide));
    world_run(st->w, 150 * SECOND);
    EXPECT(witness_knows(st->x, T4, 1, MASC_PREFIX_IN_USE, wide));
    EXPECT_UEQ(witness_sent(st->x, (struct match){.types = 1u << MASC_PREFIX_MANAGED}), 0);
    EXPECT_UEQ(witness_complaints(st->x), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

TEST(shorter_than_the_wait_is_a_collision, "M-5.1+11-01")
{
    uint64_t seed;
    for (seed = 1; seed <= 4; seed++) {
        struct story *st = cut_in_the_middle(seed, "228.1.0.0/16", "228.1.0.0/16");
        struct prefix p = prefix_of("228.1.0.0/16");
        unsigned first;
        world_run(st->w, 60 * SECOND);
        world_heal(st->w, T2, T3);
        world_run(st->w, 300 * SECOND);
        first = older(st);
        REQUIRE(first);
        EXPECT(witness_record(st->x, first, p) != NULL);
        EXPECT(witness_record(st->x, T1 + T4 - first, p) == NULL);
        EXPECT(witness_has(st->x, T1 + T4 - first));
        EXPECT_UEQ(witness_logged(st->x, 0, "clash", 0), 0);
        EXPECT_UEQ(witness_logged(st->x, 0, "lost", 0), 1);
        EXPECT_UEQ(withdrawals(st, first), 0);
        EXPECT_UEQ(witness_unknown(st->x), 0);
        story_end(st);
    }
}

/* The loser's part may be smaller, equal or larger. */
static void clash(uint64_t seed, const char *at_1, const char *at_4)
{
    struct story *st = cut_in_the_middle(seed, at_1, at_4);
    struct prefix p1 = prefix_of(at_1), p4 = prefix_of(at_4), both = prefix_common(p1, p4);
    unsigned first, second;
    int64_t healed;
    world_run(st->w, 200 * SECOND);
    EXPECT(witness_usable(st->x, T1, p1) && witness_usable(st->x, T4, p4));
    world_heal(st->w, T2, T3);
    healed = world_now(st->w);
    world_run(st->w, 40 * SECOND);
    first = older(st);
    second = T1 + T4 - first;
    REQUIRE(first);
    /* I-10, I-11: only the loser withdraws, and everybody has its WITHDRAW */
    EXPECT_UEQ(witness_logged(st->x, first, "clash", healed), 1);
    EXPECT_UEQ(witness_logged(st->x, second, "clash", healed), 1);
    EXPECT_UEQ(witness_logged(st->x, second, "withdrawn", healed), 1);
    EXPECT_UEQ(witness_logged(st->x, first, "withdrawn", healed), 0);
    EXPECT_UEQ(withdrawals(st, first), 0);
    EXPECT(withdrawals(st, second) > 0);
    EXPECT(witness_knows(st->x, T1, second, MASC_WITHDRAW, both));
    EXPECT(witness_knows(st->x, T4, second, MASC_WITHDRAW, both));
    EXPECT(witness_usable(st->x, first, first == T1 ? p1 : p4));
    EXPECT(!witness_usable(st->x, second, both));
    EXPECT_UEQ(witness_logged(st->x, first, "maas", healed), 0);
    EXPECT_UEQ(witness_logged(st->x, first, "g-rib", healed), 0);
    world_run(st->w, 300 * SECOND);
    EXPECT(!witness_usable(st->x, second, both));
    EXPECT_UEQ(witness_logged(st->x, 0, "clash", healed), 2);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
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
    struct story *st = row_of_four(5);
    struct prefix p = prefix_of("228.1.0.0/16");
    unsigned first, second;
    witness_excuse_clashes(st->x);
    world_config(st->w, T1)->clash = MASC_CLASH_MANUAL;
    world_config(st->w, T4)->clash = MASC_CLASH_MANUAL;
    world_start(st->w);
    world_run(st->w, 30 * SECOND);
    world_cut(st->w, T2, T3);
    world_run(st->w, SECOND);
    EXPECT(world_claim(st->w, T1, "228.1.0.0/16"));
    EXPECT(world_claim(st->w, T4, "228.1.0.0/16"));
    world_run(st->w, 200 * SECOND);
    world_heal(st->w, T2, T3);
    world_run(st->w, 40 * SECOND);
    first = older(st);
    second = T1 + T4 - first;
    REQUIRE(first);
    EXPECT_UEQ(witness_logged(st->x, 0, "clash", 0), 2);
    EXPECT_UEQ(withdrawals(st, T1) + withdrawals(st, T4), 0);
    /* the disputed range is not for hosts of the loser, but still routed */
    EXPECT(!witness_usable(st->x, second, p));
    EXPECT(witness_routed(st->x, second, p));
    EXPECT(witness_usable(st->x, first, p));
    EXPECT(world_resolve(st->w, second, p, true));
    world_run(st->w, SECOND);
    EXPECT(withdrawals(st, second) > 0);
    EXPECT(!witness_routed(st->x, second, p));
    EXPECT_UEQ(withdrawals(st, first), 0);
    story_end(st);
}

/* what was withdrawn on the far side is replayed after the prefix it hides: no clash. */
TEST(withdrawn_behind_the_cut_is_no_clash, "")
{
    struct story *st = cut_in_the_middle(6, "228.1.0.0/16", "228.1.0.0/16");
    struct prefix p = prefix_of("228.1.0.0/16");
    world_run(st->w, 200 * SECOND);
    EXPECT(world_release(st->w, T4, p));
    world_run(st->w, 5 * SECOND);
    world_heal(st->w, T2, T3);
    world_run(st->w, 60 * SECOND);
    EXPECT_UEQ(withdrawals(st, T1), 0);
    EXPECT_UEQ(witness_logged(st->x, 0, "withdrawn", 0), 0);
    EXPECT(witness_usable(st->x, T1, p));
    EXPECT(witness_routed(st->x, T1, p));
    story_end(st);
}
