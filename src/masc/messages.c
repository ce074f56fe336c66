/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * messages: from the octets of a STREAM to events of the state machine (RFC 2909 7.1, 8.1, 8.6).
 *
 * Messages are taken from where the host put them; only one that an event cuts is kept, in the rx
 * buffer of its connection, until its rest arrives. One message is worked on per call, so that what
 * is handed up (an UPDATE, the Data of a NOTIFICATION) stays where it is until the next call.
 *
 * Header errors come first in every state. A message that its state does not expect is not
 * looked into: OPEN is decoded only in OpenSent, UPDATE only above us and in Established.
 */
#include "masc/open.h"
#include "masc/session.h"

static uint8_t *rx_of(const struct masc_peers *ps, const struct masc_conn *x)
{
    return ps->rx + (size_t)masc_conn_index(ps, x) * MASC_MESSAGE_MAX;
}

/* Brings the rx buffer to `wanted` octets, as far as the event has them. */
static void fill(struct masc_peers *ps, struct masc_conn *x, size_t wanted)
{
    struct masc_stream *s = &ps->stream;
    size_t n = wanted > x->held ? wanted - x->held : 0;

    if (n > s->left)
        n = s->left;
    memcpy(rx_of(ps, x) + x->held, s->octets, n);
    x->held = (uint16_t)(x->held + n);
    s->octets += n;
    s->left -= n;
}

/* The rx buffer holds the beginning of a message: completes it, first the header. */
static enum masc_frame_result assemble(struct masc_peers *ps, struct masc_conn *x,
                                       struct masc_frame *f)
{
    const uint8_t *rx = rx_of(ps, x);
    enum masc_frame_result result;

    fill(ps, x, MASC_HEADER_OCTETS);
    result = masc_frame_next(f, rx, x->held);
    if (result == MASC_FRAME_MORE && x->held >= MASC_HEADER_OCTETS) {
        fill(ps, x, (size_t)rx[0] << 8 | rx[1]);
        result = masc_frame_next(f, rx, x->held);
    }
    ps->stream.assembled = result != MASC_FRAME_MORE;
    return result;
}

static enum masc_frame_result next_frame(struct masc_peers *ps, struct masc_conn *x,
                                         struct masc_frame *f)
{
    struct masc_stream *s = &ps->stream;
    enum masc_frame_result result;

    if (x->held > 0)
        return assemble(ps, x, f);
    result = masc_frame_next(f, s->octets, s->left);
    if (result == MASC_FRAME_MORE) {
        fill(ps, x, s->left);
        return result;
    }
    s->octets += f->len;
    s->left -= f->len;
    return result;
}

/* 8.2, then 8.8 */
void masc_messages_open(struct masc_peers *ps, struct masc_conn *x, const uint8_t *message,
                        size_t len)
{
    struct masc_peering *p = &ps->peering[x->peer];
    uint8_t data[MASC_OPEN_DATA_MAX];
    struct masc_open o;
    struct masc_fault fault = masc_open_decode(&o, message, len);

    if (!masc_fault_is(&fault))
        fault =
            masc_open_judge(ps->config, &p->config, &o,
                            rd_init(message + MASC_HEADER_OCTETS, len - MASC_HEADER_OCTETS), data);
    if (fault.code == MASC_E_HEADER) {
        masc_session_event(ps, p, x, MASC_EV_HEADER_BAD_LENGTH, &fault);
    } else if (fault.code == MASC_E_CEASE) {
        masc_session_event(ps, p, x, MASC_EV_COLLISION_LOST, NULL); /* */
    } else if (masc_fault_is(&fault)) {
        masc_session_event(ps, p, x, MASC_EV_OPEN_BAD, &fault);
    } else {
        x->open = o;
        masc_collision_resolve(ps, x);
    }
}

static void note_received(struct masc_peers *ps, struct masc_conn *x,
                          const struct masc_notification *n, bool erroneous)
{
    struct masc_peering *p = &ps->peering[x->peer];
    const struct masc_cause cause = {
        .reason = erroneous ? "erroneous NOTIFICATION: code, subcode or O-bit not in 7.5" : NULL,
        .code = n->code,
        .subcode = n->subcode,
    };

    p->count.notifications_in++;
    p->count.last_sent = false;
    p->count.last_code = n->code;
    p->count.last_subcode = n->subcode;
    /* 8.6: brought to attention; what closes the session has a row of its own anyway */
    if (erroneous || n->open)
        masc_log_error(ps, x, &cause);
}

