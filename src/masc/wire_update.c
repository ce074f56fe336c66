/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire: the UPDATE message (RFC 2909 7.3, 8.3).
 *
 * A header and attributes, each of them:
 *
 *      0 Length(2) Type Reserved | 4 Reserved1 | 5 D AddrFam(5) Rol(2) | 6 Reserved2(2)
 *      8 Timestamp(4) | 12 Lifetime(4) | 16 Holdtime(4)
 *     20 Origin Domain | Origin Node | Address | Mask | optional parameters
 *
 * with 4 or 16 octets for each of the last four fields, by the attribute's own AddrFam.
 *
 * Read in two passes, so that an error which must close the connection is found before
 * anything of the message is applied. masc_update_check() leaves only attributes of which it is
 * sure that their fields are there; masc_update_next() then looks at values. IPv4 has its own
 * branch where a 32-bit word does: almost every attribute is one, and relays decode all of them.
 */
#include "masc/wire.h"

#include "base/check.h"
#include "masc/role.h"
#include "masc/wire_params.h"

#define ATTR_HEADER_OCTETS 4
#define ATTR_OPTIONAL      128 /* types from here on are ignored if unknown (7.3) */

static size_t attr_octets(uint8_t family)
{
    return family == FAMILY_IPV6 ? MASC_ATTR_IPV6_OCTETS : MASC_ATTR_IPV4_OCTETS;
}

/* 8.3, A-13: Data is the whole body, whatever the attribute. */
static struct masc_fault body_fault(uint8_t subcode, const uint8_t *message, size_t len)
{
    return masc_fault_of(MASC_E_UPDATE, subcode, message + MASC_HEADER_OCTETS,
                         len - MASC_HEADER_OCTETS);
}

/* 8.3, A-13: the only one whose Data is "the erratic attribute". */
static struct masc_fault malformed(struct rd attr)
{
    return masc_fault_of(MASC_E_UPDATE, MASC_UPDATE_MALFORMED, attr.p, attr.left);
}

/* ---- first pass ---- */

enum attr_sin { ATTR_GOOD, ATTR_BAD_LENGTH, ATTR_BAD_FAMILY, ATTR_BAD_PARAMS };

/* A recognised attribute: `attr` is a reader over all of it, at least its header. */
static enum attr_sin attr_check(struct rd attr, bool ipv4, bool ipv6)
{
    size_t len = attr.left;
    uint8_t family;

    rd_bytes(&attr, ATTR_HEADER_OCTETS + 1);
    family = (rd_u8(&attr) >> 2) & 0x1F;
    /* also if it ends before its AddrFam */
    if (!rd_ok(&attr) || len % 4 != 0)
        return ATTR_BAD_LENGTH;
    if (!(family == FAMILY_IPV4 && ipv4) && !(family == FAMILY_IPV6 && ipv6))
        return ATTR_BAD_FAMILY;
    if (len == attr_octets(family))
        return ATTR_GOOD;
    /* more is optional parameters, less is an error. */
    if (len < attr_octets(family))
        return ATTR_BAD_LENGTH;
    rd_bytes(&attr, attr_octets(family) - ATTR_HEADER_OCTETS - 2);
    return masc_params_pass(&attr) ? ATTR_GOOD : ATTR_BAD_PARAMS;
}

struct masc_fault masc_update_check(const uint8_t *message, size_t len, bool ipv4, bool ipv6)
{
    struct rd rest = rd_init(message, len);

    /* 8.1, A-05; the framer has seen to it already */
    if (len < MASC_UPDATE_MIN_OCTETS)
        return masc_fault_of(MASC_E_HEADER, MASC_HEADER_BAD_LENGTH, message, len);
    rd_bytes(&rest, MASC_HEADER_OCTETS);
    while (rest.left > 0) {
        struct rd head = rest, attr;
        uint16_t attr_len = rd_u16(&head);
        uint8_t type = rd_u8(&head);
        bool recognised = type < MASC_TYPES;

        /* leftovers that cannot be an attribute */
        if (rest.left < ATTR_HEADER_OCTETS)
            return malformed(rest);
        /* 8.3, A-08: 3/5 is for recognised types; a Length of 0 would never end */
        if (attr_len < ATTR_HEADER_OCTETS || attr_len > rest.left)
            return recognised ? body_fault(MASC_UPDATE_LENGTH, message, len) : malformed(rest);
        attr = rd_sub(&rest, attr_len);
        if (!recognised) {
            /* 7.3, A-07: what follows would not be aligned */
            if (attr_len % 4 != 0)
                return malformed(attr);
            continue;
        }
        switch (attr_check(attr, ipv4, ipv6)) {
        case ATTR_GOOD: break;
        case ATTR_BAD_LENGTH: return body_fault(MASC_UPDATE_LENGTH, message, len);
        case ATTR_BAD_FAMILY: return body_fault(MASC_UPDATE_FAMILY, message, len);
        case ATTR_BAD_PARAMS: return malformed(attr);
        }
    }
    return (struct masc_fault){.code = MASC_E_NONE};
}

/* ---- second pass ---- */

/* Address 0 asks for a size anywhere, where a wish makes sense. */
static bool may_be_hint(enum masc_type type)
{
    return type == MASC_NEW_CLAIM || type == MASC_CLAIM_DENIED || type == MASC_WITHDRAW;
}

