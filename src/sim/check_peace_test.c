/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold when all faults are long over. */
#include "tests/check_rig.h"

static struct masc_attr in_use(struct rig *r, unsigned n, const char *prefix, int64_t age_s)
{
    struct masc_attr a = rig_attr(r, n, MASC_PREFIX_IN_USE, prefix, age_s);
    rig_hold(r, n, &a);
    return a;
}

TEST(peace_is_peace, "")
{
    struct rig_family f = rig_family();
    witness_demand_peace(f.r->x);
    EXPECT_UEQ(witness_violations(f.r->x), 0);
    if (witness_violations(f.r->x))
        tap_diag("%s", f.r->said);
    rig_see(f.r, &(struct happening){.sight = SIGHT_WORLD, .node = T_, .what = "a test"});
    rig_end(f.r, "host");
}

/* T, at least as long as it takes to be heard and to wait twice. */
TEST(bound_covers_waits, "")
{
    struct rig *r = rig_new();
    EXPECT(witness_bound(r->x) >= 2 * (RIG_WAIT_S + 6) * SECOND);
    EXPECT(witness_bound(r->x) <= 20 * RIG_LIFE_S * SECOND);
    rig_see(r, &(struct happening){.sight = SIGHT_WORLD, .node = T_, .what = "a test"});
    rig_end(r, "host");
}

/* E is told nothing of T's prefix that C knows. */
TEST(i25_domain_knows_not_the_same, "")
{
    struct rig_family f = rig_family();
    (void)rig_session(f.r, C_, E_);
    world_run(f.r->w, 20 * SECOND);
    witness_demand_peace(f.r->x);
    rig_end(f.r, "I-25");
}

TEST(i25_neighbour_does_not_know, "")
{
    struct rig_family f = rig_family();
    (void)in_use(f.r, C_, "228.0.1.0/24", 300);
    witness_demand_peace(f.r->x);
    rig_end(f.r, "I-25");
}

/* C lost a part of what it has to D and told T, but not E. */
TEST(i10_withdrawal_unknown, "")
{
    struct rig_family f = rig_family();
    struct masc_attr c = in_use(f.r, C_, "228.0.1.0/24", 200), d, w;
    uint32_t ce = rig_session(f.r, C_, E_);
    f.r->x->long_faults = true;
    d = in_use(f.r, D_, "228.0.1.0/24", 300);
    rig_relay(f.r, ce, f.space, MASC_PARENT);
    rig_say(f.r, f.cd, &c);
    rig_say(f.r, f.tc + 1, &c);
    rig_say(f.r, ce, &c);
    rig_say(f.r, f.cd + 1, &d);
    rig_say(f.r, f.td + 1, &d);
    rig_relay(f.r, ce, d, MASC_SIBLING);
    w = d;
    w.type = MASC_WITHDRAW;
    w.domain = c.domain;
    w.node = c.node;
    rig_say(f.r, f.tc + 1, &w);
    rig_say(f.r, f.cd, &w);
    world_run(f.r->w, 20 * SECOND);
    witness_demand_peace(f.r->x);
    rig_end(f.r, "I-10");
}

TEST(i50_wants_more, "")
{
    struct rig_family f = rig_family();
    world_demand(f.r->w, D_, 100);
    witness_demand_peace(f.r->x);
    rig_end(f.r, "I-50");
}

TEST(i52_too_many, "")
{
    struct rig *r = rig_new();
    char text[32];
    unsigned i;
    for (i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "229.0.%u.0/24", 4 * i);
        (void)in_use(r, X_, text, 200);
        rig_tell(r, X_, "maas", "add", text);
    }
    witness_demand_peace(r->x);
    EXPECT_UEQ(witness_violations(r->x), 0);
    world_demand(r->w, X_, 1024);
    witness_demand_peace(r->x);
    rig_end(r, "I-52");
}

/* What was excused before is not any more. */
TEST(i54_still_overlapping, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.1.0/24", 200);
    (void)in_use(r, D_, "228.0.1.0/24", 200);
    r->x->clash_until = INT64_MAX - 1;
    witness_look(r->x);
    EXPECT_UEQ(witness_violations(r->x), 0);
    witness_demand_peace(r->x);
    EXPECT(witness_violated(r->x, "I-01") > 0);
    EXPECT(witness_violated(r->x, "I-54") > 0);
    witness_free(r->x);
    world_free(r->w);
    free(r);
}
