/* SPDX-License-Identifier: BSD-2-Clause */
/* row: both renderings of every kind of field, missing values, and texts nobody should trust. */
#include "base/row.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "base/text.h"
#include "tests/tap.h"

#define BAD "\xEF\xBF\xBD" /* U+FFFD */

static const struct row_type every = {
    "every",
    9,
    0,
    {
        {"count", FIELD_UINT},
        {"name", FIELD_TEXT},
        {"active", FIELD_BOOL},
        {"prefix", FIELD_PREFIX},
        {"peer", FIELD_ADDR},
        {"domain", FIELD_DOMAIN},
        {"node", FIELD_NODE},
        {"since", FIELD_WALL},
        {"left", FIELD_SECONDS},
    },
};

static struct row every_row(void)
{
    return (struct row){
        &every,
        {
            {.u = UINT64_MAX},
            {.text = "north"},
            {.u = 1},
            {.prefix = {0xEF010000, FAMILY_IPV4, 16}},
            {.addr = {1, FAMILY_IPV6}},
            {.id = 65001},
            {.id = 0xC0000201},
            {.wall = {1795183200}},
            {.u = 29 * 86400 + 4 * 3600},
        },
    };
}

static struct row missing_row(void)
{
    struct row row = every_row();

    row.v[0].u = 0;
    row.v[1].text = NULL;
    row.v[2].u = 0;
    row.v[3].prefix = (struct prefix){0, 0, 0};
    row.v[4].addr = (struct addr){0, 0};
    row.v[7].wall.s = INT64_MAX;
    row.v[8].u = UINT64_MAX;
    return row;
}

static char out[4096];

static const char *json(const struct row *row)
{
    struct wr w = wr_init(out, sizeof(out));

    row_write_json(&w, row);
    return wr_nul(&w);
}

static const char *line(const struct row *row)
{
    struct wr w = wr_init(out, sizeof(out));

    row_write_text(&w, row);
    return wr_nul(&w);
}

static const char *value(enum field_kind kind, union value v)
{
    struct wr w = wr_init(out, sizeof(out));

    row_write_value(&w, kind, &v);
    return wr_nul(&w);
}

static const char *quoted(const char *text)
{
    struct wr w = wr_init(out, sizeof(out));

    row_write_json_text(&w, text);
    return wr_nul(&w);
}

TEST(json_of_every_kind, "")
{
    struct row row = every_row();

    EXPECT_STR(json(&row), "{\"row\":\"every\",\"count\":18446744073709551615,\"name\":\"north\","
                           "\"active\":true,\"prefix\":\"239.1.0.0/16\",\"peer\":\"::1\","
                           "\"domain\":\"65001\",\"node\":\"192.0.2.1\",\"since\":1795183200,"
                           "\"left\":2520000}");
}

TEST(json_of_missing_values, "")
{
    struct row row = missing_row();

    EXPECT_STR(json(&row), "{\"row\":\"every\",\"count\":0,\"name\":null,\"active\":false,"
                           "\"prefix\":null,\"peer\":null,\"domain\":\"65001\","
                           "\"node\":\"192.0.2.1\",\"since\":null,\"left\":null}");
}

TEST(text_of_every_kind, "")
{
    struct row row = every_row();

    EXPECT_STR(line(&row), "every count=18446744073709551615 name=north active=yes "
                           "prefix=239.1.0.0/16 peer=::1 domain=65001 node=192.0.2.1 "
                           "since=2026-11-20T14:00:00Z left=29d4h");
}

TEST(text_leaves_out_missing_values, "")
{
    struct row row = missing_row();

    EXPECT_STR(line(&row), "every count=0 active=no domain=65001 node=192.0.2.1");
}

TEST(row_without_fields, "")
{
    static const struct row_type empty = {"empty", 0, 0, {{NULL, FIELD_UINT}}};
    struct row row = {.type = &empty};

    EXPECT_STR(json(&row), "{\"row\":\"empty\"}");
    EXPECT_STR(line(&row), "empty");
}

