/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn: the life of connections and reading from them; see conn.h for the turn and conn_impl.h for
 * the lists. Writing and closing are in conn_tx.c, listening in listen.c.
 *
 * A connection fails in one place only, fail(): its slot is freed and CONN_DOWN told. An error that
 * appears while writing is not told at once: the remote may have said why it left (a NOTIFICATION)
 * before its RST came, so reading goes on until it fails too.
 */
#include "host/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/conn_impl.h"
#include "host/sockaddr.h"
#include "host/watch.h"

int watch_set(int epoll, int operation, int fd, uint64_t data, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.u64 = data};

    return epoll_ctl(epoll, operation, fd, &ev) < 0 ? -errno : 0;
}

struct conns *conns_new(int epoll, unsigned connects, unsigned accepts)
{
    /* Twice the connects: a slot freed in a turn may be unusable until the lists were walked. */
    unsigned slots = 2 * connects + accepts + CONN_LINGERS;
    struct conns *cs = calloc(1, sizeof(*cs) + slots * sizeof(struct conn));

    if (cs == NULL)
        return NULL;
    cs->epoll = epoll;
    cs->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cs->slots = slots;
    cs->accepts_max = accepts;
    cs->next_odd = 1;
    cs->ready = cs->dirty = cs->sent = (struct queue){NONE, NONE};
    for (size_t i = 0; i < CONN_BUCKETS; i++)
        cs->bucket[i] = NONE;
    for (size_t i = 0; i < CONN_LISTENERS_MAX; i++)
        cs->listener[i].fd = -1;
    for (unsigned i = 0; i < slots; i++)
        cs->conn[i] = (struct conn){.phase = CONN_FREE, .fd = -1, .id = CONN_NONE};
    return cs;
}

void conns_free(struct conns *cs)
{
    if (cs == NULL)
        return;
    conns_listen_none(cs);
    for (unsigned i = 0; i < cs->slots; i++)
        if (cs->conn[i].phase != CONN_FREE)
            conn_end(cs, &cs->conn[i]);
    while (cs->chunks != NULL) {
        struct chunk *next = cs->chunks->next;
        free(cs->chunks);
        cs->chunks = next;
    }
    if (cs->spare >= 0)
        close(cs->spare);
    free(cs);
}

/* ---- lists ---- */

static struct conn *at(struct conns *cs, uint32_t slot)
{
    return slot == NONE ? NULL : &cs->conn[slot];
}

void conn_ready_add(struct conns *cs, struct conn *c)
{
    if (c->in_ready)
        return;
    c->in_ready = true;
    c->next_ready = NONE;
    if (cs->ready.tail == NONE)
        cs->ready.head = conn_slot(cs, c);
    else
        cs->conn[cs->ready.tail].next_ready = conn_slot(cs, c);
    cs->ready.tail = conn_slot(cs, c);
}

static struct conn *ready_take(struct conns *cs)
{
    struct conn *c = at(cs, cs->ready.head);

    if (c == NULL)
        return NULL;
    cs->ready.head = c->next_ready;
    if (cs->ready.head == NONE)
        cs->ready.tail = NONE;
    c->in_ready = false;
    return c;
}

/* ---- slots and numbers ---- */

static uint32_t *bucket_of(struct conns *cs, conn_t id)
{
    return &cs->bucket[(id.id * 2654435761u >> 16) % CONN_BUCKETS];
}

struct conn *conn_find(struct conns *cs, conn_t id)
{
    uint32_t slot = *bucket_of(cs, id);

    while (slot != NONE && !conn_equal(cs->conn[slot].id, id))
        slot = cs->conn[slot].next_hash;
    return at(cs, slot);
}

void conn_forget_id(struct conns *cs, struct conn *c)
{
    uint32_t *link = bucket_of(cs, c->id);

    if (conn_equal(c->id, CONN_NONE))
        return;
    while (*link != conn_slot(cs, c))
        link = &cs->conn[*link].next_hash;
    *link = c->next_hash;
    if (c->id.id % 2 == 1)
        cs->accepted--;
    c->id = CONN_NONE;
}

static struct conn *free_slot(struct conns *cs)
{
    for (unsigned i = 0; i < cs->slots; i++)
        if (cs->conn[i].phase == CONN_FREE && !cs->conn[i].in_ready && !cs->conn[i].in_dirty &&
            !cs->conn[i].in_sent)
            return &cs->conn[i];
    return NULL;
}

struct conn *conn_new(struct conns *cs, conn_t id, int fd, enum conn_phase phase)
{
    struct conn *c = free_slot(cs);
    uint32_t *bucket = bucket_of(cs, id);

    if (c == NULL)
        return NULL;
    CHECK(conn_find(cs, id) == NULL);
    *c = (struct conn){.phase = phase, .fd = fd, .id = id, .next_hash = *bucket};
    *bucket = conn_slot(cs, c);
    cs->used++;
    return c;
}

void conn_end(struct conns *cs, struct conn *c)
{
    conn_forget_id(cs, c);
    conn_drop_queue(cs, c);
    if (c->fd >= 0)
        close(c->fd);
    if (c->phase == CONN_FLUSHING || c->phase == CONN_DRAINING)
        cs->lingering--;
    c->fd = -1;
    c->phase = CONN_FREE;
    cs->used--;
}

void conn_watch(struct conns *cs, struct conn *c, int operation)
{
    uint32_t events = c->phase == CONN_CONNECTING ? EPOLLOUT : EPOLLIN;

    if (c->blocked)
        events |= EPOLLOUT;
    int error = watch_set(cs->epoll, operation, c->fd, watch_make(WATCH_CONN, conn_slot(cs, c)),
                          events);
    /* Without epoll the connection would hang unseen: let it fail instead. */
    if (error < 0) {
        c->broken = true;
        c->can_read = true;
        conn_ready_add(cs, c);
    }
}

