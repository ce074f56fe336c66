/* SPDX-License-Identifier: BSD-2-Clause */
/* Claims that are not made, won, lost or waited for as they must be. */
#include "tests/check_rig.h"

/* C claims, and time passes; the PREFIX_IN_USE that would follow. */
static struct masc_attr claimed(struct rig_family *f, int64_t wait_s)
{
    struct masc_attr a = rig_attr(f->r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f->r, f->tc + 1, &a);
    world_run(f->r->w, wait_s * SECOND);
    a.type = MASC_PREFIX_IN_USE;
    a.holdtime_s = a.lifetime_s;
    return a;
}

TEST(waited_is_well, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = claimed(&f, RIG_WAIT_S);
    rig_store(f.r, C_, &a, false);
    rig_say(f.r, f.tc + 1, &a);
    rig_life(f.r, C_, "in-use", "228.0.1.0/24", 0);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    rig_life(f.r, C_, "in-use", "228.0.1.0/24", 0);
    rig_end(f.r, "I-39");
}

TEST(i07_too_early, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = claimed(&f, RIG_WAIT_S - 1);
    rig_store(f.r, C_, &a, false);
    rig_end(f.r, "I-07");
}

TEST(i07_never_claimed, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_PREFIX_IN_USE, "228.0.1.0/24", RIG_WAIT_S);
    rig_store(f.r, C_, &a, false);
    rig_end(f.r, "I-07");
}

TEST(i07_withdrawn, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = claimed(&f, 10), w = a;
    w.type = MASC_WITHDRAW;
    w.holdtime_s = RIG_WAIT_S;
    rig_say(f.r, f.tc + 1, &w);
    world_run(f.r->w, RIG_WAIT_S * SECOND);
    rig_store(f.r, C_, &a, false);
    rig_end(f.r, "I-07");
}

TEST(i07_denied, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = claimed(&f, 10), d = a;
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 900;
    d.holdtime_s = RIG_WAIT_S;
    rig_say(f.r, f.tc, &d);
    world_run(f.r->w, RIG_WAIT_S * SECOND);
    rig_store(f.r, C_, &a, false);
    rig_end(f.r, "I-07");
}

/* D's claim is older, and C heard of it in time. */
TEST(i08_loser_goes_on, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a, d = rig_attr(f.r, D_, MASC_NEW_CLAIM, "228.0.1.0/24", 1);
    rig_put(f.r, f.cd + 1, &d, false);
    a = claimed(&f, 10);
    rig_arrive(f.r, f.cd + 1, 40);
    world_run(f.r->w, (RIG_WAIT_S - 10) * SECOND);
    rig_store(f.r, C_, &a, false);
    rig_end(f.r, "I-08");
}

TEST(i08_gives_up_for_nothing, "")
{
    struct rig_family f = rig_family();
    struct masc_attr d;
    (void)claimed(&f, 10);
    d = rig_attr(f.r, D_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.td + 1, &d);
    rig_relay(f.r, f.tc, d, MASC_CHILD);
    rig_life(f.r, C_, "lost", "228.0.1.0/24", 12);
    rig_end(f.r, "I-08");
}

TEST(i09_thinks_it_wins, "")
{
    struct rig_family f = rig_family();
    struct masc_attr d = rig_attr(f.r, D_, MASC_NEW_CLAIM, "228.0.1.0/24", 1);
    rig_put(f.r, f.cd + 1, &d, false);
    (void)claimed(&f, 10);
    rig_arrive(f.r, f.cd + 1, 40);
    rig_life(f.r, C_, "won", "228.0.1.0/24", 12);
    rig_end(f.r, "I-09");
}

/* What was older is past its end by the clock of C. */
TEST(i38_expired_wins, "")
{
    struct rig_family f = rig_family();
    struct masc_attr d = rig_attr(f.r, D_, MASC_NEW_CLAIM, "228.0.1.0/24", RIG_WAIT_S - 5);
    rig_put(f.r, f.cd + 1, &d, false);
    (void)claimed(&f, 1);
    rig_arrive(f.r, f.cd + 1, 40);
    world_run(f.r->w, 10 * SECOND);
    rig_life(f.r, C_, "lost", "228.0.1.0/24", 12);
    rig_end(f.r, "I-38");
}

