/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_tx: what connections have to send: queues of chunks, one writev() per busy connection and
 * turn, and the orderly end (conn.h says why we linger).
 *
 * Chunks come from a free list, so that a busy node does not call malloc. A connection whose socket
 * is full leaves the dirty list and comes back with EPOLLOUT. The queue has no bound of its own:
 * the core bounds it (MASC_WINDOW_HARD) by what conns_next_sent() reports.
 */
#include "host/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "host/conn_impl.h"
#include "host/watch.h"

#define CHUNKS_PER_WRITE 32

static struct chunk *chunk_new(struct conns *cs)
{
    struct chunk *k = cs->chunks;

    if (k != NULL) {
        cs->chunks = k->next;
        cs->chunks_kept--;
    } else {
        k = malloc(sizeof(*k));
    }
    if (k == NULL)
        return NULL;
    k->next = NULL;
    k->begin = k->end = 0;
    return k;
}

static void chunk_free(struct conns *cs, struct chunk *k)
{
    if (cs->chunks_kept >= CONN_CHUNKS_KEPT) {
        free(k);
        return;
    }
    k->next = cs->chunks;
    cs->chunks = k;
    cs->chunks_kept++;
}

void conn_drop_queue(struct conns *cs, struct conn *c)
{
    while (c->head != NULL) {
        struct chunk *next = c->head->next;
        chunk_free(cs, c->head);
        c->head = next;
    }
    c->tail = NULL;
    c->queued = 0;
}

/* What was queued can never be sent. The core learns of it by CONN_DOWN. */
static void break_off(struct conns *cs, struct conn *c)
{
    conn_drop_queue(cs, c);
    c->broken = true;
    conn_ready_add(cs, c);
}

void conn_dirty_add(struct conns *cs, struct conn *c)
{
    if (c->in_dirty)
        return;
    c->in_dirty = true;
    c->next_dirty = NONE;
    if (cs->dirty.tail == NONE)
        cs->dirty.head = conn_slot(cs, c);
    else
        cs->conn[cs->dirty.tail].next_dirty = conn_slot(cs, c);
    cs->dirty.tail = conn_slot(cs, c);
}

static void sent_add(struct conns *cs, struct conn *c)
{
    if (c->in_sent)
        return;
    c->in_sent = true;
    c->next_sent = NONE;
    if (cs->sent.tail == NONE)
        cs->sent.head = conn_slot(cs, c);
    else
        cs->conn[cs->sent.tail].next_sent = conn_slot(cs, c);
    cs->sent.tail = conn_slot(cs, c);
}

/* False: no memory. */
static bool append(struct conns *cs, struct conn *c, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        if (c->tail == NULL || c->tail->end == CONN_CHUNK_OCTETS) {
            struct chunk *k = chunk_new(cs);
            if (k == NULL)
                return false;
            *(c->tail == NULL ? &c->head : &c->tail->next) = k;
            c->tail = k;
        }
        size_t room = CONN_CHUNK_OCTETS - c->tail->end;
        size_t n = len < room ? len : room;
        memcpy(c->tail->octets + c->tail->end, bytes, n);
        c->tail->end += n;
        c->queued += n;
        bytes += n;
        len -= n;
    }
    return true;
}

void conns_send(struct conns *cs, conn_t id, const uint8_t *bytes, size_t len)
{
    struct conn *c = conn_find(cs, id);

    /* The connection may have ended in this very turn; its CONN_DOWN is on the way. */
    if (c == NULL || c->broken || c->phase == CONN_FAILED)
        return;
    if (!append(cs, c, bytes, len)) {
        break_off(cs, c);
        return;
    }
    if (!c->blocked && c->phase != CONN_CONNECTING)
        conn_dirty_add(cs, c);
}

/* One writev(): what the kernel took, or -errno. */
static ssize_t write_some(const struct conn *c)
{
    struct iovec iov[CHUNKS_PER_WRITE];
    struct msghdr message = {.msg_iov = iov};

    for (struct chunk *k = c->head; k != NULL && message.msg_iovlen < CHUNKS_PER_WRITE; k = k->next)
        iov[message.msg_iovlen++] = (struct iovec){k->octets + k->begin, k->end - k->begin};
    ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    return n < 0 ? -errno : n;
}

static void consume(struct conns *cs, struct conn *c, size_t n)
{
    c->queued -= n;
    while (n > 0) {
        struct chunk *k = c->head;
        size_t part = k->end - k->begin < n ? k->end - k->begin : n;
        k->begin += part;
        n -= part;
        if (k->begin < k->end)
            break;
        c->head = k->next;
        if (c->head == NULL)
            c->tail = NULL;
        chunk_free(cs, k);
    }
}

