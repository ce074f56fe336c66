/* SPDX-License-Identifier: BSD-2-Clause */
/* rd: values, and that the first failure sticks at every truncation. */
#include "base/rd.h"

#include <string.h>

#include "tests/tap.h"

#define ALL_OCTETS 43

/* What one pass over a structure of every kind of element yields. */
struct all {
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    u128 short_uint;
    u128 long_uint;
    uint16_t inner_u16;
    const uint8_t *inner_bytes;
    const uint8_t *bytes;
    bool inner_done;
};

/* Octets 1..43: nothing that is read is zero by itself. */
static void fill(uint8_t *bytes)
{
    for (uint8_t i = 0; i < ALL_OCTETS; i++)
        bytes[i] = (uint8_t)(i + 1);
}

static struct all read_all(struct rd *r)
{
    struct all v;
    struct rd inner;

    v.u8 = rd_u8(r);
    v.u16 = rd_u16(r);
    v.u32 = rd_u32(r);
    v.u64 = rd_u64(r);
    v.short_uint = rd_uint(r, 4);
    v.long_uint = rd_uint(r, 16);
    inner = rd_sub(r, 5);
    v.inner_u16 = rd_u16(&inner);
    v.inner_bytes = rd_bytes(&inner, 3);
    v.inner_done = rd_done(&inner);
    v.bytes = rd_bytes(r, 3);
    return v;
}

TEST(values_are_big_endian, "")
{
    uint8_t bytes[ALL_OCTETS];

    fill(bytes);
    struct rd r = rd_init(bytes, sizeof(bytes));
    struct all v = read_all(&r);
    EXPECT_UEQ(v.u8, 0x01);
    EXPECT_UEQ(v.u16, 0x0203);
    EXPECT_UEQ(v.u32, 0x04050607);
    EXPECT_UEQ(v.u64, 0x08090a0b0c0d0e0f);
    EXPECT(v.short_uint == 0x10111213);
    EXPECT_UEQ(u128_hi(v.long_uint), 0x1415161718191a1b);
    EXPECT_UEQ(u128_lo(v.long_uint), 0x1c1d1e1f20212223);
    EXPECT_UEQ(v.inner_u16, 0x2425);
    EXPECT(v.inner_bytes == bytes + 37);
    EXPECT(v.inner_done);
    EXPECT(v.bytes == bytes + 40);
    EXPECT(rd_done(&r));
}

/* Everything from the element that is cut on is zero. */
TEST(failure_sticks_at_every_truncation, "")
{
    uint8_t bytes[ALL_OCTETS];

    fill(bytes);
    for (size_t len = 0; len < ALL_OCTETS; len++) {
        struct rd r = rd_init(bytes, len);
        struct all v = read_all(&r);
        EXPECT(!rd_ok(&r));
        EXPECT(!rd_done(&r));
        EXPECT_EQ(v.u8 != 0, len >= 1);
        EXPECT_EQ(v.u16 != 0, len >= 3);
        EXPECT_EQ(v.u32 != 0, len >= 7);
        EXPECT_EQ(v.u64 != 0, len >= 15);
        EXPECT_EQ(v.short_uint != 0, len >= 19);
        EXPECT_EQ(v.long_uint != 0, len >= 35);
        EXPECT_EQ(v.inner_u16 != 0, len >= 40);
        EXPECT_EQ(v.inner_bytes != NULL, len >= 40);
        EXPECT_EQ(v.inner_done, len >= 40);
        EXPECT(v.bytes == NULL);
    }
}

TEST(failure_moves_nothing, "")
{
    static const uint8_t bytes[7] = {1, 2, 3, 4, 5, 6, 7};
    struct rd r = rd_init(bytes, sizeof(bytes));

    EXPECT_UEQ(rd_u64(&r), 0); /* 7 of 8 octets are there */
    EXPECT(!rd_ok(&r));
    EXPECT(r.p == bytes && r.left == 7);
    EXPECT_UEQ(rd_u8(&r), 0); /* would fit, but the reader has failed */
    EXPECT(rd_uint(&r, 4) == 0);
    EXPECT(rd_uint(&r, 16) == 0);
    EXPECT(rd_bytes(&r, 0) == NULL);
    EXPECT(r.p == bytes && r.left == 7);
    EXPECT(!rd_done(&r));
}

TEST(sub_reader_stays_inside, "")
{
    static const uint8_t bytes[6] = {1, 2, 3, 4, 5, 6};
    struct rd r = rd_init(bytes, sizeof(bytes));
    struct rd sub = rd_sub(&r, 3);

    EXPECT_UEQ(rd_u16(&sub), 0x0102);
    EXPECT_UEQ(rd_u16(&sub), 0); /* the parent has more, the child does not see it */
    EXPECT(!rd_ok(&sub));
    EXPECT(rd_ok(&r));
    EXPECT_UEQ(rd_u8(&r), 4);
}

TEST(sub_reader_fails_with_parent, "")
{
    static const uint8_t bytes[2] = {1, 2};
    struct rd r = rd_init(bytes, sizeof(bytes));
    struct rd sub = rd_sub(&r, 3);

    EXPECT(!rd_ok(&sub) && !rd_ok(&r));
    sub = rd_sub(&r, 1);
    EXPECT(!rd_ok(&sub));
    EXPECT(sub.left == 0);
    EXPECT_UEQ(rd_u8(&sub), 0);
}

TEST(nothing_to_read, "")
{
    struct rd r = rd_init(NULL, 0);
    struct rd sub;

    EXPECT(rd_done(&r));
    EXPECT(rd_bytes(&r, 0) != NULL);
    sub = rd_sub(&r, 0);
    EXPECT(rd_done(&sub));
    EXPECT(rd_done(&r));
    EXPECT_UEQ(rd_u8(&r), 0);
    EXPECT(!rd_ok(&r));
}

TEST(leftover_is_not_done, "")
{
    static const uint8_t bytes[2] = {1, 2};
    struct rd r = rd_init(bytes, sizeof(bytes));

    EXPECT_UEQ(rd_u8(&r), 1);
    EXPECT(rd_ok(&r));
    EXPECT(!rd_done(&r));
}

TEST(huge_length_does_not_wrap, "")
{
    static const uint8_t bytes[4] = {1, 2, 3, 4};
    struct rd r = rd_init(bytes, sizeof(bytes));

    EXPECT_UEQ(rd_u8(&r), 1);
    EXPECT(rd_bytes(&r, SIZE_MAX) == NULL);
    EXPECT(!rd_ok(&r));
}

TEST(halves_of_128_bits, "")
{
    u128 x = u128_of(0x0123456789abcdef, 0xfedcba9876543210);

    EXPECT_UEQ(u128_hi(x), 0x0123456789abcdef);
    EXPECT_UEQ(u128_lo(x), 0xfedcba9876543210);
    EXPECT(u128_of(1, 0) > u128_of(0, UINT64_MAX));
}
