/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions that complain, double, fall silent, or tell their backlog in the wrong order. */
#include "tests/check_rig.h"

TEST(i26_complaint, "")
{
    struct rig_family f = rig_family();
    rig_notify(f.r, f.tc, MASC_E_UPDATE, MASC_UPDATE_LIFETIME_LONG);
    rig_end(f.r, "I-26");
}

TEST(i26_what_overtook_is_well, "")
{
    struct rig_family f = rig_family();
    struct masc_fault open = masc_fault_of(MASC_E_UPDATE, MASC_UPDATE_NO_CHILD_PREFIX, NULL, 0);
    uint8_t buf[64];
    struct wr m = wr_init(buf, sizeof buf);
    masc_notification_encode(&m, &open);
    rig_give(f.r, f.tc, &m);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    EXPECT_UEQ(witness_complaints(f.r->x), 1);
    rig_notify(f.r, f.tc, MASC_E_OPEN, MASC_OPEN_ROLE);
    rig_end(f.r, "I-26");
}

TEST(i28_two_sessions, "")
{
    struct rig *r = rig_new();
    (void)rig_session(r, T_, C_);
    (void)rig_session(r, C_, T_);
    world_run(r->w, 10 * SECOND);
    witness_look(r->x);
    rig_end(r, "I-28");
}

TEST(i31_two_keepalives, "")
{
    struct rig *r = rig_new();
    uint32_t side;
    r->hold_s = 12;
    side = rig_session(r, T_, C_);
    world_run(r->w, 999);
    rig_keepalive(r, side);
    rig_end(r, "I-31");
}

TEST(i31_keepalive_and_no_hold_time, "")
{
    struct rig *r = rig_new();
    uint32_t side = rig_session(r, T_, C_);
    world_run(r->w, 5 * SECOND);
    rig_keepalive(r, side);
    rig_end(r, "I-31");
}

TEST(i31_silent, "")
{
    struct rig *r = rig_new();
    r->hold_s = 12;
    (void)rig_session(r, T_, C_);
    world_run(r->w, 5 * SECOND);
    witness_look(r->x);
    EXPECT_UEQ(witness_violations(r->x), 0);
    world_run(r->w, 1);
    witness_look(r->x);
    rig_end(r, "I-31");
}

TEST(i32_hold_timer, "")
{
    struct rig *r = rig_new();
    uint32_t side = rig_session(r, T_, C_);
    rig_notify(r, side, MASC_E_HOLD_TIMER, 0);
    rig_end(r, "I-32");
}

/* In the step that made the session: a prefix of the parent after what is by a child. */
TEST(i33_order_of_roles, "")
{
    struct rig *r = rig_new();
    struct masc_attr space = rig_attr(r, T_, MASC_PREFIX_MANAGED, "228.0.0.0/16", 200), a;
    uint32_t td = rig_session(r, T_, D_), tc;
    space.lifetime_s = space.holdtime_s = 10 * RIG_LIFE_S;
    rig_hold(r, T_, &space);
    world_run(r->w, SECOND);
    rig_say(r, td, &space);
    a = rig_attr(r, D_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(r, td + 1, &a);
    tc = rig_connect(r, C_, T_);
    rig_open(r, tc, 1);
    rig_open(r, tc + 1, 1);
    rig_keepalive(r, tc + 1);
    rig_keepalive(r, tc); /* T is Established by this */
    a.role = MASC_CHILD;
    rig_put(r, tc + 1, &a, false);
    rig_put(r, tc + 1, &space, false);
    rig_end(r, "I-33");
}

TEST(i33_withdrawn_first, "")
{
    struct rig *r = rig_new();
    struct masc_attr a = rig_attr(r, X_, MASC_PREFIX_IN_USE, "229.0.0.0/16", 200), w;
    uint32_t tx = rig_connect(r, T_, X_);
    rig_hold(r, X_, &a);
    w = rig_attr(r, X_, MASC_WITHDRAW, "229.0.0.0/17", 0);
    rig_open(r, tx, 0);
    rig_open(r, tx + 1, 0);
    rig_keepalive(r, tx + 1);
    rig_keepalive(r, tx);
    rig_put(r, tx + 1, &a, false);
    rig_put(r, tx + 1, &w, false);
    EXPECT_UEQ(witness_violations(r->x), 0);
    a.timestamp_s++;
    rig_hold(r, X_, &a);
    rig_put(r, tx + 1, &a, false);
    rig_end(r, "I-33");
}

static void connect(struct rig *r)
{
    struct action a = {.kind = ACTION_CONNECT, .addr = world_address(T_)};
    struct out out = {.action = &a, .actions = 1, .actions_max = 1};
    struct event ev = {.kind = EVENT_TIME, .now = world_clock(r->w, C_)};
    rig_see(r, &(struct happening){.sight = SIGHT_DONE, .node = C_, .event = &ev, .out = &out});
}

TEST(i35_connects_too_soon, "")
{
    struct rig *r = rig_new();
    connect(r);
    world_run(r->w, 2 * SECOND);
    connect(r);
    EXPECT_UEQ(witness_violations(r->x), 0);
    world_run(r->w, SECOND);
    connect(r);
    rig_end(r, "I-35");
}

TEST(i49_many_connections, "")
{
    struct rig *r = rig_new();
    unsigned i;
    for (i = 0; i < 4; i++)
        (void)rig_connect(r, T_, C_);
    EXPECT_UEQ(witness_violations(r->x), 0);
    (void)rig_connect(r, T_, C_);
    rig_end(r, "I-49");
}
