/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold for any octets that a peer may send, stated once for the fuzz target and the unit
 * test: the decoders give a value or a fault; a value survives encoding and decoding, and is
 * encoded as the very octets it came from but for what a receiver ignores; a fault can be answered
 * by a NOTIFICATION that is itself in order. What does not hold ends in CHECK.
 */
#ifndef MASCOT_TESTS_MASC_ROUNDTRIP_H
#define MASCOT_TESTS_MASC_ROUNDTRIP_H

#include <string.h>

#include "base/check.h"
#include "masc/role.h"
#include "masc/wire.h"

/* How much of what was met: a test that never accepts anything proves little. */
struct roundtrip {
    unsigned messages, opens, updates, attrs, notifications, keepalives, faults;
};

static inline void roundtrip_fault(const struct masc_fault *f, struct roundtrip *t)
{
    static uint8_t buf[MASC_MESSAGE_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    struct masc_frame frame;
    struct masc_notification n;
    struct masc_fault answer;
    bool erroneous;

    CHECK(masc_fault_is(f));
    /* octets never draw 1/0 or 3/0: every case there has its subcode */
    CHECK(f->subcode != 0 || f->code == MASC_E_OPEN || f->code == MASC_E_NOTIFICATION);
    CHECK(f->open == masc_error_can_stay_open(f->code, f->subcode));
    masc_notification_encode(&w, f);
    CHECK(wr_ok(&w));
    CHECK(masc_frame_next(&frame, buf, w.len) == MASC_FRAME_MESSAGE && frame.len == w.len);
    answer = masc_notification_decode(&n, &erroneous, buf, w.len);
    CHECK(!masc_fault_is(&answer) && !erroneous);
    CHECK(n.open == f->open && n.code == f->code && n.subcode == f->subcode);
    CHECK(n.data_len == f->data_len || n.data_len == MASC_NOTIFICATION_DATA_MAX);
    CHECK(n.data_len == 0 || memcmp(n.data, f->data, n.data_len) == 0);
    t->faults++;
}

static inline void roundtrip_open(const uint8_t *message, size_t len, struct roundtrip *t)
{
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));
    struct masc_open a, b;
    struct masc_fault f = masc_open_decode(&a, message, len);

    if (masc_fault_is(&f)) {
        roundtrip_fault(&f, t);
        return;
    }
    masc_open_encode(&w, &a);
    CHECK(wr_ok(&w) && w.len <= len);
    f = masc_open_decode(&b, buf, w.len);
    CHECK(!masc_fault_is(&f));
    CHECK(a.version == b.version && a.family == b.family && a.role == b.role);
    CHECK(a.hold_time_s == b.hold_time_s && a.domain == b.domain && a.node == b.node);
    CHECK(a.parent == b.parent);
    CHECK(buf[4] == message[4] && buf[5] == (message[5] & 0x7F));
    CHECK(memcmp(buf + 6, message + 6, w.len - 6) == 0);
    t->opens++;
}

static inline bool roundtrip_same(const struct masc_attr *a, const struct masc_attr *b)
{
    return a->type == b->type && a->role == b->role && a->deprecated == b->deprecated &&
           a->timestamp_s == b->timestamp_s && a->lifetime_s == b->lifetime_s &&
           a->holdtime_s == b->holdtime_s && a->domain == b->domain && a->node == b->node &&
           prefix_equal(a->prefix, b->prefix);
}

/* `at` is the attribute in the message. */
static inline void roundtrip_attr(const struct masc_attr *a, const uint8_t *at)
{
    uint8_t buf[MASC_HEADER_OCTETS + MASC_ATTR_IPV6_OCTETS];
    struct wr w = wr_init(buf, sizeof(buf));
    struct rd rest;
    struct masc_attr b;
    struct masc_fault f;
    size_t octets = masc_attr_octets(a);

    CHECK((a->prefix.addr & ~prefix_mask(a->prefix.family, a->prefix.len)) == 0);
    CHECK(prefix_is_hint(a->prefix) || prefix_is_multicast(a->prefix));
    CHECK(masc_role_fits_type(a->role, a->type));
    masc_update_begin(&w);
    masc_attr_encode(&w, a);
    masc_update_end(&w, 0);
    CHECK(wr_ok(&w) && w.len == MASC_HEADER_OCTETS + octets);
    f = masc_update_check(buf, w.len, true, true);
    CHECK(!masc_fault_is(&f));
    rest = rd_init(buf + MASC_HEADER_OCTETS, octets);
    CHECK(masc_update_next(&rest, buf, w.len, &b, &f));
    CHECK(!masc_fault_is(&f) && roundtrip_same(a, &b));
    CHECK(!masc_update_next(&rest, buf, w.len, &b, &f));
    CHECK(buf[6] == at[2] && buf[9] == at[5]);
    CHECK(memcmp(buf + 12, at + 8, octets - 8) == 0);
}

