/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several nodes of one domain (11.2.4, 11.4.4, 11.6.3, A-87, A-88).
 *
 *        T               Db has a session with the parent in some stories
 *       / .
 *     Da===Db---K        K is a child domain of D, known to Db only
 */
#include "tests/scenario/figure.h"

enum { TOP = 1, DA, DB, K };

static struct story *two_nodes(uint64_t seed, bool both_at_parent)
{
    struct story *st = story_new(seed);
    (void)world_node(st->w, "T", 1);
    (void)world_node(st->w, "Da", 2);
    (void)world_node(st->w, "Db", 2);
    (void)world_node(st->w, "K", 3);
    world_tld(st->w, TOP, "228.0.0.0/6");
    world_config(st->w, TOP)->sole_tld = true;
    world_parent(st->w, DA, TOP);
    if (both_at_parent)
        world_parent(st->w, DB, TOP);
    world_internal(st->w, DA, DB);
    world_parent(st->w, K, DB);
    world_start(st->w);
    world_run(st->w, 20 * SECOND);
    EXPECT(world_claim(st->w, TOP, "228.0.0.0/16"));
    world_run(st->w, 140 * SECOND);
    return st;
}

static void want(struct story *st, unsigned n, uint64_t addresses)
{
    struct masc_config *c = world_edit(st->w, n);
    c->demands = 1;
    c->demand[0] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = addresses, .lifetime_s = c->lifetime_s};
    world_apply(st->w, n);
}

static unsigned sent(struct story *st, unsigned from, unsigned to, unsigned types, struct prefix p)
{
    return witness_sent(st->x, (struct match){.from = from, .to = to, .types = types, .prefix = p});
}

