/* SPDX-License-Identifier: BSD-2-Clause */
/* Outputs that are wrong, late, or missing. */
#include "tests/check_rig.h"

static struct masc_attr in_use(struct rig *r, unsigned n, const char *prefix, int64_t age_s)
{
    struct masc_attr a = rig_attr(r, n, MASC_PREFIX_IN_USE, prefix, age_s);
    rig_hold(r, n, &a);
    return a;
}

TEST(i04_not_held, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    rig_tell(r, C_, "maas", "add", "228.0.0.0/25");
    EXPECT_UEQ(witness_violations(r->x), 0);
    rig_tell(r, C_, "maas", "add", "228.0.0.0/23");
    rig_end(r, "I-04");
}

TEST(i15_added_twice, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    rig_tell(r, C_, "maas", "add", "228.0.0.0/24");
    rig_tell(r, C_, "maas", "add", "228.0.0.0/24");
    rig_end(r, "I-15");
}

TEST(i15_removed_and_not_there, "")
{
    struct rig *r = rig_new();
    rig_tell(r, C_, "g-rib", "remove", "228.0.0.0/24");
    rig_end(r, "I-15");
}

/* A hole is no second removal; it closes when it is added again. */
TEST(i15_hole, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    rig_tell(r, C_, "maas", "add", "228.0.0.0/24");
    rig_tell(r, C_, "maas", "remove", "228.0.0.0/26");
    EXPECT(!witness_usable(r->x, C_, prefix_of("228.0.0.0/24")));
    EXPECT_UEQ(witness_usable_addresses(r->x, C_), 192);
    rig_tell(r, C_, "maas", "add", "228.0.0.0/26");
    EXPECT(witness_usable(r->x, C_, prefix_of("228.0.0.0/24")));
    EXPECT_UEQ(witness_violations(r->x), 0);
    rig_tell(r, C_, "maas", "remove", "228.0.1.0/26");
    rig_end(r, "I-15");
}

/* C withdrew half of what it has. */
TEST(i13_withdrawn, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = in_use(f.r, C_, "228.0.0.0/24", 200), w;
    rig_tell(f.r, C_, "maas", "add", "228.0.0.0/24");
    rig_say(f.r, f.tc + 1, &a);
    w = rig_attr(f.r, C_, MASC_WITHDRAW, "228.0.0.0/25", 0);
    w.holdtime_s = w.lifetime_s = 900;
    rig_say(f.r, f.tc + 1, &w);
    witness_look(f.r->x);
    rig_end(f.r, "I-13");
}

TEST(i13_a_hole_is_well, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = in_use(f.r, C_, "228.0.0.0/24", 200), w;
    rig_tell(f.r, C_, "maas", "add", "228.0.0.0/24");
    rig_say(f.r, f.tc + 1, &a);
    w = rig_attr(f.r, C_, MASC_WITHDRAW, "228.0.0.0/25", 0);
    w.holdtime_s = w.lifetime_s = 900;
    rig_tell(f.r, C_, "maas", "remove", "228.0.0.0/25");
    rig_say(f.r, f.tc + 1, &w);
    witness_look(f.r->x);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    rig_tell(f.r, C_, "maas", "add", "228.0.0.0/25");
    witness_look(f.r->x);
    rig_end(f.r, "I-13");
}

TEST(i14_not_taken_back, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.0.0/24", RIG_LIFE_S - 10);
    rig_tell(r, C_, "g-rib", "add", "228.0.0.0/24");
    world_run(r->w, 9 * SECOND);
    rig_life(r, C_, "hint", "228.0.0.0/24", 0); /* any step */
    EXPECT_UEQ(witness_violations(r->x), 0);
    world_run(r->w, SECOND);
    rig_life(r, C_, "hint", "228.0.0.0/24", 0);
    rig_end(r, "I-14");
}

TEST(i14_never_stepped, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.0.0/24", RIG_LIFE_S - 10);
    rig_tell(r, C_, "g-rib", "add", "228.0.0.0/24");
    world_run(r->w, 20 * SECOND);
    witness_look(r->x);
    rig_end(r, "I-14");
}

TEST(i16_two_route_it, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    (void)in_use(r, D_, "228.0.0.0/25", 200);
    r->x->about[D_].records = 0; /* I-01 is another test */
    mark_put(&r->x->marks, 1, 1);
    r->x->about[D_].record[0].local = true;
    r->x->about[D_].records = 1;
    rig_tell(r, C_, "g-rib", "add", "228.0.0.0/24");
    rig_tell(r, D_, "g-rib", "add", "228.0.0.0/25");
    witness_look(r->x);
    rig_end(r, "I-16");
}

TEST(i16_children_route_inside, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, T_, "228.0.0.0/16", 200);
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    rig_tell(r, T_, "g-rib", "add", "228.0.0.0/16");
    rig_tell(r, C_, "g-rib", "add", "228.0.0.0/24");
    witness_look(r->x);
    EXPECT_UEQ(witness_violations(r->x), 0);
    rig_tell(r, T_, "g-rib", "add", "230.0.0.0/16");
    rig_end(r, "I-04");
}

/* T lost a part to X, whose time is over. */
TEST(i17_not_back, "")
{
    struct rig *r = rig_new();
    struct masc_attr t = in_use(r, T_, "228.0.0.0/16", 100), x, w;
    uint32_t tx = rig_session(r, T_, X_);
    r->x->long_faults = true;
    x = rig_attr(r, X_, MASC_PREFIX_IN_USE, "228.0.0.0/16", 300);
    x.lifetime_s = x.holdtime_s = 400;
    rig_hold(r, X_, &x);
    r->x->about[X_].up = false;
    rig_say(r, tx + 1, &x);
    rig_say(r, tx, &t);
    w = x;
    w.type = MASC_WITHDRAW;
    w.domain = t.domain;
    w.node = t.node;
    rig_say(r, tx, &w);
    world_run(r->w, 90 * SECOND);
    witness_look(r->x);
    EXPECT_UEQ(witness_violations(r->x), 0);
    world_run(r->w, 20 * SECOND);
    witness_look(r->x);
    rig_end(r, "I-17");
}

TEST(i43_not_claimed_for_hosts, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_tell(f.r, T_, "maas", "add", "228.0.0.0/16");
    witness_look(f.r->x);
    EXPECT_UEQ(witness_violations(f.r->x), 0); /* a leaf */
    rig_say(f.r, f.tc + 1, &a);
    world_run(f.r->w, 10 * SECOND);
    witness_look(f.r->x);
    rig_end(f.r, "I-43");
}

TEST(i51_ran_out, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, T_, "228.0.0.0/24", RIG_LIFE_S - 900);
    world_demand(r->w, T_, 200);
    rig_tell(r, T_, "maas", "add", "228.0.0.0/24");
    world_run(r->w, 900 * SECOND);
    rig_tell(r, T_, "maas", "remove", "228.0.0.0/24");
    rig_life(r, T_, "expired", "228.0.0.0/24", 0);
    rig_end(r, "I-51");
}
