/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backoff: how long to wait, and which version to try next: the small sums of the sessions.
 *
 * Jitter only shortens: what the RFC or the operator gives is the longest wait. The
 * start back-off has no jitter: its first value "shall be 60 seconds" (10.1).
 */
#ifndef MASC_BACKOFF_H
#define MASC_BACKOFF_H

#include <stdint.h>

#include "base/prng.h"

/* 10.1, A-47: seconds before the automatic Start that follows the `errors`-th error in a row
 * (1, 2, ...): `first_s` doubled each time, at most `max_s`. */
uint32_t masc_backoff_start_s(unsigned errors, uint32_t first_s, uint32_t max_s);

/* milliseconds between 75 and 100 per cent of `seconds` (at least 1 s). */
int64_t masc_backoff_retry_ms(struct prng *g, uint32_t seconds);

/* 7.4, A-41: milliseconds to the next KEEPALIVE under the negotiated Hold Time (not 0): a third of
 * it, shortened by at most a quarter, and never below one second. */
int64_t masc_backoff_keepalive_ms(struct prng *g, uint16_t hold_time_s);

/* 9: the version to try after `tried` was refused by 2/1 whose Data is `offered`, when we speak
 * `lowest` to `highest`; 0: none in common. Only downwards, so that it ends. */
uint8_t masc_backoff_version(uint8_t tried, uint8_t offered, uint8_t lowest, uint8_t highest);

#endif
