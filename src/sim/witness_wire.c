/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of streams: octets as they are written become messages, and messages arrive when the
 * other side was given their last octet.
 *
 * Nodes write whole messages. A liar writes what it likes: its octets are collected until they are
 * a message, and no more is read when they cannot be one.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/witness_impl.h"

/* ---- writing ---- */

static uint32_t note(struct witness *x, const struct sent *s)
{
    x->sent = witness_grow(x->sent, x->sents, &x->sents_max, sizeof *s);
    x->sent[x->sents] = *s;
    x->sent[x->sents].before = x->track[s->stream].last_sent;
    x->track[s->stream].last_sent = (uint32_t)x->sents;
    return (uint32_t)x->sents++;
}

static void post(struct half *h, const struct post *p)
{
    if (h->taken == h->posts)
        h->taken = h->posts = 0;
    h->post = witness_grow(h->post, h->posts, &h->posts_max, sizeof *p);
    h->post[h->posts++] = *p;
}

uint64_t heard_key(unsigned n, struct prefix p, int64_t timestamp_s, u128 domain)
{
    uint64_t key = mark_prefix(mark_mix(MARK_HEARD, n), p);
    return mark_mix(mark_mix(key, (uint64_t)timestamp_s), u128_lo(domain));
}

static void take_attr(struct witness *x, struct sent *s, struct post *p)
{
    s->timestamp_s = masc_timestamp_extend(s->a.timestamp_s, witness_wall(x, s->from));
    if (x->about[s->from].liar)
        mark_put(&x->marks, mark_attr(mark_mix(MARK_LIED, 0), &s->a), s->at);
    check_attr(x, s, p->end);
    if (s->a.type == MASC_PREFIX_IN_USE || s->a.type == MASC_PREFIX_MANAGED)
        mark_put(&x->marks, heard_key(s->to, s->a.prefix, s->timestamp_s, s->a.domain), s->at);
    check_withdrawal(x, s);
    known_add(x, s->from, s);
    note(x, s);
    p->count++;
}

static void take_update(struct witness *x, struct sent s, struct post *p, const uint8_t *m,
                        size_t len)
{
    struct masc_fault fault = masc_update_check(m, len, true, true);
    struct rd rest = rd_init(m + MASC_HEADER_OCTETS, len - MASC_HEADER_OCTETS);
    uint8_t again[MASC_MESSAGE_MAX];
    struct wr to = wr_init(again, sizeof again);
    if (masc_fault_is(&fault)) {
        if (!x->about[s.from].liar)
            witness_violate(x, "I-30", s.from, "an UPDATE that closes the connection");
        return;
    }
    masc_update_begin(&to);
    while (masc_update_next(&rest, m, len, &s.a, &fault)) {
        if (masc_fault_is(&fault)) {
            witness_violate(x, "I-30", s.from, "an attribute in error");
            continue;
        }
        masc_attr_encode(&to, &s.a);
        take_attr(x, &s, p);
    }
    masc_update_end(&to, 0);
    if (to.len != len || memcmp(again, m, len) != 0)
        witness_violate(x, "I-30", s.from, "an UPDATE that is not what it decodes to");
}

static void take_open(struct witness *x, struct half *h, struct sent *s, const uint8_t *m,
                      size_t len)
{
    uint8_t again[MASC_MESSAGE_MAX];
    struct wr to = wr_init(again, sizeof again);
    struct masc_fault fault = masc_open_decode(&h->open, m, len);
    s->parent = h->open.parent;
    if (x->about[s->from].liar)
        return;
    if (!masc_fault_is(&fault))
        masc_open_encode(&to, &h->open);
    if (masc_fault_is(&fault) || to.len != len || memcmp(again, m, len) != 0)
        witness_violate(x, "I-30", s->from, "an OPEN that is not what it decodes to");
}

/* It has told that it is content, and knows that the other is: Established (10.1). */
static void notice_established(struct witness *x, struct half *h)
{
    if (h->established_at >= 0 || !h->confirmed || !h->confirm_came)
        return;
    h->established_at = world_now(x->w);
    h->backlog_step = x->steps;
}

