/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen: listening sockets and the connections they bring.
 *
 * One socket per address and family (IPv6 sockets take IPv6 only). A new set of addresses is opened
 * before an old one is closed, so that a reload that fails changes nothing. A listener that stays
 * in the set keeps its socket and what waits in it. When descriptors run out, a spare one is given
 * up for a moment to accept and close: otherwise epoll would report the same connection for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/conn_impl.h"
#include "host/sockaddr.h"
#include "host/watch.h"

#define BACKLOG 128

static bool same_address(const struct conn_address *a, const struct conn_address *b)
{
    return a->port == b->port && a->addr.family == b->addr.family && a->addr.addr == b->addr.addr;
}

/* A listening socket or -errno. */
static int open_listener(const struct conn_address *a)
{
    struct sockaddr_storage s;
    socklen_t len = sockaddr_of(&s, a->addr, a->port);
    int one = 1;
    int fd = socket(s.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (a->addr.family == FAMILY_IPV6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, (const struct sockaddr *)&s, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static bool absent(int error)
{
    return error == -EAFNOSUPPORT || error == -EADDRNOTAVAIL || error == -EPROTONOSUPPORT;
}

static struct listener *find_listener(struct conns *cs, const struct conn_address *a)
{
    for (size_t i = 0; i < CONN_LISTENERS_MAX; i++)
        if (cs->listener[i].fd >= 0 && same_address(&cs->listener[i].at, a))
            return &cs->listener[i];
    return NULL;
}

/* Opens what is not open yet into fd[]: -1 for what is open already or may be absent. */
static int open_missing(struct conns *cs, const struct conn_address *a, size_t n, int *fd)
{
    for (size_t i = 0; i < n; i++) {
        fd[i] = -1;
        if (find_listener(cs, &a[i]) != NULL)
            continue;
        fd[i] = open_listener(&a[i]);
        if (fd[i] >= 0 || (a[i].optional && absent(fd[i])))
            continue;
        int error = fd[i];
        for (size_t k = 0; k < i; k++)
            if (fd[k] >= 0)
                close(fd[k]);
        fd[0] = (int)i;
        return error;
    }
    return 0;
}

static void close_listener(struct listener *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    l->ready = false;
}

static bool wanted(const struct listener *l, const struct conn_address *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (same_address(&l->at, &a[i]))
            return true;
    return false;
}

static void add_listener(struct conns *cs, const struct conn_address *a, int fd)
{
    for (uint32_t i = 0; i < CONN_LISTENERS_MAX; i++) {
        struct listener *l = &cs->listener[i];
        if (l->fd >= 0)
            continue;
        *l = (struct listener){.fd = fd, .at = *a};
        watch_set(cs->epoll, EPOLL_CTL_ADD, fd, watch_make(WATCH_LISTEN, i), EPOLLIN);
        return;
    }
    close(fd);
}

int conns_listen(struct conns *cs, const struct conn_address *a, size_t n, size_t *failed)
{
    int fd[CONN_LISTENERS_MAX];
    int error;

    CHECK(n <= CONN_LISTENERS_MAX);
    error = open_missing(cs, a, n, fd);
    if (error < 0) {
        *failed = (size_t)fd[0];
        return error;
    }
    for (size_t i = 0; i < CONN_LISTENERS_MAX; i++)
        if (!wanted(&cs->listener[i], a, n))
            close_listener(&cs->listener[i]);
    for (size_t i = 0; i < n; i++)
        if (fd[i] >= 0)
            add_listener(cs, &a[i], fd[i]);
    return 0;
}

void conns_listen_none(struct conns *cs)
{
    for (size_t i = 0; i < CONN_LISTENERS_MAX; i++)
        close_listener(&cs->listener[i]);
}

/* ---- accepting ---- */

static conn_t next_odd(struct conns *cs)
{
    conn_t id;

    do {
        id = (conn_t){cs->next_odd};
        cs->next_odd += 2;
    } while (conn_equal(id, CONN_NONE) || conn_find(cs, id) != NULL);
    return id;
}

/* No descriptor is left: turn the first in line away. */
static void turn_away(struct conns *cs, struct listener *l)
{
    if (cs->spare >= 0)
        close(cs->spare);
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    cs->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cs->turned_away++;
}

/* True: a connection was accepted and kept. */
static bool accept_one(struct conns *cs, struct listener *l)
{
    struct sockaddr_storage s = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(s);
    int one = 1;
    int fd = accept4(l->fd, (struct sockaddr *)&s, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE)
            turn_away(cs, l);
        l->ready = errno == ECONNABORTED || errno == EINTR;
        return false;
    }
    struct conn *c = NULL;
    if (cs->accepted < cs->accepts_max)
        c = conn_new(cs, next_odd(cs), fd, CONN_ACCEPTED);
    if (c == NULL) {
        close(fd);
        cs->turned_away++;
        return false;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    c->remote = sockaddr_addr(&s);
    cs->accepted++;
    conn_ready_add(cs, c);
    return true;
}

bool listen_accept(struct conns *cs)
{
    for (size_t i = 0; i < CONN_LISTENERS_MAX; i++) {
        struct listener *l = &cs->listener[i];
        for (; l->ready && cs->accepts_left > 0; cs->accepts_left--)
            if (accept_one(cs, l))
                return true;
        /* What is left waits for the next turn: epoll reports it again. */
        l->ready = false;
    }
    return false;
}

bool listen_is_ready(const struct conns *cs)
{
    for (size_t i = 0; i < CONN_LISTENERS_MAX; i++)
        if (cs->listener[i].ready)
            return true;
    return false;
}
