/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From leaf to non-leaf and back (12.2): a domain whose hosts use all its space gets a child.
 */
#include "tests/scenario/figure.h"

static bool second_has(struct world *w, unsigned n)
{
    return world_has(w, n);
}

/* How often address servers were told that they lose part of `p`. */
static unsigned lost(struct world *w, unsigned n, struct prefix p)
{
    const struct logged *l;
    unsigned k = 0;
    int64_t at = 0;
    while ((l = world_log(w, n, "maas", at))) {
        k += l->what[0] == 'r' && prefix_overlaps(l->prefix, p);
        at = l->at + 1;
    }
    return k;
}

TEST(first_child_finds_hosts,
     "M-12.2-01 M-12.2-02 M-12.2-04 M-12.2-07 M-12.2-08 M-4.1-02 M-4.1-04 M-3-04")
{
    struct world *w = figure_family(3, 1, 200, false);
    unsigned t = 1, c = 2;
    struct prefix first;
    world_demand(w, t, 1024);
    world_config(w, c)->demands = 0;
    world_start(w);
    world_run(w, 300 * SECOND);
    /* alone, its hosts have it all; yet the configured child is told what it could claim from */
    first = world_holds(w, t, 0);
    EXPECT_UEQ(first.len, 22);
    EXPECT(world_usable(w, t, first));
    EXPECT(world_sent(w, (struct match){.from = t, .to = c, .types = T(PREFIX_MANAGED)}) > 0);
    EXPECT_UEQ(world_logged(w, t, "non-leaf", 0), 0);
    /* the child claims the middle of what the hosts use: the hosts keep it */
    world_edit(w, c)->demands = 1;
    world_apply(w, c);
    EXPECT(world_until(w, second_has, c, 1800 * SECOND));
    EXPECT_UEQ(world_logged(w, t, "non-leaf", 0), 1);
    EXPECT_UEQ(lost(w, t, first), 0);
    EXPECT(world_usable(w, t, first));
    EXPECT(world_usable(w, c, world_holds(w, c, 0)));
    world_run(w, 600 * SECOND);
    EXPECT(world_usable(w, t, first));
    EXPECT_UEQ(world_complaints(w), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}
