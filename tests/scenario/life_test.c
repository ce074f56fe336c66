/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of prefixes between a parent and its children: renewal, expansion, release, denial,
 * hints (5.2 - 5.4, 11.3, 11.5).
 */
#include "tests/scenario/figure.h"

enum { TOP = 1, C1, C2 };

static void want(struct story *st, unsigned n, uint64_t addresses)
{
    struct masc_config *c = world_edit(st->w, n);
    c->demands = 1;
    c->demand[0] = (struct masc_demand){
        .family = FAMILY_IPV4, .addresses = addresses, .lifetime_s = c->lifetime_s};
    world_apply(st->w, n);
}

static unsigned sent(struct story *st, unsigned from, unsigned to, unsigned types, struct prefix p)
{
    return witness_sent(st->x, (struct match){.from = from, .to = to, .types = types, .prefix = p});
}

TEST(renewed_again_and_again, "M-5.2-03 M-2-02 M-1-01 M-18-08")
{
    struct story *st = figure_family(1, 2, 200, true);
    struct prefix p1, p2;
    unsigned i, at = 0;
    const struct sent *s, *last = NULL;
    world_start(st->w);
    EXPECT(story_until(st, story_has, C1, 900 * SECOND));
    EXPECT(story_until(st, story_has, C2, 900 * SECOND));
    p1 = witness_holds(st->x, C1, 0);
    p2 = witness_holds(st->x, C2, 0);
    for (i = 0; i < 24; i++) { /* three lives of the prefixes */
        world_run(st->w, 450 * SECOND);
        EXPECT(prefix_equal(witness_holds(st->x, C1, 0), p1));
        EXPECT(prefix_equal(witness_holds(st->x, C2, 0), p2));
        EXPECT(witness_usable(st->x, C1, p1));
    }
    /* each renewal is a claim first, and ends later than the one before */
    while ((s = witness_next(st->x, (struct match){.from = C1, .to = TOP, .prefix = p1,
                                             .types = T(PREFIX_IN_USE)}, &at))) {
        if (last)
            EXPECT(s->a.timestamp_s + s->a.lifetime_s > last->a.timestamp_s + last->a.lifetime_s);
        last = s;
    }
    EXPECT(sent(st, C1, TOP, T(CLAIM_TO_EXPAND), p1) >= 10);
    EXPECT_UEQ(witness_logged(st->x, C1, "expired", 0), 0);
    EXPECT_UEQ(witness_complaints(st->x), 0);
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

TEST(expansion_replaces_the_smaller, "M-5.3-02 M-5.1d-02 M-5.1d-04")
{
    struct story *st = figure_family(2, 1, 200, false);
    struct prefix small, large;
    world_start(st->w);
    EXPECT(story_until(st, story_has, C1, 900 * SECOND));
    world_run(st->w, 10 * SECOND);
    small = witness_holds(st->x, C1, 0);
    want(st, C1, 400);
    world_run(st->w, 900 * SECOND);
    large = witness_holds(st->x, C1, 0);
    EXPECT(large.len < small.len && prefix_covers(large, small));
    EXPECT(witness_holds(st->x, C1, 1).family == 0);
    EXPECT(witness_usable(st->x, C1, large));
    EXPECT(witness_knows(st->x, TOP, 11, MASC_PREFIX_IN_USE, large));
    EXPECT(!witness_knows(st->x, TOP, 11, MASC_PREFIX_IN_USE, small));
    EXPECT_UEQ(witness_complaints(st->x), 0);
    story_end(st);
}

/* released, claimed again, and a neighbour that reboots in between or later must not see the
 * old WITHDRAW hide the new prefix. */
TEST(released_and_claimed_again, "M-5.4-02 M-11.7.1-02 M-11.7.3-02")
{
    struct story *st = figure_family(3, 2, 200, true);
    struct prefix p;
    char text[PREFIX_TEXT_MAX];
    world_start(st->w);
    EXPECT(story_until(st, story_has, C1, 900 * SECOND));
    world_run(st->w, 20 * SECOND);
    p = witness_holds(st->x, C1, 0);
    world_edit(st->w, C1)->demands = 0;
    world_apply(st->w, C1);
    EXPECT(world_release(st->w, C1, p));
    world_run(st->w, 10 * SECOND);
    EXPECT(sent(st, C1, TOP, T(WITHDRAW), p) == 1);
    EXPECT(sent(st, C1, C2, T(WITHDRAW), p) == 1);
    EXPECT(!witness_usable(st->x, C1, p));
    EXPECT(!witness_knows(st->x, TOP, 11, MASC_PREFIX_IN_USE, p));
    world_crash(st->w, C2, false);
    world_forget(st->w, C2);
    world_run(st->w, 5 * SECOND);
    world_boot(st->w, C2);
    EXPECT(world_claim(st->w, C1, prefix_format(p, text)));
    world_run(st->w, 200 * SECOND);
    EXPECT(witness_usable(st->x, C1, p));
    EXPECT(witness_knows(st->x, TOP, 11, MASC_PREFIX_IN_USE, p));
    EXPECT(witness_knows(st->x, C2, 11, MASC_PREFIX_IN_USE, p));
    world_crash(st->w, C2, false);
    world_run(st->w, 5 * SECOND);
    world_boot(st->w, C2);
    world_run(st->w, 60 * SECOND);
    EXPECT(witness_knows(st->x, C2, 11, MASC_PREFIX_IN_USE, p));
    world_crash(st->w, TOP, false);
    world_run(st->w, 5 * SECOND);
    world_boot(st->w, TOP);
    world_run(st->w, 60 * SECOND);
    EXPECT(witness_knows(st->x, TOP, 11, MASC_PREFIX_IN_USE, p));
    EXPECT(witness_usable(st->x, C1, p));
    EXPECT_UEQ(witness_unknown(st->x), 0);
    story_end(st);
}

TEST(denied_and_claimed_within_the_limit,
     "M-11.3.3-04 M-11.4.3-05 M-11.4.3-08 M-11.7.1-03")
{
    struct story *st = figure_family(4, 2, 200, true);
    struct masc_config *c;
    const struct sent *denial;
    const struct record *r;
    unsigned at = 0;
    world_config(st->w, C1)->demands = 0;
    world_config(st->w, C2)->demands = 0;
    world_start(st->w);
    world_run(st->w, 10 * SECOND);
    EXPECT(world_claim(st->w, TOP, "228.0.0.0/20"));
    world_run(st->w, 150 * SECOND);
    /* the parent now wants short lives */
    c = world_edit(st->w, TOP);
    c->lifetime_s = 900;
    c->lifetime_max_s = 900;
    world_apply(st->w, TOP);
    want(st, C1, 200);
    EXPECT(story_until(st, story_has, C1, 300 * SECOND));
    denial = witness_next(st->x, (struct match){.from = TOP, .to = C1, .types = T(CLAIM_DENIED)},
                        &at);
    REQUIRE(denial != NULL);
    EXPECT_EQ(denial->a.lifetime_s, 900);
    EXPECT_EQ(denial->a.domain, 11);
    /* only who was denied hears of the claim, its denial and its end from the parent */
    EXPECT_UEQ(witness_sent(st->x, (struct match){.from = TOP,
                                                  .to = C2,
                                                  .types = T_ALL,
                                                  .domain = 11,
                                                  .timestamp_s = denial->a.timestamp_s}),
               0);
    EXPECT_UEQ(witness_logged(st->x, C1, "denied", 0), 1);
    EXPECT(witness_has(st->x, C1));
    r = witness_record(st->x, C1, witness_holds(st->x, C1, 0));
    REQUIRE(r != NULL);
    EXPECT(r->timestamp_s > (int64_t)denial->a.timestamp_s);
    EXPECT(r->timestamp_s + r->lifetime_s <= (int64_t)denial->a.timestamp_s + 900);
    EXPECT_UEQ(witness_complaints(st->x), 0);
    story_end(st);
}

TEST(hints_stay_between_child_and_parent, "M-11.5-01 M-11.8.1-03")
{
    struct story *st = figure_family(5, 2, 200, true);
    struct match hint = {.types = T(NEW_CLAIM), .prefix = {0, FAMILY_IPV4, 24}};
    world_start(st->w);
    EXPECT(story_until(st, story_has, C1, 900 * SECOND));
    EXPECT(story_until(st, story_has, C2, 900 * SECOND));
    hint.from = C1;
    hint.to = TOP;
    EXPECT(witness_sent(st->x, hint) > 0);
    hint.to = C2;
    EXPECT_UEQ(witness_sent(st->x, hint), 0);
    hint.from = TOP;
    hint.to = 0;
    EXPECT_UEQ(witness_sent(st->x, hint), 0);
    EXPECT_UEQ(witness_complaints(st->x), 0);
    story_end(st);
}
