/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table by itself: what is a duplicate, every bound, order of the log, memory used again, what
 * covers what, and who supersedes or hides whom. table_model_test.c holds it against a naive model.
 */
#include "masc/table.h"

#include <stdlib.h>
#include <string.h>

#include "masc/origin.h"
#include "tests/tap.h"

enum { T0 = 1000000, DAY = 86400, LIFE = 30 * DAY };

static struct masc_config config;

struct bench {
    struct table t;
    void *mem;
};

static void small_config(void)
{
    masc_config_defaults(&config);
    config.claims_max = 300;
    config.origins_max = 8;
    config.per_origin_max = 200;
    config.peers_max = 70; /* two words of marks */
    config.retention_s = DAY;
}

static struct bench bench_new(void)
{
    struct bench b;
    size_t n = table_octets(&config);

    b.mem = aligned_alloc(64, (n + 63) & ~(size_t)63);
    memset(b.mem, 0, n);
    table_init(&b.t, b.mem, &config, 12345);
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

static enum table_result try_put(struct bench *b, struct claim c)
{
    uint32_t at;

    return table_insert(&b->t, &c, 1, 0, &at);
}

/* ---- 11.1: duplicates ---- */

TEST(equal_in_all_fields_is_a_duplicate, "")
{
    struct claim c;
    struct bench b;
    uint32_t at, again;

    small_config();
    b = bench_new();
    c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
    at = put(&b, c, ENTRY_LOCAL);
    EXPECT_EQ(table_insert(&b.t, &c, 9, 0, &again), TABLE_DUPLICATE);
    EXPECT_UEQ(again, at);
    EXPECT_UEQ(b.t.count, 1);
    EXPECT_UEQ(b.t.entry[at].flags, ENTRY_LOCAL); /* as it was */
    EXPECT_UEQ(b.t.entry[at].space, 1);
    EXPECT_UEQ(table_find(&b.t, &c), at);
    bench_free(&b);
}

/* Eleven fields; each alone makes another UPDATE. */
TEST(one_field_makes_the_difference, "M-11.1-28")
{
    struct claim c, d[11];
    struct bench b;
    unsigned i;

    small_config();
    b = bench_new();
    c = claim(MASC_PREFIX_MANAGED, "228.0.0.0/16", T0);
    (void)put(&b, c, 0);
    for (i = 0; i < 11; i++)
        d[i] = c;
    d[0].role = MASC_PARENT;
    d[1].deprecated = true;
    d[2].type = MASC_PREFIX_IN_USE;
    d[3].prefix = (struct prefix){c.prefix.addr, FAMILY_IPV6, 16};
    d[4].timestamp_s++;
    d[5].lifetime_s++;
    d[6].holdtime_s++;
    d[7].domain++;
    d[8].node++;
    d[9].prefix.addr ^= 1u << 16;
    d[10].prefix.len++;
    for (i = 0; i < 11; i++) {
        EXPECT_UEQ(table_find(&b.t, &d[i]), TABLE_NONE);
        (void)put(&b, d[i], 0);
        EXPECT_EQ(try_put(&b, d[i]), TABLE_DUPLICATE);
    }
    EXPECT_UEQ(b.t.count, 12);
    bench_free(&b);
}

TEST(a_claim_comes_back_whole, "")
{
    struct claim c, d;
    struct bench b;

    small_config();
    b = bench_new();
    c = claim(MASC_PREFIX_MANAGED, "ff1e::/32", INT64_C(5000000000));
    c.domain = (u128)1 << 127 | 5;
    c.node = (u128)1 << 100;
    c.deprecated = true;
    c.role = MASC_PARENT;
    c.holdtime_s = 5;
    d = table_claim(&b.t, put(&b, c, 0));
    EXPECT(d.domain == c.domain && d.node == c.node && d.timestamp_s == c.timestamp_s &&
           d.lifetime_s == c.lifetime_s && d.holdtime_s == 5 && d.type == c.type &&
           d.role == c.role && d.deprecated && prefix_equal(c.prefix, d.prefix));
    bench_free(&b);
}

/* ---- bounds ---- */

TEST(the_table_is_full_and_has_room_again, "")
{
    struct bench b;
    struct claim c;
    unsigned i;

    small_config();
    config.claims_max = 24; /* of which 3 are for what this node originates */
    b = bench_new();
    c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
    for (i = 0; i < 21; i++) {
        c.prefix.addr = 0xE4000000 + (i << 16);
        (void)put(&b, c, 0);
    }
    c.prefix.addr = 0xE4F00000;
    EXPECT_EQ(try_put(&b, c), TABLE_FULL);
    for (; i < 24; i++) {
        c.prefix.addr = 0xE4000000 + (i << 16);
        (void)put(&b, c, ENTRY_LOCAL);
    }
    c.prefix.addr = 0xE4F00000;
    EXPECT_EQ(table_insert(&b.t, &c, 1, ENTRY_LOCAL, &i), TABLE_FULL);
    EXPECT_UEQ(b.t.count, 24);
    c.prefix.addr = 0xE4000000;
    EXPECT_EQ(try_put(&b, c), TABLE_DUPLICATE); /* still recognised */
    EXPECT(!table_expire(&b.t, table_due(&b.t, T0 + LIFE)));
    while (table_due(&b.t, T0 + LIFE + DAY) != TABLE_NONE)
        (void)table_expire(&b.t, table_due(&b.t, T0 + LIFE + DAY));
    EXPECT_UEQ(b.t.count, 0);
    EXPECT_UEQ(b.t.log_first, TABLE_NONE);
    for (i = 0; i < 21; i++) { /* the same memory */
        c.prefix.addr = 0xE5000000 + (i << 16);
        EXPECT(put(&b, c, 0) < 24);
    }
    EXPECT_UEQ(b.t.used, 24);
    bench_free(&b);
}

TEST(one_origin_domain_has_its_quota, "M-14-08")
{
    struct bench b;
    struct claim c;
    unsigned i;

    small_config();
    config.per_origin_max = 10;
    b = bench_new();
    c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", 1); /* as old as can be */
    for (i = 0; i < 10; i++) {
        c.prefix.addr = 0xE4000000 + (i << 16);
        c.node = 1 + i % 3;
        (void)put(&b, c, 0);
    }
    c.prefix.addr = 0xE4F00000;
    EXPECT_EQ(try_put(&b, c), TABLE_FULL);
    (void)put(&b, c, ENTRY_LOCAL); /* but ourselves we trust */
    c.domain++; /* others are not concerned */
    EXPECT_EQ(try_put(&b, c), TABLE_NEW);
    bench_free(&b);
}

/* A domain at its quota that invents a Node Identifier per claim must not use up the origins. */
TEST(a_full_domain_takes_no_more_origins, "")
{
    struct bench b;
    struct claim c;
    unsigned i;

    small_config();
    config.per_origin_max = 2;
    b = bench_new();
    c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
    for (i = 0; i < 100; i++) {
        c.prefix.addr = 0xE4000000 + (i << 16);
        c.node = 100 + i;
        EXPECT_EQ(try_put(&b, c), i < 2 ? TABLE_NEW : TABLE_FULL);
    }
    c.domain = 77;
    EXPECT_EQ(try_put(&b, c), TABLE_NEW);
    bench_free(&b);
}

TEST(origins_are_bounded_and_given_back, "")
{
    struct bench b;
    struct claim c;
    unsigned i, round;

    small_config();
    config.origins_max = 8;
    b = bench_new();
    for (round = 0; round < 5; round++) {
        int64_t start = T0 + round * (LIFE + 2 * DAY);
        c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", start);
        for (i = 0; i < 8; i++) {
            c.domain = 100 * round + i;
            (void)put(&b, c, 0);
        }
        c.domain = 99;
        EXPECT_EQ(try_put(&b, c), TABLE_FULL);
        c.domain = 100 * round;
        c.node = 1234; /* a known domain, but another node */
        EXPECT_EQ(try_put(&b, c), TABLE_FULL);
        while (table_due(&b.t, start + LIFE + DAY) != TABLE_NONE)
            (void)table_expire(&b.t, table_due(&b.t, start + LIFE + DAY));
        EXPECT_UEQ(b.t.count, 0);
    }
    EXPECT_UEQ(b.t.origin_used, 8);
    EXPECT_UEQ(b.t.domain_used, 8);
    bench_free(&b);
}

TEST(variants_of_one_claim_are_bounded, "")
{
    struct bench b;
    struct claim c;
    unsigned i;

    small_config();
    config.claims_max = config.per_origin_max = 4 * TABLE_CHAIN_MAX;
    b = bench_new();
    c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
    for (i = 0; i < TABLE_CHAIN_MAX; i++) {
        c.lifetime_s = 1000 + i;
        (void)put(&b, c, 0);
    }
    c.lifetime_s = 5;
    EXPECT_EQ(try_put(&b, c), TABLE_FULL);
    c.lifetime_s = 1000;
    EXPECT_EQ(try_put(&b, c), TABLE_DUPLICATE);
    c.domain = 65003; /* the bound is per domain */
    EXPECT_EQ(try_put(&b, c), TABLE_NEW);
    bench_free(&b);
}

/* ---- nobody chooses claims that are slow to find ---- */

static unsigned longest_chain(const struct table *t)
{
    unsigned longest = 0;

    for (uint32_t i = 0; i <= t->bucket_mask; i++) {
        unsigned n = 0;
        for (uint32_t at = t->bucket[i] - 1; at != TABLE_NONE; at = t->entry[at].next)
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static unsigned longest_chain_of_domains(const struct table *t)
{
    unsigned longest = 0;

    for (uint32_t i = 0; i <= t->origin_mask; i++) {
        unsigned n = 0;
        for (uint32_t d = t->domain_bucket[i] - 1; d != TABLE_NONE; d = t->domain[d].next)
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static unsigned longest_chain_of_origins(const struct table *t)
{
    unsigned longest = 0;

    for (uint32_t i = 0; i <= t->origin_mask; i++) {
        unsigned n = 0;
        for (uint32_t o = t->origin_bucket[i] - 1; o != TABLE_NONE; o = t->origin[o].next)
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

TEST(many_domains_on_one_prefix_make_no_chain, "")
{
    struct claim c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
    struct bench b;

    small_config();
    config.claims_max = config.origins_max = 4096;
    b = bench_new();
    for (unsigned i = 0; i < 3000; i++) {
        c.domain = 100000 + i;
        (void)put(&b, c, 0);
        EXPECT_EQ(try_put(&b, c), TABLE_DUPLICATE);
    }
    EXPECT(longest_chain(&b.t) <= 12);
    bench_free(&b);
}

/* Both halves of an identifier, and of a prefix, chosen so that a linear hash gives one value. */
TEST(chosen_identifiers_make_no_chain, "")
{
    static const uint64_t factor[] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd6e8feb86659fd93),
                                      1, UINT64_C(1) << 32};
    struct claim c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
    struct bench b;

    for (unsigned f = 0; f < 4; f++) {
        small_config();
        config.claims_max = config.origins_max = 4096;
        b = bench_new();
        for (uint64_t i = 1; i <= 3000; i++) {
            c.domain = c.node = (u128)i << 64 | (u128)(i * factor[f]);
            c.prefix = (struct prefix){(u128)0xFF1E << 112 | c.domain, FAMILY_IPV6, 128};
            (void)put(&b, c, 0);
        }
        EXPECT(longest_chain(&b.t) <= 12);
        EXPECT(longest_chain_of_domains(&b.t) <= 12);
        EXPECT(longest_chain_of_origins(&b.t) <= 12);
        bench_free(&b);
    }
}

/* ---- the log, domains, marks ---- */

TEST(the_log_is_in_order_of_arrival, "")
{
    static const char *const text[] = {"228.5.0.0/16", "228.1.0.0/16", "228.9.0.0/16",
                                       "228.2.0.0/16"};
    struct bench b;
    uint32_t at, i = 0, e[4];

    small_config();
    b = bench_new();
    for (i = 0; i < 4; i++) {
        struct claim c = claim(MASC_NEW_CLAIM, text[i], T0);
        c.lifetime_s = c.holdtime_s = i == 1 ? 10 : LIFE;
        e[i] = put(&b, c, 0);
    }
    for (i = 0, at = b.t.log_first; at != TABLE_NONE; at = b.t.entry[at].log_next)
        EXPECT_UEQ(at, e[i++]);
    EXPECT_UEQ(i, 4);
    EXPECT_UEQ(table_due(&b.t, T0 + 10), e[1]);
    EXPECT(!table_expire(&b.t, e[1]));
    EXPECT_UEQ(table_due(&b.t, T0 + 9 + DAY), TABLE_NONE);
    EXPECT(table_expire(&b.t, e[1]));
    EXPECT_UEQ(b.t.entry[e[0]].log_next, e[2]);
    EXPECT_UEQ(b.t.entry[e[2]].log_prev, e[0]);
    bench_free(&b);
}

TEST(entries_of_a_domain_newest_first, "")
{
    struct bench b;
    struct claim c;
    uint32_t at, n = 0, e[6];
    unsigned i;

    small_config();
    b = bench_new();
    for (i = 0; i < 6; i++) {
        c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0 + i);
        c.domain = 100 + i % 2;
        c.node = i;
        e[i] = put(&b, c, 0);
    }
    for (at = table_first_of_domain(&b.t, 100); at != TABLE_NONE;
         at = table_next_of_domain(&b.t, at), n++)
        EXPECT_UEQ(at, e[4 - 2 * n]);
    EXPECT_UEQ(n, 3);
    EXPECT_UEQ(table_first_of_domain(&b.t, 55), TABLE_NONE);
    bench_free(&b);
}

/* What it holds comes first, until that is dead. */
TEST(a_domain_holds_until_the_end, "")
{
    struct holder sibling = {65002, MASC_SIBLING}, child = {65002, MASC_CHILD};
    struct prefix all = p("224.0.0.0/4");
    struct bench b;
    struct claim c;
    uint32_t held, old, new;

    small_config();
    b = bench_new();
    old = put(&b, claim(MASC_NEW_CLAIM, "228.2.0.0/16", T0), 0);
    EXPECT_UEQ(table_in_use_overlapping(&b.t, sibling, all, T0), TABLE_NONE);
    c = claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0);
    c.lifetime_s = c.holdtime_s = 100;
    held = put(&b, c, 0);
    new = put(&b, claim(MASC_NEW_CLAIM, "228.3.0.0/16", T0), 0);
    EXPECT_UEQ(table_first_of_domain(&b.t, 65002), held);
    EXPECT_UEQ(table_next_of_domain(&b.t, held), new);
    EXPECT_UEQ(table_next_of_domain(&b.t, new), old);
    EXPECT_UEQ(table_next_of_domain(&b.t, old), TABLE_NONE);
    EXPECT_UEQ(table_in_use_overlapping(&b.t, sibling, all, T0), held);
    EXPECT_UEQ(table_in_use_overlapping(&b.t, child, all, T0), TABLE_NONE);
    EXPECT_UEQ(table_due(&b.t, T0 + 100), held);
    EXPECT(!table_expire(&b.t, held));
    EXPECT_UEQ(table_first_of_domain(&b.t, 65002), held); /* of the others, the last that came */
    EXPECT_UEQ(table_next_of_domain(&b.t, held), new);
    EXPECT_UEQ(table_in_use_overlapping(&b.t, sibling, all, T0), TABLE_NONE);
    EXPECT_UEQ(b.t.domain[0].holds[MASC_SIBLING], 0);
    EXPECT(table_expire(&b.t, table_due(&b.t, T0 + 100 + DAY)));
    EXPECT_UEQ(table_first_of_domain(&b.t, 65002), new);
    bench_free(&b);
}

TEST(marks_of_peerings, "")
{
    struct bench b;
    uint32_t x, y;

    small_config();
    b = bench_new();
    x = put(&b, claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0), 0);
    y = put(&b, claim(MASC_NEW_CLAIM, "228.2.0.0/16", T0), 0);
    table_from_set(&b.t, x, 0);
    table_from_set(&b.t, x, 69);
    table_from_set(&b.t, y, 69);
    EXPECT(table_from(&b.t, x, 0) && table_from(&b.t, x, 69) && table_from(&b.t, y, 69));
    EXPECT(!table_from(&b.t, y, 0) && !table_from(&b.t, x, 68) && !table_from(&b.t, x, 5));
    table_from_clear(&b.t, 69);
    EXPECT(table_from(&b.t, x, 0) && !table_from(&b.t, x, 69) && !table_from(&b.t, y, 69));
    EXPECT_PANIC(table_from_set(&b.t, x, 128));
    bench_free(&b);
}

/* Memory used again starts without marks. */
TEST(marks_do_not_outlive_their_entry, "")
{
    struct bench b;
    struct claim c;
    uint32_t x;

    small_config();
    config.claims_max = 1;
    b = bench_new();
    c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
    x = put(&b, c, ENTRY_DENIED);
    table_from_set(&b.t, x, 3);
    (void)table_expire(&b.t, x);
    EXPECT(table_expire(&b.t, x));
    c.timestamp_s += 2 * LIFE;
    EXPECT_UEQ(put(&b, c, 0), x);
    EXPECT(!table_from(&b.t, x, 3));
    EXPECT_UEQ(b.t.entry[x].flags, 0);
    bench_free(&b);
}

/* ---- time ---- */

TEST(dead_at_the_end_forgotten_after_the_retention, "M-12.3-02 M-4.2-05 M-7.3-32")
{
    struct bench b;
    struct claim c;
    uint32_t x;

    small_config();
    b = bench_new();
    c = claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0);
    c.lifetime_s = 100; /* its life is over before its hold: not live any more, but kept */
    c.holdtime_s = 1000;
    x = put(&b, c, 0);
    EXPECT(table_live(&b.t, x, T0 + 99));
    EXPECT(!table_live(&b.t, x, T0 + 100));
    EXPECT_EQ(table_next_expiry(&b.t), T0 + 100);
    EXPECT_UEQ(table_due(&b.t, T0 + 99), TABLE_NONE);
    EXPECT(!table_expire(&b.t, x));
    EXPECT(b.t.entry[x].flags & ENTRY_DEAD);
    EXPECT_UEQ(b.t.live_kinds[MASC_SIBLING][MASC_PREFIX_IN_USE], 0);
    EXPECT_UEQ(b.t.kinds[MASC_SIBLING][MASC_PREFIX_IN_USE], 1);
    EXPECT_EQ(table_next_expiry(&b.t), T0 + 1000 + DAY);
    EXPECT_UEQ(table_find(&b.t, &c), x); /* a late copy is recognised */
    EXPECT(table_expire(&b.t, table_due(&b.t, T0 + 1000 + DAY)));
    EXPECT_UEQ(table_find(&b.t, &c), TABLE_NONE);
    EXPECT_EQ(table_next_expiry(&b.t), INT64_MAX);
    bench_free(&b);
}

/* A clock that is set back does not bring it to life again. */
TEST(dead_stays_dead, "")
{
    struct bench b;
    uint32_t x;

    small_config();
    b = bench_new();
    x = put(&b, claim(MASC_PREFIX_IN_USE, "228.1.0.0/16", T0), 0);
    (void)table_expire(&b.t, x);
    EXPECT(!table_live(&b.t, x, T0));
    bench_free(&b);
}

/* The Lifetime of a CLAIM_DENIED is a limit for others, not its own life. */
TEST(a_denial_lives_as_long_as_it_is_held, "")
{
    struct bench b;
    struct claim c;
    uint32_t x;

    small_config();
    b = bench_new();
    c = claim(MASC_CLAIM_DENIED, "228.1.0.0/16", T0);
    c.lifetime_s = 0;
    c.holdtime_s = 2 * DAY;
    x = put(&b, c, 0);
    EXPECT(table_live(&b.t, x, T0 + 2 * DAY - 1));
    EXPECT(!table_live(&b.t, x, T0 + 2 * DAY));
    EXPECT_EQ(table_next_expiry(&b.t), T0 + 2 * DAY);
    bench_free(&b);
}

TEST(another_retention_keeps_the_order_of_time, "")
{
    struct bench b;
    struct claim c;
    int64_t last = 0;
    unsigned i, n = 0;

    small_config();
    b = bench_new();
    for (i = 0; i < 40; i++) {
        c = claim(MASC_NEW_CLAIM, "228.1.0.0/16", T0);
        c.prefix.addr += i << 16;
        c.lifetime_s = c.holdtime_s = 100 * (1 + i * 7 % 40);
        (void)put(&b, c, 0);
    }
    for (i = 0; i < 20; i++)
        (void)table_expire(&b.t, table_due(&b.t, T0 + 100000));
    table_retain(&b.t, 60);
    while (b.t.heap_n) {
        EXPECT(table_next_expiry(&b.t) >= last);
        last = table_next_expiry(&b.t);
        (void)table_expire(&b.t, table_due(&b.t, last));
        n++;
    }
    EXPECT_UEQ(n, 60);
    EXPECT_EQ(last, T0 + 4000 + 60);
    bench_free(&b);
}
