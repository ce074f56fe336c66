/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arithmetic promised in backoff.h: integers only, no state but the generator's. Seconds come
 * from the configuration and from OPENs, so nothing here may overflow for any 32-bit value; and a
 * wait of 0 is never given, because a timer of 0 would spin.
 */
#include "masc/backoff.h"

uint32_t masc_backoff_start_s(unsigned errors, uint32_t first_s, uint32_t max_s)
{
    uint64_t s = first_s ? first_s : 1;

    for (unsigned i = 1; i < errors && s < max_s; i++)
        s *= 2;
    return s < max_s ? (uint32_t)s : max_s ? max_s : 1;
}

int64_t masc_backoff_retry_ms(struct prng *g, uint32_t seconds)
{
    uint64_t ms = (seconds ? (uint64_t)seconds : 1) * 1000;

    return (int64_t)(ms - prng_below(g, ms / 4 + 1));
}

int64_t masc_backoff_keepalive_ms(struct prng *g, uint16_t hold_time_s)
{
    uint64_t longest = (uint64_t)hold_time_s * 1000 / 3;
    uint64_t shortest;

    if (longest < 1000)
        longest = 1000;
    shortest = longest - longest / 4;
    if (shortest < 1000)
        shortest = 1000;
    return (int64_t)(shortest + prng_below(g, longest - shortest + 1));
}

uint8_t masc_backoff_version(uint8_t tried, uint8_t offered, uint8_t lowest, uint8_t highest)
{
    if (offered >= tried || offered < lowest || offered > highest)
        return 0;
    return offered;
}
