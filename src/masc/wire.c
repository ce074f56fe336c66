/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire: framing, NOTIFICATION, KEEPALIVE and the era of timestamps.
 *
 * Every message from outside comes through masc_frame_next(), which knows the lengths that 8.1
 * demands per type, and then goes to the decoder of its type: here, wire_open.c or wire_update.c.
 * The tables of 7.5 and all names are in wire_names.c.
 *
 * Two things are odd. A header whose Length makes no sense is answered after four octets, because
 * the rest may never come. And a NOTIFICATION is never too short for the framer: 8.1 does
 * not list it, so its own decoder judges it.
 */
#include "masc/wire.h"

#include "base/check.h"

static struct masc_frame frame_bad(uint8_t subcode, const uint8_t *octets, size_t len, uint8_t type)
{
    return (struct masc_frame){
        .type = type,
        .octets = octets,
        .len = len,
        .fault = masc_fault_of(MASC_E_HEADER, subcode, octets, len),
    };
}

/* 8.1: what a message of this type may not be shorter (or, KEEPALIVE, other) than. */
static bool length_fits_type(uint8_t type, size_t len)
{
    switch (type) {
    case MASC_OPEN: return len >= MASC_OPEN_MIN_OCTETS;
    case MASC_UPDATE: return len >= MASC_UPDATE_MIN_OCTETS;
    case MASC_KEEPALIVE: return len == MASC_HEADER_OCTETS;
    default: return true;
    }
}

enum masc_frame_result masc_frame_next(struct masc_frame *f, const uint8_t *octets, size_t n)
{
    struct rd r = rd_init(octets, n);
    uint16_t len = rd_u16(&r);
    uint8_t type = rd_u8(&r);

    rd_u8(&r); /* 7.1: Reserved is ignored */
    *f = (struct masc_frame){.len = 0};
    if (!rd_ok(&r))
        return MASC_FRAME_MORE;
    /* 8.1, A-11: nothing can be skipped by this Length; the four octets are all the Data. */
    if (len < MASC_HEADER_OCTETS || len > MASC_MESSAGE_MAX) {
        *f = frame_bad(MASC_HEADER_BAD_LENGTH, octets, MASC_HEADER_OCTETS, type);
        return MASC_FRAME_FAULT;
    }
    /* 7: processed only after it is entirely received, errors included */
    if (n < len)
        return MASC_FRAME_MORE;
    /* 8.1 */
    if (!length_fits_type(type, len)) {
        *f = frame_bad(MASC_HEADER_BAD_LENGTH, octets, len, type);
        return MASC_FRAME_FAULT;
    }
    /* 8.1, A-16 */
    if (type < MASC_OPEN || type > MASC_KEEPALIVE) {
        *f = frame_bad(MASC_HEADER_BAD_TYPE, octets, len, type);
        return MASC_FRAME_FAULT;
    }
    *f = (struct masc_frame){.type = type, .octets = octets, .len = len};
    return MASC_FRAME_MESSAGE;
}

int64_t masc_timestamp_extend(uint32_t wire_s, int64_t now_s)
{
    uint32_t ahead = wire_s - (uint32_t)now_s;

    return ahead <= INT32_MAX ? now_s + ahead : now_s - (int64_t)(UINT32_MAX - ahead) - 1;
}

/* 8.6, A-18: codes and subcodes we do not know, and a promise to stay open that 7.5 forbids. */
static bool notification_is_erroneous(const struct masc_notification *n)
{
    return !masc_error_is_known(n->code, n->subcode) ||
           (n->open && !masc_error_can_stay_open(n->code, n->subcode));
}

struct masc_fault masc_notification_decode(struct masc_notification *n, bool *erroneous,
                                           const uint8_t *message, size_t len)
{
    struct rd r = rd_init(message, len);
    uint8_t first;

    rd_bytes(&r, MASC_HEADER_OCTETS);
    first = rd_u8(&r); /* zero if it is not there: O=0 */
    *n = (struct masc_notification){
        .open = (first & 0x80) != 0,
        .code = first & 0x7F,
        .subcode = rd_u8(&r),
    };
    *erroneous = !rd_ok(&r);
    if (rd_ok(&r)) {
        n->data_len = r.left;
        n->data = rd_bytes(&r, r.left);
        *erroneous = notification_is_erroneous(n);
    }
    /* 8.6: only one that left the connection open is answered */
    if (*erroneous && n->open)
        return masc_fault_of(MASC_E_NOTIFICATION, 0, message, len);
    return (struct masc_fault){.code = MASC_E_NONE};
}

static void header_encode(struct wr *w, size_t len, uint8_t type)
{
    wr_u16(w, (uint16_t)len);
    wr_u8(w, type);
    wr_u8(w, 0);
}

void masc_notification_encode(struct wr *w, const struct masc_fault *f)
{
    size_t data_len = f->data_len;

    /* 7.5: only subcodes of its tables are sent, and the O-bit only where they allow it */
    CHECK(masc_error_is_known(f->code, f->subcode));
    CHECK(!f->open || masc_error_can_stay_open(f->code, f->subcode));
    /* */
    if (data_len > MASC_NOTIFICATION_DATA_MAX)
        data_len = MASC_NOTIFICATION_DATA_MAX;
    header_encode(w, MASC_NOTIFICATION_MIN_OCTETS + data_len, MASC_NOTIFICATION);
    wr_u8(w, (uint8_t)((f->open ? 0x80 : 0) | f->code));
    wr_u8(w, f->subcode);
    wr_bytes(w, f->data, data_len);
}

void masc_keepalive_encode(struct wr *w)
{
    header_encode(w, MASC_HEADER_OCTETS, MASC_KEEPALIVE);
}