TEST(claimed_by_one_and_delegated_by_the_other,
     "M-11.6.3-01 M-11.6.3-02 M-11.2.3-02 M-11.5-04 M-11.5-05 M-11.4.4-04 M-5.1d-06")
{
    struct story *st = two_nodes(1, false);
    struct prefix p, k;
    want(st, DA, 800);
    EXPECT(story_until(st, story_has, DA, 300 * SECOND));
    world_run(st->w, 5 * SECOND);
    p = witness_holds(st->x, DA, 0);
    EXPECT(witness_record(st->x, DB, p) != NULL);
    EXPECT(witness_usable(st->x, DB, p));
    EXPECT_UEQ(sent(st, DA, DB, T(NEW_CLAIM), p), 1);
    EXPECT_UEQ(sent(st, DA, TOP, T(NEW_CLAIM), p), 1);
    EXPECT_UEQ(sent(st, DB, K, T(NEW_CLAIM), p), 0);
    EXPECT_UEQ(sent(st, DA, DB, T(PREFIX_MANAGED), p), 1);
    EXPECT_UEQ(sent(st, DB, K, T(PREFIX_MANAGED), p), 1);
    EXPECT_UEQ(sent(st, DB, K, T(PREFIX_IN_USE), p), 0);
    want(st, K, 100);
    EXPECT(story_until(st, story_has, K, 900 * SECOND));
    world_run(st->w, 5 * SECOND);
    k = witness_holds(st->x, K, 0);
    EXPECT(witness_knows(st->x, DA, 3, MASC_PREFIX_IN_USE, k));
    EXPECT_UEQ(sent(st, DA, TOP, T_ALL, k), 0); /* a grandchild */
    EXPECT_UEQ(witness_complaints(st->x), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

TEST(one_need_one_claim, "M-5.1a-03 M-5.1c-04")
{
    uint64_t seed;
    for (seed = 1; seed <= 12; seed++) {
        struct story *st = two_nodes(seed, true);
        want(st, DA, 200);
        want(st, DB, 200);
        world_run(st->w, 600 * SECOND);
        EXPECT(witness_has(st->x, DA));
        EXPECT(witness_has(st->x, DB));
        EXPECT(prefix_equal(witness_holds(st->x, DA, 0), witness_holds(st->x, DB, 0)));
        /* the other one's plan was cancelled before anything was sent: no claim was for nothing */
        EXPECT_UEQ(witness_sent(st->x, (struct match){.from = DA,
                                                      .to = TOP,
                                                      .types = T(NEW_CLAIM),
                                                      .node = world_config(st->w, DA)->node}) +
                       witness_sent(st->x, (struct match){.from = DB,
                                                          .to = TOP,
                                                          .types = T(NEW_CLAIM),
                                                          .node = world_config(st->w, DB)->node}),
                   witness_holds(st->x, DA, 1).family ? 2 : 1);
        EXPECT_UEQ(witness_complaints(st->x), 0);
        EXPECT_UEQ(witness_unknown(st->x), 0);
        story_end(st);
    }
}

/* the claim dies with its node, and the other makes its own. */
TEST(claimer_dies_while_it_waits, "")
{
    struct story *st = two_nodes(3, true);
    struct prefix p;
    want(st, DA, 200);
    world_run(st->w, 60 * SECOND);
    want(st, DB, 200);
    world_run(st->w, 5 * SECOND);
    EXPECT(witness_sent(st->x, (struct match){.from = DA, .to = TOP, .types = T(NEW_CLAIM)}) >= 1);
    world_crash(st->w, DA, true);
    world_run(st->w, 400 * SECOND);
    p = witness_holds(st->x, DB, 0);
    EXPECT(p.family);
    EXPECT(witness_usable(st->x, DB, p));
    EXPECT_UEQ(witness_sent(st->x, (struct match){.from = DB,
                                                  .types = T(PREFIX_IN_USE),
                                                  .domain = 2,
                                                  .node = world_config(st->w, DA)->node}),
               0);
    story_end(st);
}

TEST(owner_dies_and_the_other_renews, "M-5.2-05")
{
    struct story *st = two_nodes(4, true);
    struct prefix p;
    const struct record *r;
    unsigned i;
    want(st, DA, 200);
    EXPECT(story_until(st, story_has, DA, 300 * SECOND));
    want(st, DB, 200);
    world_run(st->w, 10 * SECOND);
    p = witness_holds(st->x, DA, 0);
    world_crash(st->w, DA, false);
    for (i = 0; i < 8; i++) {
        world_run(st->w, 900 * SECOND);
        EXPECT(witness_usable(st->x, DB, p));
        EXPECT(witness_knows(st->x, TOP, 2, MASC_PREFIX_IN_USE, p));
    }
    r = witness_record(st->x, DB, p);
    REQUIRE(r != NULL);
    EXPECT(r->node == world_config(st->w, DB)->node);
    EXPECT(witness_sent(st->x, (struct match){.from = DB, .to = TOP, .types = T(CLAIM_TO_EXPAND),
                                        .prefix = p, .node = world_config(st->w, DB)->node}) > 0);
    world_boot(st->w, DA);
    world_run(st->w, 300 * SECOND);
    EXPECT(witness_usable(st->x, DA, p));
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

/* a denial comes back, by way of a sibling, to a node of the denying domain that has no
 * peering with who was denied. */
TEST(denial_returns_to_another_node, "")
{
    enum { A = 1, B, C, D };
    struct story *st = story_new(6);
    unsigned n;
    (void)world_node(st->w, "Pa", 1);
    (void)world_node(st->w, "Pb", 1);
    (void)world_node(st->w, "C", 11);
    (void)world_node(st->w, "D", 12);
    for (n = A; n <= B; n++) {
        world_tld(st->w, n, "228.0.0.0/6");
        world_config(st->w, n)->sole_tld = true;
    }
    world_internal(st->w, A, B);
    world_parent(st->w, C, A);
    world_parent(st->w, D, B);
    world_siblings(st->w, C, D, 1);
    world_delay(st->w, A, B, 2000, 2000);
    world_start(st->w);
    world_run(st->w, 20 * SECOND);
    EXPECT(world_claim(st->w, A, "228.0.0.0/20"));
    world_run(st->w, 150 * SECOND);
    for (n = A; n <= B; n++) { /* from now on they want short lives */
        world_edit(st->w, n)->lifetime_max_s = 900;
        world_apply(st->w, n);
    }
    EXPECT(world_claim(st->w, C, "228.0.1.0/24"));
    world_run(st->w, 20 * SECOND);
    EXPECT(witness_sent(st->x, (struct match){.from = D, .to = B, .domain = 11,
                                              .types = T(CLAIM_DENIED)}) > 0);
    EXPECT_UEQ(witness_complaints(st->x), 0);
    story_end(st);
}
