/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What covers what, and what an entry means on a range: superseded by a newer prefix of its own
 * domain, hidden by a WITHDRAW, found as the prefix that a claim expands.
 */
#include "masc/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "tests/tap.h"

enum { T0 = 1000000, LIFE = 30 * 86400, NOW = T0 + 1000 };

static struct masc_config config;

struct bench {
    struct table t;
    void *mem;
};

static struct bench bench_new(void)
{
    struct bench b;
    size_t n;

    masc_config_defaults(&config);
    config.claims_max = 4096;
    config.origins_max = 64;
    config.per_origin_max = 4096;
    config.peers_max = 4;
    n = table_octets(&config);
    b.mem = aligned_alloc(64, (n + 63) & ~(size_t)63);
    memset(b.mem, 0, n);
    table_init(&b.t, b.mem, &config, 99);
    return b;
}

static void bench_free(struct bench *b)
{
    free(b->mem);
}

static struct prefix p(const char *text)
{
    struct prefix x = {0};

    EXPECT(prefix_parse(&x, text));
    return x;
}

static struct claim claim(enum masc_type type, const char *prefix, int64_t at)
{
    return (struct claim){.prefix = p(prefix), .domain = 65002, .node = 7, .timestamp_s = at,
                          .lifetime_s = LIFE, .holdtime_s = LIFE, .type = type,
                          .role = MASC_SIBLING};
}

static uint32_t put(struct bench *b, struct claim c, uint16_t flags)
{
    uint32_t at = TABLE_NONE;

    EXPECT_EQ(table_insert(&b->t, &c, 1, flags, &at), TABLE_NEW);
    return at;
}

/* ---- covering ---- */

TEST(most_specific_first, "")
{
    struct bench b = bench_new();
    uint32_t e8 = put(&b, claim(MASC_PREFIX_MANAGED, "228.0.0.0/8", T0), 0);
    uint32_t e24 = put(&b, claim(MASC_NEW_CLAIM, "228.1.2.0/24", T0), 0);
    uint32_t e16 = put(&b, claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0), 0);
    struct cover c = table_cover(&b.t, p("228.1.2.0/24"), 65002);

    (void)put(&b, claim(MASC_NEW_CLAIM, "228.1.2.0/25", T0), 0);  /* inside */
    (void)put(&b, claim(MASC_NEW_CLAIM, "228.2.0.0/16", T0), 0);  /* beside */
    (void)put(&b, claim(MASC_NEW_CLAIM, "ff00::/8", T0), 0);      /* elsewhere */
    EXPECT_UEQ(table_cover_next(&c), e24);
    EXPECT_UEQ(table_cover_next(&c), e16);
    EXPECT_UEQ(table_cover_next(&c), e8);
    EXPECT_UEQ(table_cover_next(&c), TABLE_NONE);
    bench_free(&b);
}

TEST(hints_cover_nothing, "")
{
    struct bench b = bench_new();
    struct claim hint = claim(MASC_NEW_CLAIM, "0.0.0.0/24", T0);
    uint32_t at = put(&b, hint, 0);
    struct cover c = table_cover(&b.t, hint.prefix, hint.domain);

    EXPECT_UEQ(table_cover_next(&c), TABLE_NONE);
    EXPECT_UEQ(b.t.length_bits[0][0], 0);
    EXPECT_UEQ(table_first(&b.t, hint.prefix, hint.domain), at);
    EXPECT_UEQ(table_find_pending(&b.t, hint.domain, hint.prefix, T0), at);
    bench_free(&b);
}

static struct prefix random_prefix(struct prng *rng)
{
    bool six = prng_below(rng, 2);
    unsigned bits = six ? 128 : 32, len = six ? 8 + 8 * (unsigned)prng_below(rng, 16)
                                              : 4 + (unsigned)prng_below(rng, 29);
    u128 addr = six ? (u128)0xFF << 120 : 0xE0000000;
    unsigned i;

    for (i = 0; i < 6 && six; i++) /* few bits differ, so that many nest */
        addr |= (u128)prng_below(rng, 2) << (20 * i);
    for (i = 0; i < 6 && !six; i++)
        addr |= (u128)prng_below(rng, 2) << (5 * i);
    if (len > bits)
        len = bits;
    return prefix_shorten((struct prefix){addr, six ? FAMILY_IPV6 : FAMILY_IPV4, (uint8_t)bits},
                          (uint8_t)len);
}

