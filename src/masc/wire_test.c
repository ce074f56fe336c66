/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Framing, NOTIFICATION, KEEPALIVE, the tables of 7.5 and the era of timestamps.
 */
#include "masc/wire.h"

#include <string.h>

#include "tests/hex.h"
#include "tests/tap.h"

static enum masc_frame_result frame(const struct hex *h, struct masc_frame *f)
{
    return masc_frame_next(f, h->at, h->len);
}

static bool fault_is(const struct masc_fault *f, unsigned code, unsigned subcode, bool open)
{
    if (f->code == code && f->subcode == subcode && f->open == open)
        return true;
    tap_diag("fault %u/%u open %d", f->code, f->subcode, f->open);
    return false;
}

static bool data_is(const struct masc_fault *f, const uint8_t *data, size_t len)
{
    return f->data_len == len && memcmp(f->data, data, len) == 0;
}

/* ---- framing ---- */

TEST(frame_header, "M-7.1-01 M-7.1-05")
{
    struct masc_frame f;

    for (uint8_t type = 1; type <= 4; type++) {
        struct hex h = hex("00 00 00 00");
        if (type == MASC_OPEN)
            hex_append(&h, "00", 16);
        if (type == MASC_UPDATE)
            hex_append(&h, "00", 300);
        hex_set_length(&h);
        h.at[2] = type;
        EXPECT_EQ(frame(&h, &f), MASC_FRAME_MESSAGE);
        EXPECT_EQ(f.type, type);
        EXPECT_UEQ(f.len, h.len);
        EXPECT(f.octets == h.at);
    }
}

TEST(frame_waits_for_all_of_it, "M-7-01")
{
    struct hex h = hex("00 00 02 00");
    struct masc_frame f;

    hex_append(&h, "5A", 596);
    hex_set_length(&h);
    for (size_t n = 0; n < h.len; n++)
        EXPECT_EQ(masc_frame_next(&f, h.at, n), MASC_FRAME_MORE);
    EXPECT_EQ(masc_frame_next(&f, h.at, h.len), MASC_FRAME_MESSAGE);
    /* an erroneous one is no exception */
    h.at[2] = 9;
    for (size_t n = 0; n < h.len; n++)
        EXPECT_EQ(masc_frame_next(&f, h.at, n), MASC_FRAME_MORE);
    EXPECT_EQ(masc_frame_next(&f, h.at, h.len), MASC_FRAME_FAULT);
}

TEST(frame_one_after_the_other, "M-7.1-02")
{
    struct hex h = hex("0004 04 00  0006 03 00 0700  0004 04 00  00");
    struct masc_frame f;
    size_t at = 0;
    uint8_t types[3] = {MASC_KEEPALIVE, MASC_NOTIFICATION, MASC_KEEPALIVE};

    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(masc_frame_next(&f, h.at + at, h.len - at), MASC_FRAME_MESSAGE);
        EXPECT_EQ(f.type, types[i]);
        at += f.len;
    }
    EXPECT_UEQ(at, 14);
    EXPECT_EQ(masc_frame_next(&f, h.at + at, h.len - at), MASC_FRAME_MORE);
}

TEST(frame_reserved_is_ignored, "M-7.1-07")
{
    struct masc_frame f;

    for (unsigned v = 0; v < 256; v++) {
        struct hex h = hex("00 04 04 00");
        h.at[3] = (uint8_t)v;
        EXPECT_EQ(frame(&h, &f), MASC_FRAME_MESSAGE);
        EXPECT_EQ(f.type, MASC_KEEPALIVE);
        EXPECT_UEQ(f.len, 4);
    }
}

