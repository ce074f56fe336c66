/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text: string functions of pure code; see text.h.
 *
 * Odd: loops that look exactly like strlen() are turned into a call of it by compilers, and pure
 * code may not call libc. text_len() therefore has a second, never reached, end.
 */
#include "base/text.h"

#include "base/check.h"

size_t text_len(const char *s)
{
    size_t n = 0;

    while (n < SIZE_MAX && s[n] != '\0')
        n++;
    return n;
}

bool text_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

bool text_copy(char *dst, size_t cap, const char *src)
{
    size_t n = text_len(src);
    size_t kept = n;

    CHECK(cap > 0);
    if (kept > cap - 1)
        kept = cap - 1;
    memcpy(dst, src, kept);
    dst[kept] = '\0';
    return kept == n;
}

void wr_text(struct wr *w, const char *s)
{
    wr_bytes(w, s, text_len(s));
}

void wr_decimal(struct wr *w, uint64_t v)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    wr_bytes(w, digits + at, sizeof(digits) - at);
}

void wr_int(struct wr *w, int64_t v)
{
    char digits[21];
    struct wr text = wr_init(digits, sizeof(digits));

    if (v < 0)
        wr_u8(&text, '-');
    wr_decimal(&text, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    wr_bytes(w, digits, text.len);
}

char *wr_nul(struct wr *w)
{
    CHECK(w->cap > 0);
    if (w->len == w->cap)
        w->len--;
    w->buf[w->len] = '\0';
    return (char *)w->buf;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads 1..20 digits at *s and moves past them. */
static bool take_number(const char **s, uint64_t *v)
{
    uint64_t sum = 0;
    int digits = 0;

    for (; is_digit((*s)[digits]); digits++) {
        uint64_t digit = (uint64_t)((*s)[digits] - '0');
        if (digits == 20 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *s += digits;
    *v = sum;
    return digits > 0;
}

bool text_parse_u64(uint64_t *v, const char *s)
{
    uint64_t sum;

    if (!take_number(&s, &sum) || *s != '\0')
        return false;
    *v = sum;
    return true;
}

/* Seconds in a unit, 0 if `c` is none. */
static uint64_t unit_seconds(char c)
{
    switch (c) {
    case 'w': return 7 * 86400;
    case 'd': return 86400;
    case 'h': return 3600;
    case 'm': return 60;
    case 's': return 1;
    default: return 0;
    }
}

/* Units come from large to small, each at most once, so that a slip such as "5m1d" is not taken. */
bool text_parse_duration(uint64_t *seconds, const char *s)
{
    uint64_t sum = 0;
    uint64_t before = UINT64_MAX;

    if (text_parse_u64(seconds, s))
        return true;
    do {
        uint64_t count;
        if (!take_number(&s, &count))
            return false;
        uint64_t unit = unit_seconds(*s++);
        if (unit == 0 || unit >= before || count > (UINT64_MAX - sum) / unit)
            return false;
        sum += count * unit;
        before = unit;
    } while (*s != '\0');
    *seconds = sum;
    return true;
}
