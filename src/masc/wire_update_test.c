/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UPDATE: layout, both passes, which error with which Data, and every value of every field that
 * decides something.
 */
#include "masc/wire.h"

#include <string.h>

#include "masc/role.h"
#include "tests/hex.h"
#include "tests/tap.h"

/* NEW_CLAIM 228.1.2.0/24 of domain 65001, Rol INTERNAL, and its pieces */
#define HEAD "0028 02 00 "
#define CLAIM_TO_IDS "0024 03 00 00 04 0000 40000000 00278D00 0002A300 0000FDE9 C0000201 "
#define CLAIM CLAIM_TO_IDS "E4010200 FFFFFF00"
#define ZERO12 "000000000000000000000000"
#define CLAIM6_TO_IDS                                                                              \
    "0054 04 00 00 88 0000 40000000 00278D00 00278D00" ZERO12 "0000FDE8"                           \
    "20010DB80000000000000000000000FE"
#define CLAIM6 CLAIM6_TO_IDS "FF1E0000" ZERO12 "FFFFFFFF" ZERO12

/* What the two passes say of a message. */
struct verdict {
    struct masc_fault close;    /* of the first pass */
    unsigned attrs;             /* seen in the second */
    struct masc_attr attr[120]; /* [i] means something if fault[i] is none */
    struct masc_fault fault[120];
};

static struct verdict judge_families(const struct hex *h, bool ipv4, bool ipv6)
{
    struct verdict v = {.attrs = 0};
    struct rd rest = rd_init(h->at + 4, h->len - 4);

    v.close = masc_update_check(h->at, h->len, ipv4, ipv6);
    if (masc_fault_is(&v.close))
        return v;
    while (masc_update_next(&rest, h->at, h->len, &v.attr[v.attrs], &v.fault[v.attrs]))
        v.attrs++;
    return v;
}

static struct verdict judge(const struct hex *h)
{
    return judge_families(h, true, true);
}

static struct verdict judge_text(const char *text)
{
    struct hex h = hex(text);

    hex_set_length(&h);
    return judge(&h);
}

static bool is(struct masc_fault f, unsigned code, unsigned subcode, bool open)
{
    if (f.code == code && f.subcode == subcode && f.open == open)
        return true;
    tap_diag("fault %u/%u open %d", f.code, f.subcode, f.open);
    return false;
}

static bool data_from_to(const struct masc_fault *f, const struct hex *h, size_t from, size_t to)
{
    return f->data == h->at + from && f->data_len == to - from;
}

/* The subcode that the only attribute draws in the second pass; `tail` is Address and Mask. */
static unsigned subcode_of(const char *start, const char *tail)
{
    struct hex h = hex(start);
    struct verdict v;

    hex_append(&h, tail, 1);
    v = judge(&h);
    if (masc_fault_is(&v.close) || v.attrs != 1)
        return 99;
    return masc_fault_is(&v.fault[0]) ? v.fault[0].subcode : 0;
}

/* ---- layout ---- */

TEST(attr_ipv4_fields, "M-7.3-02 M-7.3-04 M-7.3-06 M-7.3-13 M-7.3-14 M-7.3-15 M-7.3-17 M-7.3-18 "
                       "M-7.3-19 M-7.3-23 M-7.3-24 M-7.3-25 M-7.3-26")
{
    struct verdict v = judge_text(HEAD
        "0024 03 00 00 07 0000 01020304 05060708 090A0B0C 0D0E0F10 11121314 E5F60000 FFFE0000");
    const struct masc_attr *a = &v.attr[0];

    /* Rol PARENT does not suit NEW_CLAIM: the error comes after all is read */
    REQUIRE(v.attrs == 1);
    EXPECT(is(v.fault[0], 3, 14, true));
    EXPECT_EQ(a->role, MASC_PARENT);
    v = judge_text(HEAD
        "0024 02 00 00 86 0000 01020304 05060708 090A0B0C 0D0E0F10 11121314 E5F60000 FFFE0000");
    REQUIRE(v.attrs == 1 && !masc_fault_is(&v.fault[0]));
    EXPECT_EQ(a->type, MASC_CLAIM_TO_EXPAND);
    EXPECT_EQ(a->role, MASC_SIBLING);
    EXPECT(a->deprecated);
    EXPECT_UEQ(a->timestamp_s, 0x01020304);
    EXPECT_UEQ(a->lifetime_s, 0x05060708);
    EXPECT_UEQ(a->holdtime_s, 0x090A0B0C);
    EXPECT(a->domain == 0x0D0E0F10);
    EXPECT(a->node == 0x11121314);
    EXPECT(a->prefix.addr == 0xE5F60000);
    EXPECT_EQ(a->prefix.family, FAMILY_IPV4);
    EXPECT_EQ(a->prefix.len, 15);
}