TEST(frame_length_below_or_above, "M-7.1-03 M-8.1-03 M-8.1-04 M-8.1-01")
{
    static const unsigned bad[] = {0, 1, 2, 3, 4097, 5000, 65535};
    struct masc_frame f;

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        for (unsigned type = 0; type < 256; type++) {
            uint8_t m[4] = {(uint8_t)(bad[i] >> 8), (uint8_t)bad[i], (uint8_t)type, 0};
            EXPECT_EQ(masc_frame_next(&f, m, 3), MASC_FRAME_MORE);
            EXPECT_EQ(masc_frame_next(&f, m, 4), MASC_FRAME_FAULT);
            EXPECT(fault_is(&f.fault, 1, 1, false));
            EXPECT(data_is(&f.fault, m, 4));
        }
    }
}

TEST(frame_length_for_its_type, "M-8.1-05 M-8.1-06 M-8.1-07 M-8.1-01 M-7.3-02 M-7.2-04")
{
    static const struct { uint8_t type; unsigned len; bool good; } row[] = {
        {MASC_OPEN, 4, false},        {MASC_OPEN, 19, false},       {MASC_OPEN, 20, true},
        {MASC_UPDATE, 4, false},      {MASC_UPDATE, 39, false},     {MASC_UPDATE, 40, true},
        {MASC_KEEPALIVE, 4, true},    {MASC_KEEPALIVE, 5, false},   {MASC_KEEPALIVE, 4096, false},
        {MASC_NOTIFICATION, 4, true}, {MASC_NOTIFICATION, 5, true}, {MASC_NOTIFICATION, 6, true},
    };
    struct masc_frame f;

    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct hex h = hex("00 00 00 00");
        hex_append(&h, "77", row[i].len - 4);
        hex_set_length(&h);
        h.at[2] = row[i].type;
        if (row[i].good) {
            EXPECT_EQ(frame(&h, &f), MASC_FRAME_MESSAGE);
            continue;
        }
        EXPECT_EQ(frame(&h, &f), MASC_FRAME_FAULT);
        EXPECT(fault_is(&f.fault, 1, 1, false));
        EXPECT(data_is(&f.fault, h.at, h.len));
    }
}

TEST(frame_of_4096, "M-7-03")
{
    struct hex h = hex("10 00 02 00");
    struct masc_frame f;

    hex_append(&h, "00", 4092);
    EXPECT_EQ(frame(&h, &f), MASC_FRAME_MESSAGE);
    EXPECT_UEQ(f.len, 4096);
}

TEST(frame_type_unknown, "M-8.1-08 M-7.1-05 M-8.1-01")
{
    struct masc_frame f;

    for (unsigned type = 0; type < 256; type++) {
        struct hex h = hex("0007 00 00 010203  0004 04 00");
        if (type >= 1 && type <= 4)
            continue;
        h.at[2] = (uint8_t)type;
        EXPECT_EQ(frame(&h, &f), MASC_FRAME_FAULT);
        EXPECT(fault_is(&f.fault, 1, 2, true));
        EXPECT(data_is(&f.fault, h.at, 7));
        /* skipped by its Length, the stream goes on */
        EXPECT_UEQ(f.len, 7);
        EXPECT_EQ(masc_frame_next(&f, h.at + 7, h.len - 7), MASC_FRAME_MESSAGE);
    }
}

/* ---- KEEPALIVE ---- */

TEST(keepalive_octets, "M-7.4-01 M-7.1-04 M-7.1-06")
{
    uint8_t buf[8];
    struct wr w = wr_init(buf, sizeof(buf));
    struct hex want = hex("00 04 04 00");

    masc_keepalive_encode(&w);
    EXPECT_UEQ(w.len, 4);
    EXPECT_MEM(buf, want.at, 4);
}

/* ---- NOTIFICATION ---- */

static struct masc_fault decode(const struct hex *h, struct masc_notification *n, bool *bad)
{
    return masc_notification_decode(n, bad, h->at, h->len);
}

