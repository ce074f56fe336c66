/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets at all: random ones, and good messages changed, cut and joined. They lie against the
 * end of a page that is followed by one nobody may read, so that reading past the last octet kills
 * the test even without a sanitizer. What must hold is in tests/masc_roundtrip.h.
 */
#include "masc/wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/prng.h"
#include "tests/hex.h"
#include "tests/masc_roundtrip.h"
#include "tests/tap.h"

#define ROOM 8192 /* octets before the guard */

static uint8_t *guard(void)
{
    static uint8_t *end;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (ROOM + page - 1) / page * page;
    uint8_t *p;

    if (end)
        return end;
    p = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + room, page, PROT_NONE) != 0)
        abort();
    end = p + room;
    return end;
}

static void try_octets(const uint8_t *octets, size_t n, struct roundtrip *t)
{
    uint8_t *at = guard() - n;

    memmove(at, octets, n);
    roundtrip_stream(at, n, t);
    roundtrip_decoders(at, n, t);
}

#define CLAIM                                                                                      \
    "0024 03 00 00 04 0000 40000000 00278D00 0002A300 0000FDE9 C0000201 E4010200 FFFFFF00"
#define ZERO12 "000000000000000000000000"
#define MANAGED6                                                                                   \
    "0054 04 00 00 88 0000 40000000 00278D00 00278D00" ZERO12 "0000FDE8"                           \
    "20010DB80000000000000000000000FE FF1E0000" ZERO12 "FFFFFFFF" ZERO12

static const char *const good[] = {
    "0014 01 00 01 05 00F0 0000FDE9 C0000201 0000FDE8",
    "0019 01 00 01 05 00F0 0000FDE9 C0000201 0000FDE8 03C8 616263",
    "0038 01 00 01 0A 005A" ZERO12 "0000FDEA 20010DB8 00000000 00000000 00000002" ZERO12 "0000FDE8",
    "0028 02 00" CLAIM,
    "004C 02 00" CLAIM CLAIM,
    "0058 02 00" MANAGED6,
    "0084 02 00" CLAIM "0008 C8 00 DEADBEEF" MANAGED6,
    "002C 02 00 0028 05 00 00 04 0000 40000000 00278D00 0002A300 0000FDE9 C0000201 00000000"
    "FFFFFF00 02C8 0000",
    "0009 03 00 83 18 AABBCC",
    "0006 03 00 07 00",
    "0004 04 00",
};
#define GOOD (sizeof(good) / sizeof(good[0]))

TEST(good_messages_are_accepted, "M-7.3-28 M-7.2-27")
{
    struct roundtrip t = {.messages = 0};

    for (unsigned i = 0; i < GOOD; i++) {
        struct hex h = hex(good[i]);
        roundtrip_stream(h.at, h.len, &t);
    }
    EXPECT_EQ(t.messages, GOOD);
    EXPECT_EQ(t.opens, 3);
    EXPECT_EQ(t.updates, 5);
    EXPECT_EQ(t.attrs, 7);
    EXPECT_EQ(t.notifications, 2);
    EXPECT_EQ(t.keepalives, 1);
    EXPECT_EQ(t.faults, 0);
}

TEST(every_truncation, "M-11-06")
{
    struct roundtrip t = {.messages = 0};

    for (unsigned i = 0; i < GOOD; i++) {
        struct hex h = hex(good[i]);
        for (size_t n = 0; n <= h.len; n++) {
            struct hex cut = h;
            try_octets(h.at, n, &t); /* the rest is still to come */
            cut.len = n;
            if (n >= 2)
                hex_set_length(&cut); /* the rest never existed */
            try_octets(cut.at, n, &t);
        }
    }
    EXPECT(t.faults > 500);
    EXPECT(t.opens > 0 && t.attrs > 0 && t.notifications > 0 && t.keepalives > 0);
}

TEST(every_octet_changed, "M-11-06")
{
    struct roundtrip t = {.messages = 0};

    for (unsigned i = 0; i < GOOD; i++) {
        struct hex h = hex(good[i]);
        for (size_t at = 0; at < h.len; at++)
            for (unsigned value = 0; value < 256; value++) {
                struct hex changed = h;
                changed.at[at] = (uint8_t)value;
                try_octets(changed.at, h.len, &t);
            }
    }
    EXPECT(t.faults > 10000 && t.attrs > 10000 && t.opens > 1000);
}

/* One of: set an octet, flip a bit, cut, add an octet, repeat a piece. */
static void change(struct hex *h, struct prng *g)
{
    size_t at = (size_t)prng_below(g, h->len + 1), n;

    switch (prng_below(g, 5)) {
    case 0:
        h->at[at] = (uint8_t)prng_u64(g);
        break;
    case 1:
        h->at[at] = (uint8_t)(h->at[at] ^ 1u << prng_below(g, 8));
        break;
    case 2:
        h->len = at;
        break;
    case 3:
        if (h->len < 1000)
            h->at[h->len++] = (uint8_t)prng_u64(g);
        break;
    default:
        n = (size_t)prng_below(g, h->len - at + 1);
        if (h->len + n < 1000) {
            memmove(h->at + h->len, h->at + at, n);
            h->len += n;
        }
    }
}

TEST(mutations, "M-11-06 M-8.3-03 M-8.1-02")
{
    struct prng g = prng_init(2909);
    struct roundtrip t = {.messages = 0};

    for (unsigned round = 0; round < 100000; round++) {
        struct hex h = hex(good[prng_below(&g, GOOD)]);
        for (uint64_t changes = prng_below(&g, 6); changes > 0; changes--)
            change(&h, &g);
        if (prng_below(&g, 2) && h.len >= 4)
            hex_set_length(&h);
        try_octets(h.at, h.len, &t);
    }
    EXPECT(t.messages > 50000 && t.faults > 50000 && t.attrs > 10000);
    EXPECT(t.opens > 5000 && t.notifications > 5000 && t.keepalives > 1000);
}

TEST(noise, "M-11-06")
{
    struct prng g = prng_init(7);
    struct roundtrip t = {.messages = 0};
    static uint8_t octets[ROOM];

    for (unsigned round = 0; round < 2000; round++) {
        size_t n = (size_t)prng_below(&g, ROOM);
        for (size_t i = 0; i < n; i++)
            octets[i] = (uint8_t)(prng_u64(&g) & (round % 2 ? 0xFF : 0x87));
        if (n > 2 && round % 3 == 0)
            octets[0] = 0;
        try_octets(octets, n, &t);
    }
    EXPECT(t.messages > 500 && t.faults > 500);
}
