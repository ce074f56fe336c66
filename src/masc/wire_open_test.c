/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OPEN: layout, lengths by family, order of checks, Data of each error.
 */
#include "masc/wire.h"

#include <string.h>

#include "masc/config.h"
#include "tests/hex.h"
#include "tests/tap.h"

#define FIXED "0014 01 00 01 05 00F0 "
#define IDS "0000FDE9 C0000201 0000FDE8"
#define PAD12 "000000000000000000000000"

static struct masc_fault decode(struct masc_open *o, const struct hex *h)
{
    return masc_open_decode(o, h->at, h->len);
}

static bool refused(const struct hex *h, unsigned code, unsigned subcode, size_t data_from)
{
    struct masc_open o;
    struct masc_fault f = decode(&o, h);

    if (f.code == code && f.subcode == subcode && !f.open && f.data_len == h->len - data_from &&
        memcmp(f.data, h->at + data_from, f.data_len) == 0)
        return true;
    tap_diag("fault %u/%u open %d, %zu octets of Data", f.code, f.subcode, f.open, f.data_len);
    return false;
}

static bool accepted(const struct hex *h, struct masc_open *o)
{
    struct masc_fault f = decode(o, h);

    return !masc_fault_is(&f);
}

TEST(open_ipv4_fields, "M-7.2-04 M-7.2-06 M-7.2-09 M-7.2-10 M-7.2-11 M-7.2-17 M-7.2-19 M-7.2-21")
{
    struct hex h = hex(FIXED IDS);
    struct masc_open o;

    REQUIRE(accepted(&h, &o));
    EXPECT_EQ(o.version, 1);
    EXPECT_EQ(o.family, FAMILY_IPV4);
    EXPECT_EQ(o.role, MASC_CHILD);
    EXPECT_EQ(o.hold_time_s, 240);
    EXPECT(o.domain == 65001);
    EXPECT(o.node == 0xC0000201);
    EXPECT(o.parent == 65000);
}

TEST(open_ipv6_fields, "M-7.2-05 M-7.2-09 M-7.2-17 M-7.2-19 M-7.2-21")
{
    struct hex h = hex("0038 01 00 01 0A 005A " PAD12 "0000FDEA"
                       "20010DB8 00000000 00000000 00000002" PAD12 "0000FDE8");
    struct masc_open o;

    REQUIRE(accepted(&h, &o));
    EXPECT_EQ(o.family, FAMILY_IPV6);
    EXPECT_EQ(o.role, MASC_SIBLING);
    EXPECT_EQ(o.hold_time_s, 90);
    EXPECT(o.domain == 65002);
    EXPECT(o.node == u128_of(0x20010DB800000000, 2));
    EXPECT(o.parent == 65000);
}

TEST(open_roles, "M-7.2-10 M-7.2-09")
{
    for (unsigned role = 0; role < 4; role++)
        for (unsigned family = 1; family <= 2; family++) {
            struct masc_open out = {1, (uint8_t)family, (enum masc_role)role, 30, 5, 6, 7}, in;
            struct hex h = {.len = 0};
            struct wr w = wr_init(h.at, sizeof(h.at));
            masc_open_encode(&w, &out);
            h.len = w.len;
            EXPECT_EQ(h.at[5], family << 2 | role);
            REQUIRE(accepted(&h, &in));
            EXPECT_EQ(in.role, role);
            EXPECT_EQ(in.family, family);
        }
}

TEST(open_written, "M-7.2-06 M-7.2-07 M-7.2-27 M-7.1-04 M-7.1-06 M-7.2-05")
{
    struct masc_open o = {1, FAMILY_IPV4, MASC_CHILD, 240, 65001, 0xC0000201, 65000};
    struct hex want = hex(FIXED IDS), got = {.len = 0};
    struct wr w = wr_init(got.at, sizeof(got.at));

    masc_open_encode(&w, &o);
    EXPECT_UEQ(w.len, 20);
    EXPECT_MEM(got.at, want.at, 20);
    o.family = FAMILY_IPV6;
    want = hex("0038 01 00 01 09 00F0" PAD12 "0000FDE9" PAD12 "C0000201" PAD12 "0000FDE8");
    w = wr_init(got.at, sizeof(got.at));
    masc_open_encode(&w, &o);
    EXPECT_UEQ(w.len, 56);
    EXPECT_MEM(got.at, want.at, 56);
}

TEST(open_of_a_top_level_domain, "M-6-04")
{
    struct masc_open o = {1, FAMILY_IPV4, MASC_SIBLING, 240, 65001, 1, MASC_TLD_ID};
    uint8_t buf[64], zero[16] = {0};
    struct wr w = wr_init(buf, sizeof(buf));

    masc_open_encode(&w, &o);
    EXPECT_MEM(buf + 16, zero, 4);
    o.family = FAMILY_IPV6;
    w = wr_init(buf, sizeof(buf));
    masc_open_encode(&w, &o);
    EXPECT_MEM(buf + 40, zero, 16);
}

