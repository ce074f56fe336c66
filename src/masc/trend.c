/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trend: addresses in use over the last waiting period, and where that leads (RFC 2909 17.1.2,
 * reading A-101).
 *
 * Points a twelfth of the period apart (four hours) are enough for a straight line. The newest one
 * is provisional: it moves along until it is far enough from its predecessor to stay. So a period
 * has 13 of them, the newest and the last one before it at most: 15 of MASC_SAMPLES.
 *
 * The line is fitted by least squares in unsigned integers. Times are taken relative to the oldest
 * point and shifted until they fit 20 bits (never, for periods below twelve days), uses have 64;
 * so with n <= 16 points the largest product, of the slope's numerator (n Sum xy <= 2^92) and a
 * distance in time (2^25), stays below 2^118.
 */
#include "masc/choose.h"

#define TIME_BITS 20
#define INTERVALS 12 /* in a period */

static uint64_t seconds_between(int64_t from, int64_t to)
{
    return (uint64_t)to - (uint64_t)from;
}

static void drop_oldest(struct masc_trend *t, unsigned count)
{
    for (unsigned i = count; i < t->n; i++) {
        t->at_s[i - count] = t->at_s[i];
        t->used[i - count] = t->used[i];
        t->peak[i - count] = t->peak[i];
    }
    t->n -= count;
}

/* The last point is of this very second, or too near to its predecessor to stay. */
static bool last_is_replaced(const struct masc_trend *t, int64_t at_s, int64_t span_s)
{
    if (t->n > 0 && t->at_s[t->n - 1] == at_s)
        return true;
    return t->n >= 2 &&
           seconds_between(t->at_s[t->n - 2], t->at_s[t->n - 1]) < (uint64_t)span_s / INTERVALS;
}

void masc_trend_add(struct masc_trend *t, int64_t at_s, uint64_t used, int64_t span_s)
{
    unsigned old = 0;
    uint64_t peak = used;

    if (t->n > 0 && at_s < t->at_s[t->n - 1])
        at_s = t->at_s[t->n - 1];
    if (last_is_replaced(t, at_s, span_s)) {
        t->n--;
        peak = t->peak[t->n] > used ? t->peak[t->n] : used;
    }
    while (old + 1 < t->n && seconds_between(t->at_s[old + 1], at_s) >= (uint64_t)span_s)
        old++;
    if (t->n - old == MASC_SAMPLES)
        old++;
    drop_oldest(t, old);
    t->at_s[t->n] = at_s;
    t->used[t->n] = used;
    t->peak[t->n] = peak;
    t->n++;
}

uint64_t masc_trend_peak(const struct masc_trend *t)
{
    uint64_t peak = 0;

    for (unsigned i = 0; i < t->n; i++)
        peak = t->peak[i] > peak ? t->peak[i] : peak;
    return peak;
}

/* The sums of a least squares fit; x = time since the oldest point, shifted. */
struct fit {
    u128 n, x, y, xx, xy;
    unsigned shift;
};

static struct fit fit_points(const struct masc_trend *t)
{
    struct fit f = {.n = t->n};

    while (seconds_between(t->at_s[0], t->at_s[t->n - 1]) >> f.shift >= (uint64_t)1 << TIME_BITS)
        f.shift++;
    for (unsigned i = 0; i < t->n; i++) {
        u128 x = seconds_between(t->at_s[0], t->at_s[i]) >> f.shift;

        f.x += x;
        f.y += t->used[i];
        f.xx += x * x;
        f.xy += x * t->used[i];
    }
    return f;
}

static uint64_t lowest_use(const struct masc_trend *t)
{
    uint64_t lowest = t->used[0];

    for (unsigned i = 1; i < t->n; i++)
        lowest = t->used[i] < lowest ? t->used[i] : lowest;
    return lowest;
}

/* The fitted line at `x`, not before any point; the flat line if all points have one time. */
static u128 value_at(const struct fit *f, u128 x, bool *rising)
{
    u128 spread = f->n * f->xx - f->x * f->x;
    u128 ahead = f->n * x - f->x; /* n times the distance from the mean time */
    u128 base = f->y * spread, change;

    *rising = f->n * f->xy >= f->x * f->y;
    if (spread == 0)
        return f->y / f->n;
    if (*rising) {
        change = (f->n * f->xy - f->x * f->y) * ahead;
        return (base + change) / (f->n * spread);
    }
    change = (f->x * f->y - f->n * f->xy) * ahead;
    return change < base ? (base - change) / (f->n * spread) : 0;
}

uint64_t masc_trend_predict(const struct masc_trend *t, int64_t at_s)
{
    struct fit f;
    uint64_t first_to_last, ahead = 0, last, most;
    u128 value;
    bool rising;

    if (t->n == 0)
        return 0;
    last = t->used[t->n - 1];
    if (t->n == 1)
        return last;
    f = fit_points(t);
    first_to_last = seconds_between(t->at_s[0], t->at_s[t->n - 1]);
    if (at_s > t->at_s[t->n - 1])
        ahead = seconds_between(t->at_s[t->n - 1], at_s);
    if (ahead > first_to_last)
        ahead = first_to_last;
    value = value_at(&f, ((u128)first_to_last + ahead) >> f.shift, &rising);
    if (!rising)
        return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
    most = last - lowest_use(t); /* as much again as it has grown */
    if (value > (u128)last + most)
        value = (u128)last + most;
    if (value > UINT64_MAX)
        value = UINT64_MAX;
    return value > last ? (uint64_t)value : last;
}
