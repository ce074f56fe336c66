/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two claims for the same space: who wins, and what becomes of the other (5.1 c, 5.1.1, 11.4.2).
 *
 * Children of one parent that want half of its space each, and are made to choose the same half by
 * what their operators claim.
 */
#include "tests/scenario/figure.h"

static const struct match pending = {.types = T_CLAIMS};

/* T with its space, and `n` children that want nothing by themselves. */
static struct story *family(uint64_t seed, unsigned n, bool siblings)
{
    struct story *st = figure_family(seed, n, 1, siblings);
    unsigned i;
    for (i = 1; i <= n; i++)
        world_config(st->w, 1 + i)->demands = 0;
    world_start(st->w);
    world_run(st->w, 20 * SECOND);
    EXPECT(world_claim(st->w, 1, "228.0.0.0/22"));
    world_run(st->w, 150 * SECOND);
    return st;
}

/* A place in the middle of what the parent has. */
static struct prefix inside(struct story *st, unsigned parent, uint8_t len)
{
    struct prefix p = witness_holds(st->x, parent, 0);
    p.len = len;
    return p;
}

static void both_claim(struct story *st, unsigned a, unsigned b, struct prefix p)
{
    char text[PREFIX_TEXT_MAX];
    EXPECT(world_claim(st->w, a, prefix_format(p, text)));
    EXPECT(world_claim(st->w, b, prefix_format(p, text)));
}

/* The two hear each other at once only if the delay of 5.1 (a) sends them within one round trip:
 * a slow link makes that certain. */
static void collide(struct story *st, unsigned a, unsigned b)
{
    struct prefix p = inside(st, 1, 24);
    int64_t began = world_now(st->w);
    unsigned wins = 0, losses = 0;
    struct match m = pending;
    world_delay(st->w, a, b, 8000, 8000);
    world_delay(st->w, a, 1, 5000, 5000);
    world_delay(st->w, b, 1, 5000, 5000);
    both_claim(st, a, b, p);
    world_run(st->w, 400 * SECOND);
    m.prefix = p;
    m.since = began;
    /* both were sent */
    m.from = a;
    m.domain = world_config(st->w, a)->domain;
    EXPECT(witness_sent(st->x, m) > 0);
    m.from = b;
    m.domain = world_config(st->w, b)->domain;
    EXPECT(witness_sent(st->x, m) > 0);
    /* I-08: exactly one lost, and both know which */
    wins = witness_logged(st->x, a, "won", began) + witness_logged(st->x, b, "won", began);
    losses = witness_logged(st->x, a, "lost", began) + witness_logged(st->x, b, "lost", began);
    EXPECT_UEQ(wins, 1);
    EXPECT_UEQ(losses, 1);
    EXPECT(witness_has(st->x, a) && witness_has(st->x, b));
    EXPECT((witness_record(st->x, a, p) != NULL) + (witness_record(st->x, b, p) != NULL) == 1);
}

/* The loser is the one whose claim came later, or of the greater Node Identifier. */
static unsigned loser(struct story *st, unsigned a, unsigned b, struct prefix p)
{
    struct match ma = {.from = a, .types = T_CLAIMS, .prefix = p,
                       .domain = world_config(st->w, a)->domain};
    struct match mb = {.from = b, .types = T_CLAIMS, .prefix = p,
                       .domain = world_config(st->w, b)->domain};
    unsigned ia = 0, ib = 0;
    const struct sent *sa = witness_next(st->x, ma, &ia), *sb = witness_next(st->x, mb, &ib);
    if (!sa || !sb)
        return 0;
    if (sa->a.timestamp_s != sb->a.timestamp_s)
        return sa->a.timestamp_s < sb->a.timestamp_s ? b : a;
    return sa->a.node < sb->a.node ? b : a;
}

/* 12.3: Timestamps are absolute. Who has a clock that is behind claims "earlier", wins, and nobody
 * minds. */
TEST(late_clock_wins, "M-12.3-01")
{
    uint64_t seed;
    for (seed = 1; seed <= 6; seed++) {
        struct story *st = family(seed, 2, true);
        struct prefix p = inside(st, 1, 24);
        char text[PREFIX_TEXT_MAX];
        unsigned late = 3, right = 2, i = 0, k = 0;
        const struct sent *a, *b;
        world_delay(st->w, late, right, 8000, 8000);
        world_delay(st->w, late, 1, 5000, 5000);
        world_delay(st->w, right, 1, 5000, 5000);
        world_step_clock(st->w, late, -60);
        EXPECT(world_claim(st->w, right, prefix_format(p, text)));
        while (!witness_sent(st->x, (struct match){.from = right, .types = T_CLAIMS, .prefix = p}))
            world_run(st->w, SECOND / 2);
        EXPECT(world_claim(st->w, late, text)); /* before it can have heard */
        world_run(st->w, 400 * SECOND);
        a = witness_next(st->x, (struct match){.from = late, .types = T_CLAIMS, .prefix = p,
                                         .domain = world_config(st->w, late)->domain}, &i);
        b = witness_next(st->x, (struct match){.from = right, .types = T_CLAIMS, .prefix = p,
                                         .domain = world_config(st->w, right)->domain}, &k);
        REQUIRE(a != NULL && b != NULL);
        EXPECT(a->at > b->at);
        EXPECT(a->a.timestamp_s < b->a.timestamp_s);
        EXPECT(witness_record(st->x, late, p) != NULL);
        EXPECT(witness_record(st->x, right, p) == NULL);
        EXPECT_UEQ(witness_logged(st->x, right, "lost", 0), 1);
        EXPECT_UEQ(witness_complaints(st->x), 0);
        story_end(st);
    }
}

TEST(siblings_one_wins, "M-3-01 M-5.1c-02 M-5.1c-03 M-4-05")
{
    uint64_t seed;
    for (seed = 1; seed <= 8; seed++) {
        struct story *st = family(seed, 2, true);
        struct prefix p = inside(st, 1, 24);
        unsigned lost;
        collide(st, 2, 3);
        lost = loser(st, 2, 3, p);
        EXPECT(witness_record(st->x, lost, p) == NULL);
        EXPECT(witness_record(st->x, 5 - lost, p) != NULL);
        /* the loser withdrew its claim and chose another place */
        EXPECT(witness_sent(st->x,
                            (struct match){.from = lost, .types = T(WITHDRAW), .prefix = p}) > 0);
        EXPECT(witness_sent(st->x,
                            (struct match){.from = 5 - lost,
                                           .types = T(WITHDRAW),
                                           .prefix = p,
                                           .domain = world_config(st->w, 5 - lost)->domain}) == 0);
        EXPECT_UEQ(witness_complaints(st->x), 0);
        EXPECT_UEQ(witness_unknown(st->x), 0);
        story_end(st);
    }
}

TEST(siblings_known_only_through_the_parent, "M-4-14 M-4-18")
{
    uint64_t seed;
    for (seed = 1; seed <= 8; seed++) {
        struct story *st = family(seed, 2, false);
        struct prefix p = inside(st, 1, 24);
        unsigned lost;
        collide(st, 2, 3);
        lost = loser(st, 2, 3, p);
        EXPECT(witness_record(st->x, lost, p) == NULL);
        EXPECT_UEQ(witness_complaints(st->x), 0);
        story_end(st);
    }
}
