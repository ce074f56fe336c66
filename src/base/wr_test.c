/* SPDX-License-Identifier: BSD-2-Clause */
/* wr: octets, failure that sticks at every capacity, and reading back what was written. */
#include "base/wr.h"

#include <string.h>

#include "base/prng.h"
#include "base/rd.h"
#include "tests/tap.h"

#define ALL_OCTETS 34

static void write_all(struct wr *w)
{
    wr_u8(w, 0x01);
    wr_u16(w, 0x0203);
    wr_u32(w, 0x04050607);
    wr_uint(w, 0x08090a0b, 4);
    wr_uint(w, u128_of(0x0c0d0e0f10111213, 0x1415161718191a1b), 16);
    wr_bytes(w, "\x1c\x1d\x1e\x1f\x20\x21\x22", 7);
}

TEST(values_are_big_endian, "")
{
    uint8_t bytes[ALL_OCTETS], expected[ALL_OCTETS];
    struct wr w = wr_init(bytes, sizeof(bytes));

    for (uint8_t i = 0; i < ALL_OCTETS; i++)
        expected[i] = (uint8_t)(i + 1);
    write_all(&w);
    EXPECT(wr_ok(&w));
    EXPECT_UEQ(w.len, ALL_OCTETS);
    EXPECT_MEM(bytes, expected, ALL_OCTETS);
}

/* What fits whole is kept, nothing else is touched, and small things do not slip in later. */
TEST(failure_sticks_at_every_capacity, "")
{
    static const size_t ends[] = {0, 1, 3, 7, 11, 27, ALL_OCTETS};
    uint8_t bytes[ALL_OCTETS + 1];

    for (size_t cap = 0; cap < ALL_OCTETS; cap++) {
        struct wr w = wr_init(bytes, cap);
        size_t kept = 0;
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
            if (ends[i] <= cap)
                kept = ends[i];
        memset(bytes, 0xEE, sizeof(bytes));
        write_all(&w);
        EXPECT(!wr_ok(&w));
        EXPECT_UEQ(w.len, kept);
        wr_u8(&w, 0xAA);
        wr_bytes(&w, "x", 1);
        EXPECT(wr_take(&w, 0) == NULL);
        EXPECT_UEQ(w.len, kept);
        for (size_t i = 0; i < sizeof(bytes); i++)
            EXPECT_UEQ(bytes[i], i < kept ? i + 1 : 0xEE);
    }
}

TEST(uint_that_does_not_fit_four_octets, "")
{
    uint8_t bytes[16] = {0};
    struct wr w = wr_init(bytes, sizeof(bytes));

    wr_uint(&w, 0xFFFFFFFF, 4);
    EXPECT(wr_ok(&w));
    wr_uint(&w, (u128)1 << 32, 4);
    EXPECT(!wr_ok(&w));
    EXPECT_UEQ(w.len, 4);
}

TEST(patch, "")
{
    uint8_t bytes[6];
    struct wr w = wr_init(bytes, sizeof(bytes));

    wr_u32(&w, 0x11223344);
    wr_patch_u16(&w, 1, 0xABCD);
    EXPECT_MEM(bytes, "\x11\xab\xcd\x44", 4);
    wr_patch_u16(&w, 2, 0x5566);
    EXPECT_MEM(bytes, "\x11\xab\x55\x66", 4);
    wr_patch_u16(&w, 3, 0x7788); /* only what was written can be patched */
    EXPECT_MEM(bytes, "\x11\xab\x55\x66", 4);
    wr_uint(&w, 0, 16);
    wr_patch_u16(&w, 0, 0x7788); /* failed: leaves everything alone */
    EXPECT_MEM(bytes, "\x11\xab\x55\x66", 4);
}

TEST(take, "")
{
    uint8_t bytes[4];
    struct wr w = wr_init(bytes, sizeof(bytes));

    EXPECT(wr_take(&w, 3) == bytes);
    EXPECT(wr_take(&w, 0) == bytes + 3);
    EXPECT(wr_take(&w, SIZE_MAX) == NULL);
    EXPECT(!wr_ok(&w));
    EXPECT_UEQ(w.len, 3);
}

TEST(no_room, "")
{
    uint8_t byte = 0xEE;
    struct wr w = wr_init(&byte, 0);

    wr_bytes(&w, NULL, 0);
    EXPECT(wr_ok(&w));
    EXPECT(wr_take(&w, 0) == &byte);
    wr_u8(&w, 1);
    EXPECT(!wr_ok(&w));
    EXPECT_UEQ(byte, 0xEE);
}

TEST(reads_back, "")
{
    struct prng g = prng_init(2909);
    uint8_t bytes[39];

    for (int i = 0; i < 1000; i++) {
        uint64_t a = prng_u64(&g), b = prng_u64(&g);
        struct wr w = wr_init(bytes, sizeof(bytes));
        wr_u8(&w, (uint8_t)a);
        wr_u16(&w, (uint16_t)a);
        wr_u32(&w, (uint32_t)a);
        wr_uint(&w, (uint32_t)b, 4);
        wr_uint(&w, u128_of(a, b), 16);
        EXPECT(wr_ok(&w));
        struct rd r = rd_init(bytes, w.len);
        EXPECT_UEQ(rd_u8(&r), (uint8_t)a);
        EXPECT_UEQ(rd_u16(&r), (uint16_t)a);
        EXPECT_UEQ(rd_u32(&r), (uint32_t)a);
        EXPECT(rd_uint(&r, 4) == (uint32_t)b);
        EXPECT(rd_uint(&r, 16) == u128_of(a, b));
        EXPECT(rd_done(&r));
    }
}
