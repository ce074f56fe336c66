/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * when: times and lengths of time as people say them.
 *
 * A point in time is said both ways: how far it is and when it is in local time: "in 29d 4h,
 * 2026-12-20 14:00"; what is past only by how long ago: "3h ago". The short form leaves the date
 * out. Missing values (JSON null) are empty texts.
 */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stddef.h>
#include <stdint.h>

#define WHEN_TEXT_MAX 64

/* Each fills `dst` (WHEN_TEXT_MAX octets) and returns it. Times are seconds since 1970. */
char *when_long(char *dst, int64_t at_s, int64_t now_s);
char *when_short(char *dst, int64_t at_s, int64_t now_s);

/* "29d 4h", "12m", "0s". */
char *when_span(char *dst, uint64_t seconds);

/* Local time of day, "14:00:07". */
char *when_clock(char *dst, int64_t at_s);

#endif
