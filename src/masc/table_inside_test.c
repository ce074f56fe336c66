/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one domain holds inside a prefix: the same by asking for each place as by the list, for
 * tables of all shapes; and heap keys that follow a change of the retention.
 */
#include "masc/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "tests/tap.h"

enum { T0 = 1000000, ENTRIES = 400, DOMAINS = 3, CLAIMS_MAX = 4096 };

static struct {
    struct masc_config config;
    struct table t;
    void *mem;
    uint32_t entries;
} bench;

static void begin(void)
{
    size_t n;

    masc_config_defaults(&bench.config);
    bench.config.claims_max = bench.config.per_origin_max = CLAIMS_MAX;
    n = (table_octets(&bench.config) + 63) & ~(size_t)63;
    bench.mem = aligned_alloc(64, n);
    memset(bench.mem, 0, n);
    table_init(&bench.t, bench.mem, &bench.config, 5);
    bench.entries = 0;
}

static uint32_t put_type(struct prefix p, u128 domain, uint32_t life_s, enum masc_type type)
{
    struct claim c = {.prefix = p, .domain = domain, .node = 7,
                      .timestamp_s = T0 + bench.entries++, .lifetime_s = life_s,
                      .holdtime_s = life_s, .type = type, .role = MASC_SIBLING};
    uint32_t at = TABLE_NONE;

    EXPECT_EQ(table_insert(&bench.t, &c, 1, 0, &at), TABLE_NEW);
    return at;
}

static uint32_t put(struct prefix p, u128 domain, uint32_t life_s)
{
    return put_type(p, domain, life_s, MASC_PREFIX_IN_USE);
}

/* Inside 228.0.0.0/16 or ff1e::/16, between /20 and `longest`. */
static struct prefix any_prefix(struct prng *r, uint8_t longest)
{
    bool six = prng_below(r, 4) == 0;
    uint8_t family = six ? FAMILY_IPV6 : FAMILY_IPV4;
    uint8_t len = (uint8_t)(20 + prng_below(r, longest - 19u));
    u128 addr = six ? (u128)0xFF1E << 112 | (u128)prng_below(r, 65536) << 96
                    : 0xE4000000 | (u128)prng_below(r, 65536);

    return (struct prefix){addr & prefix_mask(family, len), family, len};
}

static unsigned count_by_hand(struct prefix p, u128 domain)
{
    unsigned n = 0;

    for (uint32_t at = bench.t.log_first; at != TABLE_NONE; at = bench.t.entry[at].log_next)
        n += table_domain(&bench.t, at) == domain && table_is_held(&bench.t, at) &&
             prefix_covers(p, table_prefix(&bench.t, at));
    return n;
}

/* Each entry once, and all of them right; true if it went place by place. */
static bool check_inside(struct prefix p, u128 domain)
{
    bool seen[CLAIMS_MAX] = {false};
    struct inside c = table_inside(&bench.t, p, domain);
    bool by_places = !c.listed;
    unsigned n = 0;
    uint32_t at;

    while ((at = table_inside_next(&c)) != TABLE_NONE) {
        EXPECT(!seen[at] && table_domain(&bench.t, at) == domain &&
               prefix_covers(p, table_prefix(&bench.t, at)));
        seen[at] = true;
        n++;
    }
    EXPECT_EQ(n, count_by_hand(p, domain));
    return by_places;
}

TEST(both_ways_find_the_same, "")
{
    struct prng r = prng_init(11);
    unsigned by_places = 0, by_list = 0;

    for (uint8_t longest = 21; longest <= 29; longest += 2) {
        begin();
        for (unsigned i = 0; i < ENTRIES; i++)
            put_type(any_prefix(&r, longest), 65000 + prng_below(&r, DOMAINS), 1000,
                     prng_below(&r, 5) ? MASC_PREFIX_IN_USE : MASC_NEW_CLAIM);
        for (unsigned i = 0; i < 300; i++) {
            if (check_inside(any_prefix(&r, longest), 65000 + prng_below(&r, DOMAINS + 1)))
                by_places++;
            else
                by_list++;
        }
        free(bench.mem);
    }
    EXPECT(by_places > 100 && by_list > 100);
}

TEST(the_ends_of_the_address_space, "")
{
    struct prefix last = {~(u128)0 & prefix_mask(FAMILY_IPV6, 120), FAMILY_IPV6, 120};
    struct prefix host = {~(u128)0, FAMILY_IPV6, 128}, hint = {0, FAMILY_IPV4, 24};

    begin();
    put(host, 65000, 1000);
    put((struct prefix){0xFFFFFFFF, FAMILY_IPV4, 32}, 65000, 1000);
    put(hint, 65000, 1000);
    for (unsigned i = 0; i < ENTRIES; i++)
        put((struct prefix){0xE4000000 + (i << 8), FAMILY_IPV4, 24}, 65000, 1000);
    (void)check_inside(last, 65000);
    (void)check_inside(host, 65000);
    (void)check_inside((struct prefix){0xFFFFFFF0, FAMILY_IPV4, 28}, 65000);
    (void)check_inside((struct prefix){0xF0000000, FAMILY_IPV4, 4}, 65000);
    (void)check_inside(hint, 65000);
    free(bench.mem);
}

