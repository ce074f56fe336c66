/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liar: see liar.h. Here: connections, what is read, when to speak.
 *
 * A liar connects to all its peers again and again, takes what connections it is offered, and
 * speaks on each of them once in a while. Whoever is credible keeps sessions alive with KEEPALIVEs
 * and remembers what it heard last, to make use of it.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/liar_impl.h"

enum { SPEAK_MS = 12000, FLAP_MS = 1500, DRIP_MS = 1500, KEEPALIVE_MS = 3000 };

struct liar *liar_new(enum liar_kind kind, const struct node_config *cfg, uint64_t seed)
{
    struct liar *l = malloc(sizeof *l);
    if (!l)
        abort();
    *l = (struct liar){.kind = kind, .cfg = cfg, .rng = prng_init(seed)};
    return l;
}

void liar_free(struct liar *l)
{
    free(l);
}

mono_t liar_deadline(const struct liar *l)
{
    return l->kind == LIAR_SILENT ? MONO_NEVER : (mono_t){l->due_ms};
}

/* ---- lines ---- */

static struct line *line_of(struct liar *l, conn_t conn)
{
    unsigned i;
    for (i = 0; i < LIAR_LINES; i++)
        if (l->line[i].used && conn_equal(l->line[i].conn, conn))
            return &l->line[i];
    return NULL;
}

static struct line *new_line(struct liar *l, conn_t conn, unsigned peer)
{
    unsigned i;
    for (i = 0; i < LIAR_LINES; i++) {
        struct line *c = &l->line[i];
        if (c->used)
            continue;
        *c = (struct line){.used = true, .conn = conn, .peer = peer};
        return c;
    }
    return NULL;
}

static unsigned peer_of(const struct liar *l, struct addr addr)
{
    const struct masc_config *m = &l->cfg->masc;
    unsigned i;
    for (i = 0; i < m->peers; i++)
        if (masc_addr_same(m->peer[i].addr, addr))
            return i;
    return m->peers;
}

static void hang_up(struct line *c, struct out *out)
{
    out_close(out, c->conn);
    c->used = false;
}

static bool is_connected(const struct liar *l, unsigned peer)
{
    unsigned i;
    for (i = 0; i < LIAR_LINES; i++)
        if (l->line[i].used && l->line[i].peer == peer)
            return true;
    return false;
}

static void connect_all(struct liar *l, struct out *out)
{
    const struct masc_config *m = &l->cfg->masc;
    unsigned i;
    for (i = 0; i < m->peers; i++) {
        conn_t conn = {l->next_conn};
        if (is_connected(l, i) && (l->kind != LIAR_FLAPPER || liar_below(l, 2)))
            continue;
        if (!new_line(l, conn, i))
            return;
        l->next_conn += 2;
        out_connect(out, conn, m->peer[i].addr, m->peer[i].port, m->local);
    }
}

/* ---- what is read ---- */

static void remember(struct liar *l, const uint8_t *message, size_t len)
{
    struct rd rest = rd_init(message + MASC_HEADER_OCTETS, len - MASC_HEADER_OCTETS);
    struct masc_fault fault;
    struct masc_attr a;
    while (masc_update_next(&rest, message, len, &a, &fault)) {
        if (masc_fault_is(&fault))
            continue;
        l->heard[l->heard_next] = a;
        l->heard_next = (l->heard_next + 1) % LIAR_HEARD;
        l->heard_n += l->heard_n < LIAR_HEARD;
    }
}

static void take_message(struct liar *l, struct line *c, const struct masc_frame *f)
{
    c->heard_open |= f->type == MASC_OPEN;
    c->confirmed |= f->type == MASC_KEEPALIVE;
    if (f->type == MASC_UPDATE && c->confirmed)
        remember(l, f->octets, f->len);
}