/* All entries of the domain that cover the prefix, lengths not rising, and no other. */
static bool covers_right(const struct bench *b, struct prefix q, u128 domain)
{
    struct cover c = table_cover(&b->t, q, domain);
    unsigned found = 0, there = 0;
    uint32_t at;
    uint8_t len = 255;

    while ((at = table_cover_next(&c)) != TABLE_NONE) {
        if (!prefix_covers(table_prefix(&b->t, at), q) || b->t.entry[at].len > len ||
            table_domain(&b->t, at) != domain)
            return false;
        len = b->t.entry[at].len;
        found++;
    }
    for (at = b->t.log_first; at != TABLE_NONE; at = b->t.entry[at].log_next)
        there += prefix_covers(table_prefix(&b->t, at), q) && table_domain(&b->t, at) == domain;
    return found == there;
}

TEST(cover_equals_brute_force, "")
{
    struct bench b = bench_new();
    struct prng rng = prng_init(3);
    unsigned i, wrong = 0;

    for (i = 0; i < 1500; i++) {
        struct claim c = claim(MASC_NEW_CLAIM, "228.0.0.0/8", T0 + i);
        uint32_t at;
        c.prefix = random_prefix(&rng);
        c.domain = 1 + prng_below(&rng, 3);
        (void)table_insert(&b.t, &c, 1, 0, &at);
        if (i % 5 == 0)
            wrong += !covers_right(&b, random_prefix(&rng), 1 + prng_below(&rng, 4));
    }
    EXPECT(b.t.count > 1000);
    EXPECT_UEQ(wrong, 0);
    bench_free(&b);
}

/* Many claims of many lengths by one domain: a question about them ends. */
TEST(a_cover_ends, "")
{
    struct bench b = bench_new();
    struct claim c = claim(MASC_NEW_CLAIM, "228.0.0.0/8", T0);
    struct cover cover;
    unsigned told = 0;

    for (unsigned i = 0; i < 3000; i++) {
        c.prefix = prefix_shorten(p("228.0.0.0/32"), (uint8_t)(8 + i / 300));
        c.timestamp_s = T0 - i;
        (void)put(&b, c, 0);
    }
    cover = table_cover(&b.t, p("228.0.0.0/24"), c.domain);
    while (table_cover_next(&cover) != TABLE_NONE)
        told++;
    EXPECT_UEQ(told, TABLE_COVER_MAX);
    EXPECT_UEQ(table_cover_next(&cover), TABLE_NONE);
    bench_free(&b);
}

/* ---- superseded (A-73, A-90) ---- */

TEST(a_renewed_prefix_supersedes, "")
{
    struct bench b = bench_new();
    uint32_t old = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0), 0);
    uint32_t new = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0 + 1), 0);

    EXPECT(table_superseded(&b.t, old, NOW) && !table_superseded(&b.t, new, NOW));
    EXPECT(!table_effective(&b.t, old, p("228.1.0.0/16"), NOW));
    EXPECT(table_effective(&b.t, new, p("228.1.0.0/16"), NOW));
    bench_free(&b);
}

TEST(an_expansion_supersedes_what_it_covers, "")
{
    struct bench b = bench_new();
    uint32_t old = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0), 0);
    uint32_t managed = put(&b, claim(MASC_PREFIX_MANAGED, "228.1.0.0/16", T0), 0);
    uint32_t new = put(&b, claim(MASC_PREFIX_IN_USE, "228.0.0.0/15", T0 + 1), 0);

    EXPECT(table_superseded(&b.t, old, NOW));
    EXPECT(!table_superseded(&b.t, managed, NOW)); /* that is said to others */
    EXPECT(!table_superseded(&b.t, new, NOW));
    bench_free(&b);
}

/* 17.1.5: the newer half counts on its half; the older whole on the rest. */
TEST(a_reclaimed_half_supersedes_on_its_half, "")
{
    struct bench b = bench_new();
    uint32_t whole = put(&b, claim(MASC_PREFIX_IN_USE, "228.0.0.0/15", T0), 0);
    uint32_t half = put(&b, claim(MASC_PREFIX_IN_USE, "228.0.0.0/16", T0 + 1), 0);

    EXPECT(!table_superseded(&b.t, whole, NOW));
    EXPECT(!table_effective(&b.t, whole, p("228.0.0.0/16"), NOW));
    EXPECT(!table_effective(&b.t, whole, p("228.0.8.0/24"), NOW));
    EXPECT(table_effective(&b.t, whole, p("228.1.0.0/16"), NOW));
    EXPECT(table_effective(&b.t, whole, p("228.0.0.0/15"), NOW));
    EXPECT(table_effective(&b.t, half, p("228.0.8.0/24"), NOW));
    bench_free(&b);
}

