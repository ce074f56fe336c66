/* SPDX-License-Identifier: BSD-2-Clause */
/* UPDATEs that are altered, or told to whom they must not. */
#include "tests/check_rig.h"

TEST(i21_altered, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    a.lifetime_s++;
    rig_relay(f.r, f.td, a, MASC_CHILD);
    rig_end(f.r, "I-21");
}

TEST(i21_wrong_role, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    rig_relay(f.r, f.cd, a, MASC_CHILD); /* by C, as if it were its own child's */
    EXPECT(witness_violated(f.r->x, "I-20") > 0);
    EXPECT_UEQ(witness_violated(f.r->x, "I-21"), 0);
    witness_free(f.r->x);
    world_free(f.r->w);
    free(f.r);
}

/* D says that C, its sibling, is its parent. */
TEST(i21_not_a_parent, "")
{
    struct rig_family f = rig_family();
    struct masc_attr w, a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.cd, &a);
    w = a;
    w.type = MASC_WITHDRAW;
    rig_say(f.r, f.cd, &w);
    rig_relay(f.r, f.td + 1, a, MASC_SIBLING);
    rig_relay(f.r, f.td + 1, w, MASC_INTERNAL);
    rig_end(f.r, "I-21");
}

/* T's session with C crosses a boundary of the zone. */
TEST(i22_boundary, "")
{
    struct rig_family f = rig_family();
    struct masc_config *c = world_config(f.r->w, T_);
    struct masc_attr a = rig_attr(f.r, T_, MASC_PREFIX_MANAGED, "239.192.0.0/16", 0);
    c->scopes = 1;
    c->scope[0] = (struct masc_scope){.name = "zone", .prefix = prefix_of("239.192.0.0/14")};
    world_peering(f.r->w, T_, C_)->boundary = 1;
    rig_say(f.r, f.tc, &a);
    rig_end(f.r, "I-22");
}

/* C has two parents, T and X; D only T. */
TEST(i22_other_parent, "")
{
    struct rig_family f = rig_family();
    struct masc_attr x, a;
    uint32_t xc;
    world_parent(f.r->w, C_, X_);
    x = rig_attr(f.r, X_, MASC_PREFIX_MANAGED, "230.0.0.0/16", 200);
    x.lifetime_s = x.holdtime_s = 10 * RIG_LIFE_S;
    rig_hold(f.r, X_, &x);
    xc = rig_session(f.r, X_, C_);
    rig_say(f.r, xc, &x);
    a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "230.0.1.0/24", 0);
    rig_say(f.r, xc + 1, &a);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    rig_say(f.r, f.cd, &a);
    rig_end(f.r, "I-22");
}

TEST(i23_hint_told_to_sibling, "")
{
    struct rig_family f = rig_family();
    struct masc_attr a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "0.0.0.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    rig_say(f.r, f.cd, &a);
    rig_end(f.r, "I-23");
}

TEST(i24_denied_claim_told, "")
{
    struct rig_family f = rig_family();
    struct masc_attr d, a = rig_attr(f.r, C_, MASC_NEW_CLAIM, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &a);
    d = a;
    d.type = MASC_CLAIM_DENIED;
    d.lifetime_s = 60;
    rig_say(f.r, f.tc, &d);
    world_run(f.r->w, SECOND);
    rig_relay(f.r, f.td, a, MASC_CHILD);
    rig_end(f.r, "I-24");
}

TEST(i34_nothing_to_withdraw, "")
{
    struct rig_family f = rig_family();
    struct masc_attr w = rig_attr(f.r, C_, MASC_WITHDRAW, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc + 1, &w);
    rig_end(f.r, "I-34");
}

TEST(i34_denies_what_was_not_said, "")
{
    struct rig_family f = rig_family();
    struct masc_attr d = rig_attr(f.r, C_, MASC_CLAIM_DENIED, "228.0.1.0/24", 0);
    rig_say(f.r, f.tc, &d); /* to all of the claimer's domain */
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    rig_say(f.r, f.td, &d);
    rig_end(f.r, "I-34");
}
