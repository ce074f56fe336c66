/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * time: two clocks as two types that do not mix.
 *
 * mono_t counts milliseconds of a monotonic clock of unspecified origin: timers (Hold, KeepAlive,
 * ConnectRetry, Claim-Timer, random delays). wall_t counts seconds since 1970-01-01 00:00 UTC:
 * Claim Timestamps and the expiry of prefixes. A step of the wall clock neither matures nor delays
 * a claim (readings A-107). A core never reads a clock: the host reads both once per turn and every
 * event carries them.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

typedef struct { int64_t ms; } mono_t;
typedef struct { int64_t s; } wall_t;

struct now {
    mono_t mono;
    wall_t wall;
};

/* Later than any time; as a deadline: nothing is due. */
#define MONO_NEVER ((mono_t){INT64_MAX})

/* Saturates: at MONO_NEVER, or at INT64_MIN when `ms` is negative. */
static inline mono_t mono_add_ms(mono_t t, int64_t ms)
{
    int64_t sum;
    if (__builtin_add_overflow(t.ms, ms, &sum))
        return (mono_t){ms < 0 ? INT64_MIN : INT64_MAX};
    return (mono_t){sum};
}

static inline mono_t mono_min(mono_t a, mono_t b)
{
    return a.ms < b.ms ? a : b;
}

/* A timer set to `t` is due at `now`; MONO_NEVER never is. */
static inline int mono_due(mono_t t, mono_t now)
{
    return t.ms != INT64_MAX && t.ms <= now.ms;
}

/* The monotonic time at which the wall clock will read `at`, if it is not stepped; in the past if
 * it did already, MONO_NEVER if that is too far to count. */
static inline mono_t mono_of_wall(struct now now, wall_t at)
{
    int64_t s, ms;
    if (__builtin_sub_overflow(at.s, now.wall.s, &s) || __builtin_mul_overflow(s, 1000, &ms))
        return (mono_t){at.s < now.wall.s ? INT64_MIN : INT64_MAX};
    return mono_add_ms(now.mono, ms);
}

#endif
