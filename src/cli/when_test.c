/* SPDX-License-Identifier: BSD-2-Clause */
/* when_test: times said both ways, in UTC and in a zone with summer time. */
#include "tests/tap.h"

#include <stdlib.h>
#include <time.h>

#include "cli/when.h"

#define DAY 86400
/* 2026-11-20 10:00:00 UTC */
#define NOW 1795168800

static void zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

TEST(past_and_future, "")
{
    char text[WHEN_TEXT_MAX];

    zone("UTC");
    EXPECT_STR(when_long(text, NOW + 29 * DAY + 4 * 3600, NOW), "in 29d 4h, 2026-12-19 14:00");
    EXPECT_STR(when_short(text, NOW + 29 * DAY + 4 * 3600, NOW), "in 29d 4h");
    EXPECT_STR(when_long(text, NOW - 3 * 3600, NOW), "3h ago");
    EXPECT_STR(when_long(text, NOW, NOW), "now");
}

TEST(today_needs_no_date, "")
{
    char text[WHEN_TEXT_MAX];

    zone("UTC");
    EXPECT_STR(when_long(text, NOW + 20, NOW), "in 20s, 10:00:20");
    EXPECT_STR(when_long(text, NOW + 7200, NOW), "in 2h, 12:00");
    EXPECT_STR(when_long(text, NOW + 15 * 3600, NOW), "in 15h, 2026-11-21 01:00");
}

TEST(local_time, "")
{
    char text[WHEN_TEXT_MAX];

    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_STR(when_long(text, NOW + 7200, NOW), "in 2h, 13:00");
    EXPECT_STR(when_long(text, NOW + 200 * DAY, NOW), "in 200d, 2027-06-08 12:00");
    EXPECT_STR(when_clock(text, NOW), "11:00:00");
    zone("UTC");
}

TEST(times_out_of_reach, "")
{
    char text[WHEN_TEXT_MAX];

    zone("UTC");
    when_long(text, INT64_MAX, NOW);
    EXPECT(text[0] == 'i');
    EXPECT_STR(when_clock(text, INT64_MAX), "--:--:--");
}
