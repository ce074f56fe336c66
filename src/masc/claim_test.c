/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 5.1.1: every pair of types in both orders of time, ties by Node Identifier, and that the result
 * is a strict total order; the two forms of a claim.
 */
#include "masc/claim.h"

#include "base/prng.h"
#include "tests/tap.h"

static struct claim claim(enum masc_type type, int64_t timestamp_s, u128 node)
{
    return (struct claim){
        .prefix = {0xE4010000, FAMILY_IPV4, 16},
        .domain = 65001,
        .node = node,
        .timestamp_s = timestamp_s,
        .lifetime_s = 2592000,
        .holdtime_s = 172800,
        .type = type,
        .role = MASC_SIBLING,
    };
}

/* `a` beats `b`, and only in that order. */
static bool beats(struct claim a, struct claim b)
{
    return claim_wins(&a, &b) && !claim_wins(&b, &a);
}

TEST(type_goes_before_time, "M-5.1.1-02 M-5.1.1-03 M-5.1.1-04")
{
    enum masc_type t, u;

    for (t = MASC_PREFIX_IN_USE; t <= MASC_NEW_CLAIM; t++)
        for (u = t + 1; u <= MASC_NEW_CLAIM; u++) {
            EXPECT(beats(claim(t, 2000, 9), claim(u, 1000, 1)));
            EXPECT(beats(claim(t, 1000, 1), claim(u, 2000, 9)));
            EXPECT(beats(claim(t, 1000, 9), claim(u, 1000, 1)));
        }
}

TEST(earlier_wins_within_a_type, "M-5.1.1-05 M-5.1.1-07")
{
    enum masc_type t;

    for (t = MASC_PREFIX_IN_USE; t <= MASC_NEW_CLAIM; t++) {
        EXPECT(beats(claim(t, 999, 9), claim(t, 1000, 1)));
        EXPECT(beats(claim(t, 0x7FFFFFFF, 9), claim(t, 0x80000000, 1)));
        EXPECT(beats(claim(t, 0xFFFFFFFF, 9), claim(t, INT64_C(0x100000000), 1)));
    }
}

TEST(lower_node_breaks_the_tie, "M-5.1.1-06 M-5.1.1-07")
{
    u128 high = (u128)1 << 127;
    enum masc_type t;

    for (t = MASC_PREFIX_IN_USE; t <= MASC_NEW_CLAIM; t++) {
        EXPECT(beats(claim(t, 1000, 0x7FFFFFFF), claim(t, 1000, 0x80000000)));
        EXPECT(beats(claim(t, 1000, 0xFFFFFFFF), claim(t, 1000, high)));
        EXPECT(beats(claim(t, 1000, high - 1), claim(t, 1000, high)));
        EXPECT(beats(claim(t, 1000, high), claim(t, 1000, high + 1)));
    }
}

/* Nothing but type, timestamp and node: whoever has the other fields wins or loses just the
 * same. */
TEST(other_fields_do_not_matter, "M-5.1.1-10")
{
    struct claim a = claim(MASC_NEW_CLAIM, 1000, 5), b = claim(MASC_NEW_CLAIM, 1001, 4);

    a.lifetime_s = 1;
    a.holdtime_s = 1;
    a.domain = ~(u128)0;
    a.deprecated = true;
    EXPECT(beats(a, b));
    a.lifetime_s = UINT32_MAX;
    a.domain = 1;
    a.prefix.len = 32;
    EXPECT(beats(a, b));
}

TEST(managed_and_withdraw_are_not_compared, "M-5.1.1-01")
{
    struct claim a = claim(MASC_PREFIX_IN_USE, 1000, 5), b = a;
    enum masc_type t;

    for (t = 0; t < MASC_TYPES; t++)
        EXPECT_EQ(claim_is_compared(t), t != MASC_PREFIX_MANAGED && t != MASC_WITHDRAW);
    b.type = MASC_PREFIX_MANAGED;
    EXPECT_PANIC((void)claim_wins(&a, &b));
    b.type = MASC_WITHDRAW;
    EXPECT_PANIC((void)claim_wins(&b, &a));
}

/* Few values, so that ties of all kinds are common. */
static struct claim random_claim(struct prng *rng)
{
    return claim((enum masc_type)prng_below(rng, 4), 1000 + (int64_t)prng_below(rng, 3),
                 1 + prng_below(rng, 6));
}

TEST(strict_total_order, "M-5.1.1-08")
{
    struct prng rng = prng_init(42);
    unsigned i, wrong = 0;

    for (i = 0; i < 200000; i++) {
        struct claim a = random_claim(&rng), b = random_claim(&rng), c = random_claim(&rng);
        bool ab = claim_wins(&a, &b), ba = claim_wins(&b, &a);
        bool equal = a.type == b.type && a.timestamp_s == b.timestamp_s && a.node == b.node;
        if (claim_wins(&a, &a) || (equal ? ab || ba : ab == ba))
            wrong++;
        if (ab && claim_wins(&b, &c) && !claim_wins(&a, &c))
            wrong++;
    }
    EXPECT_UEQ(wrong, 0);
}

TEST(pending_types, "")
{
    EXPECT(claim_is_pending(MASC_NEW_CLAIM));
    EXPECT(claim_is_pending(MASC_CLAIM_TO_EXPAND));
    EXPECT(!claim_is_pending(MASC_PREFIX_IN_USE));
    EXPECT(!claim_is_pending(MASC_CLAIM_DENIED));
    EXPECT(!claim_is_pending(MASC_PREFIX_MANAGED));
    EXPECT(!claim_is_pending(MASC_WITHDRAW));
}

/* Sums do not wrap at 32 bits. */
TEST(ends_are_exact, "")
{
    struct claim c = claim(MASC_NEW_CLAIM, INT64_C(0xFFFFFFF0), 1);

    c.lifetime_s = UINT32_MAX;
    c.holdtime_s = UINT32_MAX - 1;
    EXPECT_EQ(claim_end(&c), INT64_C(0x1FFFFFFEF));
    EXPECT_EQ(claim_hold(&c), INT64_C(0x1FFFFFFEE));
}

TEST(there_and_back, "")
{
    struct prng rng = prng_init(7);
    unsigned i;

    for (i = 0; i < 1000; i++) {
        int64_t now = INT64_C(1) << 32;
        struct claim c = random_claim(&rng), d;
        struct masc_attr a;
        c.timestamp_s = now - 1000 + (int64_t)prng_below(&rng, 2000);
        c.deprecated = prng_below(&rng, 2);
        a = claim_to_attr(&c);
        EXPECT_EQ(a.role, c.role);
        EXPECT_UEQ(a.timestamp_s, (uint32_t)c.timestamp_s);
        d = claim_from_attr(&a, MASC_PARENT, now); /* the era comes back, too */
        EXPECT_EQ(d.timestamp_s, c.timestamp_s);
        EXPECT_EQ(d.role, MASC_PARENT);
        EXPECT(d.type == c.type && d.deprecated == c.deprecated && d.domain == c.domain &&
               d.node == c.node && d.lifetime_s == c.lifetime_s && d.holdtime_s == c.holdtime_s &&
               prefix_equal(d.prefix, c.prefix));
    }
}
