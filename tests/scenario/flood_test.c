/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What travels where, and that it stops: cycles, a cascade down a hierarchy, clocks that are wrong,
 * a parent that is away for a day.
 */
#include <stdio.h>

#include "tests/scenario/figure.h"

/* Each UPDATE goes at most once over each directed session (I-18 and I-19 are judged by the
 * world). */
TEST(flooding_ends_in_a_full_mesh, "M-11.1-32 M-11.1-30 M-11.1-33 M-4-13 M-11.1-29 M-7.3-29")
{
    enum { N = 6 };
    struct world *w = world_new(7);
    struct match all = {.types = T_ALL};
    unsigned a, b, at = 0, before;
    const struct sent *s;
    for (a = 1; a <= N; a++) {
        char name[8], prefix[32];
        snprintf(name, sizeof name, "T%u", a);
        snprintf(prefix, sizeof prefix, "228.0.0.0/6");
        (void)world_node(w, name, a);
        world_tld(w, a, prefix);
        for (b = 1; b < a; b++)
            world_siblings(w, b, a, 0);
    }
    world_start(w);
    world_run(w, 30 * SECOND);
    for (a = 1; a <= N; a++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "228.%u.0.0/16", a);
        EXPECT(world_claim(w, a, prefix));
    }
    world_run(w, 20 * SECOND);
    /* nothing is under way any more: each claim went over each pair of nodes once or twice */
    before = world_sent(w, all);
    world_run(w, 90 * SECOND);
    EXPECT_UEQ(world_sent(w, all), before);
    EXPECT(before >= N * (N - 1));
    EXPECT(before <= N * N * (N - 1));
    while ((s = world_next(w, all, &at)))
        EXPECT(s->a.role == (s->a.domain == s->from ? MASC_INTERNAL : MASC_SIBLING));
    EXPECT_UEQ(world_complaints(w), 0);
    world_end(w);
}

enum { T1 = 1, T2, P, C, D };

static void hierarchy(struct world *w)
{
    (void)world_node(w, "T1", 1);
    (void)world_node(w, "T2", 2);
    (void)world_node(w, "P", 3);
    (void)world_node(w, "C", 4);
    (void)world_node(w, "D", 5);
    world_tld(w, T1, "228.0.0.0/6");
    world_tld(w, T2, "228.0.0.0/6");
    world_config(w, T1)->sole_tld = true;
    world_config(w, T2)->sole_tld = true;
    world_siblings(w, T1, T2, 0);
    world_parent(w, P, T1);
    world_parent(w, C, P);
    world_parent(w, D, P);
}

TEST(cascade_reaches_every_descendant, "M-11.7.4-06 M-11.7.4-03 M-11.7.4-02 M-18-10")
{
    struct world *w = world_new(8);
    struct prefix c = prefix_of("228.1.0.0/24");
    struct prefix d = prefix_of("228.1.9.0/24"), taken = prefix_of("228.1.0.0/21");
    hierarchy(w);
    world_start(w);
    world_run(w, 20 * SECOND);
    world_cut(w, T1, T2);
    EXPECT(world_claim(w, T2, "228.1.0.0/21"));
    world_run(w, 10 * SECOND);
    EXPECT(world_claim(w, T1, "228.1.0.0/16"));
    world_run(w, 150 * SECOND);
    EXPECT(world_claim(w, P, "228.1.0.0/20"));
    world_run(w, 150 * SECOND);
    EXPECT(world_claim(w, C, "228.1.0.0/24"));
    EXPECT(world_claim(w, D, "228.1.9.0/24"));
    world_run(w, 150 * SECOND);
    EXPECT(world_usable(w, C, c) && world_usable(w, D, d) && world_usable(w, T2, taken));
    world_heal(w, T1, T2);
    world_run(w, 60 * SECOND);
    EXPECT_UEQ(world_logged(w, T1, "withdrawn", 0), 1);
    EXPECT(world_sent(w, (struct match){.from = T1, .to = P, .types = T(WITHDRAW),
                                        .prefix = taken}) == 1);
    EXPECT(world_sent(w, (struct match){.from = P, .to = C, .types = T(WITHDRAW), .domain = 3,
                                        .prefix = taken}) == 1);
    EXPECT(world_sent(w, (struct match){.from = P, .to = T1, .types = T(WITHDRAW), .domain = 3,
                                        .prefix = taken}) == 1);
    EXPECT(world_sent(w, (struct match){.from = C, .to = P, .types = T(WITHDRAW), .domain = 4,
                                        .prefix = c}) == 1);
    EXPECT(!world_usable(w, C, c));
    EXPECT(!world_routed(w, C, c));
    EXPECT(world_usable(w, D, d));
    EXPECT(!world_usable(w, P, taken));
    EXPECT(world_routed(w, P, prefix_buddy(taken))); /* the other half of what it has */
    EXPECT_UEQ(world_logged(w, T2, "withdrawn", 0), 0);
    EXPECT(world_usable(w, T2, taken));
    world_end(w);
}

static struct world *with_rfc_times(uint64_t seed)
{
    struct world *w = world_new(seed);
    unsigned i;
    world_rfc_times(w);
    (void)world_node(w, "T", 1);
    world_tld(w, 1, "228.0.0.0/6");
    world_config(w, 1)->sole_tld = true;
    for (i = 2; i <= 3; i++) {
        (void)world_node(w, i == 2 ? "C1" : "C2", 9 + i);
        world_parent(w, i, 1);
        world_demand(w, i, 200);
    }
    world_siblings(w, 2, 3, 1);
    return w;
}

TEST(parent_is_away_for_a_day, "")
{
    struct world *w = with_rfc_times(9);
    struct prefix p1, p2;
    world_start(w);
    world_run(w, 10 * DAY);
    p1 = world_holds(w, 2, 0);
    p2 = world_holds(w, 3, 0);
    EXPECT(p1.family && p2.family);
    world_crash(w, 1, true);
    world_run(w, DAY);
    EXPECT(world_usable(w, 2, p1) && world_usable(w, 3, p2));
    world_boot(w, 1);
    world_run(w, 25 * DAY);
    EXPECT(prefix_equal(world_holds(w, 2, 0), p1));
    EXPECT(prefix_equal(world_holds(w, 3, 0), p2));
    EXPECT(world_usable(w, 2, p1) && world_usable(w, 3, p2));
    EXPECT_UEQ(world_logged(w, 2, "expired", 0) + world_logged(w, 3, "expired", 0), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

/* 12.3: clocks half a day off, either way, and the RFC's periods. */
TEST(clocks_are_wrong, "M-12.3-05")
{
    static const int64_t hours[] = {-20, 20};
    unsigned i;
    for (i = 0; i < 2; i++) {
        struct world *w = with_rfc_times(20 + i);
        world_at(w, 2)->offset_s = hours[i] * 3600;
        world_start(w);
        world_run(w, 10 * DAY);
        EXPECT(world_has(w, 2) && world_has(w, 3));
        EXPECT(!prefix_overlaps(world_holds(w, 2, 0), world_holds(w, 3, 0)));
        world_run(w, 10 * DAY);
        EXPECT(world_has(w, 2) && world_has(w, 3));
        EXPECT_UEQ(world_logged(w, 0, "clash", 0), 0);
        world_end(w);
    }
}
