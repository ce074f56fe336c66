/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Figure 1 of RFC 2909: twelve nodes, four kinds of role, a domain with two parents, siblings.
 */
#include "tests/scenario/figure.h"

/* Some node of every domain holds something that lies in what its parent holds. */
static bool all_hold(struct world *w, unsigned ignored)
{
    (void)ignored;
    return world_has(w, world_named(w, "C5a")) && world_has(w, world_named(w, "C6a")) &&
           world_has(w, world_named(w, "C7a"));
}

static bool lies_in(struct world *w, const char *child, const char *parent)
{
    struct prefix c = world_holds(w, world_named(w, child), 0), p;
    unsigned i;
    for (i = 0; (p = world_holds(w, world_named(w, parent), i)).family; i++)
        if (prefix_covers(p, c))
            return c.family != 0;
    return false;
}

TEST(comes_up, "M-4-01")
{
    struct world *w = figure_1(1, 256);
    world_start(w);
    EXPECT(world_until(w, all_hold, 0, 30 * 60 * SECOND));
    world_run(w, 60 * SECOND);
    EXPECT(lies_in(w, "C5a", "P3a") || lies_in(w, "C5a", "P4a"));
    EXPECT(lies_in(w, "C6a", "P4a"));
    EXPECT(lies_in(w, "C7a", "P4b"));
    EXPECT(lies_in(w, "P3a", "T1a") || lies_in(w, "P4a", "T2a"));
    EXPECT_UEQ(world_complaints(w), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

/* 4.4: C5 has two parents; what is of P4 never goes to P3, and the other way round. */
TEST(two_parents_hear_of_their_own_space, "M-4-03 M-5.1b-01 M-11-03")
{
    struct world *w = figure_1(2, 200);
    unsigned at = 0, p3a, p3b, p4a, c5b;
    const struct sent *s;
    world_start(w);
    EXPECT(world_until(w, all_hold, 0, 30 * 60 * SECOND));
    world_run(w, 600 * SECOND);
    p3a = world_named(w, "P3a");
    p3b = world_named(w, "P3b");
    p4a = world_named(w, "P4a");
    c5b = world_named(w, "C5b");
    while ((s = world_next(w, (struct match){.types = T_ALL}, &at))) {
        unsigned parent = s->to == p3a || s->to == p3b ? p3a : p4a;
        struct prefix managed = world_holds(w, parent, 0);
        bool up = s->from == c5b || s->from == world_named(w, "C5a");
        if (!up || (s->to != p3a && s->to != p3b && s->to != p4a) || prefix_is_hint(s->a.prefix))
            continue;
        EXPECT(managed.family && prefix_covers(managed, s->a.prefix));
    }
    /* own claims go to one parent, to internal peers, never down */
    EXPECT_UEQ(world_complaints(w), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

/* 2: nobody is needed by all others. */
TEST(one_node_is_lost, "M-2-03 M-14-03 M-18-10")
{
    unsigned lost;
    for (lost = 1; lost <= 12; lost++) {
        struct world *w = figure_1(10 + lost, 200);
        unsigned n, i;
        for (n = 1; n <= 12; n++) /* as an operator has it whose store is gone */
            for (i = 0; i < world_config(w, n)->peers; i++)
                world_config(w, n)->peer[i].trust_own = true;
        world_start(w);
        EXPECT(world_until(w, all_hold, 0, 30 * 60 * SECOND));
        world_run(w, 300 * SECOND);
        world_crash(w, lost, lost % 2);
        world_run(w, 400 * SECOND);
        world_forget(w, lost);
        world_boot(w, lost);
        world_run(w, 400 * SECOND);
        EXPECT_UEQ(world_unknown(w), 0);
        EXPECT(all_hold(w, 0));
        if (world_violations(w))
            tap_diag("without %s", world_at(w, lost)->name);
        world_end(w);
    }
}