static void take_notification(struct masc_peers *ps, struct masc_conn *x,
                              const struct masc_frame *f)
{
    struct masc_peering *p = &ps->peering[x->peer];
    struct masc_notification n;
    bool erroneous;
    struct masc_fault answer = masc_notification_decode(&n, &erroneous, f->octets, f->len);
    const struct masc_fault told = {
        .code = n.code, .subcode = n.subcode, .data = n.data, .data_len = n.data_len};

    note_received(ps, x, &n, erroneous);
    /* */
    if (x->state == MASC_ESTABLISHED && n.code == MASC_E_UPDATE && !erroneous) {
        const struct masc_signal sig = {
            .kind = MASC_SIGNAL_REFUSED, .peer = x->peer, .notification = n};
        masc_session_signal(ps, &sig);
    }
    if (n.open)
        masc_session_event(ps, p, x, MASC_EV_NOTIFICATION_OPEN,
                           masc_fault_is(&answer) ? &answer : NULL);
    else
        masc_session_event(ps, p, x, MASC_EV_NOTIFICATION_CLOSING, &told);
}

static void take_update(struct masc_peers *ps, struct masc_conn *x, const struct masc_frame *f)
{
    if (x->state == MASC_ESTABLISHED) {
        const struct masc_signal sig = {
            .kind = MASC_SIGNAL_UPDATE, .peer = x->peer, .octets = f->octets, .len = f->len};
        masc_session_signal(ps, &sig);
    }
    masc_session_event(ps, &ps->peering[x->peer], x, MASC_EV_UPDATE_GOOD, NULL);
}

static void take_message(struct masc_peers *ps, struct masc_conn *x, const struct masc_frame *f)
{
    struct masc_peering *p = &ps->peering[x->peer];

    if (masc_fault_is(&f->fault)) {
        bool type = f->fault.subcode == MASC_HEADER_BAD_TYPE;
        masc_session_event(ps, p, x, type ? MASC_EV_HEADER_BAD_TYPE : MASC_EV_HEADER_BAD_LENGTH,
                           &f->fault);
        return;
    }
    switch ((enum masc_message)f->type) {
    case MASC_OPEN:
        if (x->deferred)
            masc_session_event(ps, p, x, MASC_EV_TRANSPORT_OPEN_FAILED, NULL); /* "any other" */
        else if (x->state == MASC_OPENSENT)
            masc_messages_open(ps, x, f->octets, f->len);
        else
            masc_session_event(ps, p, x, MASC_EV_OPEN_GOOD, NULL); /* */
        break;
    case MASC_UPDATE: take_update(ps, x, f); break;
    case MASC_NOTIFICATION: take_notification(ps, x, f); break;
    case MASC_KEEPALIVE:
        p->count.keepalives_in++;
        if (x->deferred)
            x->confirmed = true; /* collision.c */
        else
            masc_session_event(ps, p, x, MASC_EV_KEEPALIVE, NULL);
        break;
    }
}

bool masc_messages_next(struct masc_peers *ps)
{
    struct masc_conn *x;
    struct masc_frame f;

    if (ps->stream.conn == MASC_NO_INDEX)
        return false;
    x = &ps->conn[ps->stream.conn];
    if (ps->stream.assembled)
        x->held = 0;
    ps->stream.assembled = false;
    if (ps->stream.left == 0) { /* most events bring whole messages */
        ps->stream = (struct masc_stream){.conn = MASC_NO_INDEX};
        return false;
    }
    if (next_frame(ps, x, &f) == MASC_FRAME_MORE) {
        ps->stream = (struct masc_stream){.conn = MASC_NO_INDEX};
        return false;
    }
    if (x->peer == MASC_NO_INDEX)
        masc_accept_message(ps, x, &f);
    else
        take_message(ps, x, &f);
    return true;
}
