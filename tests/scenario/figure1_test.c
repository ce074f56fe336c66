/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Figure 1 of RFC 2909: twelve nodes, four kinds of role, a domain with two parents, siblings.
 */
#include "tests/scenario/figure.h"

/* Some node of every domain holds something that lies in what its parent holds. */
static bool all_hold(struct story *st, unsigned ignored)
{
    (void)ignored;
    return witness_has(st->x, world_named(st->w, "C5a")) &&
           witness_has(st->x, world_named(st->w, "C6a")) &&
           witness_has(st->x, world_named(st->w, "C7a"));
}

static bool lies_in(struct story *st, const char *child, const char *parent)
{
    struct prefix c = witness_holds(st->x, world_named(st->w, child), 0), p;
    unsigned i;
    for (i = 0; (p = witness_holds(st->x, world_named(st->w, parent), i)).family; i++)
        if (prefix_covers(p, c))
            return c.family != 0;
    return false;
}

TEST(comes_up, "M-4-01")
{
    struct story *st = figure_1(1, 256);
    world_start(st->w);
    EXPECT(story_until(st, all_hold, 0, 30 * 60 * SECOND));
    world_run(st->w, 60 * SECOND);
    EXPECT(lies_in(st, "C5a", "P3a") || lies_in(st, "C5a", "P4a"));
    EXPECT(lies_in(st, "C6a", "P4a"));
    EXPECT(lies_in(st, "C7a", "P4b"));
    EXPECT(lies_in(st, "P3a", "T1a") || lies_in(st, "P4a", "T2a"));
    EXPECT_UEQ(witness_complaints(st->x), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

/* 4.4: C5 has two parents; what is of P4 never goes to P3, and the other way round. */
TEST(two_parents_hear_of_their_own_space, "M-4-03 M-5.1b-01 M-11-03")
{
    struct story *st = figure_1(2, 200);
    unsigned at = 0, p3a, p3b, p4a, c5b;
    const struct sent *s;
    world_start(st->w);
    EXPECT(story_until(st, all_hold, 0, 30 * 60 * SECOND));
    world_run(st->w, 600 * SECOND);
    p3a = world_named(st->w, "P3a");
    p3b = world_named(st->w, "P3b");
    p4a = world_named(st->w, "P4a");
    c5b = world_named(st->w, "C5b");
    while ((s = witness_next(st->x, (struct match){.types = T_ALL}, &at))) {
        unsigned parent = s->to == p3a || s->to == p3b ? p3a : p4a;
        struct prefix managed = witness_holds(st->x, parent, 0);
        bool up = s->from == c5b || s->from == world_named(st->w, "C5a");
        if (!up || (s->to != p3a && s->to != p3b && s->to != p4a) || prefix_is_hint(s->a.prefix))
            continue;
        EXPECT(managed.family && prefix_covers(managed, s->a.prefix));
    }
    /* own claims go to one parent, to internal peers, never down */
    EXPECT_UEQ(witness_complaints(st->x), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

/* 2: nobody is needed by all others. */
TEST(one_node_is_lost, "M-2-03 M-14-03 M-18-10")
{
    unsigned lost;
    for (lost = 1; lost <= 12; lost++) {
        struct story *st = figure_1(10 + lost, 200);
        unsigned n, i;
        for (n = 1; n <= 12; n++) /* as an operator has it whose store is gone */
            for (i = 0; i < world_config(st->w, n)->peers; i++)
                world_config(st->w, n)->peer[i].trust_own = true;
        world_start(st->w);
        EXPECT(story_until(st, all_hold, 0, 30 * 60 * SECOND));
        world_run(st->w, 300 * SECOND);
        world_crash(st->w, lost, lost % 2);
        world_run(st->w, 400 * SECOND);
        world_forget(st->w, lost);
        world_boot(st->w, lost);
        world_run(st->w, 400 * SECOND);
        EXPECT_UEQ(witness_unknown(st->x), 0);
        EXPECT(all_hold(st, 0));
        if (witness_violations(st->x))
            tap_diag("without %s", world_at(st->w, lost)->name);
        story_end(st);
    }
}
