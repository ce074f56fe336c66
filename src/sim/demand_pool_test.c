/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "sim/demand_pool.h"
#include "tests/tap.h"

static struct prefix p(const char *text)
{
    struct prefix x;
    if (!prefix_parse(&x, text))
        abort();
    return x;
}

TEST(ranges_are_what_was_told, "")
{
    struct ranges r = {.n = 0};
    ranges_add(&r, p("228.1.0.0/24"));
    ranges_add(&r, p("228.3.0.0/24"));
    EXPECT_UEQ(ranges_count(&r), 2);
    EXPECT_UEQ(ranges_size(&r), 512);
    ranges_remove(&r, p("228.1.0.0/24"));
    EXPECT_UEQ(ranges_count(&r), 1);
    EXPECT_UEQ(ranges_size(&r), 256);
}

/* The new prefix comes before the old one goes, and what it covers is not a hole then. */
TEST(ranges_survive_an_expansion, "")
{
    struct ranges r = {.n = 0};
    ranges_add(&r, p("228.1.0.0/24"));
    ranges_add(&r, p("228.1.0.0/23"));
    EXPECT_UEQ(ranges_count(&r), 1);
    EXPECT_UEQ(ranges_size(&r), 512);
    ranges_remove(&r, p("228.1.0.0/24"));
    EXPECT_UEQ(ranges_size(&r), 512);
    EXPECT(ranges_usable(&r, (struct range){0xE4010000, 0xE40100FF}));
}

TEST(ranges_have_holes_that_heal, "")
{
    struct ranges r = {.n = 0};
    ranges_add(&r, p("228.1.0.0/22"));
    ranges_remove(&r, p("228.1.1.0/24"));
    EXPECT_UEQ(ranges_count(&r), 1);
    EXPECT_UEQ(ranges_size(&r), 768);
    EXPECT(!ranges_usable(&r, (struct range){0xE4010100, 0xE40101FF}));
    EXPECT(ranges_usable(&r, (struct range){0xE4010200, 0xE40102FF}));
    ranges_add(&r, p("228.1.1.0/24"));
    EXPECT_UEQ(ranges_size(&r), 1024);
    EXPECT(ranges_usable(&r, (struct range){0xE4010100, 0xE40101FF}));
    ranges_remove(&r, p("228.1.1.0/24"));
    ranges_remove(&r, p("228.1.0.0/22"));
    EXPECT_UEQ(ranges_size(&r), 0);
    EXPECT_UEQ(r.holes, 0);
}

TEST(blocks_fill_a_range_and_no_more, "")
{
    struct pool pool = {.blocks = 0};
    EXPECT(!pool_place(&pool, 256, 1));
    ranges_add(&pool.ranges, p("228.1.2.0/23"));
    EXPECT(pool_place(&pool, 256, 1));
    EXPECT(pool_place(&pool, 256, 2));
    EXPECT(!pool_place(&pool, 256, 3));
    EXPECT_UEQ(pool.block[0].first, 0xE4010200);
    EXPECT_UEQ(pool.block[1].first, 0xE4010300);
    pool_release(&pool, 1);
    EXPECT(pool_place(&pool, 256, 3));
    EXPECT_UEQ(pool.block[0].owner, 3);
    pool_free(&pool);
}

TEST(blocks_leave_what_is_taken_back, "")
{
    struct pool pool = {.blocks = 0};
    uint32_t owner = 0;
    ranges_add(&pool.ranges, p("228.1.2.0/23"));
    EXPECT(pool_place(&pool, 256, 1));
    EXPECT(pool_place(&pool, 256, 2));
    EXPECT(!pool_evict(&pool, 256, &owner));
    ranges_remove(&pool.ranges, p("228.1.3.0/24"));
    EXPECT(pool_evict(&pool, 256, &owner));
    EXPECT_UEQ(owner, 2);
    EXPECT(!pool_evict(&pool, 256, &owner));
    EXPECT(!pool_place(&pool, 256, 2));
    pool_free(&pool);
}