static void set_blocked(struct conns *cs, struct conn *c, bool blocked)
{
    if (c->blocked == blocked)
        return;
    c->blocked = blocked;
    conn_watch(cs, c, EPOLL_CTL_MOD);
}

/* Writes until the queue is empty or the kernel has enough. */
static void flush_one(struct conns *cs, struct conn *c)
{
    while (c->queued > 0) {
        ssize_t n = write_some(c);
        if (n == -EINTR)
            continue;
        if (n == -EAGAIN || n == -ENOBUFS) {
            set_blocked(cs, c, true);
            return;
        }
        if (n < 0) {
            break_off(cs, c);
            return;
        }
        c->sent_any = true;
        c->unreported += (size_t)n;
        if (c->phase == CONN_OPEN)
            sent_add(cs, c);
        consume(cs, c, (size_t)n);
    }
    set_blocked(cs, c, false);
}

void conns_flush(struct conns *cs, struct now now)
{
    while (cs->dirty.head != NONE) {
        struct conn *c = &cs->conn[cs->dirty.head];
        cs->dirty.head = c->next_dirty;
        if (cs->dirty.head == NONE)
            cs->dirty.tail = NONE;
        c->in_dirty = false;
        c->can_write = false;
        if (c->phase == CONN_FREE || c->phase == CONN_CONNECTING || c->broken)
            continue;
        flush_one(cs, c);
        if (c->phase == CONN_FLUSHING && c->queued == 0 && !c->broken)
            conn_drain(cs, c);
    }
    conns_expire(cs, now);
}

bool conns_next_sent(struct conns *cs, struct event *ev)
{
    while (cs->sent.head != NONE) {
        struct conn *c = &cs->conn[cs->sent.head];
        cs->sent.head = c->next_sent;
        if (cs->sent.head == NONE)
            cs->sent.tail = NONE;
        c->in_sent = false;
        if (c->phase != CONN_OPEN)
            continue;
        ev->kind = EVENT_SENT;
        ev->conn = c->id;
        ev->len = c->unreported;
        c->unreported = 0;
        return true;
    }
    return false;
}

/* ---- the end ---- */

void conn_drain(struct conns *cs, struct conn *c)
{
    c->phase = CONN_DRAINING;
    if (shutdown(c->fd, SHUT_WR) < 0)
        conn_end(cs, c);
}

/* Too many linger: the one that has lingered longest goes. */
static void end_oldest(struct conns *cs)
{
    struct conn *oldest = NULL;

    for (uint32_t i = 0; i < cs->slots; i++) {
        struct conn *c = &cs->conn[i];
        if ((c->phase == CONN_FLUSHING || c->phase == CONN_DRAINING) &&
            (oldest == NULL || c->linger_until.ms < oldest->linger_until.ms))
            oldest = c;
    }
    if (oldest != NULL)
        conn_end(cs, oldest);
}

void conns_close(struct conns *cs, conn_t id, struct now now)
{
    struct conn *c = conn_find(cs, id);

    if (c == NULL)
        return;
    if (c->phase != CONN_OPEN || c->broken || (c->queued == 0 && !c->sent_any)) {
        conn_end(cs, c);
        return;
    }
    if (cs->lingering >= CONN_LINGERS)
        end_oldest(cs);
    conn_forget_id(cs, c);
    c->phase = CONN_FLUSHING;
    c->linger_until = mono_add_ms(now.mono, CONN_LINGER_MS);
    cs->lingering++;
    if (c->queued == 0)
        conn_drain(cs, c);
    else if (!c->blocked)
        conn_dirty_add(cs, c);
}

mono_t conns_deadline(const struct conns *cs)
{
    mono_t first = MONO_NEVER;

    if (cs->lingering == 0)
        return first;
    for (uint32_t i = 0; i < cs->slots; i++)
        if (cs->conn[i].phase == CONN_FLUSHING || cs->conn[i].phase == CONN_DRAINING)
            first = mono_min(first, cs->conn[i].linger_until);
    return first;
}

void conns_expire(struct conns *cs, struct now now)
{
    if (cs->lingering == 0)
        return;
    for (uint32_t i = 0; i < cs->slots; i++) {
        struct conn *c = &cs->conn[i];
        if ((c->phase == CONN_FLUSHING || c->phase == CONN_DRAINING) &&
            mono_due(c->linger_until, now.mono))
            conn_end(cs, c);
    }
}