TEST(notification_fields, "M-7.5-01 M-7.5-10")
{
    struct hex h = hex("0009 03 FF 83 18 AABBCC");
    struct masc_notification n;
    struct masc_fault f;
    bool bad;

    f = decode(&h, &n, &bad);
    EXPECT(!masc_fault_is(&f));
    EXPECT(!bad);
    EXPECT(n.open);
    EXPECT_EQ(n.code, 3);
    EXPECT_EQ(n.subcode, 24);
    EXPECT_UEQ(n.data_len, 3);
    EXPECT_MEM(n.data, h.at + 6, 3);
    h = hex("0006 03 00 03 18");
    f = decode(&h, &n, &bad);
    EXPECT(!masc_fault_is(&f) && !bad && !n.open);
    EXPECT_UEQ(n.data_len, 0);
}

TEST(notification_written, "M-7.5-01 M-7.5-10 M-7.1-04 M-7.1-06")
{
    static const uint8_t data[3] = {1, 2, 3};
    struct masc_fault f = masc_fault_of(MASC_E_UPDATE, MASC_UPDATE_MASK, data, 3);
    struct hex want = hex("0009 03 00 83 0B 010203");
    uint8_t buf[16];
    struct wr w = wr_init(buf, sizeof(buf));

    masc_notification_encode(&w, &f);
    EXPECT_UEQ(w.len, want.len);
    EXPECT_MEM(buf, want.at, want.len);
    f.open = false;
    w = wr_init(buf, sizeof(buf));
    masc_notification_encode(&w, &f);
    want.at[4] = 0x03;
    EXPECT_MEM(buf, want.at, want.len);
}

TEST(notification_without_data, "M-8-03")
{
    static const uint8_t empty[][2] = {{4, 0}, {5, 0}, {5, 1}, {5, 2}, {7, 0}};

    for (unsigned i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        struct masc_fault f = masc_fault_of(empty[i][0], empty[i][1], NULL, 0);
        uint8_t buf[16], want[6] = {0, 6, 3, 0, empty[i][0], empty[i][1]};
        struct wr w = wr_init(buf, sizeof(buf));
        masc_notification_encode(&w, &f);
        EXPECT_UEQ(w.len, 6);
        EXPECT_MEM(buf, want, 6);
    }
}

TEST(notification_data_is_cut, "M-7.5-11 M-7-02")
{
    static const unsigned lengths[] = {4089, 4090, 4091, 4092, 4096, 100000};
    static uint8_t data[100000];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct masc_fault f = masc_fault_of(1, 1, data, lengths[i]);
        size_t kept = lengths[i] > 4090 ? 4090 : lengths[i];
        uint8_t buf[5000];
        struct wr w = wr_init(buf, sizeof(buf));
        masc_notification_encode(&w, &f);
        EXPECT_UEQ(w.len, 6 + kept);
        EXPECT_UEQ(buf[0] << 8 | buf[1], 6 + kept);
        EXPECT_MEM(buf + 6, data, kept);
    }
}

/* 7.5 as printed: the tables once more, from the text. */
static const struct { uint8_t code, subcode; char close; } table[] = {
    {1, 0, 'M'},  {1, 1, 'M'},  {1, 2, 'C'},  {2, 0, 'M'},  {2, 1, 'M'},  {2, 2, 'M'},
    {2, 3, 'M'},  {2, 6, 'M'},  {2, 7, 'M'},  {2, 8, 'M'},  {2, 9, 'M'},  {2, 10, 'M'},
    {2, 13, 'M'}, {3, 0, 'M'},  {3, 1, 'M'},  {3, 2, 'C'},  {3, 5, 'M'},  {3, 10, 'C'},
    {3, 11, 'C'}, {3, 12, 'C'}, {3, 13, 'M'}, {3, 14, 'C'}, {3, 15, 'C'}, {3, 16, 'C'},
    {3, 17, 'C'}, {3, 18, 'C'}, {3, 19, 'C'}, {3, 20, 'C'}, {3, 21, 'C'}, {3, 22, 'C'},
    {3, 23, 'C'}, {3, 24, 'C'}, {3, 25, 'C'}, {3, 26, 'C'}, {3, 27, 'C'}, {3, 28, 'C'},
    {3, 29, 'C'}, {4, 0, 'M'},  {5, 0, 'M'},  {5, 1, 'M'},  {5, 2, 'M'},  {6, 0, 'M'},
    {7, 0, 'M'},
};
#define TABLE (sizeof(table) / sizeof(table[0]))