/* Reads Address and Mask. Gives the subcode of 8.3, 0 if they are good (order: A-25). */
static uint8_t read_prefix_ipv4(struct rd *r, bool hint_allowed, struct prefix *p)
{
    uint32_t addr = rd_u32(r), mask = rd_u32(r), host = ~mask;
    bool hint = addr == 0 && hint_allowed;

    if (!hint && addr >> 28 != 0xE)
        return MASC_UPDATE_ADDRESS;
    /* before holes are looked for */
    if (!(mask >> 31))
        return MASC_UPDATE_MASK;
    if (host & (host + 1))
        return MASC_UPDATE_MASK_HOLES;
    /* host bits, or wider than 224.0.0.0/4 */
    if (!hint && ((addr & host) || host >> 28))
        return MASC_UPDATE_ADDRESS;
    *p = (struct prefix){addr, FAMILY_IPV4, (uint8_t)(32 - __builtin_ctz(mask))};
    return 0;
}

static uint8_t mask_len_ipv6(u128 mask)
{
    uint64_t lo = u128_lo(mask);

    if (lo)
        return (uint8_t)(128 - __builtin_ctzll(lo));
    return (uint8_t)(64 - __builtin_ctzll(u128_hi(mask)));
}

static uint8_t read_prefix_ipv6(struct rd *r, bool hint_allowed, struct prefix *p)
{
    u128 addr = rd_uint(r, 16), mask = rd_uint(r, 16), host = ~mask;
    bool hint = addr == 0 && hint_allowed;

    if (!hint && addr >> 120 != 0xFF)
        return MASC_UPDATE_ADDRESS;
    if (!(mask >> 127))
        return MASC_UPDATE_MASK;
    if (host & (host + 1))
        return MASC_UPDATE_MASK_HOLES;
    /* A-28; wider than ff00::/8 it cannot be without a host bit */
    if (!hint && (addr & host))
        return MASC_UPDATE_ADDRESS;
    *p = (struct prefix){addr, FAMILY_IPV6, mask_len_ipv6(mask)};
    return 0;
}

/* Reads a recognised attribute. Gives the subcode or 0; `r` fails if it is too short for its
 * family, which attr_check() has excluded in a message that was checked. */
static uint8_t attr_decode(struct rd *r, struct masc_attr *a)
{
    uint8_t type, bits, sin;

    rd_u16(r);
    type = rd_u8(r);
    rd_u16(r); /* 7.3: Reserved and Reserved1 are ignored, and so is Reserved2 */
    bits = rd_u8(r);
    rd_u16(r);
    a->type = (enum masc_type)type;
    a->role = (enum masc_role)(bits & 3);
    a->deprecated = bits >> 7;
    a->timestamp_s = rd_u32(r);
    a->lifetime_s = rd_u32(r);
    a->holdtime_s = rd_u32(r);
    if (((bits >> 2) & 0x1F) == FAMILY_IPV4) {
        a->domain = rd_u32(r);
        a->node = rd_u32(r);
        sin = read_prefix_ipv4(r, may_be_hint(a->type), &a->prefix);
    } else {
        a->domain = rd_uint(r, 16);
        a->node = rd_uint(r, 16);
        sin = read_prefix_ipv6(r, may_be_hint(a->type), &a->prefix);
    }
    if (sin)
        return sin;
    /* 8.3, A-26: the role on the wire, not the updated one */
    return masc_role_fits_type(a->role, a->type) ? 0 : MASC_UPDATE_CLAIM_TYPE;
}

bool masc_update_next(struct rd *rest, const uint8_t *message, size_t len, struct masc_attr *a,
                      struct masc_fault *fault)
{
    uint8_t sin = 0;

    *fault = (struct masc_fault){.code = MASC_E_NONE};
    while (rest->left > 0) {
        struct rd head = *rest, attr;

        attr = rd_sub(rest, rd_u16(&head));
        if (!rd_ok(rest) || attr.left < ATTR_HEADER_OCTETS)
            return false;
        /* 7.3: unrecognised and optional: simply ignored */
        if (attr.p[2] >= ATTR_OPTIONAL)
            continue;
        sin = attr.p[2] < MASC_TYPES ? attr_decode(&attr, a) : MASC_UPDATE_UNKNOWN_REQUIRED;
        if (!rd_ok(&attr))
            return false;
        if (sin)
            *fault = body_fault(sin, message, len);
        return true;
    }
    return false;
}

/* ---- encoding ---- */

size_t masc_attr_octets(const struct masc_attr *a)
{
    return attr_octets(a->prefix.family);
}

void masc_update_begin(struct wr *w)
{
    wr_u16(w, 0);
    wr_u8(w, MASC_UPDATE);
    wr_u8(w, 0);
}

void masc_attr_encode(struct wr *w, const struct masc_attr *a)
{
    uint8_t family = a->prefix.family;
    size_t octets = family_octets(family);

    CHECK(family == FAMILY_IPV4 || family == FAMILY_IPV6);
    wr_u16(w, (uint16_t)attr_octets(family));
    wr_u8(w, (uint8_t)a->type);
    wr_u16(w, 0); /* Reserved, Reserved1 */
    wr_u8(w, (uint8_t)((a->deprecated ? 0x80u : 0u) | (unsigned)family << 2 | a->role));
    wr_u16(w, 0);
    wr_u32(w, a->timestamp_s);
    wr_u32(w, a->lifetime_s);
    wr_u32(w, a->holdtime_s);
    wr_uint(w, a->domain, octets);
    wr_uint(w, a->node, octets);
    wr_uint(w, a->prefix.addr, octets);
    wr_uint(w, prefix_mask(family, a->prefix.len), octets);
}

void masc_update_end(struct wr *w, size_t begun_at)
{
    size_t len = w->len - begun_at;

    if (!wr_ok(w))
        return;
    CHECK(len <= MASC_MESSAGE_MAX);
    wr_patch_u16(w, begun_at, (uint16_t)len);
}
