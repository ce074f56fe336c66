/* SPDX-License-Identifier: BSD-2-Clause */
/* text: string functions, numbers and durations at their edges. */
#include "base/text.h"

#include <string.h>

#include "tests/tap.h"

TEST(length_and_equality, "")
{
    EXPECT_UEQ(text_len(""), 0);
    EXPECT_UEQ(text_len("abc"), 3);
    EXPECT(text_equal("", ""));
    EXPECT(text_equal("abc", "abc"));
    EXPECT(!text_equal("abc", "abd"));
    EXPECT(!text_equal("abc", "ab"));
    EXPECT(!text_equal("ab", "abc"));
    EXPECT(!text_equal("", "a"));
}

TEST(copy_cuts, "")
{
    char dst[5] = "zzzz";

    EXPECT(text_copy(dst, 4, "abc"));
    EXPECT_MEM(dst, "abc\0", 5);
    EXPECT(!text_copy(dst, 3, "xyz"));
    EXPECT_MEM(dst, "xy\0\0", 5);
    EXPECT(text_copy(dst, 1, ""));
    EXPECT(!text_copy(dst, 1, "a"));
    EXPECT_STR(dst, "");
    EXPECT_PANIC(text_copy(dst, 0, ""));
}

static const char *decimal(char *buf, size_t cap, uint64_t v)
{
    struct wr w = wr_init(buf, cap);

    wr_decimal(&w, v);
    return wr_nul(&w);
}

static const char *integer(char *buf, size_t cap, int64_t v)
{
    struct wr w = wr_init(buf, cap);

    wr_int(&w, v);
    return wr_nul(&w);
}

TEST(decimal_numbers, "")
{
    char buf[32];

    EXPECT_STR(decimal(buf, sizeof(buf), 0), "0");
    EXPECT_STR(decimal(buf, sizeof(buf), 9), "9");
    EXPECT_STR(decimal(buf, sizeof(buf), 10), "10");
    EXPECT_STR(decimal(buf, sizeof(buf), UINT64_MAX), "18446744073709551615");
    EXPECT_STR(integer(buf, sizeof(buf), 0), "0");
    EXPECT_STR(integer(buf, sizeof(buf), -1), "-1");
    EXPECT_STR(integer(buf, sizeof(buf), INT64_MAX), "9223372036854775807");
    EXPECT_STR(integer(buf, sizeof(buf), INT64_MIN), "-9223372036854775808");
    EXPECT_STR(decimal(buf, 3, 1234), ""); /* whole or not at all */
    EXPECT_STR(integer(buf, 4, -1234), "");
}

TEST(text_whole_or_not, "")
{
    char buf[8];
    struct wr w = wr_init(buf, 5);

    wr_text(&w, "");
    wr_text(&w, "abc");
    EXPECT(wr_ok(&w));
    wr_text(&w, "def");
    EXPECT(!wr_ok(&w));
    EXPECT_STR(wr_nul(&w), "abc");
    EXPECT_UEQ(w.len, 3);
}

TEST(nul_in_a_full_writer, "")
{
    char buf[4] = "zzz";
    struct wr w = wr_init(buf, 3);

    wr_text(&w, "abc");
    EXPECT_STR(wr_nul(&w), "ab");
    EXPECT_UEQ(w.len, 2);
    w = wr_init(buf, 1);
    EXPECT_STR(wr_nul(&w), "");
    w = wr_init(buf, 0);
    EXPECT_PANIC(wr_nul(&w));
}

TEST(parse_numbers, "")
{
    uint64_t v = 1;

    EXPECT(text_parse_u64(&v, "0"));
    EXPECT_UEQ(v, 0);
    EXPECT(text_parse_u64(&v, "18446744073709551615"));
    EXPECT_UEQ(v, UINT64_MAX);
    EXPECT(text_parse_u64(&v, "00000000000000000042"));
    EXPECT_UEQ(v, 42);
}

TEST(parse_numbers_refuses, "")
{
    static const char *const bad[] = {
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1x",
        "x",
        "0x10",
        "1.0",
        "18446744073709551616",
        "18446744073709551625",
        "99999999999999999999",
        "000000000000000000042",
        "1\n",
    };
    uint64_t v = 77;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        EXPECT(!text_parse_u64(&v, bad[i]));
        EXPECT_UEQ(v, 77);
    }
}

TEST(parse_durations, "")
{
    static const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {
        {"0", 0},
        {"90", 90},
        {"90s", 90},
        {"15m", 900},
        {"12h", 43200},
        {"30d", 2592000},
        {"2w", 1209600},
        {"1d12h", 129600},
        {"1w1d1h1m1s", 694861},
        {"1w1s", 604801},
        {"0d0s", 0},
        {"48h", 172800},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551615s", UINT64_MAX},
        {"213503982334601d7h15s", UINT64_MAX},
        {"30500568904943w", 18446744073709526400u},
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t v = 77;
        EXPECT(text_parse_duration(&v, good[i].text));
        EXPECT_UEQ(v, good[i].seconds);
    }
}

TEST(parse_durations_refuses, "")
{
    static const char *const bad[] = {
        "",
        "s",
        "d1",
        "1x",
        "-1s",
        "+1s",
        "1 d",
        "1d ",
        " 1d",
        "1d 2h",
        "1D",
        "1.5h",
        "1d12",
        "12h1d",
        "1d1d",
        "1s1s",
        "1dd",
        "1d-1h",
        "1s1m",
        "h",
        "1d12x",
        "1mo",
        "18446744073709551616",
        "18446744073709551616s",
        "213503982334601d7h16s",
        "213503982334602d",
        "30500568904944w",
        "307445734561825861m",
        "000000000000000000001s",
    };
    uint64_t v = 77;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (text_parse_duration(&v, bad[i]))
            tap_diag("taken: %s", bad[i]);
        EXPECT_UEQ(v, 77);
    }
}
