/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prefix: an address family, an address and a mask length: what MASC claims.
 *
 * Masks are contiguous (readings A-29), so a mask is its length and two prefixes are equal, nested
 * or disjoint. IPv4 addresses sit in the low 32 bits of `addr`. A prefix is *normal* when
 * no bit past its length is set; every function here keeps that and expects it.
 * Address 0 with a length is a hint: a wish for that size anywhere (RFC 2909 11.5).
 */
#ifndef BASE_PREFIX_H
#define BASE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/u128.h"

/* RFC 2909 7.2 AddrFam (IANA address family numbers). */
enum family { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

struct prefix {
    u128 addr;
    uint8_t family; /* enum family; 0 in an unset prefix */
    uint8_t len;    /* 0..32 or 0..128 */
};

struct addr {
    u128 addr;
    uint8_t family; /* enum family; 0 in an unset address */
};

/* Longest text of an address or prefix, with its final NUL. */
#define PREFIX_TEXT_MAX 48

static inline unsigned family_bits(uint8_t family)
{
    return family == FAMILY_IPV6 ? 128 : 32;
}

/* Octets of an address or identifier on the wire: 4 or 16. */
static inline size_t family_octets(uint8_t family)
{
    return family == FAMILY_IPV6 ? 16 : 4;
}

/* The mask of `len` leading ones in `family`. */
static inline u128 prefix_mask(uint8_t family, unsigned len)
{
    u128 all = family == FAMILY_IPV6 ? ~(u128)0 : 0xFFFFFFFFu;
    unsigned host = family_bits(family) - len;
    return host >= 128 ? 0 : (all >> host) << host;
}

static inline bool prefix_equal(struct prefix a, struct prefix b)
{
    return a.addr == b.addr && a.len == b.len && a.family == b.family;
}

/* `outer` covers `inner`: same family, equal or nested inside. */
static inline bool prefix_covers(struct prefix outer, struct prefix inner)
{
    return outer.family == inner.family && outer.len <= inner.len &&
           ((outer.addr ^ inner.addr) & prefix_mask(outer.family, outer.len)) == 0;
}

static inline bool prefix_overlaps(struct prefix a, struct prefix b)
{
    return prefix_covers(a, b) || prefix_covers(b, a);
}

/* The intersection of two overlapping prefixes: the longer one. */
static inline struct prefix prefix_common(struct prefix a, struct prefix b)
{
    return a.len >= b.len ? a : b;
}

/* The prefix of length `len` <= p.len that covers p. */
static inline struct prefix prefix_shorten(struct prefix p, uint8_t len)
{
    return (struct prefix){p.addr & prefix_mask(p.family, len), p.family, len};
}

/* The other half of the prefix that is one bit shorter. `p.len` > 0. */
static inline struct prefix prefix_buddy(struct prefix p)
{
    return (struct prefix){p.addr ^ ((u128)1 << (family_bits(p.family) - p.len)), p.family, p.len};
}

/* A hint asks for a size anywhere: Address 0. */
static inline bool prefix_is_hint(struct prefix p)
{
    return p.addr == 0;
}

/* Inside 224.0.0.0/4 or ff00::/8. */
bool prefix_is_multicast(struct prefix p);

/* Number of addresses; UINT64_MAX stands for 2^64 and more. */
uint64_t prefix_size(struct prefix p);

/* The longest length whose prefix holds at least `addresses` addresses; 0 if none does. CHECKs that
 * `addresses` >= 1. */
uint8_t prefix_len_for(uint8_t family, uint64_t addresses);

/* Order by family, address, then shorter first: a prefix comes right before what it covers.
 * Returns <0, 0 or >0. */
int prefix_compare(struct prefix a, struct prefix b);

/* Parses "239.1.0.0/16", "ff1e::/32" or an address alone (full length). Returns false, and leaves
 * *p alone, on anything else: bits past the length, a length out of range, leading zeros in a
 * decimal number, a zone, blanks, trailing text. addr_parse() takes an address alone. */
bool prefix_parse(struct prefix *p, const char *text);
bool addr_parse(struct addr *a, const char *text);

/* Writes the text (RFC 5952 for IPv6) and a NUL; returns `buf`. `buf` has PREFIX_TEXT_MAX. A prefix
 * always shows its length; what is unset is "-". */
char *prefix_format(struct prefix p, char *buf);
char *addr_format(struct addr a, char *buf);

#endif
