/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds what, and clashes about it. */
#include "tests/check_rig.h"

static struct masc_attr in_use(struct rig *r, unsigned n, const char *prefix, int64_t age_s)
{
    struct masc_attr a = rig_attr(r, n, MASC_PREFIX_IN_USE, prefix, age_s);
    rig_hold(r, n, &a);
    return a;
}

static void fault(struct rig *r, bool ends)
{
    rig_see(r, &(struct happening){
                   .sight = SIGHT_FAULT, .node = C_, .other = D_, .what = "cut", .ends = ends});
}

TEST(i01_overlap, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    (void)in_use(r, D_, "228.0.0.0/23", 200);
    witness_look(r->x);
    rig_end(r, "I-01");
}

/* A parent's prefix holds those of its children; one domain may hold the same at two nodes. */
TEST(i01_kin_is_well, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, T_, "228.0.0.0/16", 200);
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    (void)in_use(r, E_, "228.0.0.0/24", 200);
    witness_look(r->x);
    EXPECT_UEQ(witness_violations(r->x), 0);
    (void)in_use(r, D_, "228.0.0.0/25", 200);
    witness_look(r->x);
    rig_end(r, "I-01");
}

/* Behind a cut of a waiting period; but not long after it. */
TEST(i01_excuse_ends, "")
{
    struct rig *r = rig_new();
    fault(r, false);
    world_run(r->w, 130 * SECOND);
    (void)in_use(r, C_, "228.0.0.0/24", 125);
    (void)in_use(r, D_, "228.0.0.0/24", 125);
    witness_look(r->x);
    fault(r, true);
    world_run(r->w, 5 * SECOND);
    witness_look(r->x);
    EXPECT_UEQ(witness_violations(r->x), 0);
    world_run(r->w, 60 * SECOND);
    witness_look(r->x);
    rig_end(r, "I-01");
}

TEST(i01_short_cut_is_no_excuse, "")
{
    struct rig *r = rig_new();
    fault(r, false);
    world_run(r->w, 10 * SECOND);
    (void)in_use(r, C_, "228.0.0.0/24", 125);
    (void)in_use(r, D_, "228.0.0.0/24", 125);
    witness_look(r->x);
    rig_end(r, "I-01");
}

TEST(i03_hosts_of_two, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, T_, "228.0.0.0/16", 200);
    (void)in_use(r, C_, "228.0.0.0/24", 200);
    rig_tell(r, T_, "maas", "add", "228.0.0.0/16");
    rig_tell(r, C_, "maas", "add", "228.0.0.0/24");
    witness_look(r->x);
    rig_end(r, "I-03");
}

TEST(i05_outside, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, T_, "228.0.0.0/16", 200);
    (void)in_use(r, C_, "229.0.0.0/24", 200);
    rig_life(r, C_, "in-use", "229.0.0.0/24", 0);
    rig_end(r, "I-05");
}

TEST(i06_outlives, "")
{
    struct rig *r = rig_new();
    (void)in_use(r, T_, "228.0.0.0/16", 200);
    (void)in_use(r, C_, "228.0.0.0/24", 100);
    rig_life(r, C_, "in-use", "228.0.0.0/24", 0);
    rig_end(r, "I-06");
}

/* ---- clashes ---- */

/* T and X hold the same; who is `late` withdraws what the other has. */
static void clash(struct rig *r, int64_t age_t, int64_t age_x)
{
    uint32_t tx;
    struct masc_attr t = in_use(r, T_, "228.0.0.0/16", age_t), w;
    struct masc_attr x = in_use(r, X_, "228.0.0.0/16", age_x);
    tx = rig_session(r, T_, X_);
    rig_say(r, tx, &t);
    rig_say(r, tx + 1, &x);
    world_run(r->w, SECOND);
    w = x;
    w.type = MASC_WITHDRAW;
    w.domain = t.domain;
    w.node = t.node;
    rig_say(r, tx, &w);
}

TEST(i02_clash_without_a_cut, "")
{
    struct rig *r = rig_new();
    r->x->about[X_].up = false; /* I-01 is another test */
    clash(r, 200, 300);
    rig_end(r, "I-02");
}

TEST(i11_winner_withdraws, "")
{
    struct rig *r = rig_new();
    r->x->long_faults = true;
    r->x->about[X_].up = false;
    clash(r, 300, 200);
    rig_end(r, "I-11");
}

TEST(i12_manual, "")
{
    struct rig *r = rig_new();
    r->x->long_faults = true;
    r->x->about[X_].up = false;
    world_config(r->w, T_)->clash = MASC_CLASH_MANUAL;
    clash(r, 200, 300);
    rig_end(r, "I-12");
}

TEST(i12_operator_says_so, "")
{
    struct rig *r = rig_new();
    struct ask ask = {.words = 1, .word = {"resolve"}};
    struct event ev = {.kind = EVENT_ASK, .ask = &ask};
    struct out out = {0};
    r->x->long_faults = true;
    r->x->about[X_].up = false;
    world_config(r->w, T_)->clash = MASC_CLASH_MANUAL;
    rig_see(r, &(struct happening){.sight = SIGHT_DONE, .node = T_, .event = &ev, .out = &out});
    EXPECT(r->x->resolving);
    rig_life(r, T_, "in-use", "229.0.0.0/24", 0); /* another step */
    EXPECT(!r->x->resolving);
    rig_end(r, "I-46");
}
