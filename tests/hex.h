/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hex: octets written as text in tests: "00 04 0400"; blanks are for the eye. The functions end
 * the program on a text that is none: it is the test that is wrong.
 */
#ifndef MASCOT_TESTS_HEX_H
#define MASCOT_TESTS_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct hex {
    size_t len;
    uint8_t at[4096 + 64]; /* a little more than the largest message of any protocol here */
};

static inline unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A' + 10);
    abort();
}

static inline struct hex hex(const char *text)
{
    struct hex h = {.len = 0};

    while (*text) {
        if (*text == ' ' || *text == '\n') {
            text++;
            continue;
        }
        if (h.len == sizeof(h.at))
            abort();
        h.at[h.len++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
        text += 2;
    }
    return h;
}

/* Appends `n` copies of the octets of `text`. */
static inline void hex_append(struct hex *h, const char *text, size_t n)
{
    struct hex more = hex(text);

    while (n-- > 0)
        for (size_t i = 0; i < more.len; i++) {
            if (h->len == sizeof(h->at))
                abort();
            h->at[h->len++] = more.at[i];
        }
}

/* Writes the length into the first two octets, as MASC has it. */
static inline void hex_set_length(struct hex *h)
{
    h->at[0] = (uint8_t)(h->len >> 8);
    h->at[1] = (uint8_t)h->len;
}

#endif
