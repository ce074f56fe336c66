/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prefix: arithmetic against plain ranges of numbers, text against known forms and, for addresses,
 * against inet_pton() and inet_ntop(), which are somebody else's opinion.
 */
#include "base/prefix.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/prng.h"
#include "base/rd.h"
#include "base/wr.h"
#include "tests/tap.h"

static struct prefix parsed(const char *text)
{
    struct prefix p = {0, 0, 0};

    if (!prefix_parse(&p, text))
        tap_diag("not parsed: %s", text);
    return p;
}

/* Addresses with long runs of zero and of all-one octets, as real ones have. */
static u128 random_addr(struct prng *g, uint8_t family)
{
    u128 addr = u128_of(prng_u64(g), prng_u64(g));

    for (unsigned group = 0; group < 8; group++) {
        uint64_t kind = prng_below(g, 4);
        u128 mask = (u128)0xFFFF << (16 * group);
        if (kind == 0)
            addr &= ~mask;
        else if (kind == 1)
            addr |= mask;
    }
    return family == FAMILY_IPV4 ? (uint32_t)addr : addr;
}

static struct prefix random_prefix(struct prng *g, uint8_t family)
{
    uint8_t len = (uint8_t)prng_below(g, family_bits(family) + 1);

    return (struct prefix){random_addr(g, family) & prefix_mask(family, len), family, len};
}

static uint8_t random_family(struct prng *g)
{
    return prng_below(g, 2) ? FAMILY_IPV4 : FAMILY_IPV6;
}

/* The last address of a prefix, found without prefix_mask(). */
static u128 last_addr(struct prefix p)
{
    u128 addr = p.addr;

    for (unsigned bit = 0; bit < family_bits(p.family) - p.len; bit++)
        addr |= (u128)1 << bit;
    return addr;
}

TEST(masks, "")
{
    EXPECT(prefix_mask(FAMILY_IPV4, 0) == 0);
    EXPECT(prefix_mask(FAMILY_IPV4, 1) == 0x80000000u);
    EXPECT(prefix_mask(FAMILY_IPV4, 31) == 0xFFFFFFFEu);
    EXPECT(prefix_mask(FAMILY_IPV4, 32) == 0xFFFFFFFFu);
    EXPECT(prefix_mask(FAMILY_IPV6, 0) == 0);
    EXPECT(prefix_mask(FAMILY_IPV6, 1) == (u128)1 << 127);
    EXPECT(prefix_mask(FAMILY_IPV6, 64) == u128_of(UINT64_MAX, 0));
    EXPECT(prefix_mask(FAMILY_IPV6, 128) == ~(u128)0);
    EXPECT_UEQ(family_octets(FAMILY_IPV4), 4);
    EXPECT_UEQ(family_octets(FAMILY_IPV6), 16);
}

/* Two prefixes are equal, nested or disjoint. */
TEST(relations_agree_with_ranges, "")
{
    struct prng g = prng_init(1);
    int nested = 0;

    for (int i = 0; i < 20000; i++) {
        struct prefix a = random_prefix(&g, random_family(&g));
        struct prefix b = random_prefix(&g, random_family(&g));
        if (prng_below(&g, 2)) /* half of them near one another */
            b = prefix_shorten((struct prefix){a.addr, a.family, (uint8_t)family_bits(a.family)},
                               (uint8_t)prng_below(&g, family_bits(a.family) + 1));
        bool inside = a.family == b.family && a.addr <= b.addr && last_addr(b) <= last_addr(a);
        bool meet = a.family == b.family && a.addr <= last_addr(b) && b.addr <= last_addr(a);
        EXPECT_EQ(prefix_covers(a, b), inside);
        EXPECT_EQ(prefix_overlaps(a, b), meet);
        EXPECT_EQ(prefix_equal(a, b), inside && prefix_covers(b, a));
        if (meet) {
            struct prefix c = prefix_common(a, b);
            EXPECT(c.addr == (a.addr > b.addr ? a.addr : b.addr));
            EXPECT(last_addr(c) == (last_addr(a) < last_addr(b) ? last_addr(a) : last_addr(b)));
            nested++;
        }
    }
    EXPECT(nested > 5000);
}

