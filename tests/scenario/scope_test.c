/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Figure 2: an administrative scope zone around P3 and C5 (4.5, A-92).
 */
#include "tests/scenario/figure.h"

static const struct { const char *from, *to; } boundary[] = {
    {"T1a", "P3a"}, {"P3a", "T1a"}, {"C5b", "P4a"}, {"P4a", "C5b"},
};

static unsigned holds_in(struct world *w, const char *name, const char *range)
{
    unsigned i, n = 0;
    struct prefix p;
    for (i = 0; (p = world_holds(w, world_named(w, name), i)).family; i++)
        n += prefix_covers(prefix_of(range), p);
    return n;
}

TEST(zone_stays_inside, "M-4.5-03 M-4.5-04 M-4.5-06 M-4.5-07")
{
    struct world *w = figure_2(1, 200);
    struct match zone = {.types = T_ALL, .within = prefix_of("239.192.0.0/14")};
    struct prefix c5, p3;
    unsigned i, k;
    bool nested = false;
    world_start(w);
    world_run(w, 1200 * SECOND);
    EXPECT(holds_in(w, "P3a", "239.192.0.0/14") > 0);
    EXPECT(holds_in(w, "C5a", "239.192.0.0/14") > 0);
    EXPECT(holds_in(w, "C5a", "228.0.0.0/6") > 0);
    for (i = 0; (c5 = world_holds(w, world_named(w, "C5a"), i)).family; i++)
        for (k = 0; (p3 = world_holds(w, world_named(w, "P3a"), k)).family; k++)
            nested |= prefix_covers(zone.within, c5) && prefix_covers(p3, c5);
    EXPECT(nested);
    for (i = 0; i < sizeof boundary / sizeof boundary[0]; i++) {
        zone.from = world_named(w, boundary[i].from);
        zone.to = world_named(w, boundary[i].to);
        EXPECT_UEQ(world_sent(w, zone), 0);
    }
    zone.to = 0;
    zone.from = world_named(w, "T1a");
    EXPECT_UEQ(world_sent(w, zone), 0);
    zone.from = world_named(w, "P4a");
    EXPECT_UEQ(world_sent(w, zone), 0);
    EXPECT_UEQ(world_complaints(w), 0);
    world_end(w);
}
