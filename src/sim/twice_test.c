/* SPDX-License-Identifier: BSD-2-Clause */
/* I-48: steps that are done, taken back and done again. */
#include "sim/witness.h"
#include "sim/world_impl.h"
#include "tests/tap.h"

static struct world *pair(void)
{
    struct world *w = world_new(3);
    (void)world_node(w, "T", 1);
    (void)world_node(w, "C", 2);
    world_tld(w, 1, "228.0.0.0/6");
    world_config(w, 1)->sole_tld = true;
    world_parent(w, 2, 1);
    world_demand(w, 2, 200);
    return w;
}

TEST(the_same_again, "")
{
    struct world *w = pair();
    struct witness *x = witness_new(w, NULL);
    uint64_t steps;
    world_twice(w, 5);
    world_start(w);
    world_run(w, 1200 * SECOND);
    steps = world_steps(w);
    EXPECT(world_done_twice(w) >= steps / 5 - 1 && world_done_twice(w) <= steps / 5 + 1);
    EXPECT(witness_has(x, 2));
    EXPECT_UEQ(witness_violations(x), 0);
    witness_free(x);
    world_free(w);
}

TEST(changes_nothing, "")
{
    struct world *a = pair(), *b = pair();
    world_twice(a, 3);
    world_start(a);
    world_start(b);
    world_run(a, 600 * SECOND);
    world_run(b, 600 * SECOND);
    EXPECT_UEQ(world_hash(a), world_hash(b));
    EXPECT_UEQ(world_steps(a), world_steps(b));
    world_free(a);
    world_free(b);
}

/* What a node reads and is not in its memory: here, a configuration that changes under it. */
static void change(struct world *w, unsigned n)
{
    world_config(w, n)->lifetime_s++;
}

TEST(hidden_state_is_noticed, "")
{
    struct world *w = pair();
    struct witness *x = witness_new(w, NULL);
    world_twice(w, 1);
    twice_between(w, change);
    world_start(w);
    world_run(w, 300 * SECOND);
    EXPECT(witness_violated(x, "I-48") > 0);
    witness_free(x);
    world_free(w);
}
