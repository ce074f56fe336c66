/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a speaker sends of its own: the fields of each type of UPDATE. Some are the very messages
 * of rfc2909.vectors, so that both ends of an exchange are held against the same octets.
 */
#include <string.h>

#include "tests/conformance/scene.h"
#include "tests/conformance/vectors.h"
#include "tests/tap.h"

#define WAIT_S 172800

static void expect_is_own(const struct masc_attr *a, u128 domain, u128 node)
{
    EXPECT(a->domain == domain && a->node == node);
    EXPECT_EQ(a->role, MASC_INTERNAL);
    EXPECT(!a->deprecated);
}

/* C claims, waits and uses; its parent is told both. */
TEST(claim_then_use, "M-7.3-20 M-7.3-22 M-6-02")
{
    struct scene *s = scene_of_child();
    struct masc_attr claim, use;

    scene_claim(s, SCENE_CLAIMED, 2592000);
    REQUIRE(scene_sent_attr(s, MASC_NEW_CLAIM, 0, &claim));
    EXPECT_UEQ(s->sent_len, vector_named("V12")->message.len);
    EXPECT_MEM(s->sent, vector_named("V12")->message.at, s->sent_len);
    EXPECT_EQ(claim.holdtime_s, WAIT_S);
    scene_forget(s);
    scene_wait(s, SCENE_T0 + WAIT_S - 1);
    EXPECT(!scene_in_use(s, SCENE_CLAIMED));
    EXPECT(!scene_sent_attr(s, MASC_PREFIX_IN_USE, 0, &use));
    scene_wait(s, SCENE_T0 + WAIT_S + 2);
    REQUIRE(scene_sent_attr(s, MASC_PREFIX_IN_USE, 0, &use));
    EXPECT(scene_in_use(s, SCENE_CLAIMED));
    expect_is_own(&use, SCENE_C, SCENE_NODE_C);
    EXPECT(prefix_equal(use.prefix, SCENE_CLAIMED));
    EXPECT_EQ(use.holdtime_s, use.lifetime_s);
    scene_end(s);
}

/* Renewal is a CLAIM_TO_EXPAND for the same range (5.2). */
TEST(renewal, "M-7.3-22")
{
    struct scene *s = scene_of_child();
    struct masc_attr a;

    s->config.lifetime_s = 2592000;
    scene_configure(s);
    scene_claim(s, SCENE_CLAIMED, 0);
    scene_wait(s, SCENE_T0 + 30 * 86400 - 1);
    REQUIRE(scene_sent_attr(s, MASC_CLAIM_TO_EXPAND, 0, &a));
    expect_is_own(&a, SCENE_C, SCENE_NODE_C);
    EXPECT(prefix_equal(a.prefix, SCENE_CLAIMED));
    EXPECT_EQ(a.holdtime_s, WAIT_S);
    scene_end(s);
}

/* P tells its child what it manages. */
TEST(managed, "M-7.3-21")
{
    struct scene *s = scene_new(SCENE_P);
    struct masc_attr a;

    scene_peer(s, MASC_PARENT, SCENE_C);
    s->config.tld = s->config.sole_tld = true;
    s->config.range[s->config.ranges++] = (struct masc_range){SCENE_POOL, MASC_SCOPE_GLOBAL};
    scene_start(s, SCENE_T0 - 4 * 86400);
    scene_allocate(s, SCENE_SPACE);
    scene_wait(s, SCENE_T0);
    scene_establish(s);
    REQUIRE(scene_sent_attr(s, MASC_PREFIX_MANAGED, 0, &a));
    expect_is_own(&a, SCENE_P, SCENE_NODE_P);
    EXPECT(prefix_equal(a.prefix, SCENE_SPACE));
    EXPECT_EQ(a.holdtime_s, a.lifetime_s);
    /* to a child nothing but types 1, 4 and 5 is sent as INTERNAL */
    EXPECT(!scene_sent_attr(s, MASC_PREFIX_IN_USE, 0, &a));
    EXPECT(!scene_sent_attr(s, MASC_NEW_CLAIM, 0, &a));
    scene_end(s);
}

/* P answers V12 with V13 if it allows ten days. */
TEST(denial, "M-11.4.3-06 M-7.3-22")
{
    const struct vector *v12 = vector_named("V12"), *v13 = vector_named("V13");
    struct scene *s = scene_of_parent(SCENE_T0 + 1000);

    s->config.lifetime_max_s = 864000;
    scene_configure(s);
    scene_say(s, v12->message.at, v12->message.len, 0);
    REQUIRE(s->sent_len == v13->message.len);
    EXPECT_MEM(s->sent, v13->message.at, s->sent_len);
    scene_end(s);
}

/* ... and as it outlives P's own prefix, the end of that is the limit. */
TEST(denial_keeps_every_other_field, "M-11.4.3-06")
{
    struct scene *s = scene_of_parent(SCENE_T0 + 1000);
    struct masc_attr a = {MASC_NEW_CLAIM, MASC_INTERNAL, true, SCENE_T0 + 5, 15000000, 123456,
                          SCENE_C, 0xC0000277, {0xE4018000, FAMILY_IPV4, 17}}, d;

    scene_say_update(s, &a, 1);
    REQUIRE(scene_sent_attr(s, MASC_CLAIM_DENIED, 0, &d));
    EXPECT_EQ(d.role, MASC_INTERNAL);
    EXPECT(d.lifetime_s < a.lifetime_s);
    EXPECT(d.deprecated == a.deprecated && d.timestamp_s == a.timestamp_s);
    EXPECT(d.holdtime_s == a.holdtime_s && d.domain == a.domain && d.node == a.node);
    EXPECT(prefix_equal(d.prefix, a.prefix));
    scene_end(s);
}

/* S has used the range 256 seconds longer than C: C withdraws, with the octets of V27. */
TEST(clash, "M-12.4-10 M-12.4-11")
{
    const struct vector *v27 = vector_named("V27");
    struct scene *s = scene_of_child();
    struct masc_attr theirs = {MASC_PREFIX_IN_USE, MASC_CHILD, false, SCENE_T0 - 256, 2592000,
                               2592000, SCENE_S, SCENE_NODE_S, SCENE_CLAIMED};

    scene_claim(s, SCENE_CLAIMED, 2592000);
    scene_wait(s, SCENE_T0 + WAIT_S + 2);
    REQUIRE(scene_in_use(s, SCENE_CLAIMED));
    scene_forget(s);
    scene_say_update(s, &theirs, 1);
    scene_wait(s, s->now.wall.s + 1);
    REQUIRE(s->sent_len >= v27->message.len);
    EXPECT_MEM(s->sent, v27->message.at, v27->message.len);
    scene_end(s);
}
