/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rebooting with and without what was stored (13, 14, A-97), and stores that fail.
 */
#include "tests/scenario/figure.h"

enum { TOP = 1, C1, C2 };

static struct world *with_prefixes(uint64_t seed)
{
    struct world *w = figure_family(seed, 2, 200, true);
    world_start(w);
    EXPECT(world_until(w, world_has, C1, 900 * SECOND));
    EXPECT(world_until(w, world_has, C2, 900 * SECOND));
    world_run(w, 20 * SECOND);
    return w;
}

TEST(stored_prefixes_are_used_at_once, "")
{
    struct world *w = with_prefixes(1);
    struct prefix p = world_holds(w, C1, 0);
    struct record r = *world_record(w, C1, p);
    int64_t again;
    world_crash(w, C1, false);
    EXPECT(!world_usable(w, C1, p));
    world_run(w, 40 * SECOND);
    again = world_now(w);
    world_boot(w, C1);
    EXPECT(world_usable(w, C1, p));
    world_run(w, 20 * SECOND);
    EXPECT(world_sent(w, (struct match){.from = C1, .to = TOP, .types = T(PREFIX_IN_USE),
                                        .prefix = p, .timestamp_s = r.timestamp_s,
                                        .since = again}) == 1);
    EXPECT_UEQ(world_logged(w, C2, "clash", 0), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

TEST(lost_prefixes_come_back_from_the_parent, "M-11.8-04")
{
    struct world *w = with_prefixes(2);
    struct prefix p = world_holds(w, C1, 0);
    struct record r = *world_record(w, C1, p);
    int64_t again;
    world_crash(w, C1, false);
    world_forget(w, C1);
    world_run(w, 40 * SECOND);
    again = world_now(w);
    world_boot(w, C1);
    EXPECT(!world_usable(w, C1, p));
    world_run(w, 20 * SECOND);
    EXPECT(world_usable(w, C1, p));
    REQUIRE(world_record(w, C1, p) != NULL);
    EXPECT_EQ(world_record(w, C1, p)->timestamp_s, r.timestamp_s);
    world_run(w, 400 * SECOND);
    EXPECT(prefix_equal(world_holds(w, C1, 0), p));
    EXPECT(world_holds(w, C1, 1).family == 0);
    EXPECT_UEQ(world_sent(w, (struct match){.from = C1, .types = T(NEW_CLAIM), .since = again,
                                            .domain = 11, .within = p}), 0);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}

/* A claim under way: the rest of the wait, not a new one. */
TEST(pending_claim_is_resumed, "")
{
    struct world *w = figure_family(3, 2, 200, true);
    struct match claim = {.from = C1, .to = TOP, .types = T(NEW_CLAIM)};
    const struct sent *s;
    struct prefix p;
    int64_t claimed, used;
    unsigned at = 0;
    world_config(w, C1)->demands = 0;
    world_config(w, C2)->demands = 0;
    world_start(w);
    world_run(w, 20 * SECOND);
    EXPECT(world_claim(w, TOP, "228.0.0.0/16"));
    world_run(w, 140 * SECOND);
    EXPECT(world_claim(w, C1, "228.0.7.0/24"));
    world_run(w, 30 * SECOND);
    p = prefix_of("228.0.7.0/24");
    claim.prefix = p;
    s = world_next(w, claim, &at);
    REQUIRE(s != NULL);
    claimed = s->at;
    world_crash(w, C1, false);
    world_run(w, 20 * SECOND);
    world_boot(w, C1);
    world_run(w, 200 * SECOND);
    EXPECT_UEQ(world_sent(w, claim), 1);
    EXPECT(world_usable(w, C1, p));
    REQUIRE(world_log(w, C1, "in-use", 0) != NULL);
    used = world_log(w, C1, "in-use", 0)->at;
    EXPECT(used >= claimed + 119 * SECOND && used <= claimed + 122 * SECOND);
    world_end(w);
}

/* Nothing is promised that is not stored (I-46). */
TEST(no_disk_no_promise, "")
{
    struct world *w = figure_family(4, 1, 200, false);
    world_at(w, C1)->store = STORE_BAD;
    world_start(w);
    world_run(w, 400 * SECOND);
    EXPECT(world_logged(w, C1, "unstored", 0) > 2);
    EXPECT_UEQ(world_sent(w, (struct match){.from = C1, .types = T(PREFIX_IN_USE)}), 0);
    EXPECT(!world_has(w, C1));
    world_at(w, C1)->store = STORE_GOOD;
    world_run(w, 20 * SECOND);
    EXPECT(world_has(w, C1));
    EXPECT(world_usable(w, C1, world_holds(w, C1, 0)));
    EXPECT(world_sent(w, (struct match){.from = C1, .types = T(PREFIX_IN_USE)}) > 0);
    world_end(w);
}

/* A crash between the end of the wait and the commit costs the claim, nothing that was promised. */
TEST(crash_before_the_commit, "")
{
    struct world *w = figure_family(5, 2, 200, true);
    world_at(w, C1)->store = STORE_MUTE;
    world_start(w);
    world_run(w, 700 * SECOND);
    EXPECT_UEQ(world_sent(w, (struct match){.from = C1, .types = T(PREFIX_IN_USE),
                                            .domain = 11}), 0);
    world_crash(w, C1, true);
    world_at(w, C1)->store = STORE_GOOD;
    world_run(w, 30 * SECOND);
    world_boot(w, C1);
    EXPECT(world_until(w, world_has, C1, 600 * SECOND));
    world_run(w, 20 * SECOND);
    EXPECT_UEQ(world_unknown(w), 0);
    world_end(w);
}
