/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * canary: tests that must fail, one per macro of tap.h, and a few that must pass. The build makes
 * the program but does not run it; tests/canary does, and fails if any of these verdicts is wrong.
 */
#include "tests/tap.h"

#include "base/check.h"

TEST(dies_expect, "")
{
    EXPECT(1 > 2);
}

TEST(dies_eq, "")
{
    EXPECT_EQ(-1, 1);
}

TEST(dies_ueq, "")
{
    EXPECT_UEQ(UINT64_MAX, 1);
}

TEST(dies_str, "")
{
    EXPECT_STR("a", "b");
}

TEST(dies_null_str, "")
{
    EXPECT_STR("a", NULL);
}

TEST(dies_mem, "")
{
    EXPECT_MEM("abcdefghijklmnopqrstu", "abcdefghijklmnopqrsTu", 21);
}

TEST(dies_panic, "")
{
    EXPECT_PANIC(CHECK(2 > 1));
}

TEST(dies_require, "")
{
    REQUIRE(1 > 2);
}

TEST(dies_empty, "")
{
}

TEST(dies_late, "")
{
    EXPECT(1 > 2);
    EXPECT(2 > 1);
}

TEST(lives_all, "M-1 M-2")
{
    EXPECT(2 > 1);
    EXPECT_EQ(-1, -1);
    EXPECT_UEQ(UINT64_MAX, UINT64_MAX);
    EXPECT_STR("a", "a");
    EXPECT_STR(NULL, NULL);
    EXPECT_MEM("abc", "abd", 2);
    EXPECT_PANIC(CHECK(1 > 2));
    REQUIRE(2 > 1);
}

TEST(lives_empty_mem, "")
{
    EXPECT_MEM(NULL, NULL, 0);
}

TEST(crashes_panic, "")
{
    CHECK(1 > 2);
    EXPECT(2 > 1);
}