/* 32 bits are the border between the two forms of identifiers. */
TEST(identifiers, "")
{
    EXPECT_STR(value(FIELD_DOMAIN, (union value){.id = 0}), "0");
    EXPECT_STR(value(FIELD_DOMAIN, (union value){.id = UINT32_MAX}), "4294967295");
    EXPECT_STR(value(FIELD_DOMAIN, (union value){.id = (u128)1 << 32}), "::1:0:0");
    EXPECT_STR(value(FIELD_DOMAIN, (union value){.id = ID_NONE - 1}),
               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
    EXPECT_STR(value(FIELD_DOMAIN, (union value){.id = ID_NONE}), "");
    EXPECT_STR(value(FIELD_NODE, (union value){.id = ID_NONE}), "");
    EXPECT_STR(value(FIELD_NODE, (union value){.id = 1}), "0.0.0.1");
    EXPECT_STR(value(FIELD_NODE, (union value){.id = UINT32_MAX}), "255.255.255.255");
    EXPECT_STR(value(FIELD_NODE, (union value){.id = (u128)1 << 32}), "::1:0:0");
}

TEST(negative_wall_time, "")
{
    struct row row = every_row();

    row.v[7].wall.s = -1;
    EXPECT(strstr(json(&row), "\"since\":-1,") != NULL);
    EXPECT(strstr(line(&row), " since=1969-12-31T23:59:59Z ") != NULL);
}

TEST(values_for_people, "")
{
    EXPECT_STR(value(FIELD_TEXT, (union value){.text = "two words"}), "two words");
    EXPECT_STR(value(FIELD_TEXT, (union value){.text = NULL}), "");
    EXPECT_STR(value(FIELD_PREFIX, (union value){.prefix = {0, 0, 0}}), "");
    EXPECT_STR(value(FIELD_WALL, (union value){.wall = {INT64_MAX}}), "");
    EXPECT_STR(value(FIELD_SECONDS, (union value){.u = UINT64_MAX}), "");
    EXPECT_STR(value(FIELD_SECONDS, (union value){.u = 0}), "0s");
    EXPECT_STR(value(FIELD_BOOL, (union value){.u = 0}), "no");
    EXPECT_STR(value(FIELD_TEXT, (union value){.text = "a\x1b[2Jb\nc\x7f"}),
               "a" BAD "[2Jb" BAD "c" BAD);
    EXPECT_STR(value(FIELD_TEXT, (union value){.text = "\xC2\x9B"
                                                       "2J"}),
               BAD "2J"); /* C1 CSI */
    EXPECT_STR(value(FIELD_TEXT, (union value){.text = "\xC2\xA0\xC3\xA9\xFF"}),
               "\xC2\xA0\xC3\xA9" BAD);
    EXPECT_PANIC(value((enum field_kind)99, (union value){.u = 0}));
}

TEST(json_escapes, "")
{
    EXPECT_STR(quoted(""), "\"\"");
    EXPECT_STR(quoted("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    EXPECT_STR(quoted("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    EXPECT_STR(quoted("\x01\x1f\x7f"), "\"\\u0001\\u001f\\u007f\"");
    EXPECT_STR(quoted("\xC2\x80\xC2\x9F\xC2\xA0"), "\"\\u0080\\u009f\xC2\xA0\"");
}

TEST(json_keeps_utf8, "")
{
    static const char *const good[] = {
        "plain",
        "\xC3\xA9",         /* U+00E9 */
        "\xDF\xBF",         /* U+07FF */
        "\xE0\xA0\x80",     /* U+0800 */
        "\xED\x9F\xBF",     /* U+D7FF */
        "\xEE\x80\x80",     /* U+E000 */
        "\xEF\xBF\xBD",     /* U+FFFD */
        "\xEF\xBF\xBF",     /* U+FFFF */
        "\xF0\x90\x80\x80", /* U+10000 */
        "\xF4\x8F\xBF\xBF", /* U+10FFFF */
    };
    char expected[16];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(expected, sizeof(expected), "\"%s\"", good[i]);
        EXPECT_STR(quoted(good[i]), expected);
    }
}

/* One U+FFFD for each longest part that could have begun a character (Unicode 3.9). */
TEST(json_replaces_invalid_utf8, "")
{
    static const struct {
        const char *in, *out;
    } text[] = {
        {"\x80", BAD},
        {"\xBF\xBF", BAD BAD},
        {"\xC0\x80", BAD BAD},         /* overlong NUL */
        {"\xC1\xBF", BAD BAD},         /* overlong */
        {"\xC3", BAD},                 /* cut by the end */
        {"\xC3(", BAD "("},            /* cut by ASCII */
        {"\xE0\x9F\xBF", BAD BAD BAD}, /* overlong */
        {"\xED\xA0\x80", BAD BAD BAD}, /* a surrogate */
        {"\xE2\x82", BAD},             /* cut */
        {"\xE2\x82!", BAD "!"},
        {"\xF0\x8F\xBF\xBF", BAD BAD BAD BAD},
        {"\xF0\x90\x80", BAD},
        {"\xF4\x90\x80\x80", BAD BAD BAD BAD}, /* U+110000 */
        {"\xF5\x80", BAD BAD},
        {"\xFE\xFF", BAD BAD},
        {"\xE2\x82\xE2\x82\xAC", BAD "\xE2\x82\xAC"},
        {"\xF0\x9F\"", BAD "\\\""}, /* a quote is not swallowed */
    };
    char expected[32];

    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        snprintf(expected, sizeof(expected), "\"%s\"", text[i].out);
        EXPECT_STR(quoted(text[i].in), expected);
    }
}

/* Whatever comes in, what goes out has no control character and no loose quote. */
TEST(json_of_random_octets_stays_closed, "")
{
    struct prng g = prng_init(8);
    char in[17];

    for (int i = 0; i < 20000; i++) {
        size_t n = prng_below(&g, sizeof(in));
        for (size_t j = 0; j < n; j++)
            in[j] = (char)(1 + prng_below(&g, 255));
        in[n] = '\0';
        const char *s = quoted(in);
        size_t len = strlen(s);
        bool closed = len >= 2 && s[0] == '"' && s[len - 1] == '"';
        for (size_t j = 1; closed && j < len - 1; j++) {
            if ((unsigned char)s[j] < 0x20 || s[j] == '"' || s[j] == 0x7F)
                closed = false;
            else if (s[j] == '\\')
                j++;
            if (j >= len - 1)
                closed = false;
        }
        EXPECT(closed);
    }
}

TEST(text_quotes_what_confuses, "")
{
    static const struct {
        const char *in, *out;
    } text[] = {
        {"plain", "plain"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"x\"", "\"say \\\"x\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"line\nrow=forged", "\"line\\nrow=forged\""},
        {"\x1b[31m", "\"\\u001b[31m\""},
        {"\xC3\xA9", "\xC3\xA9"},
        {"\xFF", BAD},
    };
    static const struct row_type type = {"t", 1, 0, {{"f", FIELD_TEXT}}};
    char expected[64];

    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        struct row row = {&type, {{.text = text[i].in}}};
        snprintf(expected, sizeof(expected), "t f=%s", text[i].out);
        EXPECT_STR(line(&row), expected);
    }
}

/* A row that does not fit fails its writer; nothing is written past the end. */
TEST(too_small_a_buffer, "")
{
    struct row row = every_row();
    size_t full_json = strlen(json(&row)), full_text = strlen(line(&row));

    for (size_t cap = 0; cap <= full_json; cap++) {
        struct wr w = wr_init(out, cap);
        out[cap] = '!';
        row_write_json(&w, &row);
        EXPECT_EQ(wr_ok(&w), cap == full_json);
        EXPECT_EQ(out[cap], '!');
        w = wr_init(out, cap);
        row_write_text(&w, &row);
        EXPECT_EQ(wr_ok(&w), cap >= full_text);
        EXPECT_EQ(out[cap], '!');
    }
}
