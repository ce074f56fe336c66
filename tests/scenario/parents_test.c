/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two parents: siblings with two of them in common (4.4), and from one to another (12.5).
 */
#include "tests/scenario/figure.h"

enum { P1 = 1, P2, S1, S2 };

static struct story *two_parents(uint64_t seed)
{
    struct story *st = story_new(seed);
    (void)world_node(st->w, "P1", 1);
    (void)world_node(st->w, "P2", 2);
    (void)world_node(st->w, "S1", 11);
    (void)world_node(st->w, "S2", 12);
    world_tld(st->w, P1, "228.0.0.0/6");
    world_tld(st->w, P2, "228.0.0.0/6");
    world_siblings(st->w, P1, P2, 0);
    return st;
}

static void parents_have_space(struct story *st)
{
    world_start(st->w);
    world_run(st->w, 20 * SECOND);
    EXPECT(world_claim(st->w, P1, "228.0.0.0/16"));
    EXPECT(world_claim(st->w, P2, "230.0.0.0/16"));
    world_run(st->w, 140 * SECOND);
}

/* For which parent the session is that a message went over. */
static u128 parent_of_session(const struct story *st, uint32_t pipe)
{
    unsigned at = 0;
    const struct sent *s;
    while ((s = witness_next(st->x, (struct match){.types = 0}, &at)))
        if (s->stream == pipe && s->message == MASC_OPEN)
            return s->parent;
    return ID_NONE;
}

TEST(each_sibling_session_has_its_parent,
     "M-4.4-01 M-4.4-02 M-4.4+11-01 M-7.2-23 M-5.1b-03 M-5.1-03")
{
    uint64_t seed;
    for (seed = 1; seed <= 6; seed++) {
        struct story *st = two_parents(seed);
        struct prefix of_1 = prefix_of("228.0.0.0/16"), of_2 = prefix_of("230.0.0.0/16");
        unsigned at = 0, over[3] = {0, 0, 0};
        const struct sent *s;
        world_parent(st->w, S1, P1);
        world_parent(st->w, S1, P2);
        world_parent(st->w, S2, P1);
        world_parent(st->w, S2, P2);
        world_siblings(st->w, S1, S2, 1);
        world_siblings(st->w, S1, S2, 2);
        parents_have_space(st);
        EXPECT(world_claim(st->w, S1, "228.0.1.0/24"));
        EXPECT(world_claim(st->w, S1, "230.0.1.0/24"));
        EXPECT(world_claim(st->w, S2, "228.0.2.0/24"));
        EXPECT(world_claim(st->w, S2, "230.0.2.0/24"));
        world_run(st->w, 300 * SECOND);
        EXPECT(witness_has(st->x, S1) && witness_has(st->x, S2));
        while ((s = witness_next(st->x, (struct match){.types = T_ALL}, &at))) {
            bool in_1 = prefix_covers(of_1, s->a.prefix), in_2 = prefix_covers(of_2, s->a.prefix);
            if ((s->from == S1 && s->to == S2) || (s->from == S2 && s->to == S1)) {
                u128 parent = parent_of_session(st, s->stream);
                EXPECT((in_1 && parent == 1) || (in_2 && parent == 2));
                over[parent == 1 ? 1 : 2]++;
            } else if (s->to == P1 && s->from != P2) {
                EXPECT(in_1);
            } else if (s->to == P2 && s->from != P1) {
                EXPECT(in_2);
            }
        }
        EXPECT(over[1] > 0 && over[2] > 0);
        EXPECT_UEQ(witness_complaints(st->x), 0);
        EXPECT_UEQ(witness_unknown(st->x), 0);
        story_end(st);
    }
}

static bool has_usable_in(const struct story *st, unsigned n, struct prefix within)
{
    struct prefix p;
    unsigned i;
    for (i = 0; (p = witness_holds(st->x, n, i)).family; i++)
        if (prefix_covers(within, p) && witness_usable(st->x, n, p))
            return true;
    return false;
}

/* 12.5: the new provider gives the space; the old one's is defended until it ends. */
TEST(changing_providers, "M-12.5-02 M-12.5-03 M-12.5-05")
{
    struct story *st = two_parents(3);
    struct masc_config *c;
    struct prefix old = prefix_of("228.0.1.0/24"), fresh;
    int64_t changed, end;
    unsigned i;
    world_parent(st->w, S1, P1);
    world_parent(st->w, S1, P2);
    world_parent(st->w, S2, P1);
    world_config(st->w, S1)->peers = 1; /* P2 is to come */
    parents_have_space(st);
    EXPECT(world_claim(st->w, S1, "228.0.1.0/24"));
    world_run(st->w, 140 * SECOND);
    EXPECT(witness_usable(st->x, S1, old));
    c = world_edit(st->w, S1);
    c->peers = 2;
    c->peer[0].defend_only = true;
    c->demands = 1;
    c->demand[0] = (struct masc_demand){.family = FAMILY_IPV4, .addresses = 200,
                                        .lifetime_s = c->lifetime_s};
    world_apply(st->w, S1);
    changed = world_now(st->w);
    world_run(st->w, 400 * SECOND);
    end = witness_record(st->x, S1, old)->timestamp_s + witness_record(st->x, S1, old)->lifetime_s;
    fresh = witness_holds(st->x, S1, 1);
    EXPECT(fresh.family && prefix_covers(prefix_of("230.0.0.0/16"), fresh));
    /* still defended: another child of the old provider cannot have it, also after its reboot */
    EXPECT(witness_session(st->x, S1, P1));
    EXPECT(!world_claim(st->w, S2, "228.0.1.0/24"));
    world_crash(st->w, P1, false);
    world_run(st->w, 10 * SECOND);
    world_boot(st->w, P1);
    world_run(st->w, 40 * SECOND);
    EXPECT(witness_knows(st->x, P1, 11, MASC_PREFIX_IN_USE, old));
    while (world_wall(st->w, S1) + 60 < end) {
        EXPECT(witness_routed(st->x, S1, old));
        world_run(st->w, 50 * SECOND);
    }
    world_run(st->w, 120 * SECOND);
    EXPECT(!witness_routed(st->x, S1, old));
    /* not renewed, and what is new stays */
    EXPECT_UEQ(witness_sent(st->x, (struct match){.from = S1, .types = T_CLAIMS, .prefix = old,
                                            .since = changed + 20 * SECOND}), 0);
    for (i = 0; i < 4; i++) {
        world_run(st->w, 900 * SECOND);
        EXPECT(has_usable_in(st, S1, prefix_of("230.0.0.0/16")));
    }
    story_end(st);
}

/* 5.1: no claim without a session with the parent. */
TEST(no_claim_without_the_parent, "M-5.1-02")
{
    struct story *st = two_parents(4);
    world_parent(st->w, S1, P1);
    world_parent(st->w, S2, P1);
    world_siblings(st->w, S1, S2, 1);
    parents_have_space(st);
    world_cut(st->w, S1, P1);
    world_run(st->w, 30 * SECOND);
    EXPECT(world_claim(st->w, S1, "228.0.1.0/24"));
    world_run(st->w, 300 * SECOND);
    EXPECT_UEQ(witness_sent(st->x, (struct match){.from = S1, .types = T_CLAIMS}), 0);
    world_heal(st->w, S1, P1);
    world_run(st->w, 200 * SECOND);
    EXPECT(witness_usable(st->x, S1, prefix_of("228.0.1.0/24")));
    story_end(st);
}
