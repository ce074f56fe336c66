/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * when: times as people say them; see when.h.
 *
 * The date is left out when it is today's, the seconds when they do not matter. The words for
 * lengths are those of base/row.h, so that logs and the command line speak alike.
 */
#include "cli/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/row.h"
#include "base/text.h"

char *when_span(char *dst, uint64_t seconds)
{
    struct wr w = wr_init(dst, WHEN_TEXT_MAX);

    row_write_duration(&w, seconds, " ");
    return wr_nul(&w);
}

char *when_short(char *dst, int64_t at_s, int64_t now_s)
{
    char span[WHEN_TEXT_MAX];

    if (at_s == now_s)
        snprintf(dst, WHEN_TEXT_MAX, "now");
    else if (at_s > now_s)
        snprintf(dst, WHEN_TEXT_MAX, "in %s", when_span(span, (uint64_t)(at_s - now_s)));
    else
        snprintf(dst, WHEN_TEXT_MAX, "%s ago", when_span(span, (uint64_t)(now_s - at_s)));
    return dst;
}

/* False for times that this libc cannot put into a calendar. */
static bool local(int64_t at_s, struct tm *tm)
{
    time_t t = (time_t)at_s;

    return localtime_r(&t, tm) != NULL;
}

static size_t add_date(char *dst, size_t cap, int64_t at_s, int64_t now_s)
{
    struct tm at, now;

    if (!local(at_s, &at) || !local(now_s, &now))
        return 0;
    if (at.tm_year != now.tm_year || at.tm_yday != now.tm_yday)
        return strftime(dst, cap, ", %Y-%m-%d %H:%M", &at);
    return strftime(dst, cap, at_s - now_s < 3600 ? ", %H:%M:%S" : ", %H:%M", &at);
}

char *when_long(char *dst, int64_t at_s, int64_t now_s)
{
    size_t len;

    when_short(dst, at_s, now_s);
    if (at_s <= now_s)
        return dst;
    len = strlen(dst);
    if (add_date(dst + len, WHEN_TEXT_MAX - len, at_s, now_s) == 0)
        dst[len] = '\0';
    return dst;
}

char *when_clock(char *dst, int64_t at_s)
{
    struct tm at;

    if (!local(at_s, &at) || strftime(dst, WHEN_TEXT_MAX, "%H:%M:%S", &at) == 0)
        snprintf(dst, WHEN_TEXT_MAX, "--:--:--");
    return dst;
}