TEST(attr_ipv6_fields, "M-7.3-03 M-7.3-13 M-7.3-14 M-7.3-23 M-7.3-24 M-7.3-25 M-7.3-26")
{
    struct verdict v = judge_text("0058 02 00" CLAIM6);
    const struct masc_attr *a = &v.attr[0];

    REQUIRE(v.attrs == 1 && !masc_fault_is(&v.fault[0]));
    EXPECT_EQ(a->type, MASC_PREFIX_MANAGED);
    EXPECT_EQ(a->role, MASC_INTERNAL);
    EXPECT(a->deprecated);
    EXPECT(a->domain == 65000);
    EXPECT(a->node == u128_of(0x20010DB800000000, 0xFE));
    EXPECT(a->prefix.addr == u128_of(0xFF1E000000000000, 0));
    EXPECT_EQ(a->prefix.family, FAMILY_IPV6);
    EXPECT_EQ(a->prefix.len, 32);
}

TEST(attr_written, "M-7.3-04 M-7.3-06 M-7.3-10 M-7.3-12 M-7.3-16 M-7.3-28 M-7.3-02 M-7.3-03 "
                   "M-7.1-04 M-7.1-06 M-17.1.1-01")
{
    struct masc_attr a = {MASC_NEW_CLAIM, MASC_INTERNAL, false, 0x40000000, 2592000, 172800,
                          65001, 0xC0000201, {0xE4010200, FAMILY_IPV4, 24}};
    struct masc_attr b = {MASC_PREFIX_MANAGED, MASC_INTERNAL, true, 0x40000000, 2592000, 2592000,
                          65000, u128_of(0x20010DB800000000, 0xFE),
                          {u128_of(0xFF1E000000000000, 0), FAMILY_IPV6, 32}};
    struct hex want = hex("007C 02 00" CLAIM CLAIM6);
    uint8_t buf[200];
    struct wr w = wr_init(buf, sizeof(buf));

    wr_u8(&w, 0xEE); /* an UPDATE need not stand at the start */
    masc_update_begin(&w);
    masc_attr_encode(&w, &a);
    EXPECT_UEQ(w.len, 1 + 4 + masc_attr_octets(&a));
    masc_attr_encode(&w, &b);
    masc_update_end(&w, 1);
    EXPECT_UEQ(masc_attr_octets(&a), 36);
    EXPECT_UEQ(masc_attr_octets(&b), 84);
    REQUIRE(w.len == 1 + want.len);
    EXPECT_MEM(buf + 1, want.at, want.len);
}

TEST(attr_masks_written, "M-7.3-26 M-17.1.1-01")
{
    uint8_t buf[100];

    for (unsigned len = 0; len <= 32; len++) {
        struct masc_attr a = {.prefix = {0, FAMILY_IPV4, (uint8_t)len}};
        struct wr w = wr_init(buf, sizeof(buf));
        masc_attr_encode(&w, &a);
        for (unsigned bit = 0; bit < 32; bit++)
            EXPECT_EQ(buf[32 + bit / 8] >> (7 - bit % 8) & 1, bit < len);
    }
    for (unsigned len = 0; len <= 128; len++) {
        struct masc_attr a = {.prefix = {0, FAMILY_IPV6, (uint8_t)len}};
        struct wr w = wr_init(buf, sizeof(buf));
        masc_attr_encode(&w, &a);
        for (unsigned bit = 0; bit < 128; bit++)
            EXPECT_EQ(buf[68 + bit / 8] >> (7 - bit % 8) & 1, bit < len);
    }
}

