/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One session of the load program with the device under test: connect, shake hands, frame, send.
 *
 * Both protocols shake hands alike: each end sends OPEN at once, answers the other's OPEN with
 * KEEPALIVE, and is up when a KEEPALIVE comes. While the DUT is starting it may refuse or drop the
 * connection as often as it likes; the side tries again every 20 ms and keeps the last reason for
 * the report. Once up, the end of the session is an error, and the caller gives up.
 *
 * Nothing here allocates or formats while messages flow: the sink's work per announcement is a few
 * loads and one bit, so that the core the DUT does not use is never the bottleneck.
 */
#include "relay.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t side_retry_ns = 20 * INT64_C(1000000);
/* A third of the Hold Time that either DUT may shorten to 90 s. */
static const int64_t side_keepalive_ns = 30 * INT64_C(1000000000);

bool side_init(struct side *s, enum who who)
{
    *s = (struct side){.who = who, .fd = -1, .inbox = calloc(1, INBOX_OCTETS)};
    return s->inbox != NULL;
}

void side_fini(struct side *s)
{
    side_close(s, "");
    free(s->inbox);
    *s = (struct side){.fd = -1};
}

void side_close(struct side *s, const char *why)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->state = SIDE_DOWN;
    s->inbox_octets = 0;
    s->retry_ns = clock_ns() + side_retry_ns;
    if (why[0] != '\0')
        snprintf(s->why_down, sizeof s->why_down, "%s", why);
}

static bool side_fail(struct side *s, const char *what, int error)
{
    char why[128];

    snprintf(why, sizeof why, "%s: %s", what, strerror(error));
    side_close(s, why);
    return false;
}

/* A short message, outside the feed; the socket buffer is empty enough for it. */
static bool side_send(struct side *s, const uint8_t *message, size_t len)
{
    if (send(s->fd, message, len, MSG_NOSIGNAL) == (ssize_t)len)
        return true;
    return side_fail(s, "send", errno);
}

void side_watch(const struct side *s, int epoll, bool writable)
{
    struct epoll_event e = {.events = EPOLLIN | (writable ? (uint32_t)EPOLLOUT : 0),
                            .data = {.u32 = s->who}};

    epoll_ctl(epoll, EPOLL_CTL_MOD, s->fd, &e);
}

static void side_connect(struct side *s, const struct plan *plan, int epoll)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = plan->address[s->who]};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr = plan->address[WHO_DUT], .sin_port = htons(plan->port)};
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data = {.u32 = s->who}};
    int one = 1;

    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) {
        side_fail(s, "socket", errno);
        return;
    }
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    s->state = SIDE_CONNECTING;
    if (bind(s->fd, (struct sockaddr *)&from, sizeof from) < 0) {
        side_fail(s, "bind", errno);
        return;
    }
    if (connect(s->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        side_fail(s, "connect", errno);
        return;
    }
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &e) < 0)
        side_fail(s, "epoll", errno);
}

void side_tick(struct side *s, const struct plan *plan, int epoll, int64_t now_ns)
{
    uint8_t message[MESSAGE_MAX];

    if (s->state == SIDE_DOWN && now_ns >= s->retry_ns)
        side_connect(s, plan, epoll);
    /* A KEEPALIVE must not split an UPDATE; while the feed flows the UPDATEs do its work. */
    if (s->state == SIDE_UP && now_ns >= s->keepalive_ns && s->feed_octets == 0) {
        s->keepalive_ns = now_ns + side_keepalive_ns;
        side_send(s, message, plan->protocol->keepalive(message));
    }
}

/* The connection stands: send OPEN. */
static bool side_connected(struct side *s, const struct plan *plan)
{
    uint8_t message[MESSAGE_MAX];
    socklen_t len = sizeof(int);
    int error = 0;

    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error != 0)
        return side_fail(s, "connect", error);
    s->state = SIDE_OPEN_SENT;
    return side_send(s, message, plan->protocol->open(plan, s->who, message));
}

static bool side_refuse(struct side *s, const struct plan *plan, const uint8_t *message, size_t len)
{
    const char *name = s->who == WHO_FEEDER ? "feeder" : "sink";
    size_t at = plan->protocol->notification_at;
    char why[128];

    if (plan->protocol->kind(message) == MESSAGE_NOTIFICATION && len >= at + 2)
        snprintf(why, sizeof why, "NOTIFICATION to the %s: code %u%s, subcode %u", name,
                 message[at] & 0x7FU, message[at] & 0x80U ? " (may stay open)" : "",
                 message[at + 1]);
    else
        snprintf(why, sizeof why, "unexpected message of %zu octets to the %s in state %d", len,
                 name, (int)s->state);
    side_close(s, why);
    return false;
}

static bool side_message(struct side *s, const struct plan *plan, const uint8_t *message,
                         size_t len, struct tally *tally)
{
    uint8_t answer[MESSAGE_MAX];
    enum message kind = plan->protocol->kind(message);

    if (kind == MESSAGE_OPEN && s->state == SIDE_OPEN_SENT) {
        s->state = SIDE_OPEN_CONFIRM;
        return side_send(s, answer, plan->protocol->keepalive(answer));
    }
    if (kind == MESSAGE_KEEPALIVE && s->state == SIDE_OPEN_CONFIRM) {
        s->state = SIDE_UP;
        s->keepalive_ns = clock_ns() + side_keepalive_ns;
        return true;
    }
    if (kind == MESSAGE_KEEPALIVE && s->state == SIDE_UP)
        return true;
    if (kind == MESSAGE_UPDATE && s->state == SIDE_UP) {
        if (plan->protocol->take(plan, message, len, tally))
            return true;
        side_close(s, tally->wrong);
        return false;
    }
    return side_refuse(s, plan, message, len);
}

/* Handles all whole messages of the inbox and moves the rest to its front. */
static bool side_frames(struct side *s, const struct plan *plan, struct tally *tally)
{
    size_t header = plan->protocol->header_octets;
    size_t at = 0;

    while (s->inbox_octets - at >= header) {
        size_t len = plan->protocol->length(s->inbox + at);

        if (len == 0) {
            side_close(s, "a message header with a bad length");
            return false;
        }
        if (s->inbox_octets - at < len)
            break;
        if (!side_message(s, plan, s->inbox + at, len, tally))
            return false;
        at += len;
    }
    s->inbox_octets -= at;
    memmove(s->inbox, s->inbox + at, s->inbox_octets);
    return true;
}

/* Writes as much of the feed as the socket takes. */
static void side_push(struct side *s)
{
    while (s->feed_octets > 0) {
        ssize_t n = send(s->fd, s->feed, s->feed_octets, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            /* A NOTIFICATION may wait in our socket: it tells more than EPIPE, so read first. */
            if (errno != EAGAIN)
                s->feed_octets = 0;
            return;
        }
        s->feed += n;
        s->feed_octets -= (size_t)n;
    }
}

bool side_ready(struct side *s, const struct plan *plan, uint32_t events, struct tally *tally)
{
    ssize_t n;

    if (s->state == SIDE_CONNECTING)
        return side_connected(s, plan);
    if (events & EPOLLOUT)
        side_push(s);
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return true;
    n = read(s->fd, s->inbox + s->inbox_octets, INBOX_OCTETS - s->inbox_octets);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n < 0)
        return side_fail(s, "read", errno);
    if (n == 0) {
        side_close(s, "the DUT closed the connection");
        return false;
    }
    s->inbox_octets += (size_t)n;
    return side_frames(s, plan, tally);
}
