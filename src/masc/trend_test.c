/* SPDX-License-Identifier: BSD-2-Clause */
/* trend_test: what use will be one waiting period from now. */
#include "masc/choose.h"

#include "base/prng.h"
#include "tests/tap.h"

#define HOUR 3600
#define SPAN 172800 /* [WAITING_PERIOD] */

static void fill(struct masc_trend *t, int64_t from_s, uint64_t (*use)(int64_t))
{
    for (int64_t at = 0; at <= SPAN; at += HOUR)
        masc_trend_add(t, from_s + at, use(at), SPAN);
}

static uint64_t steady(int64_t at)
{
    (void)at;
    return 5000;
}

static uint64_t rising(int64_t at)
{
    return 1000 + (uint64_t)at / 100;
}

static uint64_t falling(int64_t at)
{
    return 5000 - (uint64_t)at / 100;
}

TEST(empty_and_single, "")
{
    struct masc_trend t = {.n = 0};

    EXPECT_UEQ(masc_trend_predict(&t, 0), 0);
    EXPECT_UEQ(masc_trend_peak(&t), 0);
    masc_trend_add(&t, 1000, 77, SPAN);
    EXPECT_UEQ(masc_trend_predict(&t, 1000 + SPAN), 77);
    EXPECT_UEQ(masc_trend_peak(&t), 77);
    masc_trend_add(&t, 1000, 70, SPAN); /* the same second */
    EXPECT_EQ(t.n, 1);
    EXPECT_UEQ(masc_trend_predict(&t, 1000 + SPAN), 70);
    EXPECT_UEQ(masc_trend_peak(&t), 77);
}

TEST(lines_are_continued, "")
{
    struct masc_trend t = {.n = 0};

    fill(&t, 1700000000, steady);
    EXPECT_UEQ(masc_trend_predict(&t, 1700000000 + 2 * SPAN), 5000);
    t.n = 0;
    fill(&t, 1700000000, rising);
    EXPECT_UEQ(masc_trend_predict(&t, 1700000000 + 2 * SPAN), 1000 + 2 * SPAN / 100);
    EXPECT_UEQ(masc_trend_predict(&t, 1700000000 + SPAN + SPAN / 2),
               1000 + (SPAN + SPAN / 2) / 100);
    t.n = 0;
    fill(&t, -1700000000, falling);
    EXPECT_UEQ(masc_trend_predict(&t, -1700000000 + 2 * SPAN), 5000 - 2 * SPAN / 100);
    EXPECT_UEQ(masc_trend_peak(&t), 5000);
}

TEST(falling_stops_at_zero, "")
{
    struct masc_trend t = {.n = 0};

    for (int64_t at = 0; at <= SPAN; at += HOUR)
        masc_trend_add(&t, at, (uint64_t)(SPAN - at) / 100, SPAN);
    EXPECT_UEQ(masc_trend_predict(&t, 3 * (int64_t)SPAN), 0);
}

TEST(looks_no_further_ahead_than_back, "")
{
    struct masc_trend t = {.n = 0};

    masc_trend_add(&t, 0, 0, SPAN);
    masc_trend_add(&t, 3 * HOUR, 1000, SPAN);
    EXPECT_UEQ(masc_trend_predict(&t, 4 * HOUR), 1333);
    EXPECT_UEQ(masc_trend_predict(&t, 6 * HOUR), 2000);
    EXPECT_UEQ(masc_trend_predict(&t, 3 * HOUR + SPAN), 2000);
    EXPECT_UEQ(masc_trend_predict(&t, 0), 1000); /* not before the last sample either */
    t.n = 0;
    masc_trend_add(&t, 0, 3000, SPAN);
    masc_trend_add(&t, 3 * HOUR, 2000, SPAN);
    EXPECT_UEQ(masc_trend_predict(&t, 3 * HOUR + SPAN), 1000);
}

TEST(a_step_is_not_a_flood, "")
{
    struct masc_trend t = {.n = 0};

    for (int64_t at = 0; at <= 2 * (int64_t)SPAN; at += HOUR) {
        uint64_t predicted;

        masc_trend_add(&t, at, at < SPAN ? 1000 : 3000, SPAN);
        predicted = masc_trend_predict(&t, at + SPAN);
        EXPECT(predicted >= (at < SPAN ? 1000 : 3000));
        EXPECT(predicted <= (at < SPAN ? 1000 : 5000));
    }
    masc_trend_add(&t, 2 * (int64_t)SPAN + 4 * HOUR, 3000, SPAN);
    EXPECT_UEQ(masc_trend_predict(&t, 4 * (int64_t)SPAN), 3000);
}

