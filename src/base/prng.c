/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prng: xoshiro256** with its state filled by splitmix64 (Blackman and Vigna).
 *
 * splitmix64 visits every 64-bit value once, so the four words are never all zero, which is the one
 * state the generator cannot leave. Only 64-bit integer arithmetic: the sequence is the same with
 * every compiler and on every machine (invariant I-47).
 */
#include "base/prng.h"

#include "base/check.h"
#include "base/u128.h"

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = *x += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

struct prng prng_init(uint64_t seed)
{
    struct prng g;

    for (int i = 0; i < 4; i++)
        g.s[i] = splitmix(&seed);
    return g;
}

uint64_t prng_u64(struct prng *g)
{
    uint64_t result = rotate(g->s[1] * 5, 7) * 9;
    uint64_t shifted = g->s[1] << 17;

    g->s[2] ^= g->s[0];
    g->s[3] ^= g->s[1];
    g->s[1] ^= g->s[2];
    g->s[0] ^= g->s[3];
    g->s[2] ^= shifted;
    g->s[3] = rotate(g->s[3], 45);
    return result;
}

/*
 * The high word of a draw times n is the answer (Lemire). Of the 2^64 draws, 2^64 mod n are too
 * many for a fair share: those whose low word is below that remainder are drawn again. The
 * remainder costs a division, and is needed only when the low word is below n.
 */
uint64_t prng_below(struct prng *g, uint64_t n)
{
    CHECK(n > 0);
    u128 product = (u128)prng_u64(g) * n;
    if (u128_lo(product) < n) {
        uint64_t unfair = (0 - n) % n;
        while (u128_lo(product) < unfair)
            product = (u128)prng_u64(g) * n;
    }
    return u128_hi(product);
}
