/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wr: the writer through which all bytes to outside pass.
 *
 * Appends to a caller's buffer of fixed size; the first value that does not fit whole fails the
 * writer for good and leaves what was written before it. Lengths that are known only afterwards are
 * patched with wr_patch_u16(). All integers are big-endian. Check once, with wr_ok().
 */
#ifndef BASE_WR_H
#define BASE_WR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/u128.h"

struct wr {
    uint8_t *buf; /* borrowed */
    size_t cap;
    size_t len;   /* octets written */
    bool failed;  /* sticky */
};

/* `buf` is not NULL, also if `cap` is 0. */
static inline struct wr wr_init(void *buf, size_t cap)
{
    return (struct wr){.buf = buf, .cap = cap, .len = 0, .failed = false};
}

/* Room for `n` octets, counted as written; NULL once failed. */
static inline uint8_t *wr_take(struct wr *w, size_t n)
{
    uint8_t *p;
    if (w->failed || n > w->cap - w->len) {
        w->failed = true;
        return NULL;
    }
    p = w->buf + w->len;
    w->len += n;
    return p;
}

static inline void wr_bytes(struct wr *w, const void *bytes, size_t n)
{
    uint8_t *p = wr_take(w, n);
    if (p && n)
        memcpy(p, bytes, n);
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
    uint8_t *p = wr_take(w, 1);
    if (p)
        p[0] = v;
}

static inline void wr_u16(struct wr *w, uint16_t v)
{
    uint8_t *p = wr_take(w, 2);
    if (p) {
        p[0] = (uint8_t)(v >> 8);
        p[1] = (uint8_t)v;
    }
}

static inline void wr_u32(struct wr *w, uint32_t v)
{
    uint8_t *p = wr_take(w, 4);
    if (p) {
        p[0] = (uint8_t)(v >> 24);
        p[1] = (uint8_t)(v >> 16);
        p[2] = (uint8_t)(v >> 8);
        p[3] = (uint8_t)v;
    }
}

/* An unsigned big-endian integer of 4 or 16 octets; fails if `v` does not fit in 4. */
static inline void wr_uint(struct wr *w, u128 v, size_t octets)
{
    uint8_t *p;
    if (octets == 4) {
        if (v >> 32)
            w->failed = true;
        wr_u32(w, (uint32_t)v);
        return;
    }
    p = wr_take(w, 16);
    for (int i = 15; p && i >= 0; i--) {
        p[i] = (uint8_t)v;
        v >>= 8;
    }
}

/* Overwrites two octets already written at `at`. */
static inline void wr_patch_u16(struct wr *w, size_t at, uint16_t v)
{
    if (w->failed || at + 2 > w->len)
        return;
    w->buf[at] = (uint8_t)(v >> 8);
    w->buf[at + 1] = (uint8_t)v;
}

static inline bool wr_ok(const struct wr *w)
{
    return !w->failed;
}

#endif
