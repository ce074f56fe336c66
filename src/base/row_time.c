/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * row_time: lengths and points of time as people read them; see row.h.
 *
 * The calendar is the Gregorian one, also before 1582, without leap seconds (POSIX time). Dates are
 * found by counting years from 1 March of year 0: the leap day is then the last day of its year,
 * and the months from March on follow the even pattern 31 30 31 30 31.
 */
#include "base/row.h"

#include "base/text.h"

#define DAY_S 86400

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
#define WALL_FIRST (-62135596800)
#define WALL_LAST  253402300799

/* Days from 0000-03-01 to 1970-01-01. */
#define DAYS_TO_1970 719468

void row_write_duration(struct wr *w, uint64_t seconds, const char *sep)
{
    static const struct {
        uint64_t seconds;
        char name;
    } unit[] = {{DAY_S, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    int u = 0;

    while (u < 3 && seconds < unit[u].seconds)
        u++;
    wr_decimal(w, seconds / unit[u].seconds);
    wr_u8(w, (uint8_t)unit[u].name);
    if (u == 3)
        return;
    uint64_t rest = seconds % unit[u].seconds / unit[u + 1].seconds;
    if (rest == 0)
        return;
    wr_text(w, sep);
    wr_decimal(w, rest);
    wr_u8(w, (uint8_t)unit[u + 1].name);
}

/* As many decimal digits as `top`, a power of ten, has. */
static void write_digits(struct wr *w, unsigned v, unsigned top)
{
    for (; top > 0; top /= 10)
        wr_u8(w, (uint8_t)('0' + v / top % 10));
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * `day` counts from 0000-03-01. 400, 100, 4 years and 1 year have 146097, 36524, 1461 and 365 days,
 * the last of a kind being one day longer or shorter: a quotient of 4 belongs to the part before.
 */
static void write_date(struct wr *w, unsigned day)
{
    unsigned year = day / 146097 * 400;
    day %= 146097;
    unsigned century = least(day / 36524, 3);
    day -= century * 36524;
    unsigned leap = day / 1461;
    day %= 1461;
    unsigned single = least(day / 365, 3);
    day -= single * 365;
    year += century * 100 + leap * 4 + single;

    /* Every five months from March on have 153 days. */
    unsigned month = (day * 5 + 2) / 153;
    day -= (month * 153 + 2) / 5;
    write_digits(w, month < 10 ? year : year + 1, 1000);
    wr_u8(w, '-');
    write_digits(w, month < 10 ? month + 3 : month - 9, 10);
    wr_u8(w, '-');
    write_digits(w, day + 1, 10);
}

void row_write_wall(struct wr *w, wall_t t)
{
    if (t.s < WALL_FIRST || t.s > WALL_LAST) {
        wr_int(w, t.s);
        return;
    }
    uint64_t s = (uint64_t)(t.s + (int64_t)DAYS_TO_1970 * DAY_S);
    unsigned clock = (unsigned)(s % DAY_S);
    write_date(w, (unsigned)(s / DAY_S));
    wr_u8(w, 'T');
    write_digits(w, clock / 3600, 10);
    wr_u8(w, ':');
    write_digits(w, clock / 60 % 60, 10);
    wr_u8(w, ':');
    write_digits(w, clock % 60, 10);
    wr_u8(w, 'Z');
}