TEST(update_never_too_long, "M-7-02")
{
    struct masc_attr a = {.prefix = {0xE4000000, FAMILY_IPV4, 8}};
    static uint8_t buf[8192];
    struct wr w = wr_init(buf, sizeof(buf));

    masc_update_begin(&w);
    for (unsigned i = 0; i < 113; i++)
        masc_attr_encode(&w, &a);
    masc_update_end(&w, 0);
    EXPECT_UEQ(buf[0] << 8 | buf[1], 4072);
    masc_attr_encode(&w, &a);
    EXPECT_PANIC(masc_update_end(&w, 0));
    /* 4096 is not too long: 109 of IPv4 and 2 of IPv6 */
    w = wr_init(buf, sizeof(buf));
    masc_update_begin(&w);
    for (unsigned i = 0; i < 111; i++) {
        a.prefix.family = i < 109 ? FAMILY_IPV4 : FAMILY_IPV6;
        masc_attr_encode(&w, &a);
    }
    masc_update_end(&w, 0);
    EXPECT_UEQ(buf[0] << 8 | buf[1], 4096);
    /* without room nothing is patched, and the writer says so */
    w = wr_init(buf, 50);
    masc_update_begin(&w);
    masc_attr_encode(&w, &a);
    masc_attr_encode(&w, &a);
    masc_update_end(&w, 0);
    EXPECT(!wr_ok(&w));
    a.prefix.family = 0;
    EXPECT_PANIC(masc_attr_encode(&w, &a));
}

TEST(attr_reserved_is_ignored, "M-7.3-10 M-7.3-12 M-7.3-16 M-7.1-07")
{
    static const size_t reserved[] = {3, 4 + 3, 4 + 4, 4 + 6, 4 + 7};
    struct hex plain = hex(HEAD CLAIM);
    struct verdict want = judge(&plain);

    for (unsigned i = 0; i < 5; i++)
        for (unsigned value = 0; value < 256; value += 5) {
            struct hex h = plain;
            struct verdict v;
            h.at[reserved[i]] = (uint8_t)value;
            v = judge(&h);
            REQUIRE(v.attrs == 1 && !masc_fault_is(&v.fault[0]));
            EXPECT(prefix_equal(v.attr[0].prefix, want.attr[0].prefix));
            EXPECT(v.attr[0].type == MASC_NEW_CLAIM && v.attr[0].role == MASC_INTERNAL);
            EXPECT(v.attr[0].timestamp_s == 0x40000000 && !v.attr[0].deprecated);
        }
}

TEST(update_order_is_kept, "M-7.3-01 M-7.3-07 M-7.3-11 M-11.8-03")
{
    struct hex h = hex("0000 02 00");
    struct verdict v;

    for (unsigned type = 0; type < 6; type++) {
        hex_append(&h, CLAIM, 1);
        h.at[h.len - 36 + 2] = (uint8_t)type;
    }
    hex_append(&h, CLAIM6, 1);
    hex_append(&h, CLAIM, 1);
    hex_set_length(&h);
    v = judge(&h);
    REQUIRE(v.attrs == 8);
    for (unsigned type = 0; type < 6; type++) {
        EXPECT(!masc_fault_is(&v.fault[type]));
        EXPECT_EQ(v.attr[type].type, type);
    }
    EXPECT_EQ(v.attr[6].prefix.family, FAMILY_IPV6);
    EXPECT_EQ(v.attr[7].type, MASC_NEW_CLAIM);
}

