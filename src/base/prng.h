/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prng: injected randomness.
 *
 * Cores draw from a generator seeded by their host, so that the same inputs and seed give the same
 * trace (invariant I-47). xoshiro256**, seeded through splitmix64; not for secrets.
 */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t s[4];
};

struct prng prng_init(uint64_t seed);

/* Uniform over all 64-bit values. */
uint64_t prng_u64(struct prng *g);

/* Uniform over [0, n), without modulo bias. CHECKs n > 0. */
uint64_t prng_below(struct prng *g, uint64_t n);

#endif