/* Returns how much of it was read. What no conforming node would send is not understood. */
static size_t take_messages(struct liar *l, struct line *c, const uint8_t *octets, size_t len)
{
    struct masc_frame f;
    size_t at = 0;
    for (;;) {
        switch (masc_frame_next(&f, octets + at, len - at)) {
        case MASC_FRAME_MORE: return at;
        case MASC_FRAME_FAULT: return len;
        case MASC_FRAME_MESSAGE: break;
        }
        take_message(l, c, &f);
        at += f.len;
    }
}

static void heard(struct liar *l, struct line *c, const uint8_t *bytes, size_t len)
{
    while (len) {
        size_t n = sizeof c->in - c->in_len, gone;
        n = n < len ? n : len;
        memcpy(c->in + c->in_len, bytes, n);
        c->in_len += n;
        bytes += n;
        len -= n;
        gone = take_messages(l, c, c->in, c->in_len);
        memmove(c->in, c->in + gone, c->in_len - gone);
        c->in_len -= gone;
    }
}

/* ---- when to speak ---- */

static int64_t pause(struct liar *l)
{
    switch (l->kind) {
    case LIAR_DRIP: return 1 + liar_below(l, DRIP_MS);
    case LIAR_FLAPPER: return 1 + liar_below(l, FLAP_MS);
    case LIAR_SILENT:
    case LIAR_GARBAGE:
    case LIAR_MANGLER:
    case LIAR_GREEDY:
    case LIAR_FORGER: return 1 + liar_below(l, SPEAK_MS);
    }
    return SPEAK_MS;
}

static void speak_all(struct liar *l, const struct event *ev, struct out *out)
{
    unsigned i;
    for (i = 0; i < LIAR_LINES; i++) {
        struct line *c = &l->line[i];
        if (!c->used || c->unsent > LIAR_UNSENT_MAX)
            continue;
        if (c->up)
            liar_speak(l, c, ev, out);
        if (l->kind == LIAR_FLAPPER || (l->kind == LIAR_GARBAGE && liar_below(l, 8) == 0))
            hang_up(c, out);
    }
}

static void on_time(struct liar *l, const struct event *ev, struct out *out)
{
    if (l->kind == LIAR_SILENT || ev->now.mono.ms < l->due_ms)
        return;
    speak_all(l, ev, out);
    if (l->kind != LIAR_DRIP || liar_below(l, 20) == 0)
        connect_all(l, out);
    if (ev->now.mono.ms >= l->keepalive_ms)
        l->keepalive_ms = ev->now.mono.ms + KEEPALIVE_MS;
    l->due_ms = ev->now.mono.ms + pause(l);
}

static void on_up(struct liar *l, const struct event *ev, struct out *out)
{
    struct line *c = line_of(l, ev->conn);
    if (!c)
        c = new_line(l, ev->conn, peer_of(l, ev->addr));
    if (!c) {
        out_close(out, ev->conn);
        return;
    }
    c->up = true;
    if (l->kind != LIAR_SILENT)
        liar_speak(l, c, ev, out);
}

static void on_ready(struct liar *l, const struct event *ev)
{
    memset(l->line, 0, sizeof l->line);
    l->next_conn = 2;
    l->heard_n = l->heard_next = 0;
    l->due_ms = ev->now.mono.ms + 1;
    l->keepalive_ms = l->due_ms;
}

void liar_step(struct liar *l, const struct event *ev, struct out *out)
{
    struct line *c = line_of(l, ev->conn);
    switch (ev->kind) {
    case EVENT_READY: on_ready(l, ev); return;
    case EVENT_CONN_UP: on_up(l, ev, out); return;
    case EVENT_CONN_DOWN:
        if (c)
            c->used = false;
        return;
    case EVENT_STREAM:
        if (c)
            heard(l, c, ev->bytes, ev->len);
        return;
    case EVENT_SENT:
        if (c)
            c->unsent -= ev->len < c->unsent ? ev->len : c->unsent;
        return;
    case EVENT_TIME: on_time(l, ev, out); return;
    case EVENT_BOOT:
    case EVENT_STORED:
    case EVENT_ASK:
    case EVENT_STOP: return;
    }
}