TEST(update_of_113, "M-7.3-01 M-7-03")
{
    struct hex h = hex("0000 02 00");

    hex_append(&h, CLAIM, 113);
    hex_set_length(&h);
    EXPECT_UEQ(h.len, 4072);
    EXPECT_EQ(judge(&h).attrs, 113);
}

/* ---- the first pass: what closes ---- */

TEST(update_shorter_than_40, "M-8.1-06 M-7.3-02")
{
    struct hex h = hex(HEAD CLAIM);

    for (size_t len = 0; len < 40; len++) {
        struct masc_fault f = masc_update_check(h.at, len, true, true);
        EXPECT(is(f, 1, 1, false));
        EXPECT_UEQ(f.data_len, len);
    }
    /* a lone optional attribute too */
    EXPECT(is(judge_text("000C 02 00 0008 C8 00 DEADBEEF").close, 1, 1, false));
}

TEST(attr_length_against_its_family, "M-8.3-06 M-7.3-06 M-8.3-01 M-8.3-02")
{
    for (unsigned type = 0; type < 6; type++)
        for (unsigned family = 1; family <= 2; family++)
            for (unsigned len = 0; len <= 100; len++) {
                unsigned fixed = family == 1 ? 36 : 84;
                struct hex h = hex("0000 02 00");
                struct verdict v;
                hex_append(&h, "00", 100);
                hex_set_length(&h);
                h.at[5] = (uint8_t)len;
                h.at[6] = (uint8_t)type;
                h.at[9] = (uint8_t)(family << 2);
                v = judge(&h);
                if (len >= fixed && len % 4 == 0)
                    continue; /* the rest are parameters or attributes of zeros */
                EXPECT(is(v.close, 3, 5, false));
                EXPECT(data_from_to(&v.close, &h, 4, h.len));
            }
}

TEST(attr_beyond_the_message, "M-8.3-06 M-8.3-04")
{
    struct hex h = hex("004C 02 00" CLAIM CLAIM);
    struct verdict v;

    h.at[41] = 40; /* the second, recognised, ends 4 octets outside */
    v = judge(&h);
    EXPECT(is(v.close, 3, 5, false));
    EXPECT(data_from_to(&v.close, &h, 4, h.len));
    h.at[42] = 100;
    v = judge(&h);
    EXPECT(is(v.close, 3, 1, false));
    EXPECT(data_from_to(&v.close, &h, 40, h.len));
    h.at[42] = 200;
    v = judge(&h);
    EXPECT(is(v.close, 3, 1, false));
    EXPECT(data_from_to(&v.close, &h, 40, h.len));
    h.at[40] = 0xFF;
    EXPECT(is(judge(&h).close, 3, 1, false));
}

TEST(attr_length_of_0_to_3, "M-11-06 M-8.3-06 M-8.3-04")
{
    for (unsigned len = 0; len < 4; len++)
        for (unsigned type = 0; type < 256; type++) {
            struct hex h = hex("004C 02 00" CLAIM CLAIM);
            struct verdict v;
            h.at[41] = (uint8_t)len;
            h.at[42] = (uint8_t)type;
            v = judge(&h);
            EXPECT(is(v.close, 3, type < 6 ? 5 : 1, false));
            EXPECT(data_from_to(&v.close, &h, type < 6 ? 4 : 40, h.len));
        }
}

TEST(update_leftovers, "M-8.3-04")
{
    for (unsigned extra = 1; extra < 4; extra++) {
        struct hex h = hex(HEAD CLAIM);
        struct verdict v;
        hex_append(&h, "00", extra);
        hex_set_length(&h);
        v = judge(&h);
        EXPECT(is(v.close, 3, 1, false));
        EXPECT(data_from_to(&v.close, &h, 40, h.len));
    }
}

