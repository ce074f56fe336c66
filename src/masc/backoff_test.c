/* SPDX-License-Identifier: BSD-2-Clause */
/* The sums of the sessions: back-off, jitter, versions. */
#include "masc/backoff.h"

#include "tests/tap.h"

TEST(backoff_start, "M-10.1-06 M-10.1-07")
{
    static const uint32_t wait[] = {60,   120,   240,   480,   960,   1920, 3840,
                                    7680, 15360, 30720, 61440, 86400, 86400};

    for (unsigned i = 0; i < sizeof(wait) / sizeof(wait[0]); i++)
        EXPECT_EQ(masc_backoff_start_s(i + 1, 60, 86400), wait[i]);
    EXPECT_EQ(masc_backoff_start_s(1000000, 60, 86400), 86400);
    EXPECT_EQ(masc_backoff_start_s(UINT32_MAX, 1, UINT32_MAX), UINT32_MAX);
    EXPECT_EQ(masc_backoff_start_s(1, 100, 50), 50);
    EXPECT_EQ(masc_backoff_start_s(3, 0, 0), 1); /* never at once for ever */
}

TEST(backoff_retry, "")
{
    struct prng g = prng_init(1);
    int64_t least = INT64_MAX, most = 0;

    for (unsigned i = 0; i < 10000; i++) {
        int64_t ms = masc_backoff_retry_ms(&g, 120);
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    EXPECT(least >= 90000 && least < 90500);
    EXPECT(most <= 120000 && most > 119500);
    EXPECT(masc_backoff_retry_ms(&g, 0) >= 750);
}

TEST(backoff_keepalive, "M-7.4-03 M-7.4-04 M-7.4-05")
{
    static const uint16_t hold[] = {1, 2, 3, 4, 5, 6, 9, 30, 90, 240, 65535};
    struct prng g = prng_init(2);

    for (unsigned i = 0; i < sizeof(hold) / sizeof(hold[0]); i++) {
        int64_t third = hold[i] < 3 ? 1000 : (int64_t)hold[i] * 1000 / 3;
        int64_t least = INT64_MAX;
        for (unsigned k = 0; k < 2000; k++) {
            int64_t ms = masc_backoff_keepalive_ms(&g, hold[i]);
            EXPECT(ms >= 1000 && ms <= third && ms >= third * 3 / 4);
            least = ms < least ? ms : least;
        }
        EXPECT(hold[i] < 4 || least < third); /* there is jitter */
    }
}

TEST(backoff_version, "M-9-02")
{
    /* we speak 1 to 3 and tried 3 */
    EXPECT_EQ(masc_backoff_version(3, 2, 1, 3), 2);
    EXPECT_EQ(masc_backoff_version(3, 1, 1, 3), 1);
    EXPECT_EQ(masc_backoff_version(3, 0, 1, 3), 0);
    /* then 2 was refused as well */
    EXPECT_EQ(masc_backoff_version(2, 1, 1, 3), 1);
    /* upwards is no way: it would never end */
    EXPECT_EQ(masc_backoff_version(1, 2, 1, 3), 0);
    EXPECT_EQ(masc_backoff_version(2, 2, 1, 3), 0);
    /* what the peer would take, we do not speak */
    EXPECT_EQ(masc_backoff_version(4, 2, 3, 4), 0);
    EXPECT_EQ(masc_backoff_version(1, 1, 1, 1), 0);
}