static size_t take_message(struct witness *x, uint32_t stream, unsigned side, const uint8_t *m,
                           size_t left)
{
    struct track *t = witness_track(x, stream);
    struct half *h = &t->half[side];
    size_t len = left < 4 ? 0 : (size_t)m[0] << 8 | m[1];
    struct sent s = {.at = world_now(x->w),
                     .from = t->node[side],
                     .to = t->node[1 - side],
                     .stream = stream,
                     .side = (uint8_t)side,
                     .arrived = -1};
    struct post p = {.first = (uint32_t)x->sents};
    if (len < 4 || len > MASC_MESSAGE_MAX || len > left || m[3] != 0) {
        if (!x->about[s.from].liar)
            witness_violate(x, "I-30", s.from, "octets that are not whole messages");
        return left;
    }
    p.message = s.message = m[2];
    p.end = h->written + len;
    if (s.message == MASC_NOTIFICATION && len >= MASC_NOTIFICATION_MIN_OCTETS) {
        s.open = (m[4] & 0x80) != 0;
        p.last_word = !s.open;
        p.code = s.code = m[4] & 0x7F;
        s.subcode = m[5];
        h->refused |= s.code == MASC_E_UPDATE;
        known_refused(x, t, side, m, len);
        if (!x->about[s.from].liar)
            check_notified(x, &s);
    }
    check_message(x, t, side, &p);
    notice_established(x, h);
    check_spoke(x, t, side, s.message);
    if (s.message == MASC_OPEN)
        take_open(x, h, &s, m, len);
    if (s.message == MASC_UPDATE)
        take_update(x, s, &p, m, len);
    else if (s.message != MASC_KEEPALIVE) {
        note(x, &s);
        p.count = 1;
    }
    h->written += len;
    if (!t->half[1 - side].over)
        post(h, &p);
    return len;
}

/* A liar may cut its messages, and write what is none. */
static void take_raw(struct witness *x, const struct happening *h)
{
    struct half *half = &x->track[h->stream].half[h->side];
    size_t i, at = 0;
    for (i = 0; i < h->len; i++) {
        half->raw = witness_grow(half->raw, half->raws, &half->raws_max, 1);
        half->raw[half->raws++] = h->bytes[i];
    }
    while (!half->garbled && half->raws - at >= MASC_HEADER_OCTETS) {
        size_t len = (size_t)half->raw[at] << 8 | half->raw[at + 1];
        if (len < MASC_HEADER_OCTETS || len > MASC_MESSAGE_MAX)
            half->garbled = true;
        else if (len > half->raws - at)
            break;
        else
            at += take_message(x, h->stream, h->side, half->raw + at, len);
    }
    half->raws = half->garbled ? 0 : half->raws - at;
    if (half->raws && at)
        memmove(half->raw, half->raw + at, half->raws);
}

void wire_wrote(struct witness *x, const struct happening *h)
{
    struct track *t = witness_track(x, h->stream);
    size_t at = 0;
    t->node[h->side] = h->node;
    if (x->about[h->node].liar) {
        take_raw(x, h);
        return;
    }
    while (at < h->len)
        at += take_message(x, h->stream, h->side, h->bytes + at, h->len - at);
}

/* ---- arriving ---- */

static void message_came(struct witness *x, struct track *t, unsigned side, const struct post *p)
{
    struct half *me = &t->half[side];
    uint32_t i;
    me->open_came |= p->message == MASC_OPEN;
    me->confirm_came |= p->message == MASC_KEEPALIVE;
    me->end_came |= p->last_word;
    notice_established(x, me);
    if (t->both_at < 0 && t->half[1 - side].established_at >= 0 && me->established_at >= 0)
        t->both_at = world_now(x->w);
    if (p->message == MASC_UPDATE)
        x->update_step = x->steps;
    for (i = p->first; i < p->first + p->count; i++) {
        x->sent[i].arrived = world_now(x->w);
        if (p->message == MASC_UPDATE && !known_is_ignored(x, &x->sent[i]))
            known_add(x, t->node[side], &x->sent[i]);
    }
}

static void octets_came(struct witness *x, const struct happening *h)
{
    struct track *t = witness_track(x, h->stream);
    struct half *from = &t->half[1 - h->side];
    from->arrived += h->event->len;
    while (from->taken < from->posts && from->post[from->taken].end <= from->arrived) {
        const struct post *p = &from->post[from->taken++];
        message_came(x, t, h->side, p);
    }
}

/* It may never have been up. */
static void is_over(struct witness *x, uint32_t stream, unsigned side)
{
    struct track *t = witness_track(x, stream);
    t->half[side].over = true;
    if (!t->node[side])
        return;
    check_over(x, t->node[side], stream * 2 + side);
}

void wire_event(struct witness *x, const struct happening *h)
{
    struct track *t;
    switch (h->event->kind) {
    case EVENT_CONN_UP:
        t = witness_track(x, h->stream);
        t->node[h->side] = h->node;
        t->node[1 - h->side] = world_of_address(x->w, h->event->addr);
        t->half[h->side].up = true;
        check_opened(x, h->node, h->stream * 2 + h->side);
        return;
    case EVENT_CONN_DOWN: is_over(x, h->stream, h->side); return;
    case EVENT_STREAM: octets_came(x, h); return;
    case EVENT_BOOT:
    case EVENT_READY:
    case EVENT_SENT:
    case EVENT_TIME:
    case EVENT_STORED:
    case EVENT_ASK:
    case EVENT_STOP: return;
    }
}

void wire_closed(struct witness *x, const struct happening *h)
{
    is_over(x, h->stream, h->side);
}

void wire_died(struct witness *x, unsigned n)
{
    const struct about *a = &x->about[n];
    while (a->opens)
        is_over(x, a->open[0] / 2, a->open[0] & 1);
}