static inline void roundtrip_update(const uint8_t *message, size_t len, struct roundtrip *t)
{
    struct rd rest = rd_init(message + MASC_HEADER_OCTETS, len - MASC_HEADER_OCTETS);
    struct masc_fault f = masc_update_check(message, len, true, true);
    struct masc_attr a;

    if (masc_fault_is(&f)) {
        roundtrip_fault(&f, t);
        return;
    }
    for (const uint8_t *at = rest.p; masc_update_next(&rest, message, len, &a, &f); at = rest.p) {
        if (masc_fault_is(&f)) {
            roundtrip_fault(&f, t);
            continue;
        }
        while (at[2] >= 128) /* optional ones that were passed over */
            at += at[0] << 8 | at[1];
        CHECK((size_t)(rest.p - at) >= masc_attr_octets(&a));
        roundtrip_attr(&a, at);
        t->attrs++;
    }
    t->updates++;
}

static inline void roundtrip_notification(const uint8_t *message, size_t len, struct roundtrip *t)
{
    static uint8_t buf[MASC_MESSAGE_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    struct masc_notification n;
    bool erroneous;
    struct masc_fault f = masc_notification_decode(&n, &erroneous, message, len);

    CHECK(erroneous || !masc_fault_is(&f));
    if (masc_fault_is(&f))
        roundtrip_fault(&f, t);
    if (erroneous)
        return;
    f = (struct masc_fault){n.code, n.subcode, n.open, n.data, n.data_len};
    masc_notification_encode(&w, &f);
    CHECK(w.len == len && memcmp(buf + 4, message + 4, len - 4) == 0);
    t->notifications++;
}

static inline void roundtrip_keepalive(const uint8_t *message, size_t len, struct roundtrip *t)
{
    uint8_t buf[4];
    struct wr w = wr_init(buf, sizeof(buf));

    masc_keepalive_encode(&w);
    CHECK(w.len == len && memcmp(buf, message, 3) == 0);
    t->keepalives++;
}

/* Reads a stream to its first hopeless message or its end. */
static inline void roundtrip_stream(const uint8_t *octets, size_t n, struct roundtrip *t)
{
    struct masc_frame f;
    enum masc_frame_result result;

    while ((result = masc_frame_next(&f, octets, n)) != MASC_FRAME_MORE) {
        t->messages++;
        if (result == MASC_FRAME_FAULT) {
            roundtrip_fault(&f.fault, t);
            if (!f.fault.open)
                return;
        } else if (f.type == MASC_OPEN) {
            roundtrip_open(f.octets, f.len, t);
        } else if (f.type == MASC_UPDATE) {
            roundtrip_update(f.octets, f.len, t);
        } else if (f.type == MASC_NOTIFICATION) {
            roundtrip_notification(f.octets, f.len, t);
        } else {
            roundtrip_keepalive(f.octets, f.len, t);
        }
        CHECK(f.len >= MASC_HEADER_OCTETS && f.len <= n);
        octets += f.len;
        n -= f.len;
    }
    CHECK(n < MASC_HEADER_OCTETS || (size_t)(octets[0] << 8 | octets[1]) > n);
}

/* The second pass over octets that no first pass has seen: it must end, and stay inside. */
static inline void roundtrip_unchecked(const uint8_t *octets, size_t n)
{
    struct rd rest = rd_init(octets, n);
    struct masc_attr a;
    struct masc_fault f;

    while (masc_update_next(&rest, octets, n, &a, &f))
        CHECK(masc_fault_is(&f) || masc_role_fits_type(a.role, a.type));
}

/* The octets as they are to each decoder, whatever the header says of type and length. */
static inline void roundtrip_decoders(const uint8_t *octets, size_t n, struct roundtrip *t)
{
    roundtrip_unchecked(octets, n);
    if (n < MASC_HEADER_OCTETS || n > MASC_MESSAGE_MAX)
        return;
    roundtrip_open(octets, n, t);
    roundtrip_update(octets, n, t);
    roundtrip_notification(octets, n, t);
}

#endif
