/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From leaf to non-leaf and back (12.2): a domain whose hosts use all its space gets a child.
 */
#include "tests/scenario/figure.h"

/* How often address servers were told that they lose part of `p`. */
static unsigned lost(struct story *st, unsigned n, struct prefix p)
{
    const struct logged *l;
    unsigned k = 0;
    int64_t at = 0;
    while ((l = witness_log(st->x, n, "maas", at))) {
        k += l->what[0] == 'r' && prefix_overlaps(l->prefix, p);
        at = l->at + 1;
    }
    return k;
}

TEST(first_child_finds_hosts,
     "M-12.2-01 M-12.2-02 M-12.2-04 M-12.2-07 M-12.2-08 M-4.1-02 M-4.1-04 M-3-04")
{
    struct story *st = figure_family(3, 1, 200, false);
    unsigned t = 1, c = 2;
    struct prefix first;
    world_demand(st->w, t, 1024);
    world_config(st->w, c)->demands = 0;
    world_start(st->w);
    world_run(st->w, 300 * SECOND);
    /* alone, its hosts have it all; yet the configured child is told what it could claim from */
    first = witness_holds(st->x, t, 0);
    EXPECT_UEQ(first.len, 22);
    EXPECT(witness_usable(st->x, t, first));
    EXPECT(witness_sent(st->x, (struct match){.from = t, .to = c, .types = T(PREFIX_MANAGED)}) > 0);
    EXPECT_UEQ(witness_logged(st->x, t, "non-leaf", 0), 0);
    /* the child claims the middle of what the hosts use: the hosts keep it */
    world_edit(st->w, c)->demands = 1;
    world_apply(st->w, c);
    EXPECT(story_until(st, story_has, c, 1800 * SECOND));
    EXPECT_UEQ(witness_logged(st->x, t, "non-leaf", 0), 1);
    EXPECT_UEQ(lost(st, t, first), 0);
    EXPECT(witness_usable(st->x, t, first));
    EXPECT(witness_usable(st->x, c, witness_holds(st->x, c, 0)));
    world_run(st->w, 600 * SECOND);
    EXPECT(witness_usable(st->x, t, first));
    EXPECT_UEQ(witness_complaints(st->x), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}
