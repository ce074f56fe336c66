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

static struct world *two_nodes(uint64_t seed, bool both_at_parent)
{
    struct world *w = world_new(seed);
    (void)world_node(w, "T", 1);
    (void)world_node(w, "Da", 2);
    (void)world_node(w, "Db", 2);
    (void)world_node(w, "K", 3);
    world_tld(w, TOP, "228.0.0.0/6");
    world_config(w, TOP)->sole_tld = true;
    world_parent(w, DA, TOP);
    if (both_at_parent)
        world_parent(w, DB, TOP);
    world_internal(w, DA, DB);
    world_parent(w, K, DB);
    world_start(w);
    world_run(w, 20 * SECOND);
    EXPECT(world_claim(w, TOP, "228.0.0.0/16"));
    world_run(w, 140 * SECOND);
    return w;
}

static void want(struct world *w, unsigned n, uint64_t addresses)
{
    struct masc_config *c = world_edit(w, n);
    c->demands = 1;
    c->demand[0] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = addresses, .lifetime_s = c->lifetime_s};
    world_apply(w, n);
}

static unsigned sent(struct world *w, unsigned from, unsigned to, unsigned types, struct prefix p)
{
    return world_sent(w, (struct match){.from = from, .to = to, .types = types, .prefix = p});
}

TEST(claimed_by_one_and_delegated_by_the_other,
     "M-11.6.3-01 M-11.6.3-02 M-11.2.3-02 M-11.5-04 M-11.5-05 M-11.4.4-04 M-5.1d-06")
{
    struct world *w = two_nodes(1, false);
    struct prefix p, k;
    want(w, DA, 800);
    EXPECT(world_until(w, world_has, DA, 300 * SECOND));
    world_run(w, 5 * SECOND);
    p = world_holds(w, DA, 0);
    EXPECT(world_record(w, DB, p) != NULL);
    EXPECT(world_usable(w, DB, p));
    EXPECT_UEQ(sent(w, DA, DB, T(NEW_CLAIM), p), 1);
    EXPECT_UEQ(sent(w, DA, TOP, T(NEW_CLAIM), p), 1);
    EXPECT_UEQ(sent(w, DB, K, T(NEW_CLAIM), p), 0);
    EXPECT_UEQ(sent(w, DA, DB, T(PREFIX_MANAGED), p), 1);
    EXPECT_UEQ(sent(w, DB, K, T(PREFIX_MANAGED), p), 1);
    EXPECT_UEQ(sent(w, DB, K, T(PREFIX_IN_USE), p), 0);
    want(w, K, 100);
    EXPECT(world_until(w, world_has, K, 900 * SECOND));
    world_run(w, 5 * SECOND);
    k = world_holds(w, K, 0);
    EXPECT(world_knows(w, DA, 3, MASC_PREFIX_IN_USE, k));
    EXPECT_UEQ(sent(w, DA, TOP, T_ALL, k), 0); /* a grandchild */
    EXPECT_UEQ(world_complaints(w), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

TEST(one_need_one_claim, "M-5.1a-03 M-5.1c-04")
{
    uint64_t seed;
    for (seed = 1; seed <= 12; seed++) {
        struct world *w = two_nodes(seed, true);
        want(w, DA, 200);
        want(w, DB, 200);
        world_run(w, 600 * SECOND);
        EXPECT(world_has(w, DA));
        EXPECT(world_has(w, DB));
        EXPECT(prefix_equal(world_holds(w, DA, 0), world_holds(w, DB, 0)));
        /* the other one's plan was cancelled before anything was sent: no claim was for nothing */
        EXPECT_UEQ(world_sent(w, (struct match){.from = DA, .to = TOP, .types = T(NEW_CLAIM),
                                                .node = world_config(w, DA)->node}) +
                       world_sent(w, (struct match){.from = DB, .to = TOP, .types = T(NEW_CLAIM),
                                                    .node = world_config(w, DB)->node}),
                   world_holds(w, DA, 1).family ? 2 : 1);
        EXPECT_UEQ(world_complaints(w), 0);
        EXPECT_UEQ(world_unknown(w), 0);
        world_end(w);
    }
}

/* the claim dies with its node, and the other makes its own. */
TEST(claimer_dies_while_it_waits, "")
{
    struct world *w = two_nodes(3, true);
    struct prefix p;
    want(w, DA, 200);
    world_run(w, 60 * SECOND);
    want(w, DB, 200);
    world_run(w, 5 * SECOND);
    EXPECT(world_sent(w, (struct match){.from = DA, .to = TOP, .types = T(NEW_CLAIM)}) >= 1);
    world_crash(w, DA, true);
    world_run(w, 400 * SECOND);
    p = world_holds(w, DB, 0);
    EXPECT(p.family);
    EXPECT(world_usable(w, DB, p));
    EXPECT_UEQ(world_sent(w, (struct match){.from = DB, .types = T(PREFIX_IN_USE), .domain = 2,
                                            .node = world_config(w, DA)->node}), 0);
    world_end(w);
}

TEST(owner_dies_and_the_other_renews, "M-5.2-05")
{
    struct world *w = two_nodes(4, true);
    struct prefix p;
    const struct record *r;
    unsigned i;
    want(w, DA, 200);
    EXPECT(world_until(w, world_has, DA, 300 * SECOND));
    want(w, DB, 200);
    world_run(w, 10 * SECOND);
    p = world_holds(w, DA, 0);
    world_crash(w, DA, false);
    for (i = 0; i < 8; i++) {
        world_run(w, 900 * SECOND);
        EXPECT(world_usable(w, DB, p));
        EXPECT(world_knows(w, TOP, 2, MASC_PREFIX_IN_USE, p));
    }
    r = world_record(w, DB, p);
    REQUIRE(r != NULL);
    EXPECT(r->node == world_config(w, DB)->node);
    EXPECT(world_sent(w, (struct match){.from = DB, .to = TOP, .types = T(CLAIM_TO_EXPAND),
                                        .prefix = p, .node = world_config(w, DB)->node}) > 0);
    world_boot(w, DA);
    world_run(w, 300 * SECOND);
    EXPECT(world_usable(w, DA, p));
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}