static char in_table(unsigned code, unsigned subcode)
{
    for (unsigned i = 0; i < TABLE; i++)
        if (table[i].code == code && table[i].subcode == subcode)
            return table[i].close;
    return 0;
}

TEST(errors_of_the_tables, "M-7.5-04 M-7.5-05 M-7.5-06 M-7.5-07 M-7.5-08 M-7.5-12 M-15-01")
{
    for (unsigned code = 0; code < 256; code++)
        for (unsigned subcode = 0; subcode < 256; subcode++) {
            char close = in_table(code, subcode);
            struct masc_fault f = masc_fault_of((uint8_t)code, (uint8_t)subcode, NULL, 0);
            EXPECT_EQ(masc_error_is_known((uint8_t)code, (uint8_t)subcode), close != 0);
            EXPECT_EQ(masc_error_can_stay_open((uint8_t)code, (uint8_t)subcode), close == 'C');
            EXPECT_EQ(f.open, close == 'C');
        }
}

TEST(errors_written, "M-7.5-06 M-7.5-07 M-7.5-08 M-7.5-05")
{
    for (unsigned i = 0; i < TABLE; i++)
        for (unsigned open = 0; open < 2; open++) {
            struct masc_fault f = masc_fault_of(table[i].code, table[i].subcode, NULL, 0);
            uint8_t buf[8];
            struct wr w = wr_init(buf, sizeof(buf));
            f.open = open;
            if (open && table[i].close == 'M') {
                EXPECT_PANIC(masc_notification_encode(&w, &f));
                continue;
            }
            masc_notification_encode(&w, &f);
            EXPECT_EQ(buf[4], table[i].code | (open ? 0x80 : 0));
            EXPECT_EQ(buf[5], table[i].subcode);
        }
}

TEST(errors_never_written, "M-7.5-12 M-15-01")
{
    static const uint8_t gap[][2] = {{2, 4}, {2, 5}, {2, 11}, {2, 12}, {3, 3}, {3, 4}, {3, 6},
                                     {3, 7}, {3, 8}, {3, 9},  {0, 0},  {8, 0}, {1, 3}, {3, 30},
                                     {4, 1}, {5, 3}, {6, 1},  {7, 1},  {127, 0}};
    uint8_t buf[8];

    for (unsigned i = 0; i < sizeof(gap) / sizeof(gap[0]); i++) {
        struct masc_fault f = {.code = gap[i][0], .subcode = gap[i][1]};
        struct wr w = wr_init(buf, sizeof(buf));
        EXPECT_PANIC(masc_notification_encode(&w, &f));
    }
}

TEST(notification_in_error, "M-8.6-03")
{
    for (unsigned first = 0; first < 256; first++)
        for (unsigned subcode = 0; subcode < 256; subcode++) {
            uint8_t m[6] = {0, 6, 3, 0, (uint8_t)first, (uint8_t)subcode};
            char close = in_table(first & 0x7F, subcode);
            bool open = first & 0x80, wrong = !close || (open && close == 'M'), bad;
            struct masc_notification n;
            struct masc_fault f = masc_notification_decode(&n, &bad, m, 6);
            EXPECT_EQ(bad, wrong);
            EXPECT_EQ(masc_fault_is(&f), wrong && open);
            if (masc_fault_is(&f)) {
                EXPECT(fault_is(&f, 6, 0, false));
                EXPECT(data_is(&f, m, 6));
            }
        }
}

