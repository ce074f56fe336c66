/* SPDX-License-Identifier: BSD-2-Clause */
/* time: sums that saturate, and deadlines. */
#include "base/time.h"

#include "tests/tap.h"

static mono_t at(int64_t ms)
{
    return (mono_t){ms};
}

TEST(add_saturates, "")
{
    EXPECT_EQ(mono_add_ms(at(5), 7).ms, 12);
    EXPECT_EQ(mono_add_ms(at(5), -7).ms, -2);
    EXPECT_EQ(mono_add_ms(at(INT64_MAX - 1), 1).ms, INT64_MAX);
    EXPECT_EQ(mono_add_ms(at(INT64_MAX - 1), 2).ms, INT64_MAX);
    EXPECT_EQ(mono_add_ms(MONO_NEVER, INT64_MAX).ms, INT64_MAX);
    EXPECT_EQ(mono_add_ms(at(INT64_MIN + 1), -2).ms, INT64_MIN);
    EXPECT_EQ(mono_add_ms(at(0), INT64_MIN).ms, INT64_MIN);
}

TEST(earlier_of_two, "")
{
    EXPECT_EQ(mono_min(at(1), at(2)).ms, 1);
    EXPECT_EQ(mono_min(at(2), at(1)).ms, 1);
    EXPECT_EQ(mono_min(MONO_NEVER, at(-1)).ms, -1);
}

TEST(due, "")
{
    EXPECT(!mono_due(at(10), at(9)));
    EXPECT(mono_due(at(10), at(10)));
    EXPECT(mono_due(at(10), at(11)));
    EXPECT(!mono_due(MONO_NEVER, at(INT64_MAX)));
    EXPECT(mono_due(at(INT64_MAX - 1), at(INT64_MAX)));
}

TEST(wall_to_mono, "")
{
    struct now now = {{5000}, {1000000}};

    EXPECT_EQ(mono_of_wall(now, (wall_t){1000000}).ms, 5000);
    EXPECT_EQ(mono_of_wall(now, (wall_t){1172800}).ms, 172805000);
    EXPECT_EQ(mono_of_wall(now, (wall_t){999990}).ms, -5000);
    EXPECT(mono_due(mono_of_wall(now, (wall_t){0}), now.mono));
}

TEST(wall_to_mono_saturates, "")
{
    struct now now = {{5000}, {1000000}};
    struct now early = {{5000}, {-1000000}};

    EXPECT_EQ(mono_of_wall(now, (wall_t){INT64_MAX}).ms, INT64_MAX);
    EXPECT_EQ(mono_of_wall(early, (wall_t){INT64_MAX}).ms, INT64_MAX);
    EXPECT_EQ(mono_of_wall(now, (wall_t){INT64_MIN}).ms, INT64_MIN);
    EXPECT_EQ(mono_of_wall(now, (wall_t){INT64_MAX / 1000 + 1000001}).ms, INT64_MAX);
    EXPECT_EQ(mono_of_wall(now, (wall_t){INT64_MAX / 1000 - 10}).ms,
              (INT64_MAX / 1000 - 1000010) * 1000 + 5000);
}