static struct prefix host(uint32_t number)
{
    return (struct prefix){0xE8000000 + number, FAMILY_IPV4, 32};
}

/* Claims that nothing came of do not hide what is held, and cost nothing. */
TEST(claims_are_not_searched_for_what_is_held, "")
{
    struct prefix low = {0xE0000000, FAMILY_IPV4, 5}, all = {0xE0000000, FAMILY_IPV4, 4};
    struct holder who = {65000, MASC_SIBLING};
    struct inside c;
    uint32_t held;

    begin();
    held = put(host(0), 65000, 1000);
    for (uint32_t i = 1; i < 3000; i++)
        put_type(host(i), 65000, 1000, MASC_NEW_CLAIM);
    EXPECT_UEQ(table_in_use_overlapping(&bench.t, who, all, T0), held);
    EXPECT_UEQ(table_in_use_overlapping(&bench.t, who, low, T0), TABLE_NONE);
    c = table_inside(&bench.t, low, 65000);
    EXPECT_UEQ(table_inside_next(&c), TABLE_NONE);
    EXPECT(TABLE_INSIDE_MAX - c.left <= 3);
    free(bench.mem);
}

/* A domain that holds very much, none of it there; and very many claims in few places. */
TEST(the_search_ends, "")
{
    struct prefix low = {0xE0000000, FAMILY_IPV4, 5}, all = {0xE0000000, FAMILY_IPV4, 4};
    struct prefix some = {host(0).addr, FAMILY_IPV4, 29};
    unsigned found = 0;
    struct inside c;

    begin();
    for (uint32_t i = 0; i < 2000; i++)
        put(host(4096 + i), 65000, 1000);
    for (uint32_t i = 0; i < 1500; i++)
        put_type(host(i / 200), 65000, 1000, MASC_NEW_CLAIM);
    c = table_inside(&bench.t, low, 65000);
    EXPECT(c.listed);
    EXPECT_UEQ(table_inside_next(&c), TABLE_NONE);
    EXPECT_UEQ(c.left, 0);
    c = table_inside(&bench.t, some, 65000);
    EXPECT(!c.listed);
    EXPECT_UEQ(table_inside_next(&c), TABLE_NONE);
    EXPECT_UEQ(c.left, 0);
    c = table_inside(&bench.t, all, 65000);
    while (table_inside_next(&c) != TABLE_NONE)
        found++;
    EXPECT_UEQ(found, TABLE_INSIDE_MAX);
    free(bench.mem);
}

TEST(another_retention_moves_the_dead_alone, "")
{
    struct prefix a = {0xE4000000, FAMILY_IPV4, 24}, b = {0xE4000100, FAMILY_IPV4, 24};
    uint32_t short_lived, long_lived;

    begin();
    table_retain(&bench.t, 500);
    short_lived = put(a, 65000, 100);
    long_lived = put(b, 65000, 300);
    EXPECT_EQ(table_due(&bench.t, T0 + 100), short_lived);
    EXPECT(!table_expire(&bench.t, short_lived));
    EXPECT_EQ(table_next_expiry(&bench.t), T0 + 301);
    table_retain(&bench.t, 10);
    EXPECT_EQ(table_next_expiry(&bench.t), T0 + 110);
    EXPECT_EQ(table_due(&bench.t, T0 + 110), short_lived);
    EXPECT(table_expire(&bench.t, short_lived));
    EXPECT_EQ(table_next_expiry(&bench.t), T0 + 301);
    EXPECT_EQ(table_due(&bench.t, T0 + 301), long_lived);
    free(bench.mem);
}

/* The list of a domain loses what dies; the places keep it until the retention is over. */
TEST(the_dead_are_not_found_at_their_places, "")
{
    struct prefix a = {0xE4000000, FAMILY_IPV4, 28}, b = {0xE4000100, FAMILY_IPV4, 28};
    uint32_t dead;
    struct inside in;

    begin();
    dead = put(a, 65000, 100);
    (void)put(b, 65000, 300);
    in = table_inside(&bench.t, a, 65000);
    EXPECT(!in.listed);
    EXPECT_EQ(table_inside_next(&in), dead);
    EXPECT(!table_expire(&bench.t, dead));
    in = table_inside(&bench.t, a, 65000);
    EXPECT(!in.listed);
    EXPECT_EQ(table_inside_next(&in), TABLE_NONE);
    free(bench.mem);
}
