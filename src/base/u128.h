/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * u128: the 128-bit unsigned integer that holds addresses, masks and MASC identifiers.
 *
 * RFC 2909 7.2 calls identifiers unsigned integers of 4 or 16 octets; both are kept here
 * zero-extended and compared numerically (readings A-03). IPv4 addresses occupy the low 32 bits.
 */
#ifndef BASE_U128_H
#define BASE_U128_H

#include <stdint.h>

__extension__ typedef unsigned __int128 u128;

static inline u128 u128_of(uint64_t hi, uint64_t lo)
{
    return (u128)hi << 64 | lo;
}

static inline uint64_t u128_hi(u128 x)
{
    return (uint64_t)(x >> 64);
}

static inline uint64_t u128_lo(u128 x)
{
    return (uint64_t)x;
}

#endif
