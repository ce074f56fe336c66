/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MASC as the load program speaks it (RFC 2909, section 7).
 *
 * The DUT, the feeder and the sink are three top-level domains, siblings of one another: OPEN with
 * Rol SIBLING and Parent's Domain Identifier 0. The feeder announces PREFIX_IN_USE for /28 prefixes
 * under 228.0.0.0/6 with Rol INTERNAL; the DUT must pass each on to the sink with Rol SIBLING and
 * every other field as it was (11, Table 1). By default all claims have the same times; with
 * `distinct` each has its own.
 */
#include "relay.h"

#include <string.h>

enum { MASC_HEADER = 4, MASC_HOLD_S = 240, MASC_ATTRIBUTE = 36, MASC_OPTIONAL = 128 };
enum { MASC_OPEN = 1, MASC_UPDATE = 2, MASC_NOTIFICATION = 3, MASC_KEEPALIVE = 4 };
enum { ROL_INTERNAL = 0, ROL_SIBLING = 2, FAMILY_IPV4 = 1 << 2 };

static const uint32_t masc_base = 228U << 24;
static const uint32_t masc_mask = 0xFFFFFFF0;
static const uint32_t masc_lifetime_s = 30 * 86400;

static size_t masc_length(const uint8_t *header)
{
    unsigned len = get16(header);

    return len < MASC_HEADER || len > MESSAGE_MAX ? 0 : len;
}

static enum message masc_kind(const uint8_t *message)
{
    switch (message[2]) {
    case MASC_OPEN: return MESSAGE_OPEN;
    case MASC_UPDATE: return MESSAGE_UPDATE;
    case MASC_NOTIFICATION: return MESSAGE_NOTIFICATION;
    case MASC_KEEPALIVE: return MESSAGE_KEEPALIVE;
    default: return MESSAGE_BAD;
    }
}

static size_t masc_finish(uint8_t *message, const uint8_t *end, unsigned type)
{
    size_t len = (size_t)(end - message);

    put32(message, (uint32_t)len << 16 | type << 8);
    return len;
}

static size_t masc_open(const struct plan *plan, enum who sender, uint8_t *to)
{
    uint8_t *p = to + MASC_HEADER;

    p = put8(p, 1); /* Version */
    p = put8(p, FAMILY_IPV4 | ROL_SIBLING);
    p = put16(p, MASC_HOLD_S);
    p = put32(p, plan->domain[sender]);
    p = put32(p, ntohl(plan->address[sender].s_addr));
    p = put32(p, 0); /* a TLD has no parent */
    return masc_finish(to, p, MASC_OPEN);
}

static size_t masc_keepalive(uint8_t *to)
{
    return masc_finish(to, to + MASC_HEADER, MASC_KEEPALIVE);
}

static uint32_t masc_full(const struct plan *plan)
{
    (void)plan;
    return (MESSAGE_MAX - MASC_HEADER) / MASC_ATTRIBUTE;
}

/* With `distinct` claims differ in when they were made, over twelve days, and in when they end. */
static uint32_t masc_age_s(const struct plan *plan, uint32_t index)
{
    return plan->distinct ? (index * 2654435769U) >> 12 : 0;
}

/* All of an attribute but its address. */
static uint8_t *masc_put_fields(const struct plan *plan, unsigned rol, uint32_t index, uint8_t *p)
{
    uint32_t lifetime_s = masc_lifetime_s - (plan->distinct ? index % 3600 : 0);

    p = put32(p, MASC_ATTRIBUTE << 16); /* type 0: PREFIX_IN_USE */
    p = put32(p, (FAMILY_IPV4 | rol) << 16);
    p = put32(p, plan->timestamp_s - masc_age_s(plan, index));
    p = put32(p, lifetime_s);
    p = put32(p, lifetime_s); /* Holdtime: the same for type 0 (7.3) */
    p = put32(p, plan->domain[WHO_FEEDER]);
    return put32(p, ntohl(plan->address[WHO_FEEDER].s_addr));
}

static size_t masc_update(const struct plan *plan, uint32_t first, uint32_t n, uint8_t *to)
{
    uint8_t *p = to + MASC_HEADER;

    for (uint32_t k = first; k < first + n; k++) {
        p = masc_put_fields(plan, ROL_INTERNAL, plan->order[k], p);
        p = put32(p, masc_base + (plan->order[k] << 4));
        p = put32(p, masc_mask);
    }
    return masc_finish(to, p, MASC_UPDATE);
}

static bool masc_take_attribute(const struct plan *plan, const uint8_t *p, struct tally *tally)
{
    uint8_t want[MASC_ATTRIBUTE];
    uint32_t at = get32(p + 28) - masc_base;
    uint8_t *end = masc_put_fields(plan, ROL_SIBLING, at >> 4, want);

    if (memcmp(p, want, (size_t)(end - want)) != 0)
        return tally_wrong(tally,
                           "attribute type %u, Rol octet 0x%02x, Timestamp %u, Lifetime %u, "
                           "Origin %u: not as announced",
                           p[2], p[5], get32(p + 8), get32(p + 12), get32(p + 20));
    if (get32(p + 32) != masc_mask || (at & 15))
        return tally_wrong(tally, "prefix 0x%08x mask 0x%08x was never sent", get32(p + 28),
                           get32(p + 32));
    return tally_take(tally, at >> 4);
}

static bool masc_take(const struct plan *plan, const uint8_t *message, size_t len,
                      struct tally *tally)
{
    const uint8_t *end = message + len;
    const uint8_t *p = message + MASC_HEADER;

    while (end - p >= 4) {
        unsigned octets = get16(p);

        if (octets < 4 || end - p < (ptrdiff_t)octets)
            return tally_wrong(tally, "attribute of %u octets runs past its UPDATE", octets);
        if (p[2] < MASC_OPTIONAL && octets != MASC_ATTRIBUTE)
            return tally_wrong(tally, "attribute type %u of %u octets", p[2], octets);
        if (p[2] < MASC_OPTIONAL && !masc_take_attribute(plan, p, tally))
            return false;
        p += octets;
    }
    return p == end || tally_wrong(tally, "UPDATE with %td octets left over", end - p);
}

static size_t masc_pass(const struct plan *plan, const uint8_t *message, size_t len, uint8_t *to)
{
    (void)plan;
    memcpy(to, message, len);
    for (size_t at = MASC_HEADER; at + MASC_ATTRIBUTE <= len; at += MASC_ATTRIBUTE)
        to[at + 5] = FAMILY_IPV4 | ROL_SIBLING;
    return len;
}

const struct protocol protocol_masc = {
    .name = "masc",
    .header_octets = MASC_HEADER,
    .length = masc_length,
    .kind = masc_kind,
    .full = masc_full,
    .open = masc_open,
    .keepalive = masc_keepalive,
    .update = masc_update,
    .take = masc_take,
    .pass = masc_pass,
    .notification_at = MASC_HEADER,
};
