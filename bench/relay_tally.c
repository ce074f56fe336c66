/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tally of what the sink received (one bit for each announcement), the table of protocols, and
 * the few octet helpers both protocols use.
 */
#include "relay.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t tally_words(uint32_t count)
{
    return (size_t)count / 64 + 1;
}

bool tally_init(struct tally *t, uint32_t count)
{
    *t = (struct tally){.bits = calloc(tally_words(count), sizeof *t->bits), .count = count};
    return t->bits != NULL;
}

void tally_reset(struct tally *t)
{
    memset(t->bits, 0, tally_words(t->count) * sizeof *t->bits);
    t->seen = 0;
    t->repeats = 0;
    t->wrong[0] = '\0';
}

void tally_fini(struct tally *t)
{
    free(t->bits);
    *t = (struct tally){0};
}

bool tally_wrong(struct tally *t, const char *format, ...)
{
    va_list args;

    if (t->wrong[0] == '\0') {
        va_start(args, format);
        vsnprintf(t->wrong, sizeof t->wrong, format, args);
        va_end(args);
    }
    return false;
}

bool tally_take(struct tally *t, uint32_t index)
{
    uint64_t bit = UINT64_C(1) << (index % 64);

    if (index >= t->count)
        return tally_wrong(t, "announcement %u was never to come here", index);
    if ((t->bits[index / 64] & bit) && t->repeats_allowed) {
        t->repeats++;
        return true;
    }
    if (t->bits[index / 64] & bit)
        return tally_wrong(t, "announcement %u arrived twice", index);
    t->bits[index / 64] |= bit;
    t->seen++;
    return true;
}

const struct protocol *protocol_find(const char *name)
{
    static const struct protocol *const all[] = {&protocol_bgp, &protocol_masc};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    }
    return NULL;
}

uint8_t *put8(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)value;
    return to + 1;
}

uint8_t *put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

uint8_t *put32(uint8_t *to, uint32_t value)
{
    put16(to, value >> 16);
    return put16(to + 2, value & 0xFFFF);
}

unsigned get16(const uint8_t *from)
{
    return (unsigned)from[0] << 8 | from[1];
}

uint32_t get32(const uint8_t *from)
{
    return (uint32_t)get16(from) << 16 | get16(from + 2);
}
