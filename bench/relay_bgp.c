/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BGP-4 as the load program speaks it (RFC 4271, with 4-octet AS numbers, RFC 6793).
 *
 * The feeder announces /28 prefixes under 20.0.0.0/6: the same keys, 2^4 addresses wide, as in the
 * MASC half. Attributes are ORIGIN, AS_PATH, NEXT_HOP. By default all UPDATEs carry equal
 * attributes, which is the cheapest case for a BGP speaker: one attribute set is stored, and it may
 * pack what it sends as full as it likes. With `distinct` each UPDATE has a path of its own.
 */
#include "relay.h"

#include <string.h>

enum { BGP_HEADER = 19, BGP_HOLD_S = 240, BGP_NLRI = 5, BGP_MASK = 28 };
enum { BGP_OPEN = 1, BGP_UPDATE = 2, BGP_NOTIFICATION = 3, BGP_KEEPALIVE = 4 };
enum { ATTR_ORIGIN = 1, ATTR_AS_PATH = 2, ATTR_NEXT_HOP = 3, ATTR_LONG = 0x10, ATTR_FIXED = 0x40 };

static const uint32_t bgp_base = 20U << 24;
static const uint32_t bgp_path_base = 100000;

static size_t bgp_length(const uint8_t *header)
{
    unsigned len = get16(header + 16);

    return len < BGP_HEADER || len > MESSAGE_MAX ? 0 : len;
}

static enum message bgp_kind(const uint8_t *message)
{
    switch (message[18]) {
    case BGP_OPEN: return MESSAGE_OPEN;
    case BGP_UPDATE: return MESSAGE_UPDATE;
    case BGP_NOTIFICATION: return MESSAGE_NOTIFICATION;
    case BGP_KEEPALIVE: return MESSAGE_KEEPALIVE;
    default: return MESSAGE_BAD;
    }
}

/* Writes the header of a message that ends at `end`; returns its length. */
static size_t bgp_finish(uint8_t *message, const uint8_t *end, unsigned type)
{
    size_t len = (size_t)(end - message);

    memset(message, 0xFF, 16);
    put16(message + 16, (unsigned)len);
    put8(message + 18, type);
    return len;
}

static size_t bgp_open(const struct plan *plan, enum who sender, uint8_t *to)
{
    uint8_t *p = to + BGP_HEADER;

    p = put8(p, 4);
    p = put16(p, plan->domain[sender] & 0xFFFF);
    p = put16(p, BGP_HOLD_S);
    p = put32(p, ntohl(plan->address[sender].s_addr));
    p = put8(p, 14);          /* optional parameters: */
    p = put16(p, 0x020C);     /* capabilities, 12 octets: */
    p = put32(p, 0x01040001); /* multiprotocol, IPv4 ... */
    p = put16(p, 0x0001);     /* ... unicast */
    p = put16(p, 0x4104);     /* 4-octet AS number */
    p = put32(p, plan->domain[sender]);
    return bgp_finish(to, p, BGP_OPEN);
}

static size_t bgp_keepalive(uint8_t *to)
{
    return bgp_finish(to, to + BGP_HEADER, BGP_KEEPALIVE);
}

/* The attributes as `sender` announces them. `hops` AS numbers: itself last added, in front. */
static uint8_t *bgp_put_attributes(uint8_t *p, struct in_addr next_hop, const uint32_t *path,
                                   unsigned hops)
{
    p = put32(p, ATTR_FIXED << 24 | ATTR_ORIGIN << 16 | 1 << 8 | 0);
    p = put16(p, ATTR_FIXED << 8 | ATTR_AS_PATH);
    p = put8(p, 2 + 4 * hops);
    p = put8(p, 2); /* AS_SEQUENCE */
    p = put8(p, hops);
    for (unsigned i = 0; i < hops; i++)
        p = put32(p, path[i]);
    p = put16(p, ATTR_FIXED << 8 | ATTR_NEXT_HOP);
    p = put8(p, 4);
    return put32(p, ntohl(next_hop.s_addr));
}

static unsigned bgp_hops(const struct plan *plan)
{
    return plan->distinct ? 2 : 1;
}

static uint32_t bgp_full(const struct plan *plan)
{
    return (MESSAGE_MAX - BGP_HEADER - 4 - 16 - 4 * bgp_hops(plan)) / BGP_NLRI;
}

static size_t bgp_update(const struct plan *plan, uint32_t first, uint32_t n, uint8_t *to)
{
    uint32_t path[2] = {plan->domain[WHO_FEEDER], bgp_path_base + plan->order[first]};
    uint8_t *attributes = to + BGP_HEADER + 4;
    uint8_t *p;

    put16(to + BGP_HEADER, 0); /* no withdrawn routes */
    p = bgp_put_attributes(attributes, plan->address[WHO_FEEDER], path, bgp_hops(plan));
    put16(to + BGP_HEADER + 2, (unsigned)(p - attributes));
    for (uint32_t k = first; k < first + n; k++) {
        p = put8(p, BGP_MASK);
        p = put32(p, bgp_base + (plan->order[k] << 4));
    }
    return bgp_finish(to, p, BGP_UPDATE);
}

