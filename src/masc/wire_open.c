/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire: the OPEN message (RFC 2909 7.2, 8.2).
 *
 *     0 Length(2) Type Reserved | 4 Version | 5 R AddrFam(5) Rol(2) | 6 Hold Time(2)
 *     8 Sender Domain | Sender Node | Parent's Domain | optional parameters
 *
 * Identifiers have 4 or 16 octets by AddrFam, which concerns this message alone. No
 * optional parameter is defined: those received are walked over, none is sent. What depends on the
 * configuration (2/2, 2/3, 2/7 to 2/10) is judged by the session, after these checks.
 */
#include "masc/wire.h"

#include "base/check.h"
#include "masc/wire_params.h"

/* 8.2, A-19: the answer to every version but ours. */
static const uint8_t version_we_speak = MASC_VERSION;

static struct masc_fault open_fault(uint8_t subcode, const uint8_t *message, size_t len)
{
    return masc_fault_of(MASC_E_OPEN, subcode, message + MASC_HEADER_OCTETS,
                         len - MASC_HEADER_OCTETS);
}

static struct masc_fault too_short(const uint8_t *message, size_t len)
{
    return masc_fault_of(MASC_E_HEADER, MASC_HEADER_BAD_LENGTH, message, len);
}

struct masc_fault masc_open_decode(struct masc_open *o, const uint8_t *message, size_t len)
{
    struct rd r = rd_init(message, len);
    uint8_t bits;
    size_t octets;

    *o = (struct masc_open){.version = 0};
    if (len < MASC_OPEN_MIN_OCTETS)
        return too_short(message, len);
    rd_bytes(&r, MASC_HEADER_OCTETS);
    o->version = rd_u8(&r);
    bits = rd_u8(&r); /* 7.2: R is ignored */
    o->family = (bits >> 2) & 0x1F;
    o->role = (enum masc_role)(bits & 3);
    o->hold_time_s = rd_u16(&r);
    /* 8.2, 9: only the places of Length, Type and Version are the same in all versions */
    if (o->version != MASC_VERSION)
        return masc_fault_of(MASC_E_OPEN, MASC_OPEN_VERSION, &version_we_speak, 1);
    /* 8.2, A-02 */
    if (o->family != FAMILY_IPV4 && o->family != FAMILY_IPV6)
        return open_fault(MASC_OPEN_FAMILY, message, len);
    octets = family_octets(o->family);
    o->domain = rd_uint(&r, octets);
    o->node = rd_uint(&r, octets);
    o->parent = rd_uint(&r, octets);
    /* 8.1, A-04 */
    if (!rd_ok(&r))
        return too_short(message, len);
    /* 7.2, A-09 */
    if (!masc_params_pass(&r))
        return open_fault(0, message, len);
    /* 8.2: One or two seconds are never acceptable. */
    if (o->hold_time_s == 1 || o->hold_time_s == 2)
        return open_fault(MASC_OPEN_HOLD_TIME, message, len);
    return (struct masc_fault){.code = MASC_E_NONE};
}

void masc_open_encode(struct wr *w, const struct masc_open *o)
{
    size_t octets = family_octets(o->family);

    CHECK(o->family == FAMILY_IPV4 || o->family == FAMILY_IPV6);
    wr_u16(w, (uint16_t)(MASC_HEADER_OCTETS + 4 + 3 * octets));
    wr_u8(w, MASC_OPEN);
    wr_u8(w, 0);
    wr_u8(w, o->version);
    wr_u8(w, (uint8_t)((unsigned)o->family << 2 | o->role));
    wr_u16(w, o->hold_time_s);
    wr_uint(w, o->domain, octets);
    wr_uint(w, o->node, octets);
    wr_uint(w, o->parent, octets);
}