TEST(notification_too_short, "M-7.5-10")
{
    struct masc_notification n;
    struct masc_fault f;
    struct hex h = hex("0004 03 00");
    bool bad;

    f = decode(&h, &n, &bad); /* no O-bit: as if it were 0 */
    EXPECT(bad && !n.open && !masc_fault_is(&f));
    h = hex("0005 03 00 07");
    f = decode(&h, &n, &bad);
    EXPECT(bad && !n.open && !masc_fault_is(&f));
    h = hex("0005 03 00 83");
    f = decode(&h, &n, &bad);
    EXPECT(bad && n.open);
    EXPECT(fault_is(&f, 6, 0, false));
    EXPECT(data_is(&f, h.at, 5));
    for (size_t len = 0; len < 4; len++) {
        f = masc_notification_decode(&n, &bad, h.at, len);
        EXPECT(bad && !masc_fault_is(&f));
    }
}

/* ---- names ---- */

TEST(names, "")
{
    EXPECT_STR(masc_code_name(3), "UPDATE Message Error");
    EXPECT_STR(masc_subcode_name(3, 11), "Invalid Mask");
    EXPECT_STR(masc_subcode_name(5, 2), "Unexpected Message Type FSM Error");
    EXPECT_STR(masc_type_name(MASC_CLAIM_TO_EXPAND), "CLAIM_TO_EXPAND");
    EXPECT_STR(masc_type_name(MASC_WITHDRAW), "WITHDRAW");
    EXPECT_STR(masc_role_name(MASC_SIBLING), "sibling");
    for (unsigned code = 0; code < 256; code++) {
        EXPECT(masc_code_name((uint8_t)code) != NULL);
        for (unsigned subcode = 0; subcode < 256; subcode++)
            EXPECT(masc_subcode_name((uint8_t)code, (uint8_t)subcode) != NULL);
    }
    EXPECT(masc_type_name((enum masc_type)200) != NULL);
    EXPECT(masc_role_name((enum masc_role)200) != NULL);
}

/* ---- timestamps ---- */

TEST(timestamp_era, "M-7.3+11.1-01")
{
    const int64_t era = (int64_t)1 << 32;
    const int64_t now = era - 100; /* shortly before 7 February 2106 */

    EXPECT_EQ(masc_timestamp_extend(0x40000000, 0x400003E8), 0x40000000);
    EXPECT_EQ(masc_timestamp_extend(0x40000000, 0x40000000), 0x40000000);
    EXPECT_EQ(masc_timestamp_extend(0x40000001, 0x40000000), 0x40000001);
    /* 2038: no sign */
    EXPECT_EQ(masc_timestamp_extend(0x80000000, 0x7FFFFFFF), 0x80000000);
    EXPECT(masc_timestamp_extend(0x80000000, 0x80000010) >
           masc_timestamp_extend(0x7FFFFFFF, 0x80000010));
    /* 2106: on both sides of the era's end */
    EXPECT_EQ(masc_timestamp_extend(0xFFFFFFFF, now), era - 1);
    EXPECT_EQ(masc_timestamp_extend(5, now), era + 5);
    EXPECT_EQ(masc_timestamp_extend(0xFFFFFFF0, era + 1000), era - 16);
    EXPECT_EQ(masc_timestamp_extend(7, 3 * era + 6), 3 * era + 7);
    /* the sum of the largest values does not wrap */
    EXPECT_EQ(masc_timestamp_extend(0xFFFFFFFF, now) + (int64_t)0xFFFFFFFF, 2 * era - 2);
    /* nearest: never further than half an era */
    for (unsigned i = 0; i < 64; i++) {
        int64_t at = now + ((int64_t)i << 28);
        for (uint64_t wire = 0; wire <= UINT32_MAX; wire += 0x05555555) {
            int64_t t = masc_timestamp_extend((uint32_t)wire, at);
            EXPECT_UEQ((uint32_t)t, wire);
            EXPECT(t - at < era / 2 && at - t <= era / 2);
        }
    }
}