TEST(open_identifiers_too_long_for_ipv4, "")
{
    struct masc_open o = {1, FAMILY_IPV4, MASC_CHILD, 240, 65001, (u128)1 << 32, 65000};
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));

    masc_open_encode(&w, &o);
    EXPECT(!wr_ok(&w));
    o.family = 3;
    EXPECT_PANIC(masc_open_encode(&w, &o));
}

TEST(open_reserved_is_ignored, "M-7.2-08 M-7.1-07")
{
    struct hex h = hex(FIXED IDS), r = hex("0014 01 FF 01 85 00F0" IDS);
    struct masc_open a, b;

    REQUIRE(accepted(&h, &a) && accepted(&r, &b));
    EXPECT(a.family == b.family && a.role == b.role && a.hold_time_s == b.hold_time_s);
    EXPECT(a.domain == b.domain && a.node == b.node && a.parent == b.parent);
}

TEST(open_parameters, "M-7.2-25 M-7.2-26")
{
    static const char *const good[] = {"00C8", "03C8 616263", "00FF 00FF", "01C8 55 02C9 0000"};
    struct masc_open o;

    for (unsigned i = 0; i < 4; i++) {
        struct hex h = hex(FIXED IDS);
        hex_append(&h, good[i], 1);
        hex_set_length(&h);
        EXPECT(accepted(&h, &o));
        EXPECT(o.parent == 65000);
    }
    for (unsigned type = 0; type < 256; type++) {
        struct hex h = hex(FIXED IDS "0100AA");
        hex_set_length(&h);
        h.at[21] = (uint8_t)type;
        EXPECT(accepted(&h, &o));
    }
}

TEST(open_parameters_overrun, "M-7.2-28 M-8.2-02 M-8.2-01")
{
    static const char *const bad[] = {"00", "01C8", "04C8 616263", "00C8 FF", "FFC8 00"};

    for (unsigned i = 0; i < 5; i++) {
        struct hex h = hex(FIXED IDS);
        hex_append(&h, bad[i], 1);
        hex_set_length(&h);
        EXPECT(refused(&h, 2, 0, 4));
    }
}

TEST(open_version, "M-8.2-03 M-9-03")
{
    for (unsigned version = 0; version < 256; version++) {
        /* the rest would be wrong too: no family has number 31, nobody waits 1 second */
        struct hex h = hex("0014 01 00 01 7D 0001" IDS);
        struct masc_open o;
        struct masc_fault f;
        if (version == MASC_VERSION)
            continue;
        h.at[4] = (uint8_t)version;
        f = decode(&o, &h);
        EXPECT(f.code == 2 && f.subcode == 1 && !f.open);
        REQUIRE(f.data_len == 1);
        EXPECT_EQ(f.data[0], 1);
        EXPECT_EQ(o.version, version);
    }
}

TEST(open_family_unknown, "M-8.2-14 M-7.2-09 M-8.2-01")
{
    for (unsigned family = 0; family < 32; family++) {
        struct hex h = hex("0014 01 00 01 00 0001" IDS);
        if (family == 1 || family == 2)
            continue;
        h.at[5] = (uint8_t)(family << 2 | 1);
        EXPECT(refused(&h, 2, 13, 4));
    }
}

TEST(open_hold_time, "M-8.2-06 M-7.2-11")
{
    static const uint16_t time[] = {0, 1, 2, 3, 4, 255, 256, 65535};
    struct masc_open o;

    for (unsigned i = 0; i < 8; i++) {
        struct hex h = hex(FIXED IDS);
        h.at[6] = (uint8_t)(time[i] >> 8);
        h.at[7] = (uint8_t)time[i];
        if (time[i] == 1 || time[i] == 2) {
            EXPECT(refused(&h, 2, 6, 4));
            continue;
        }
        REQUIRE(accepted(&h, &o));
        EXPECT_EQ(o.hold_time_s, time[i]);
    }
}

TEST(open_too_short_for_its_family, "M-7.2-05 M-8.1-05")
{
    struct hex h = hex("0014 01 00 01 0A 005A");

    hex_append(&h, "00", 12);
    for (; h.len < 56; hex_append(&h, "00", 1)) {
        hex_set_length(&h);
        EXPECT(refused(&h, 1, 1, 0));
    }
}

TEST(open_every_truncation, "M-11-06")
{
    struct hex v4 = hex(FIXED IDS "03C8 616263 00FF"), v6 = hex("0038 01 00 01 0A 005A");
    struct masc_open o;

    hex_append(&v6, "11", 48);
    for (size_t len = 0; len <= v4.len; len++) {
        struct masc_fault f = masc_open_decode(&o, v4.at, len);
        unsigned got = f.code * 16u + f.subcode;
        bool whole = len == 20 || len == 25 || len == 27;
        EXPECT_UEQ(got, whole ? 0x00 : len < 20 ? 0x11 : 0x20);
    }
    for (size_t len = 0; len < v6.len; len++) {
        struct masc_fault f = masc_open_decode(&o, v6.at, len);
        EXPECT(f.code == 1 && f.subcode == 1);
    }
    EXPECT(accepted(&v6, &o));
}
