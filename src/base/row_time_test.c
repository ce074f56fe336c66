/* SPDX-License-Identifier: BSD-2-Clause */
/* row_time: dates against gmtime_r() over all years, and durations at the edges of their units. */
#include "base/row.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/prng.h"
#include "base/text.h"
#include "tests/tap.h"

static const char *wall(char *buf, size_t cap, int64_t s)
{
    struct wr w = wr_init(buf, cap);

    row_write_wall(&w, (wall_t){s});
    return wr_nul(&w);
}

TEST(known_dates, "")
{
    static const struct {
        int64_t s;
        const char *text;
    } date[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {951868800, "2000-03-01T00:00:00Z"},
        {1709164800, "2024-02-29T00:00:00Z"},
        {1735603200, "2024-12-31T00:00:00Z"},
        {1795183200, "2026-11-20T14:00:00Z"},
        {2147483647, "2038-01-19T03:14:07Z"},
        {2147483648, "2038-01-19T03:14:08Z"},
        {4107542399, "2100-02-28T23:59:59Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {4294967295, "2106-02-07T06:28:15Z"},
        {4294967296, "2106-02-07T06:28:16Z"},
        {-2208988800, "1900-01-01T00:00:00Z"},
        {-2203891200, "1900-03-01T00:00:00Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
        {-62135596801, "-62135596801"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, "253402300800"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    char buf[32];

    for (size_t i = 0; i < sizeof(date) / sizeof(date[0]); i++)
        EXPECT_STR(wall(buf, sizeof(buf), date[i].s), date[i].text);
}

static void expect_like_gmtime(int64_t s)
{
    char ours[32], theirs[80];
    time_t t = s;
    struct tm tm;

    gmtime_r(&t, &tm);
    snprintf(theirs, sizeof(theirs), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    EXPECT_STR(wall(ours, sizeof(ours), s), theirs);
}

/* Each day of 800 years, and random seconds of all years. */
TEST(dates_agree_with_gmtime, "")
{
    struct prng g = prng_init(6);

    for (int64_t day = 0; day < 2 * 146097; day++)
        expect_like_gmtime((day - 200000) * 86400 + 86399);
    for (int i = 0; i < 50000; i++)
        expect_like_gmtime((int64_t)prng_below(&g, 62135596800 + 253402300800) - 62135596800);
}

static const char *duration(char *buf, size_t cap, uint64_t s, const char *sep)
{
    struct wr w = wr_init(buf, cap);

    row_write_duration(&w, s, sep);
    return wr_nul(&w);
}

TEST(durations, "")
{
    static const struct {
        uint64_t s;
        const char *text;
    } length[] = {
        {0, "0s"},
        {1, "1s"},
        {59, "59s"},
        {60, "1m"},
        {61, "1m 1s"},
        {725, "12m 5s"},
        {3599, "59m 59s"},
        {3600, "1h"},
        {3609, "1h"},
        {3660, "1h 1m"},
        {86399, "23h 59m"},
        {86400, "1d"},
        {86400 + 3599, "1d"},
        {172800, "2d"},
        {29 * 86400 + 4 * 3600, "29d 4h"},
        {UINT64_MAX, "213503982334601d 7h"},
    };
    char buf[32];

    for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++)
        EXPECT_STR(duration(buf, sizeof(buf), length[i].s, " "), length[i].text);
    EXPECT_STR(duration(buf, sizeof(buf), 29 * 86400 + 4 * 3600, ""), "29d4h");
}

/* What is written is at most what was meant, by less than its smaller unit, and can be read. */
TEST(durations_read_back, "")
{
    struct prng g = prng_init(7);
    char buf[32];

    for (int i = 0; i < 10000; i++) {
        uint64_t s = prng_below(&g, (uint64_t)1 << (1 + prng_below(&g, 62))), read = 0;
        uint64_t grain = s < 3600 ? 1 : s < 86400 ? 60 : 3600;
        EXPECT(text_parse_duration(&read, duration(buf, sizeof(buf), s, "")));
        EXPECT_UEQ(read, s - s % grain);
    }
}
