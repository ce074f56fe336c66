/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prefix: sizes, order and the text form of prefixes and addresses.
 *
 * Text is read strictly: what two programs could understand differently ("010.0.0.1", a zone, bits
 * past the length) is refused. IPv6 takes all forms of RFC 4291 2.2 and is written by RFC 5952:
 * small letters, no leading zeros, the first of the longest runs of two or more zero groups as
 * "::", and the last four octets in IPv4 form for ::ffff:0:0/96 only.
 */
#include "base/prefix.h"

#include "base/check.h"
#include "base/text.h"
#include "base/wr.h"

#define GROUPS 8

bool prefix_is_multicast(struct prefix p)
{
    static const struct prefix v4 = {0xE0000000u, FAMILY_IPV4, 4};
    struct prefix v6 = {u128_of(0xFF00000000000000u, 0), FAMILY_IPV6, 8};

    return prefix_covers(v4, p) || prefix_covers(v6, p);
}

uint64_t prefix_size(struct prefix p)
{
    unsigned host = family_bits(p.family) - p.len;

    return host >= 64 ? UINT64_MAX : (uint64_t)1 << host;
}

uint8_t prefix_len_for(uint8_t family, uint64_t addresses)
{
    unsigned len = family_bits(family);

    CHECK(addresses >= 1);
    for (uint64_t rest = addresses - 1; rest != 0 && len > 0; rest >>= 1)
        len--;
    return (uint8_t)len;
}

int prefix_compare(struct prefix a, struct prefix b)
{
    if (a.family != b.family)
        return a.family < b.family ? -1 : 1;
    if (a.addr != b.addr)
        return a.addr < b.addr ? -1 : 1;
    return (a.len > b.len) - (a.len < b.len);
}

/* Reads a decimal number up to `max` (< 1000), without leading zeros, and moves past it. */
static bool take_decimal(const char **s, unsigned max, unsigned *v)
{
    unsigned sum = 0;
    unsigned digits = 0;

    while (digits < 3 && **s >= '0' && **s <= '9') {
        if (digits > 0 && sum == 0)
            return false;
        sum = sum * 10 + (unsigned)(**s - '0');
        digits++;
        (*s)++;
    }
    *v = sum;
    return digits > 0 && sum <= max;
}

static bool take_ipv4(const char **s, uint32_t *addr)
{
    uint32_t sum = 0;
    unsigned octet;

    for (int i = 0; i < 4; i++) {
        if (i > 0 && *(*s)++ != '.')
            return false;
        if (!take_decimal(s, 255, &octet))
            return false;
        sum = sum << 8 | octet;
    }
    *addr = sum;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Reads 1..4 hexadecimal digits; the caller has seen the first. */
static uint16_t take_group(const char **s)
{
    unsigned sum = 0;

    for (int digits = 0; digits < 4 && hex_value(**s) >= 0; digits++)
        sum = sum << 4 | (unsigned)hex_value(*(*s)++);
    return (uint16_t)sum;
}

/* The groups of an IPv6 address as they were read. */
struct groups {
    uint16_t v[GROUPS];
    int count;
    int gap; /* how many stand before "::", or -1 */
};

/* Moves past the ':' or "::" after a group. `*more` tells whether a group may follow. */
static bool take_colons(struct groups *g, const char **s, bool *more)
{
    *more = false;
    if (**s != ':')
        return true;
    if ((*s)[1] == ':') {
        if (g->gap >= 0)
            return false;
        g->gap = g->count;
        *s += 2;
        *more = hex_value(**s) >= 0;
        return true;
    }
    *s += 1;
    *more = hex_value(**s) >= 0;
    return *more;
}

static bool take_groups(struct groups *g, const char **s)
{
    bool more = hex_value(**s) >= 0;

    if ((*s)[0] == ':' && (*s)[1] == ':') {
        if (!take_colons(g, s, &more))
            return false;
    }
    while (more && g->count < GROUPS) {
        const char *tail = *s;
        uint32_t v4;
        if (g->count <= GROUPS - 2 && take_ipv4(&tail, &v4)) {
            g->v[g->count++] = (uint16_t)(v4 >> 16);
            g->v[g->count++] = (uint16_t)v4;
            *s = tail;
            return true;
        }
        g->v[g->count++] = take_group(s);
        if (!take_colons(g, s, &more))
            return false;
    }
    return !more;
}

static bool take_ipv6(const char **s, u128 *addr)
{
    struct groups g = {.count = 0, .gap = -1};
    u128 sum = 0;

    if (!take_groups(&g, s))
        return false;
    /* "::" stands for one group at least (RFC 4291 2.2). */
    if (g.gap < 0 ? g.count != GROUPS : g.count >= GROUPS)
        return false;
    for (int i = 0; i < g.count; i++) {
        if (i == g.gap)
            sum <<= 16 * (GROUPS - g.count);
        sum = sum << 16 | g.v[i];
    }
    if (g.gap == g.count && g.count > 0)
        sum <<= 16 * (GROUPS - g.count);
    *addr = sum;
    return true;
}

static bool take_addr(const char **s, struct addr *a)
{
    const char *start = *s;
    uint32_t v4;
    u128 v6;

    if (take_ipv4(s, &v4)) {
        *a = (struct addr){v4, FAMILY_IPV4};
        return true;
    }
    *s = start;
    if (!take_ipv6(s, &v6))
        return false;
    *a = (struct addr){v6, FAMILY_IPV6};
    return true;
}

bool prefix_parse(struct prefix *p, const char *text)
{
    struct addr a;
    unsigned len;

    if (!take_addr(&text, &a))
        return false;
    len = family_bits(a.family);
    if (*text == '/') {
        text++;
        if (!take_decimal(&text, len, &len))
            return false;
    }
    if (*text != '\0' || (a.addr & ~prefix_mask(a.family, len)) != 0)
        return false;
    *p = (struct prefix){a.addr, a.family, (uint8_t)len};
    return true;
}

bool addr_parse(struct addr *a, const char *text)
{
    struct addr read;

    if (!take_addr(&text, &read) || *text != '\0')
        return false;
    *a = read;
    return true;
}

static void write_ipv4(struct wr *w, uint32_t addr)
{
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        if (shift < 32)
            wr_u8(w, '.');
        wr_decimal(w, addr >> (shift - 8) & 0xFF);
    }
}