TEST(attr_alignment, "M-7.3-05 M-8.3-06")
{
    for (unsigned odd = 1; odd < 4; odd++) {
        struct hex h = hex(HEAD CLAIM);
        struct verdict v;
        hex_append(&h, odd == 1 ? "01" : "00", odd); /* no matter what stands there */
        hex_append(&h, CLAIM, 1);
        hex_set_length(&h);
        h.at[5] = (uint8_t)(36 + odd);
        v = judge(&h);
        EXPECT(is(v.close, 3, 5, false));
        EXPECT(data_from_to(&v.close, &h, 4, h.len));
        /* one that is not recognised would misalign its successor just so */
        h.at[6] = 200;
        v = judge(&h);
        EXPECT(is(v.close, 3, 1, false));
        EXPECT(data_from_to(&v.close, &h, 4, 40 + odd));
    }
}

TEST(attr_family_unknown, "M-8.3-10 M-7.3-14 M-8.3-02")
{
    for (unsigned family = 0; family < 32; family++) {
        struct hex h = hex("005C 02 00" CLAIM);
        struct verdict v;
        hex_append(&h, "00", 52); /* room for IPv6 */
        hex_set_length(&h);
        h.at[9] = (uint8_t)(family << 2);
        h.at[5] = 88;
        v = judge(&h);
        if (family == 1 || family == 2) {
            EXPECT(v.close.subcode != 13);
            continue;
        }
        EXPECT(is(v.close, 3, 13, false));
        EXPECT(data_from_to(&v.close, &h, 4, h.len));
    }
}

TEST(attr_family_not_spoken, "M-8.3-10")
{
    struct hex v4 = hex(HEAD CLAIM), v6 = hex("0058 02 00" CLAIM6);

    EXPECT(is(judge_families(&v4, false, true).close, 3, 13, false));
    EXPECT(is(judge_families(&v6, true, false).close, 3, 13, false));
    EXPECT_EQ(judge_families(&v4, true, false).attrs, 1);
    EXPECT_EQ(judge_families(&v6, false, true).attrs, 1);
}

TEST(attr_ipv6_in_40_octets, "M-8.3-06 M-7.3-03")
{
    struct hex h = hex(HEAD CLAIM);

    h.at[9] = 0x08;
    EXPECT(is(judge(&h).close, 3, 5, false));
}

TEST(attr_parameters, "M-7.3-27 M-7.3-06")
{
    static const char *const good[] = {"02C8 6162", "00C8 00C9", "06C8 616263646566", "0000 00FF"};

    for (unsigned i = 0; i < 4; i++) {
        struct hex h = hex("0000 02 00" CLAIM);
        struct verdict v;
        hex_append(&h, good[i], 1);
        h.at[5] = (uint8_t)(h.len - 4);
        hex_append(&h, CLAIM, 1);
        hex_set_length(&h);
        v = judge(&h);
        EXPECT_EQ(v.attrs, 2);
        EXPECT(!masc_fault_is(&v.fault[0]) && v.attr[0].prefix.len == 24);
    }
}

TEST(attr_parameters_overrun, "M-8.3-04 M-7.3-27")
{
    static const char *const bad[] = {"03C8 6162", "00C8 01C9", "00C8 00C8 03C8 6162",
                                      "FFC8 0000", "01C8 61 00"};

    for (unsigned i = 0; i < 5; i++) {
        struct hex h = hex("0000 02 00" CLAIM CLAIM);
        struct verdict v;
        hex_append(&h, bad[i], 1);
        h.at[41] = (uint8_t)(h.len - 40);
        hex_set_length(&h);
        v = judge(&h);
        EXPECT(is(v.close, 3, 1, false));
        EXPECT(data_from_to(&v.close, &h, 40, h.len)); /* that attribute alone */
    }
}

TEST(update_every_truncation, "M-11-06")
{
    struct hex whole = hex("0000 02 00" CLAIM CLAIM6 "0008 C8 00 DEADBEEF" CLAIM);

    hex_set_length(&whole);
    EXPECT_EQ(judge(&whole).attrs, 3);
    for (size_t len = 4; len < whole.len; len++) {
        struct hex h = {.len = len};
        struct verdict v;
        memcpy(h.at, whole.at, len);
        hex_set_length(&h);
        v = judge(&h);
        if (len < 40)
            EXPECT(is(v.close, 1, 1, false));
        else if (len == 40 || len == 124 || len == 132)
            EXPECT(!masc_fault_is(&v.close) && v.attrs == (len == 40 ? 1 : 2));
        else if (len < 124 || len > 135)
            EXPECT(is(v.close, 3, len - 40 < 4 ? 1 : 5, false));
        else
            EXPECT(is(v.close, 3, 1, false));
    }
}