TEST(shorten_and_buddy, "")
{
    struct prng g = prng_init(2);

    for (int i = 0; i < 5000; i++) {
        struct prefix p = random_prefix(&g, random_family(&g));
        if (p.len == 0)
            continue;
        struct prefix up = prefix_shorten(p, (uint8_t)(p.len - 1));
        struct prefix buddy = prefix_buddy(p);
        EXPECT(prefix_covers(up, p) && prefix_covers(up, buddy));
        EXPECT(!prefix_overlaps(p, buddy));
        EXPECT_UEQ(buddy.len, p.len);
        EXPECT(prefix_equal(prefix_buddy(buddy), p));
        EXPECT(prefix_equal(prefix_shorten(p, p.len), p));
        EXPECT(up.addr == (p.addr < buddy.addr ? p.addr : buddy.addr));
    }
    EXPECT(prefix_equal(prefix_buddy(parsed("239.0.0.0/9")), parsed("239.128.0.0/9")));
    EXPECT(prefix_equal(prefix_buddy(parsed("::/1")), parsed("8000::/1")));
}

TEST(hints, "")
{
    EXPECT(prefix_is_hint(parsed("0.0.0.0/24")));
    EXPECT(prefix_is_hint(parsed("::/112")));
    EXPECT(!prefix_is_hint(parsed("239.0.0.0/8")));
    EXPECT(!prefix_is_hint(parsed("ff00::/8")));
}

TEST(multicast, "")
{
    EXPECT(prefix_is_multicast(parsed("224.0.0.0/4")));
    EXPECT(prefix_is_multicast(parsed("239.255.255.255")));
    EXPECT(prefix_is_multicast(parsed("224.0.0.0")));
    EXPECT(!prefix_is_multicast(parsed("223.255.255.255")));
    EXPECT(!prefix_is_multicast(parsed("240.0.0.0/4")));
    EXPECT(!prefix_is_multicast(parsed("224.0.0.0/3")));
    EXPECT(!prefix_is_multicast(parsed("0.0.0.0/0")));
    EXPECT(prefix_is_multicast(parsed("ff00::/8")));
    EXPECT(prefix_is_multicast(parsed("ff1e::1")));
    EXPECT(!prefix_is_multicast(parsed("fe00::/8")));
    EXPECT(!prefix_is_multicast(parsed("fe00::/7")));
    EXPECT(!prefix_is_multicast(parsed("::224.0.0.0/124")));
    EXPECT(!prefix_is_multicast((struct prefix){0, 0, 0}));
}

TEST(sizes, "")
{
    EXPECT_UEQ(prefix_size(parsed("239.1.2.3")), 1);
    EXPECT_UEQ(prefix_size(parsed("239.1.2.0/24")), 256);
    EXPECT_UEQ(prefix_size(parsed("0.0.0.0/0")), (uint64_t)1 << 32);
    EXPECT_UEQ(prefix_size(parsed("ff1e::1")), 1);
    EXPECT_UEQ(prefix_size(parsed("ff1e::/65")), (uint64_t)1 << 63);
    EXPECT_UEQ(prefix_size(parsed("ff1e::/64")), UINT64_MAX);
    EXPECT_UEQ(prefix_size(parsed("::/0")), UINT64_MAX);
}

/* One more address than a power of two needs one bit more. */
TEST(len_for_boundaries, "")
{
    EXPECT_UEQ(prefix_len_for(FAMILY_IPV4, 1), 32);
    EXPECT_UEQ(prefix_len_for(FAMILY_IPV6, 1), 128);
    for (uint8_t bits = 1; bits < 64; bits++) {
        uint64_t n = (uint64_t)1 << bits;
        uint8_t v4 = bits < 32 ? (uint8_t)(32 - bits) : 0;
        EXPECT_UEQ(prefix_len_for(FAMILY_IPV6, n), 128 - bits);
        EXPECT_UEQ(prefix_len_for(FAMILY_IPV6, n + 1), 128 - bits - 1);
        EXPECT_UEQ(prefix_len_for(FAMILY_IPV6, n - (bits > 1)), 128 - bits);
        EXPECT_UEQ(prefix_len_for(FAMILY_IPV4, n), v4);
        EXPECT_UEQ(prefix_len_for(FAMILY_IPV4, n + 1), v4 > 0 ? v4 - 1 : 0);
    }
    EXPECT_UEQ(prefix_len_for(FAMILY_IPV6, UINT64_MAX), 64);
    EXPECT_UEQ(prefix_len_for(FAMILY_IPV4, UINT64_MAX), 0);
    EXPECT_PANIC(prefix_len_for(FAMILY_IPV4, 0));
}

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

