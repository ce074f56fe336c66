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
    struct story *st = story_new(7);
    struct match all = {.types = T_ALL};
    unsigned a, b, at = 0, before;
    const struct sent *s;
    for (a = 1; a <= N; a++) {
        char name[8], prefix[32];
        snprintf(name, sizeof name, "T%u", a);
        snprintf(prefix, sizeof prefix, "228.0.0.0/6");
        (void)world_node(st->w, name, a);
        world_tld(st->w, a, prefix);
        for (b = 1; b < a; b++)
            world_siblings(st->w, b, a, 0);
    }
    world_start(st->w);
    world_run(st->w, 30 * SECOND);
    for (a = 1; a <= N; a++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "228.%u.0.0/16", a);
        EXPECT(world_claim(st->w, a, prefix));
    }
    world_run(st->w, 20 * SECOND);
    /* nothing is under way any more: each claim went over each pair of nodes once or twice */
    before = witness_sent(st->x, all);
    world_run(st->w, 90 * SECOND);
    EXPECT_UEQ(witness_sent(st->x, all), before);
    EXPECT(before >= N * (N - 1));
    EXPECT(before <= N * N * (N - 1));
    while ((s = witness_next(st->x, all, &at)))
        EXPECT(s->a.role == (s->a.domain == s->from ? MASC_INTERNAL : MASC_SIBLING));
    EXPECT_UEQ(witness_complaints(st->x), 0);
    story_end(st);
}

enum { T1 = 1, T2, P, C, D };

static void hierarchy(struct story *st)
{
    (void)world_node(st->w, "T1", 1);
    (void)world_node(st->w, "T2", 2);
    (void)world_node(st->w, "P", 3);
    (void)world_node(st->w, "C", 4);
    (void)world_node(st->w, "D", 5);
    world_tld(st->w, T1, "228.0.0.0/6");
    world_tld(st->w, T2, "228.0.0.0/6");
    world_config(st->w, T1)->sole_tld = true;
    world_config(st->w, T2)->sole_tld = true;
    world_siblings(st->w, T1, T2, 0);
    world_parent(st->w, P, T1);
    world_parent(st->w, C, P);
    world_parent(st->w, D, P);
}

TEST(cascade_reaches_every_descendant, "M-11.7.4-06 M-11.7.4-03 M-11.7.4-02 M-18-10")
{
    struct story *st = story_new(8);
    struct prefix c = prefix_of("228.1.0.0/24");
    struct prefix d = prefix_of("228.1.9.0/24"), taken = prefix_of("228.1.0.0/21");
    hierarchy(st);
    world_start(st->w);
    world_run(st->w, 20 * SECOND);
    world_cut(st->w, T1, T2);
    EXPECT(world_claim(st->w, T2, "228.1.0.0/21"));
    world_run(st->w, 10 * SECOND);
    EXPECT(world_claim(st->w, T1, "228.1.0.0/16"));
    world_run(st->w, 150 * SECOND);
    EXPECT(world_claim(st->w, P, "228.1.0.0/20"));
    world_run(st->w, 150 * SECOND);
    EXPECT(world_claim(st->w, C, "228.1.0.0/24"));
    EXPECT(world_claim(st->w, D, "228.1.9.0/24"));
    world_run(st->w, 150 * SECOND);
    EXPECT(witness_usable(st->x, C, c) && witness_usable(st->x, D, d) &&
           witness_usable(st->x, T2, taken));
    world_heal(st->w, T1, T2);
    world_run(st->w, 60 * SECOND);
    EXPECT_UEQ(witness_logged(st->x, T1, "withdrawn", 0), 1);
    EXPECT(witness_sent(st->x, (struct match){.from = T1, .to = P, .types = T(WITHDRAW),
                                        .prefix = taken}) == 1);
    EXPECT(witness_sent(st->x, (struct match){.from = P, .to = C, .types = T(WITHDRAW), .domain = 3,
                                        .prefix = taken}) == 1);
    EXPECT(witness_sent(
               st->x,
               (struct match){
                   .from = P, .to = T1, .types = T(WITHDRAW), .domain = 3, .prefix = taken}) == 1);
    EXPECT(witness_sent(st->x, (struct match){.from = C, .to = P, .types = T(WITHDRAW), .domain = 4,
                                        .prefix = c}) == 1);
    EXPECT(!witness_usable(st->x, C, c));
    EXPECT(!witness_routed(st->x, C, c));
    EXPECT(witness_usable(st->x, D, d));
    EXPECT(!witness_usable(st->x, P, taken));
    EXPECT(witness_routed(st->x, P, prefix_buddy(taken))); /* the other half of what it has */
    EXPECT_UEQ(witness_logged(st->x, T2, "withdrawn", 0), 0);
    EXPECT(witness_usable(st->x, T2, taken));
    story_end(st);
}

static struct story *with_rfc_times(uint64_t seed)
{
    struct story *st = story_new(seed);
    unsigned i;
    world_rfc_times(st->w, 240);
    (void)world_node(st->w, "T", 1);
    world_tld(st->w, 1, "228.0.0.0/6");
    world_config(st->w, 1)->sole_tld = true;
    for (i = 2; i <= 3; i++) {
        (void)world_node(st->w, i == 2 ? "C1" : "C2", 9 + i);
        world_parent(st->w, i, 1);
        world_demand(st->w, i, 200);
    }
    world_siblings(st->w, 2, 3, 1);
    return st;
}

TEST(parent_is_away_for_a_day, "")
{
    struct story *st = with_rfc_times(9);
    struct prefix p1, p2;
    world_start(st->w);
    world_run(st->w, 10 * DAY);
    p1 = witness_holds(st->x, 2, 0);
    p2 = witness_holds(st->x, 3, 0);
    EXPECT(p1.family && p2.family);
    world_crash(st->w, 1, true);
    world_run(st->w, DAY);
    EXPECT(witness_usable(st->x, 2, p1) && witness_usable(st->x, 3, p2));
    world_boot(st->w, 1);
    world_run(st->w, 25 * DAY);
    EXPECT(prefix_equal(witness_holds(st->x, 2, 0), p1));
    EXPECT(prefix_equal(witness_holds(st->x, 3, 0), p2));
    EXPECT(witness_usable(st->x, 2, p1) && witness_usable(st->x, 3, p2));
    EXPECT_UEQ(witness_logged(st->x, 2, "expired", 0) + witness_logged(st->x, 3, "expired", 0), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

/* 12.3: clocks half a day off, either way, and the RFC's periods. */
TEST(clocks_are_wrong, "M-12.3-05")
{
    static const int64_t hours[] = {-20, 20};
    unsigned i;
    for (i = 0; i < 2; i++) {
        struct story *st = with_rfc_times(20 + i);
        world_at(st->w, 2)->offset_s = hours[i] * 3600;
        world_start(st->w);
        world_run(st->w, 10 * DAY);
        EXPECT(witness_has(st->x, 2) && witness_has(st->x, 3));
        EXPECT(!prefix_overlaps(witness_holds(st->x, 2, 0), witness_holds(st->x, 3, 0)));
        world_run(st->w, 10 * DAY);
        EXPECT(witness_has(st->x, 2) && witness_has(st->x, 3));
        EXPECT_UEQ(witness_logged(st->x, 0, "clash", 0), 0);
        story_end(st);
    }
}