TEST(points_stay_apart_and_fall_out, "")
{
    struct masc_trend t = {.n = 0};
    struct prng rng = prng_init(5);
    int64_t at = 0, first = 0;

    for (unsigned i = 0; i < 20000; i++) {
        at += (int64_t)prng_below(&rng, i % 1000 < 20 ? 40000 : 1000);
        first = i == 0 ? at : first;
        masc_trend_add(&t, at, i, SPAN);
        EXPECT_EQ(t.at_s[t.n - 1], at);
        EXPECT_UEQ(t.used[t.n - 1], i);
        EXPECT(t.n <= MASC_SAMPLES && (t.n < 2 || at - t.at_s[1] < SPAN));
        for (unsigned k = 1; k + 1 < t.n; k++)
            EXPECT(t.at_s[k] - t.at_s[k - 1] >= SPAN / 12);
        /* the whole period is in view, whatever the rate of samples */
        EXPECT(t.at_s[0] == first || at - t.at_s[0] >= SPAN);
    }
}

TEST(peak_remembers_between_points, "")
{
    struct masc_trend t = {.n = 0};

    masc_trend_add(&t, 0, 10, SPAN);
    masc_trend_add(&t, 100, 900, SPAN);
    masc_trend_add(&t, 200, 10, SPAN);
    masc_trend_add(&t, 300, 20, SPAN);
    EXPECT_EQ(t.n, 2);
    EXPECT_UEQ(masc_trend_peak(&t), 900);
    masc_trend_add(&t, 20000, 10, SPAN); /* in the place of the point at 300 */
    EXPECT_EQ(t.n, 2);
    masc_trend_add(&t, 40000, 30, SPAN);
    masc_trend_add(&t, SPAN + 20000, 10, SPAN);
    EXPECT_UEQ(masc_trend_peak(&t), 900);
    masc_trend_add(&t, SPAN + 40000, 10, SPAN);
    EXPECT_UEQ(masc_trend_peak(&t), 30);
}

TEST(a_clock_that_steps_back, "")
{
    struct masc_trend t = {.n = 0};

    masc_trend_add(&t, 1000, 10, SPAN);
    masc_trend_add(&t, 50000, 20, SPAN);
    masc_trend_add(&t, 10, 30, SPAN);
    EXPECT_EQ(t.n, 2);
    EXPECT_EQ(t.at_s[1], 50000);
    EXPECT_UEQ(t.used[1], 30);
}

TEST(extremes_do_not_overflow, "")
{
    struct masc_trend t = {.n = 0};

    masc_trend_add(&t, INT64_MIN, 0, INT64_MAX);
    masc_trend_add(&t, INT64_MAX, UINT64_MAX, INT64_MAX); /* the first is out of sight */
    EXPECT_UEQ(masc_trend_predict(&t, INT64_MAX), UINT64_MAX);
    masc_trend_add(&t, INT64_MAX, 5, INT64_MAX);
    EXPECT_UEQ(masc_trend_peak(&t), UINT64_MAX);
    t.n = 0;
    for (int64_t i = 0; i < 32; i++)
        masc_trend_add(&t, INT64_MAX / 32 * i, (uint64_t)i * (UINT64_MAX / 32), INT64_MAX);
    /* times are cut to 20 bits */
    EXPECT(masc_trend_predict(&t, 0) >= UINT64_MAX / 32 * 31);
    EXPECT(masc_trend_predict(&t, 0) - UINT64_MAX / 32 * 31 < UINT64_MAX >> 19);
    EXPECT_UEQ(masc_trend_predict(&t, INT64_MAX), UINT64_MAX);
    t = (struct masc_trend){.at_s = {INT64_MIN, INT64_MAX}, .used = {0, UINT64_MAX}, .n = 2};
    EXPECT_UEQ(masc_trend_predict(&t, INT64_MAX), UINT64_MAX);
    t = (struct masc_trend){.at_s = {0, 10}, .used = {0, UINT64_MAX}, .n = 2};
    EXPECT_UEQ(masc_trend_predict(&t, 20), UINT64_MAX);
    t = (struct masc_trend){.at_s = {0, 10}, .used = {UINT64_MAX, 0}, .n = 2};
    EXPECT_UEQ(masc_trend_predict(&t, 20), 0);
    t = (struct masc_trend){.at_s = {0, 1}, .used = {UINT64_MAX, UINT64_MAX}, .n = 2};
    EXPECT_UEQ(masc_trend_predict(&t, INT64_MAX), UINT64_MAX);
}

TEST(short_spans_do_not_overflow_the_samples, "")
{
    struct masc_trend t = {.n = 0};

    for (int64_t at = 0; at < 100; at++) {
        masc_trend_add(&t, at, (uint64_t)at, 23);
        REQUIRE(t.n <= MASC_SAMPLES);
    }
    EXPECT_UEQ(masc_trend_predict(&t, 104), 104);
}

TEST(no_span_and_no_time, "")
{
    struct masc_trend t = {.n = 0};

    for (unsigned i = 0; i < 100; i++)
        masc_trend_add(&t, 5, i, 0);
    EXPECT_EQ(t.n, 1);
    EXPECT_UEQ(masc_trend_predict(&t, 500), 99);
    EXPECT_UEQ(masc_trend_peak(&t), 99);
    t = (struct masc_trend){.at_s = {7, 7, 7}, .used = {1, 2, 9}, .n = 3};
    EXPECT_UEQ(masc_trend_predict(&t, 500), 9);
}