TEST(order, "")
{
    static const char *const sorted[] = {
        "0.0.0.0/0",   "0.0.0.0/32", "224.0.0.0/4", "224.0.0.0/24", "224.0.0.0", "224.0.0.1",
        "239.0.0.0/8", "::/0",       "::1",         "ff00::/8",     "ff00::/16", "ff00:1::/32",
    };
    int n = sizeof(sorted) / sizeof(sorted[0]);

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            EXPECT_EQ(sign(prefix_compare(parsed(sorted[i]), parsed(sorted[j]))), sign(i - j));
}

TEST(round_trip, "")
{
    struct prng g = prng_init(3);
    char text[PREFIX_TEXT_MAX];

    for (int i = 0; i < 20000; i++) {
        struct prefix p = random_prefix(&g, random_family(&g)), q = {0, 0, 0};
        struct addr a = {p.addr, p.family}, b = {0, 0};
        EXPECT(prefix_parse(&q, prefix_format(p, text)));
        EXPECT(prefix_equal(p, q));
        EXPECT(addr_parse(&b, addr_format(a, text)));
        EXPECT(a.addr == b.addr && a.family == b.family);
        EXPECT(prefix_parse(&q, text));
        EXPECT(q.len == family_bits(a.family) && q.addr == a.addr);
    }
}

/* The longest texts fit. */
TEST(longest_text, "")
{
    char text[PREFIX_TEXT_MAX];
    struct prefix p = {~(u128)0, FAMILY_IPV6, 128};

    EXPECT_STR(prefix_format(p, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
    p = (struct prefix){0xFFFFFFFFFFFFu, FAMILY_IPV6, 128};
    EXPECT_STR(prefix_format(p, text), "::ffff:255.255.255.255/128");
    p = (struct prefix){0xFFFFFFFFu, FAMILY_IPV4, 32};
    EXPECT_STR(prefix_format(p, text), "255.255.255.255/32");
    EXPECT_STR(prefix_format((struct prefix){0, 0, 0}, text), "-");
    EXPECT_STR(addr_format((struct addr){0, 0}, text), "-");
}

/* RFC 5952 4 and 5. */
TEST(rfc5952, "")
{
    static const struct {
        const char *in, *out;
    } form[] = {
        {"2001:0db8::0001", "2001:db8::1"},                                             /* 4.1 */
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},                                      /* 4.2.1 */
        {"2001:db8::0:1", "2001:db8::1"},                                               /* 4.2.1 */
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},                               /* 4.2.2 */
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},                                /* 4.2.2 */
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},                                        /* 4.2.3 */
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},                                  /* 4.2.3 */
        {"2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:1", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"}, /* 4.3 */
        {"::FFFF:192.0.2.1", "::ffff:192.0.2.1"},                                       /* 5 */
        {"::ffff:c000:201", "::ffff:192.0.2.1"},
        {"::192.0.2.1", "::c000:201"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"1:0:0:0:0:0:0:0", "1::"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"1:2:3:4:5::1.2.3.4", "1:2:3:4:5:0:102:304"},
        {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
        {"ff02::1:ff00:0", "ff02::1:ff00:0"},
    };
    char text[PREFIX_TEXT_MAX];

    for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
        struct addr a = {0, 0};
        EXPECT(addr_parse(&a, form[i].in));
        EXPECT_UEQ(a.family, FAMILY_IPV6);
        EXPECT_STR(addr_format(a, text), form[i].out);
    }
}

TEST(parse_good, "")
{
    char text[PREFIX_TEXT_MAX];

    EXPECT_STR(prefix_format(parsed("239.1.0.0/16"), text), "239.1.0.0/16");
    EXPECT_STR(prefix_format(parsed("ff1e::/32"), text), "ff1e::/32");
    EXPECT_STR(prefix_format(parsed("239.1.2.3"), text), "239.1.2.3/32");
    EXPECT_STR(prefix_format(parsed("FF1E::A"), text), "ff1e::a/128");
    EXPECT_STR(prefix_format(parsed("0.0.0.0/0"), text), "0.0.0.0/0");
    EXPECT_STR(prefix_format(parsed("::/0"), text), "::/0");
    EXPECT_STR(prefix_format(parsed("::ffff:0.0.0.0/96"), text), "::ffff:0.0.0.0/96");
    EXPECT(parsed("1.2.3.4").addr == 0x01020304);
}