/* ---- the second pass: what stays open ---- */

TEST(attr_types_unknown, "M-7.3-08 M-7.3-09 M-8.3-05 M-7.3-07 M-15-01 M-8.3-02")
{
    for (unsigned type = 0; type < 256; type++) {
        struct hex h = hex("004C 02 00" CLAIM CLAIM);
        struct verdict v;
        h.at[6] = (uint8_t)type;
        v = judge(&h);
        if (type < 6) {
            EXPECT(v.attrs == 2 && !masc_fault_is(&v.fault[0]));
        } else if (type < 128) {
            EXPECT(v.attrs == 2 && is(v.fault[0], 3, 2, true));
            EXPECT(data_from_to(&v.fault[0], &h, 4, h.len));
        } else {
            EXPECT_EQ(v.attrs, 1);
        }
        EXPECT(!masc_fault_is(&v.fault[v.attrs - 1]));
        EXPECT_EQ(v.attr[v.attrs - 1].type, MASC_NEW_CLAIM);
    }
}

TEST(attr_optional_alone, "M-7.3-09")
{
    struct verdict v = judge_text("0000 02 00 0024 FF 00" ZERO12 ZERO12 "0000000000000000");

    EXPECT(!masc_fault_is(&v.close));
    EXPECT_EQ(v.attrs, 0);
}

TEST(attr_unknown_ones_may_be_short, "M-7.3-09")
{
    struct verdict v = judge_text("0000 02 00 0004 80 00 0004 7F 00" CLAIM);

    REQUIRE(v.attrs == 2);
    EXPECT(is(v.fault[0], 3, 2, true));
    EXPECT(!masc_fault_is(&v.fault[1]));
}

TEST(attr_errors_one_by_one, "M-7.3-01 M-8.3-02")
{
    struct hex h = hex("0094 02 00" CLAIM CLAIM_TO_IDS "01020300 FFFFFF00" CLAIM_TO_IDS
                       "E4010200 00FFFF00" CLAIM);
    struct verdict v = judge(&h);

    REQUIRE(v.attrs == 4);
    EXPECT(!masc_fault_is(&v.fault[0]));
    EXPECT(is(v.fault[1], 3, 10, true));
    EXPECT(is(v.fault[2], 3, 11, true));
    EXPECT(!masc_fault_is(&v.fault[3]));
    EXPECT(data_from_to(&v.fault[1], &h, 4, h.len));
    EXPECT(data_from_to(&v.fault[2], &h, 4, h.len));
}

TEST(attr_mc_error_wins, "M-8.3-04")
{
    struct hex h = hex("004C 02 00" CLAIM_TO_IDS "01020300 FFFFFF00" CLAIM);

    h.at[41] = 32;
    EXPECT(is(judge(&h).close, 3, 5, false));
}

TEST(attr_address, "M-8.3-07 M-8.3-01")
{
    static const struct { const char *tail; unsigned subcode; } row[] = {
        {"E0000000 FFFFFFFF", 0},  {"EFFFFFFF FFFFFFFF", 0},  {"DFFFFFFF FFFFFFFF", 10},
        {"F0000000 F8000000", 10}, {"01020304 FFFFFFFF", 10}, {"E4010201 FFFFFF00", 10},
        {"E4010280 FFFFFF00", 10}, {"E4010280 FFFFFF80", 0},  {"E0000000 F0000000", 0},
        {"E0000000 E0000000", 10}, {"E0000000 80000000", 10}, {"FFFFFFFF FFFFFFFF", 10},
    };

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        EXPECT_EQ(subcode_of(HEAD CLAIM_TO_IDS, row[i].tail), row[i].subcode);
    }
}