static void write_group(struct wr *w, unsigned group)
{
    static const char digits[] = "0123456789abcdef";
    bool begun = false;

    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = group >> shift & 15;
        begun = begun || digit != 0 || shift == 0;
        if (begun)
            wr_u8(w, (uint8_t)digits[digit]);
    }
}

static unsigned group_at(u128 addr, int i)
{
    return (unsigned)(addr >> (16 * (GROUPS - 1 - i))) & 0xFFFF;
}

/* The first of the longest runs of zero groups; its length, 0 unless there are two at least. */
static int find_gap(u128 addr, int *start)
{
    int best = 0;
    int run = 0;

    *start = -1;
    for (int i = 0; i < GROUPS; i++) {
        run = group_at(addr, i) == 0 ? run + 1 : 0;
        if (run > 1 && run > best) {
            best = run;
            *start = i + 1 - run;
        }
    }
    return best;
}

static void write_ipv6(struct wr *w, u128 addr)
{
    int start;
    int gap = find_gap(addr, &start);

    if (addr >> 32 == 0xFFFF) { /* RFC 5952 5 */
        wr_text(w, "::ffff:");
        write_ipv4(w, (uint32_t)addr);
        return;
    }
    for (int i = 0; i < GROUPS; i++) {
        if (i == start) {
            wr_text(w, "::");
            i += gap - 1;
            continue;
        }
        if (i > 0 && i != start + gap)
            wr_u8(w, ':');
        write_group(w, group_at(addr, i));
    }
}

static void write_addr(struct wr *w, struct addr a)
{
    if (a.family == FAMILY_IPV6)
        write_ipv6(w, a.addr);
    else if (a.family == FAMILY_IPV4)
        write_ipv4(w, (uint32_t)a.addr);
    else
        wr_u8(w, '-');
}

char *prefix_format(struct prefix p, char *buf)
{
    struct wr w = wr_init(buf, PREFIX_TEXT_MAX);

    write_addr(&w, (struct addr){p.addr, p.family});
    if (p.family != 0) {
        wr_u8(&w, '/');
        wr_decimal(&w, p.len);
    }
    return wr_nul(&w);
}

char *addr_format(struct addr a, char *buf)
{
    struct wr w = wr_init(buf, PREFIX_TEXT_MAX);

    write_addr(&w, a);
    return wr_nul(&w);
}
