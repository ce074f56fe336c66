/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Figure 2: an administrative scope zone around P3 and C5 (4.5, A-92).
 */
#include "tests/scenario/figure.h"

static const struct { const char *from, *to; } boundary[] = {
    {"T1a", "P3a"}, {"P3a", "T1a"}, {"C5b", "P4a"}, {"P4a", "C5b"},
};

static unsigned holds_in(struct story *st, const char *name, const char *range)
{
    unsigned i, n = 0;
    struct prefix p;
    for (i = 0; (p = witness_holds(st->x, world_named(st->w, name), i)).family; i++)
        n += prefix_covers(prefix_of(range), p);
    return n;
}

TEST(zone_stays_inside, "M-4.5-03 M-4.5-04 M-4.5-06 M-4.5-07")
{
    struct story *st = figure_2(1, 200);
    struct match zone = {.types = T_ALL, .within = prefix_of("239.192.0.0/14")};
    struct prefix c5, p3;
    unsigned i, k;
    bool nested = false;
    world_start(st->w);
    world_run(st->w, 1200 * SECOND);
    EXPECT(holds_in(st, "P3a", "239.192.0.0/14") > 0);
    EXPECT(holds_in(st, "C5a", "239.192.0.0/14") > 0);
    EXPECT(holds_in(st, "C5a", "228.0.0.0/6") > 0);
    for (i = 0; (c5 = witness_holds(st->x, world_named(st->w, "C5a"), i)).family; i++)
        for (k = 0; (p3 = witness_holds(st->x, world_named(st->w, "P3a"), k)).family; k++)
            nested |= prefix_covers(zone.within, c5) && prefix_covers(p3, c5);
    EXPECT(nested);
    for (i = 0; i < sizeof boundary / sizeof boundary[0]; i++) {
        zone.from = world_named(st->w, boundary[i].from);
        zone.to = world_named(st->w, boundary[i].to);
        EXPECT_UEQ(witness_sent(st->x, zone), 0);
    }
    zone.to = 0;
    zone.from = world_named(st->w, "T1a");
    EXPECT_UEQ(witness_sent(st->x, zone), 0);
    zone.from = world_named(st->w, "P4a");
    EXPECT_UEQ(witness_sent(st->x, zone), 0);
    EXPECT_UEQ(witness_complaints(st->x), 0);
    story_end(st);
}