TEST(what_does_not_supersede, "")
{
    struct bench b = bench_new();
    struct claim c = claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0);
    uint32_t old = put(&b, c, 0);

    c.timestamp_s++;
    c.type = MASC_NEW_CLAIM; /* a claim holds nothing */
    (void)put(&b, c, 0);
    c.type = MASC_PREFIX_IN_USE;
    c.domain++; /* another domain */
    (void)put(&b, c, 0);
    c.domain--;
    c.role = MASC_PARENT; /* another hat */
    (void)put(&b, c, 0);
    c.role = MASC_SIBLING;
    c.lifetime_s = 10; /* not live any more */
    (void)put(&b, c, 0);
    c.lifetime_s = LIFE;
    c.timestamp_s = T0 - 1; /* older */
    (void)put(&b, c, 0);
    EXPECT(!table_superseded(&b.t, old, NOW));
    bench_free(&b);
}

TEST(deprecated_wins_the_tie, "")
{
    struct bench b = bench_new();
    struct claim c = claim(MASC_PREFIX_MANAGED, "228.1.0.0/16", T0);
    uint32_t active, deprecated;

    c.deprecated = true;
    deprecated = put(&b, c, 0);
    c.deprecated = false;
    active = put(&b, c, 0); /* a stale copy that comes late */
    EXPECT(table_superseded(&b.t, active, NOW));
    EXPECT(!table_superseded(&b.t, deprecated, NOW));
    bench_free(&b);
}

TEST(types_that_hold_nothing_are_never_superseded, "")
{
    struct bench b = bench_new();
    uint32_t claimed = put(&b, claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0), 0);

    (void)put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0 + 5), 0);
    EXPECT(!table_superseded(&b.t, claimed, NOW));
    bench_free(&b);
}

/* ---- hidden (A-82, A-83) ---- */

TEST(a_release_hides_what_is_not_newer, "")
{
    struct bench b = bench_new();
    uint32_t old = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0), 0);
    uint32_t new;

    (void)put(&b, claim(MASC_WITHDRAW, "228.1.0.0/16", T0 + 10), 0);
    new = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0 + 20), 0);
    EXPECT(table_hidden(&b.t, old, p("228.1.0.0/16"), NOW));
    EXPECT(table_hidden(&b.t, old, p("228.1.7.0/24"), NOW));
    EXPECT(!table_hidden(&b.t, new, p("228.1.0.0/16"), NOW));
    EXPECT(!table_hidden(&b.t, old, p("228.0.0.0/15"), NOW)); /* not all of that range */
    bench_free(&b);
}

TEST(a_clash_hides_whatever_comes, "")
{
    struct bench b = bench_new();
    uint32_t at;

    (void)put(&b, claim(MASC_WITHDRAW, "228.1.0.0/16", T0 - 500), ENTRY_CLASH);
    at = put(&b, claim(MASC_PREFIX_IN_USE, "228.0.0.0/15", T0), 0);
    EXPECT(table_hidden(&b.t, at, p("228.1.0.0/16"), NOW));
    EXPECT(!table_hidden(&b.t, at, p("228.0.0.0/16"), NOW));
    EXPECT(!table_hidden(&b.t, at, p("228.0.0.0/15"), NOW));
    EXPECT(!table_hidden(&b.t, at, p("228.1.0.0/16"), T0 - 500 + LIFE)); /* for its time */
    bench_free(&b);
}

/* The WITHDRAW of a pending expansion says nothing of the prefix that it was to expand. */
TEST(a_cancelled_claim_hides_nothing, "")
{
    struct bench b = bench_new();
    uint32_t at = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0), 0);

    (void)put(&b, claim(MASC_WITHDRAW, "228.0.0.0/15", T0 + 10), ENTRY_CANCEL);
    EXPECT(!table_hidden(&b.t, at, p("228.1.0.0/16"), NOW));
    EXPECT(table_effective(&b.t, at, p("228.1.0.0/16"), NOW));
    bench_free(&b);
}

