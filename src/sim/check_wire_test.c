/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that must not be: each is told to the witness, which must name that and nothing else. */
#include "tests/check_rig.h"

TEST(clean_history_is_no_violation, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    rig_relay(f.r, f.td, a, MASC_CHILD);
    rig_say(f.r, f.cd, &a);
    witness_look(f.r->x);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    if (witness_violations(f.r->x))
        tap_diag("%s", f.r->said);
    rig_see(f.r, &(struct happening){.sight = SIGHT_WORLD, .node = T_, .what = "a test"});
    rig_end(f.r, "host");
}

TEST(i18_twice, "")
{
    struct rig_family f = rig_family();
    rig_say(f.r, f.tc, &f.space);
    rig_end(f.r, "I-18");
}

TEST(i19_back, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.cd, &a);
    world_run(f.r->w, 10);
    rig_relay(f.r, f.cd + 1, a, MASC_SIBLING);
    rig_end(f.r, "I-19");
}

/* What is still under way was not received yet. */
TEST(i19_crossed, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    rig_relay(f.r, f.td, a, MASC_CHILD);
    rig_put(f.r, f.cd, &a, false);
    rig_relay(f.r, f.cd + 1, a, MASC_SIBLING);
    EXPECT_UEQ(witness_violated(f.r->x, "I-19"), 0);
    rig_say(f.r, f.tc, &f.space);
    rig_end(f.r, "I-18");
}

TEST(i20_forbidden_pair, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_PREFIX_MANAGED, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a); /* to a parent */
    rig_end(f.r, "I-20");
}

TEST(i20_complaint, "")
{
    struct rig_family f = rig_family();
    f.r->x->faulty = true;
    rig_notify(f.r, f.tc, MASC_E_UPDATE, MASC_UPDATE_ORIGIN_ROLE);
    rig_end(f.r, "I-20");
}

TEST(i27_expired, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, T_, MASC_PREFIX_MANAGED, "228.1.0.0/24", RIG_LIFE_S + 1);
    rig_say(f.r, f.tc, &a);
    rig_end(f.r, "I-27");
}

TEST(i29_update_before_established, "")
{
    struct rig *r = rig_new();
    uint32_t side = rig_connect(r, T_, C_);
    struct masc_attr a = rig_attr(r, T_, MASC_PREFIX_MANAGED, "228.1.0.0/24", 0);
    rig_open(r, side, 0);
    rig_open(r, side + 1, 0);
    rig_say(r, side, &a);
    rig_end(r, "I-29");
}

TEST(i29_second_open, "")
{
    struct rig *r = rig_new();
    uint32_t side = rig_session(r, T_, C_);
    rig_open(r, side, 0);
    rig_end(r, "I-29");
}

TEST(i29_after_the_end, "")
{
    struct rig *r = rig_new();
    uint32_t side;
    r->hold_s = 12;
    side = rig_session(r, T_, C_);
    rig_notify(r, side, MASC_E_CEASE, 0);
    world_run(r->w, 3 * SECOND);
    rig_keepalive(r, side);
    rig_end(r, "I-29");
}

TEST(i30_half_a_message, "")
{
    struct rig *r = rig_new();
    uint32_t side = rig_session(r, T_, C_);
    uint8_t octets[3] = {0, 4, 4};
    struct wr m = {.buf = octets, .len = sizeof octets};
    rig_write(r, side, &m);
    rig_end(r, "I-30");
}

TEST(i30_reserved, "")
{
    struct rig *r = rig_new();
    uint32_t side = rig_session(r, T_, C_);
    uint8_t octets[4] = {0, 4, 4, 1};
    struct wr m = {.buf = octets, .len = sizeof octets};
    rig_write(r, side, &m);
    rig_end(r, "I-30");
}

/* A liar may cut as it likes: nothing of it is judged, and what can be read is read. */
TEST(liars_are_read_and_not_judged, "")
{
    struct rig *r = rig_new();
    uint32_t side;
    uint8_t octets[4] = {0, 4, 4, 0};
    struct wr m = {.buf = octets, .len = 3}, rest = {.buf = octets + 3, .len = 1};
    witness_distrust(r->x, D_);
    side = rig_connect(r, D_, T_);
    rig_write(r, side, &m);
    rig_write(r, side, &rest);
    EXPECT_UEQ(r->x->track[side / 2].half[0].written, 4);
    EXPECT_UEQ(witness_violations(r->x), 0);
    rig_see(r, &(struct happening){.sight = SIGHT_WORLD, .node = T_, .what = "a test"});
    rig_end(r, "host");
}

TEST(i46_not_stored, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_PREFIX_IN_USE, "228.0.1.0/24", RIG_WAIT_S);
    rig_say(f.r, f.tc + 1, &a);
    rig_end(f.r, "I-46");
}

TEST(i46_allocated_and_not_stored, "")
{
    struct rig_family f = rig_family();
    rig_life(f.r, C_, "in-use", "228.0.1.0/24", 0);
    rig_end(f.r, "I-46");
}
