/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rebooting with and without what was stored (13, 14, A-97), and stores that fail.
 */
#include "tests/scenario/figure.h"

enum { TOP = 1, C1, C2 };

static struct story *with_prefixes(uint64_t seed)
{
    struct story *st = figure_family(seed, 2, 200, true);
    world_start(st->w);
    EXPECT(story_until(st, story_has, C1, 900 * SECOND));
    EXPECT(story_until(st, story_has, C2, 900 * SECOND));
    world_run(st->w, 20 * SECOND);
    return st;
}

TEST(stored_prefixes_are_used_at_once, "")
{
    struct story *st = with_prefixes(1);
    struct prefix p = witness_holds(st->x, C1, 0);
    struct record r = *witness_record(st->x, C1, p);
    int64_t again;
    world_crash(st->w, C1, false);
    EXPECT(!witness_usable(st->x, C1, p));
    world_run(st->w, 40 * SECOND);
    again = world_now(st->w);
    world_boot(st->w, C1);
    EXPECT(witness_usable(st->x, C1, p));
    world_run(st->w, 20 * SECOND);
    EXPECT(witness_sent(st->x, (struct match){.from = C1, .to = TOP, .types = T(PREFIX_IN_USE),
                                        .prefix = p, .timestamp_s = r.timestamp_s,
                                        .since = again}) == 1);
    EXPECT_UEQ(witness_logged(st->x, C2, "clash", 0), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

TEST(lost_prefixes_come_back_from_the_parent, "M-11.8-04")
{
    struct story *st = with_prefixes(2);
    struct prefix p = witness_holds(st->x, C1, 0);
    struct record r = *witness_record(st->x, C1, p);
    int64_t again;
    world_crash(st->w, C1, false);
    world_forget(st->w, C1);
    world_run(st->w, 40 * SECOND);
    again = world_now(st->w);
    world_boot(st->w, C1);
    EXPECT(!witness_usable(st->x, C1, p));
    world_run(st->w, 20 * SECOND);
    EXPECT(witness_usable(st->x, C1, p));
    REQUIRE(witness_record(st->x, C1, p) != NULL);
    EXPECT_EQ(witness_record(st->x, C1, p)->timestamp_s, r.timestamp_s);
    world_run(st->w, 400 * SECOND);
    EXPECT(prefix_equal(witness_holds(st->x, C1, 0), p));
    EXPECT(witness_holds(st->x, C1, 1).family == 0);
    EXPECT_UEQ(witness_sent(st->x, (struct match){.from = C1, .types = T(NEW_CLAIM), .since = again,
                                            .domain = 11, .within = p}), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

/* A claim under way: the rest of the wait, not a new one. */
TEST(pending_claim_is_resumed, "")
{
    struct story *st = figure_family(3, 2, 200, true);
    struct match claim = {.from = C1, .to = TOP, .types = T(NEW_CLAIM)};
    const struct sent *s;
    struct prefix p;
    int64_t claimed, used;
    unsigned at = 0;
    world_config(st->w, C1)->demands = 0;
    world_config(st->w, C2)->demands = 0;
    world_start(st->w);
    world_run(st->w, 20 * SECOND);
    EXPECT(world_claim(st->w, TOP, "228.0.0.0/16"));
    world_run(st->w, 140 * SECOND);
    EXPECT(world_claim(st->w, C1, "228.0.7.0/24"));
    world_run(st->w, 30 * SECOND);
    p = prefix_of("228.0.7.0/24");
    claim.prefix = p;
    s = witness_next(st->x, claim, &at);
    REQUIRE(s != NULL);
    claimed = s->at;
    world_crash(st->w, C1, false);
    world_run(st->w, 20 * SECOND);
    world_boot(st->w, C1);
    world_run(st->w, 200 * SECOND);
    EXPECT_UEQ(witness_sent(st->x, claim), 1);
    EXPECT(witness_usable(st->x, C1, p));
    REQUIRE(witness_log(st->x, C1, "in-use", 0) != NULL);
    used = witness_log(st->x, C1, "in-use", 0)->at;
    EXPECT(used >= claimed + 119 * SECOND && used <= claimed + 122 * SECOND);
    story_end(st);
}

/* Nothing is promised that is not stored (I-46). */
TEST(no_disk_no_promise, "")
{
    struct story *st = figure_family(4, 1, 200, false);
    world_disk(st->w, C1, DISK_FAILING);
    world_start(st->w);
    world_run(st->w, 400 * SECOND);
    EXPECT(witness_logged(st->x, C1, "unstored", 0) > 2);
    EXPECT_UEQ(witness_sent(st->x, (struct match){.from = C1, .types = T(PREFIX_IN_USE)}), 0);
    EXPECT(!witness_has(st->x, C1));
    world_disk(st->w, C1, DISK_GOOD);
    world_run(st->w, 20 * SECOND);
    EXPECT(witness_has(st->x, C1));
    EXPECT(witness_usable(st->x, C1, witness_holds(st->x, C1, 0)));
    EXPECT(witness_sent(st->x, (struct match){.from = C1, .types = T(PREFIX_IN_USE)}) > 0);
    story_end(st);
}

/* A crash between the end of the wait and the commit costs the claim, nothing that was promised. */
TEST(crash_before_the_commit, "")
{
    struct story *st = figure_family(5, 2, 200, true);
    world_disk(st->w, C1, DISK_MUTE);
    world_start(st->w);
    world_run(st->w, 700 * SECOND);
    EXPECT_UEQ(witness_sent(st->x, (struct match){.from = C1, .types = T(PREFIX_IN_USE),
                                            .domain = 11}), 0);
    world_crash(st->w, C1, true);
    world_disk(st->w, C1, DISK_GOOD);
    world_run(st->w, 30 * SECOND);
    world_boot(st->w, C1);
    EXPECT(story_until(st, story_has, C1, 600 * SECOND));
    world_run(st->w, 20 * SECOND);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}