/* ---- connecting ---- */

/* A nonblocking socket on its way to `a`; -errno. */
static int start_connect(const struct action *a)
{
    struct sockaddr_storage to, from;
    socklen_t to_len = sockaddr_of(&to, a->addr, a->port);
    socklen_t from_len = sockaddr_of(&from, a->local, 0);
    int one = 1;

    if (to_len == 0)
        return -EAFNOSUPPORT;
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    /* Keep the port free for many connections to different peers from one address. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
    if (from_len > 0 && from.ss_family == to.ss_family &&
        bind(fd, (const struct sockaddr *)&from, from_len) < 0)
        goto failed;
    if (connect(fd, (const struct sockaddr *)&to, to_len) < 0 && errno != EINPROGRESS)
        goto failed;
    return fd;

failed:;
    int error = errno;
    close(fd);
    return -error;
}

void conns_connect(struct conns *cs, const struct action *a)
{
    int fd = start_connect(a);
    enum conn_phase phase = fd < 0 ? CONN_FAILED : CONN_CONNECTING;
    struct conn *c = conn_new(cs, a->conn, fd < 0 ? -1 : fd, phase);

    CHECK(a->conn.id % 2 == 0);
    CHECK(c != NULL);
    c->remote = a->addr;
    if (fd < 0)
        conn_ready_add(cs, c);
    else
        conn_watch(cs, c, EPOLL_CTL_ADD);
}

/* ---- what happened ---- */

void conns_ready(struct conns *cs, uint64_t watch, uint32_t events)
{
    uint32_t number = watch_number(watch);

    if (watch_kind(watch) == WATCH_LISTEN) {
        cs->listener[number].ready = cs->listener[number].fd >= 0;
        return;
    }
    struct conn *c = &cs->conn[number];
    if (c->phase == CONN_FREE)
        return;
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        c->can_read = true;
    if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
        c->can_write = true;
    if (c->can_write && c->queued > 0)
        conn_dirty_add(cs, c);
    if (c->can_read || c->phase == CONN_CONNECTING)
        conn_ready_add(cs, c);
}

void conns_turn(struct conns *cs)
{
    cs->turn++;
    cs->accepts_left = CONN_ACCEPTS;
}

static bool tell(const struct conn *c, enum event_kind kind, struct event *ev)
{
    ev->kind = kind;
    ev->conn = c->id;
    ev->addr = c->remote;
    return true;
}

static bool fail(struct conns *cs, struct conn *c, struct event *ev)
{
    tell(c, EVENT_CONN_DOWN, ev);
    conn_end(cs, c);
    return true;
}

static bool finish_connect(struct conns *cs, struct conn *c, struct event *ev)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (!c->can_write && !c->can_read)
        return false;
    if (c->broken || getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0)
        return fail(cs, c, ev);
    c->phase = CONN_OPEN;
    conn_watch(cs, c, EPOLL_CTL_MOD);
    return tell(c, EVENT_CONN_UP, ev);
}

/* One read(). False: nothing to tell. */
static bool read_once(struct conns *cs, struct conn *c, struct event *ev)
{
    ssize_t n = read(c->fd, cs->octets, sizeof(cs->octets));

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        c->can_read = false;
        return c->broken ? fail(cs, c, ev) : false;
    }
    if (n <= 0)
        return fail(cs, c, ev);
    if (c->turn != cs->turn)
        c->reads = 0;
    c->turn = cs->turn;
    c->reads++;
    /* A short read emptied the socket; if not, epoll says so again. */
    if ((size_t)n < sizeof(cs->octets))
        c->can_read = false;
    if (c->broken || (c->can_read && c->reads < CONN_READS))
        conn_ready_add(cs, c);
    ev->bytes = cs->octets;
    ev->len = (size_t)n;
    return tell(c, EVENT_STREAM, ev);
}

/* The core has closed it: read and forget. */
static void drain_once(struct conns *cs, struct conn *c)
{
    for (int i = 0; i < CONN_READS; i++) {
        ssize_t n = read(c->fd, cs->octets, sizeof(cs->octets));
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            conn_end(cs, c);
            return;
        }
        if (n < 0)
            break;
    }
    c->can_read = false;
    if (c->broken)
        conn_end(cs, c);
}

/* What a connection in the ready list has to say. */
static bool next_of(struct conns *cs, struct conn *c, struct event *ev)
{
    switch (c->phase) {
    case CONN_FREE: return false;
    case CONN_FAILED: return fail(cs, c, ev);
    case CONN_CONNECTING: return finish_connect(cs, c, ev);
    case CONN_ACCEPTED:
        c->phase = CONN_OPEN;
        conn_watch(cs, c, EPOLL_CTL_ADD);
        return tell(c, EVENT_CONN_UP, ev);
    case CONN_OPEN: return c->can_read || c->broken ? read_once(cs, c, ev) : false;
    case CONN_FLUSHING:
    case CONN_DRAINING: drain_once(cs, c); return false;
    }
    return false;
}

bool conns_next(struct conns *cs, struct event *ev)
{
    struct conn *c;

    do {
        while ((c = ready_take(cs)) != NULL)
            if (next_of(cs, c, ev))
                return true;
    } while (listen_accept(cs));
    return false;
}

bool conns_pending(const struct conns *cs)
{
    return cs->ready.head != NONE || cs->dirty.head != NONE || cs->sent.head != NONE ||
           listen_is_ready(cs);
}

unsigned conns_open(const struct conns *cs)
{
    return cs->used;
}

uint64_t conns_turned_away(const struct conns *cs)
{
    return cs->turned_away;
}