TEST(a_wider_withdraw_hides_the_prefixes_in_it, "")
{
    struct bench b = bench_new();
    uint32_t at = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0), 0);

    (void)put(&b, claim(MASC_WITHDRAW, "228.0.0.0/12", T0 + 10), 0); /* */
    EXPECT(table_hidden(&b.t, at, p("228.1.0.0/16"), NOW));
    bench_free(&b);
}

TEST(others_do_not_hide, "")
{
    struct bench b = bench_new();
    uint32_t at = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0), 0);
    struct claim w = claim(MASC_WITHDRAW, "228.1.0.0/16", T0 + 10);

    w.domain++;
    (void)put(&b, w, 0);
    w.domain--;
    w.role = MASC_CHILD;
    (void)put(&b, w, 0);
    w.role = MASC_SIBLING;
    w.holdtime_s = 100; /* over */
    (void)put(&b, w, 0);
    EXPECT(!table_hidden(&b.t, at, p("228.1.0.0/16"), NOW));
    bench_free(&b);
}

/* ---- flags ---- */

TEST(lost_and_denied_are_not_live, "")
{
    static const uint16_t flag[] = {ENTRY_LOST, ENTRY_DENIED, ENTRY_DEAD};
    struct bench b = bench_new();
    uint32_t at = put(&b, claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0), ENTRY_LOCAL);
    unsigned i;

    EXPECT(table_live(&b.t, at, NOW));
    for (i = 0; i < 3; i++) {
        b.t.entry[at].flags = flag[i];
        EXPECT(!table_live(&b.t, at, NOW));
    }
    bench_free(&b);
}

/* ---- what a claim expands, what a WITHDRAW takes back ---- */

static bool holds(const struct bench *b, const char *text)
{
    return table_in_use_overlapping(&b->t, (struct holder){65002, MASC_SIBLING}, p(text), NOW) !=
           TABLE_NONE;
}

TEST(overlap_in_both_directions, "")
{
    struct bench b = bench_new();
    struct claim c;

    (void)put(&b, claim(MASC_PREFIX_IN_USE, "228.16.0.0/16", T0), 0);
    EXPECT(holds(&b, "228.16.0.0/16"));
    EXPECT(holds(&b, "228.16.3.0/24"));
    EXPECT(holds(&b, "228.16.0.0/15")); /* a half */
    EXPECT(holds(&b, "228.16.0.0/12"));
    EXPECT(!holds(&b, "228.17.0.0/16"));
    (void)put(&b, claim(MASC_PREFIX_MANAGED, "228.64.0.0/16", T0), 0);
    EXPECT(holds(&b, "228.64.0.0/16"));
    c = claim(MASC_NEW_CLAIM, "228.80.0.0/16", T0);
    (void)put(&b, c, 0);
    EXPECT(!holds(&b, "228.80.0.0/16"));
    c.type = MASC_PREFIX_IN_USE;
    c.role = MASC_CHILD;
    (void)put(&b, c, 0);
    EXPECT(!holds(&b, "228.80.0.0/16"));
    c.role = MASC_SIBLING;
    c.lifetime_s = 5;
    (void)put(&b, c, 0);
    EXPECT(!holds(&b, "228.80.0.0/16"));
    bench_free(&b);
}

TEST(pending_claims_are_found_exactly, "")
{
    struct bench b = bench_new();
    struct claim c = claim(MASC_CLAIM_TO_EXPAND, "228.1.0.0/16", T0);
    uint32_t at = put(&b, c, 0);

    EXPECT_UEQ(table_find_pending(&b.t, 65002, c.prefix, T0), at);
    EXPECT_UEQ(table_find_pending(&b.t, 65003, c.prefix, T0), TABLE_NONE);
    EXPECT_UEQ(table_find_pending(&b.t, 65002, c.prefix, T0 + 1), TABLE_NONE);
    EXPECT_UEQ(table_find_pending(&b.t, 65002, p("228.1.0.0/17"), T0), TABLE_NONE);
    c.prefix = p("228.2.0.0/16");
    c.type = MASC_PREFIX_IN_USE;
    (void)put(&b, c, 0);
    EXPECT_UEQ(table_find_pending(&b.t, 65002, c.prefix, T0), TABLE_NONE);
    bench_free(&b);
}