TEST(attr_address_ipv6, "M-8.3-07 M-8.3-08 M-8.3-09")
{
    static const struct { const char *tail; unsigned subcode; } row[] = {
        {"FF000000" ZERO12 "FF000000" ZERO12, 0},
        {"FF000000" ZERO12 "FE000000" ZERO12, 10},
        {"FE800000" ZERO12 "FFFFFFFF" ZERO12, 10},
        {"FF1E0000" ZERO12 "7FFFFFFF" ZERO12, 11},
        {"FF1E0000" ZERO12 "00000000" ZERO12, 11},
        {"FF1E0000" ZERO12 "FFFFFFFF 00000000 00000000 00000001", 12},
        {"FF1E0000" ZERO12 "FFFFFFFF FFFFFFFE FFFFFFFF FFFFFFFF", 12},
        {"FF1E0000 00000000 00000000 00000001 FFFFFFFF" ZERO12, 10},
        {"FF1E0000 00000000 00000000 00000001 FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF", 0},
        {"FF1E0000 00000000 00000000 00000000 FFFFFFFF FFFFFFFF 80000000 00000000", 0},
        {"00000000" ZERO12 "FFFFFFFF" ZERO12, 10}, /* a PREFIX_MANAGED is no wish */
    };

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        EXPECT_EQ(subcode_of("0058 02 00" CLAIM6_TO_IDS, row[i].tail), row[i].subcode);
    }
}

TEST(attr_mask, "M-8.3-08 M-8.3-09")
{
    static const struct { const char *tail; unsigned subcode; } row[] = {
        {"E4010200 00000000", 11}, {"E4010200 7FFFFFFF", 11}, {"E4010200 00FFFF00", 11},
        {"E4010200 FFFF00FF", 12}, {"E4010200 FFFFFF01", 12}, {"E4010200 BFFFFFFF", 12},
        {"E4010200 FFFFFFFF", 0},  {"E4010200 FFFFFFFE", 0},  {"E4010200 FFFFFE00", 0},
    };

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        EXPECT_EQ(subcode_of(HEAD CLAIM_TO_IDS, row[i].tail), row[i].subcode);
    }
}

TEST(attr_masks_read, "M-7.3-26")
{
    for (unsigned family = 1; family <= 2; family++)
        for (unsigned len = family == 1 ? 4 : 8; len <= family_bits((uint8_t)family); len++) {
            u128 addr = family == 1 ? 0xE0000000u : u128_of(0xFF00000000000000, 0);
            struct masc_attr a = {.type = MASC_WITHDRAW,
                                  .prefix = {addr, (uint8_t)family, (uint8_t)len}};
            struct hex h = {.len = 0};
            struct wr w = wr_init(h.at, sizeof(h.at));
            struct verdict v;
            masc_update_begin(&w);
            masc_attr_encode(&w, &a);
            masc_update_end(&w, 0);
            h.len = w.len;
            v = judge(&h);
            REQUIRE(v.attrs == 1 && !masc_fault_is(&v.fault[0]));
            EXPECT_EQ(v.attr[0].prefix.len, len);
        }
}