/* AS_PATH: the DUT, the feeder, and with `distinct` one AS more, which is left in *last. */
static bool bgp_path_fits(const struct plan *plan, const uint8_t *value, unsigned len,
                          uint32_t *last)
{
    unsigned hops = 1 + bgp_hops(plan);

    if (len != 2 + 4 * hops || value[0] != 2 || value[1] != hops)
        return false;
    *last = get32(value + 2 + 4 * (hops - 1));
    return get32(value + 2) == plan->domain[WHO_DUT] &&
           get32(value + 6) == plan->domain[WHO_FEEDER];
}

/* Walks the attributes; they must be the three known ones and right. */
static bool bgp_attributes_fit(const struct plan *plan, const uint8_t *p, const uint8_t *end,
                               uint32_t *last, struct tally *tally)
{
    unsigned good = 0;

    while (end - p >= 3) {
        bool is_long = p[0] & ATTR_LONG;
        unsigned type = p[1];
        unsigned len = is_long && end - p >= 4 ? get16(p + 2) : p[2];

        p += is_long ? 4 : 3;
        if (end - p < (ptrdiff_t)len)
            return tally_wrong(tally, "attribute %u runs past its list", type);
        if (type == ATTR_ORIGIN && len == 1)
            good |= p[0] == 0 ? 1 : 0;
        else if (type == ATTR_AS_PATH)
            good |= bgp_path_fits(plan, p, len, last) ? 2 : 0;
        else if (type == ATTR_NEXT_HOP && len == 4)
            good |= get32(p) == ntohl(plan->address[WHO_DUT].s_addr) ? 4 : 0;
        else
            return tally_wrong(tally, "attribute %u of %u octets not expected", type, len);
        p += len;
    }
    return good == 7 ||
           tally_wrong(tally, "ORIGIN, AS_PATH or NEXT_HOP wrong (bits right: %u)", good);
}

static bool bgp_take(const struct plan *plan, const uint8_t *message, size_t len,
                     struct tally *tally)
{
    const uint8_t *end = message + len;
    const uint8_t *p = message + BGP_HEADER;
    uint32_t last = 0;

    if (end - p < 4 || get16(p) != 0)
        return tally_wrong(tally, "UPDATE withdraws routes or is too short");
    if (end - p - 4 < (ptrdiff_t)get16(p + 2))
        return tally_wrong(tally, "UPDATE with attributes past its end");
    if (end - p == 4)
        return true; /* End-of-RIB, RFC 4724, 2 */
    p += 4 + get16(p + 2);
    if (!bgp_attributes_fit(plan, message + BGP_HEADER + 4, p, &last, tally))
        return false;
    for (; end - p >= BGP_NLRI; p += BGP_NLRI) {
        uint32_t at = get32(p + 1) - bgp_base;

        if (p[0] != BGP_MASK || (at & 15))
            return tally_wrong(tally, "prefix 0x%08x/%u was never sent", get32(p + 1), p[0]);
        if (plan->distinct && plan->per_update == 1 && last != bgp_path_base + (at >> 4))
            return tally_wrong(tally, "AS_PATH of another announcement");
        if (!tally_take(tally, at >> 4))
            return false;
    }
    return p == end || tally_wrong(tally, "UPDATE with %td octets left over", end - p);
}

static size_t bgp_pass(const struct plan *plan, const uint8_t *message, size_t len, uint8_t *to)
{
    const uint8_t *nlri = message + BGP_HEADER + 4 + get16(message + BGP_HEADER + 2);
    size_t nlri_octets = (size_t)(message + len - nlri);
    uint32_t path[2] = {plan->domain[WHO_DUT], plan->domain[WHO_FEEDER]};
    uint8_t *attributes = to + BGP_HEADER + 4;
    uint8_t *p;

    put16(to + BGP_HEADER, 0);
    p = bgp_put_attributes(attributes, plan->address[WHO_DUT], path, 2);
    put16(to + BGP_HEADER + 2, (unsigned)(p - attributes));
    if (nlri_octets > MESSAGE_MAX - (size_t)(p - to))
        return 0; /* the longer path needs the room of one prefix */
    memcpy(p, nlri, nlri_octets);
    return bgp_finish(to, p + nlri_octets, BGP_UPDATE);
}

const struct protocol protocol_bgp = {
    .name = "bgp",
    .header_octets = BGP_HEADER,
    .length = bgp_length,
    .kind = bgp_kind,
    .full = bgp_full,
    .open = bgp_open,
    .keepalive = bgp_keepalive,
    .update = bgp_update,
    .take = bgp_take,
    .pass = bgp_pass,
    .notification_at = BGP_HEADER,
};