TEST(i40_taken, "")
{
    struct rig_family f = rig_family();
    struct masc_attr d = rig_attr(f.r, D_, MASC_PREFIX_IN_USE, "228.0.0.0/22", RIG_WAIT_S);
    rig_hold(f.r, D_, &d);
    rig_say(f.r, f.cd + 1, &d);
    (void)claimed(&f, 1);
    rig_end(f.r, "I-40");
}

/* Retained: past its end for less than the retention. */
TEST(i40_retained, "")
{
    struct rig_family f = rig_family();
    struct masc_attr d = rig_attr(f.r, D_, MASC_PREFIX_IN_USE, "228.0.0.0/22", RIG_LIFE_S - 5);
    rig_hold(f.r, D_, &d);
    rig_say(f.r, f.cd + 1, &d);
    world_run(f.r->w, 10 * SECOND);
    (void)claimed(&f, 1);
    rig_end(f.r, "I-40");
}

/* An expansion meets who is there; a renewal need not. */
TEST(i40_expands_over_another, "")
{
    struct rig_family f = rig_family();
    struct masc_attr p = rig_attr(f.r, C_, MASC_PREFIX_IN_USE, "228.0.0.0/24", RIG_WAIT_S), a;
    struct masc_attr d = rig_attr(f.r, D_, MASC_NEW_CLAIM, "228.0.1.0/24", 10);
    rig_hold(f.r, C_, &p);
    rig_say(f.r, f.cd + 1, &d);
    a = rig_attr(f.r, C_, MASC_CLAIM_TO_EXPAND, "228.0.0.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    a = rig_attr(f.r, C_, MASC_CLAIM_TO_EXPAND, "228.0.0.0/23", 0);
    rig_say(f.r, f.tc + 1, &a);
    rig_end(f.r, "I-40");
}

TEST(i40_nobodys_space, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "230.0.0.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    rig_end(f.r, "I-40");
}

TEST(i41_two_renewals, "")
{
    struct rig_family f = rig_family();
    struct masc_attr p = rig_attr(f.r, C_, MASC_PREFIX_IN_USE, "228.0.1.0/24", RIG_WAIT_S), a;
    rig_hold(f.r, C_, &p);
    a = rig_attr(f.r, C_, MASC_CLAIM_TO_EXPAND, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    world_run(f.r->w, 10 * SECOND);
    a = rig_attr(f.r, C_, MASC_CLAIM_TO_EXPAND, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    rig_end(f.r, "I-41");
}

TEST(i41_old_provider, "")
{
    struct rig_family f = rig_family();
    struct masc_attr p = rig_attr(f.r, C_, MASC_PREFIX_IN_USE, "228.0.1.0/24", RIG_WAIT_S), a;
    rig_hold(f.r, C_, &p);
    world_peering(f.r->w, C_, T_)->defend_only = true;
    a = rig_attr(f.r, C_, MASC_CLAIM_TO_EXPAND, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    rig_end(f.r, "I-41");
}

TEST(i42_hint_in_use, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "0.0.0.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    world_run(f.r->w, RIG_WAIT_S * SECOND);
    rig_store(f.r, C_, &a, false);
    rig_end(f.r, "I-42");
}

TEST(i44_no_session_with_the_parent, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_step(f.r, C_, f.tc + 1, (struct event){.kind = EVENT_CONN_DOWN});
    rig_say(f.r, f.cd, &a);
    rig_end(f.r, "I-44");
}

static void delay(struct rig *r, int64_t s)
{
    struct row row = {.type = &masc_row_life};
    row.v[0].text = "delay";
    row.v[1].prefix = prefix_of("228.0.1.0/24");
    row.v[2].id = 11;
    row.v[3].id = ID_NONE;
    row.v[4].wall.s = world_wall(r->w, C_) + s;
    rig_row(r, C_, &row);
}

TEST(i45_delay, "")
{
    struct rig *r = rig_new();
    delay(r, 0);
    delay(r, 6);
    EXPECT_UEQ(witness_violations(r->x), 0);
    delay(r, 8);
    rig_end(r, "I-45");
}
