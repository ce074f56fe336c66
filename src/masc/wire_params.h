/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire: optional parameters, which end an OPEN and an attribute alike (RFC 2909 7.2, 7.3).
 * None is defined, so all of them are ignored; but they must fill what holds them exactly.
 */
#ifndef MASC_WIRE_PARAMS_H
#define MASC_WIRE_PARAMS_H

#include "base/rd.h"

/* Passes over every <length, type, value> left in `r`. False if the last one does not fit. */
static inline bool masc_params_pass(struct rd *r)
{
    while (rd_ok(r) && r->left > 0) {
        uint8_t value_octets = rd_u8(r);
        rd_u8(r); /* the type: none is known */
        rd_bytes(r, value_octets);
    }
    return rd_ok(r);
}

#endif