/* No form of a prefix, or more than one reading. */
static const char *const bad[] = {
    "",
    "/",
    "/8",
    "239",
    "239.1/16",
    "239.1.0.0/",
    "239.1.0.0/33",
    "239.1.0.0/016",
    "239.1.0.0/-1",
    "239.1.0.0/+16",
    "239.1.0.0/16 ",
    " 239.1.0.0/16",
    "239.1.0.0 /16",
    "239.1.0.0/16/16",
    "239.1.0.0/1x",
    "239.1.0.0/15",
    "239.1.0.1/31",
    "0.0.0.1/0",
    "239.1.0.0.",
    "239.1.0.0.0",
    ".239.1.0.0",
    "239..0.0",
    "256.0.0.0",
    "239.1.0.01",
    "00.0.0.0",
    "0x7f.0.0.1",
    "239.1.0.1000",
    "ff1e::/129",
    "ff1e::/1000",
    "ff1e::/4294967328",
    "ff1e::1/127",
    "ff1e::1/64",
    "ff1e::/8x",
    "ff1e::1%lo",
    "ff1e",
    "ff1e:",
    ":",
    ":::",
    ":1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1::2:3:4:5:6:7:8",
    "1::2::3",
    "1:::2",
    "1::2:",
    "::12345",
    "::g",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3.4:5",
    "::1.2.3",
    "::1.2.3.256",
    "::01.2.3.4",
    "1.2.3.4::",
    "[::1]",
    "-",
};

TEST(parse_refuses, "")
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct prefix p = {77, 7, 7};
        if (prefix_parse(&p, bad[i]))
            tap_diag("taken: %s", bad[i]);
        EXPECT(p.addr == 77 && p.family == 7 && p.len == 7);
        struct addr a = {77, 7};
        (void)addr_parse(&a, bad[i]);
        EXPECT((a.addr == 77 && a.family == 7));
    }
    struct addr a = {77, 7};
    EXPECT(!addr_parse(&a, "239.1.0.0/32"));
    EXPECT(!addr_parse(&a, "ff1e::1/128"));
    EXPECT(a.addr == 77 && a.family == 7);
}

/* inet_ntop() writes ::/96 in IPv4 form too, which RFC 5952 does not ask for. */
TEST(format_agrees_with_inet_ntop, "")
{
    struct prng g = prng_init(4);
    char ours[PREFIX_TEXT_MAX], theirs[INET6_ADDRSTRLEN];
    uint8_t octets[16];

    for (int i = 0; i < 20000; i++) {
        uint8_t family = random_family(&g);
        struct addr a = {random_addr(&g, family), family};
        if (family == FAMILY_IPV6 && a.addr >> 32 == 0)
            continue;
        struct wr w = wr_init(octets, sizeof(octets));
        wr_uint(&w, a.addr, family_octets(family));
        inet_ntop(family == FAMILY_IPV4 ? AF_INET : AF_INET6, octets, theirs, sizeof(theirs));
        EXPECT_STR(addr_format(a, ours), theirs);
    }
}

static void expect_like_inet_pton(const char *text)
{
    uint8_t octets[16];
    struct addr a = {0, 0};
    bool v4 = inet_pton(AF_INET, text, octets) == 1;
    bool theirs = v4 || inet_pton(AF_INET6, text, octets) == 1;

    if (addr_parse(&a, text) != theirs)
        tap_diag("inet_pton() says %s to: %s", theirs ? "yes" : "no", text);
    EXPECT_EQ(a.family, theirs ? (v4 ? FAMILY_IPV4 : FAMILY_IPV6) : 0);
    if (theirs) {
        struct rd r = rd_init(octets, v4 ? 4 : 16);
        EXPECT(a.addr == rd_uint(&r, v4 ? 4 : 16));
    }
}

/* Texts of addresses with a few characters changed, lost or doubled. */
TEST(parse_agrees_with_inet_pton, "")
{
    static const char letters[] = "0123456789abcdefABCDEF::::....//g ";
    struct prng g = prng_init(5);
    char text[PREFIX_TEXT_MAX + 8];

    for (int i = 0; i < 50000; i++) {
        uint8_t family = random_family(&g);
        struct addr a = {random_addr(&g, family), family};
        addr_format(a, text);
        if (prng_below(&g, 8) == 0)
            memcpy(text, "1:2:3:4:5:6:1.2.3.4", 20);
        for (uint64_t edits = prng_below(&g, 4); edits > 0; edits--) {
            size_t len = strlen(text), at = prng_below(&g, len + 1);
            char letter = letters[prng_below(&g, sizeof(letters) - 1)];
            uint64_t kind = prng_below(&g, 3);
            if (kind == 0 && at < len) {
                text[at] = letter;
            } else if (kind == 1 && at < len) {
                memmove(text + at, text + at + 1, len - at);
            } else {
                memmove(text + at + 1, text + at, len - at + 1);
                text[at] = letter;
            }
        }
        expect_like_inet_pton(text);
    }
}
