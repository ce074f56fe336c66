/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rd: the reader through which all bytes from outside pass.
 *
 * A cursor over borrowed bytes whose first failure sticks: after it every read yields zero and
 * moves nothing, so a decoder reads a whole structure and checks once, with rd_done() (everything
 * read, nothing failed) or rd_ok(). Nested lengths are read through a sub-reader, which can never
 * see past its parent. All integers are big-endian. No alignment is assumed.
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/u128.h"

struct rd {
    const uint8_t *p; /* next octet; borrowed */
    size_t left;      /* octets not yet read */
    bool failed;      /* sticky */
};

/* `bytes` may be NULL if `len` is 0. */
static inline struct rd rd_init(const void *bytes, size_t len)
{
    return (struct rd){.p = bytes ? bytes : "", .left = len, .failed = false};
}

/* Takes `n` octets and returns them (borrowed), or NULL once failed, with nothing taken. n = 0
 * gives a valid pointer. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t n)
{
    const uint8_t *p = r->p;
    if (r->failed || n > r->left) {
        r->failed = true;
        return NULL;
    }
    r->p += n;
    r->left -= n;
    return p;
}

static inline uint8_t rd_u8(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 1);
    return p ? p[0] : 0;
}

static inline uint16_t rd_u16(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 2);
    if (!p)
        return 0;
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t rd_u32(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 4);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint64_t rd_u64(struct rd *r)
{
    const uint8_t *p = rd_bytes(r, 8);
    uint64_t v = 0;
    for (int i = 0; p && i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

/* An unsigned big-endian integer of 4 or 16 octets, zero-extended (readings A-03). */
static inline u128 rd_uint(struct rd *r, size_t octets)
{
    const uint8_t *p = rd_bytes(r, octets == 4 ? 4 : 16);
    u128 v = 0;
    for (int i = 0; p && i < (octets == 4 ? 4 : 16); i++)
        v = v << 8 | p[i];
    return v;
}

/* A reader over the next `n` octets; fails with its parent, and the parent if they are missing. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
    const uint8_t *p = rd_bytes(r, n);
    return (struct rd){.p = p, .left = p ? n : 0, .failed = p == NULL};
}

static inline bool rd_ok(const struct rd *r)
{
    return !r->failed;
}

/* Nothing failed and nothing is left over. */
static inline bool rd_done(const struct rd *r)
{
    return !r->failed && r->left == 0;
}

#endif