/* types that may wish, with masks of any size. */
TEST(attr_hints, "M-8.3-07")
{
    static const bool may_wish[6] = {false, true, false, true, false, true};
    static const char *const mask[] = {"FFFFFF00", "80000000", "FFFFFFFF", "E0000000"};

    for (unsigned type = 0; type < 6; type++)
        for (unsigned i = 0; i < 4; i++) {
            struct hex h = hex(HEAD CLAIM_TO_IDS "00000000");
            struct verdict v;
            hex_append(&h, mask[i], 1);
            h.at[6] = (uint8_t)type;
            v = judge(&h);
            REQUIRE(v.attrs == 1);
            if (!may_wish[type]) {
                EXPECT(is(v.fault[0], 3, 10, true));
                continue;
            }
            EXPECT(!masc_fault_is(&v.fault[0]));
            EXPECT(prefix_is_hint(v.attr[0].prefix));
        }
    {
        struct hex h = hex("0058 02 00" CLAIM6_TO_IDS "00000000" ZERO12 "FFFFFFFF" ZERO12);
        struct verdict v;
        h.at[6] = MASC_NEW_CLAIM;
        v = judge(&h);
        REQUIRE(v.attrs == 1 && !masc_fault_is(&v.fault[0]));
        EXPECT(prefix_is_hint(v.attr[0].prefix) && v.attr[0].prefix.len == 32);
    }
    EXPECT_EQ(subcode_of(HEAD CLAIM_TO_IDS, "00000000 00000000"), 11);
    EXPECT_EQ(subcode_of(HEAD CLAIM_TO_IDS, "00000000 FF00FF00"), 12);
}

/* where two things are wrong */
TEST(attr_order_of_checks, "M-8.3-02")
{
    struct hex h = hex(HEAD CLAIM_TO_IDS "01020304 00FF00FF");

    h.at[9] = 0x07; /* NEW_CLAIM by PARENT */
    EXPECT(is(judge(&h).fault[0], 3, 10, true)); /* Address before all */
    h.at[32] = 0xE4;
    EXPECT(is(judge(&h).fault[0], 3, 11, true)); /* first bit before holes */
    h.at[36] = 0xFF;
    EXPECT(is(judge(&h).fault[0], 3, 12, true)); /* holes before host bits */
    h.at[37] = 0x00;
    h.at[38] = 0x00;
    h.at[39] = 0x00;
    EXPECT(is(judge(&h).fault[0], 3, 10, true)); /* host bits before role */
    h.at[33] = h.at[34] = h.at[35] = 0;
    EXPECT(is(judge(&h).fault[0], 3, 14, true));
}

TEST(attr_role_and_type,
     "M-8.3-11 M-8.3-12 M-8.3-13 M-8.3-14 M-8.3-15 M-8.3-16 M-7.3-15")
{
    /* 8.3 as printed, roles I C S P */
    static const char *const legal[6] = {"ICS", "IP", "ICS", "ICS", "IP", "ICSP"};

    for (unsigned type = 0; type < 6; type++)
        for (unsigned role = 0; role < 4; role++) {
            struct hex h = hex(HEAD CLAIM);
            struct verdict v;
            h.at[6] = (uint8_t)type;
            h.at[9] = (uint8_t)(4 | role);
            v = judge(&h);
            REQUIRE(v.attrs == 1);
            if (!strchr(legal[type], "ICSP"[role])) {
                EXPECT(is(v.fault[0], 3, 14, true));
                EXPECT(data_from_to(&v.fault[0], &h, 4, h.len));
                continue;
            }
            EXPECT(!masc_fault_is(&v.fault[0]));
            EXPECT_EQ(v.attr[0].role, role);
        }
}

/* the Data of a NOTIFICATION is what a peer makes of our UPDATE. */
TEST(update_not_checked_ends_early, "M-11-06")
{
    struct hex h = hex("0000 02 00" CLAIM CLAIM6);
    struct masc_attr a;
    struct masc_fault f;

    for (size_t len = 0; len <= h.len - 4; len++) {
        struct rd rest = rd_init(h.at + 4, len);
        unsigned n = 0;
        while (masc_update_next(&rest, h.at, h.len, &a, &f) && !masc_fault_is(&f))
            n++;
        EXPECT_EQ(n, len < 36 ? 0 : len < 36 + 84 ? 1 : 2);
        EXPECT(!masc_fault_is(&f));
    }
    for (unsigned len = 0; len < 36; len++) {
        struct rd rest = rd_init(h.at + 4, 36);
        h.at[5] = (uint8_t)len; /* Length lies */
        EXPECT(!masc_update_next(&rest, h.at, h.len, &a, &f) || masc_fault_is(&f));
    }
}
