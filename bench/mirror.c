/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mirror: a device under test that does nothing. It accepts the feeder and the sink of bench/relay,
 * shakes hands, and passes each UPDATE on with the least change the protocol demands: no table, no
 * check, no timer. What relay measures with it is the ceiling of the load program and of TCP on
 * loopback; a daemon near that number is measured badly.
 *
 * With a FAULT it makes one mistake, at the 10th UPDATE, so that bench/relay_test can prove that
 * the load program notices. It does not speak relay's --distinct.
 */
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum fault {
    FAULT_NONE,
    FAULT_DROP,
    FAULT_DOUBLE,
    FAULT_ALTER,
    FAULT_ECHO,
    FAULT_CLOSE,
    FAULT_EXIT,
    FAULT_SHORT
};
enum { MIRROR_INBOX = 1 << 18, MIRROR_FAULT_AT = 10 };

static const char *const fault_names[] = {"none", "drop",  "double", "alter",
                                          "echo", "close", "exit",   "short"};

struct mirror {
    struct plan plan;
    enum fault fault;
    unsigned updates;
    int feeder;
    int sink;
};

static _Noreturn void mirror_die(const char *what)
{
    fprintf(stderr, "mirror: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void mirror_write(int fd, const uint8_t *from, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, from, len, MSG_NOSIGNAL);

        if (n < 0)
            mirror_die("send");
        from += n;
        len -= (size_t)n;
    }
}

static void mirror_read(int fd, uint8_t *to, size_t len)
{
    if (recv(fd, to, len, MSG_WAITALL) != (ssize_t)len)
        mirror_die("receive");
}

/* Reads one whole message; returns its kind. */
static enum message mirror_message(const struct mirror *m, int fd, uint8_t *to)
{
    size_t header = m->plan.protocol->header_octets;
    size_t len;

    mirror_read(fd, to, header);
    len = m->plan.protocol->length(to);
    if (len == 0)
        mirror_die("header");
    if (len > header)
        mirror_read(fd, to + header, len - header);
    return m->plan.protocol->kind(to);
}

static void mirror_shake_hands(const struct mirror *m, int fd)
{
    uint8_t message[MESSAGE_MAX];
    size_t len = m->plan.protocol->open(&m->plan, WHO_DUT, message);

    mirror_write(fd, message, len);
    if (mirror_message(m, fd, message) != MESSAGE_OPEN)
        mirror_die("no OPEN");
    mirror_write(fd, message, m->plan.protocol->keepalive(message));
    if (mirror_message(m, fd, message) != MESSAGE_KEEPALIVE)
        mirror_die("no KEEPALIVE");
}

static void mirror_accept(struct mirror *m)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(m->plan.port),
                             .sin_addr = m->plan.address[WHO_DUT]};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 4) < 0)
        mirror_die("listen");
    while (m->feeder < 0 || m->sink < 0) {
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        int fd = accept(listener, (struct sockaddr *)&from, &len);

        if (fd < 0)
            mirror_die("accept");
        mirror_shake_hands(m, fd);
        if (from.sin_addr.s_addr == m->plan.address[WHO_FEEDER].s_addr)
            m->feeder = fd;
        else
            m->sink = fd;
    }
    close(listener);
}

/* The mistake asked for, made on the message that would be sent. Returns what remains to send. */
static size_t mirror_fault(struct mirror *m, uint8_t *message, size_t len)
{
    switch (m->fault) {
    case FAULT_NONE: break;
    case FAULT_DROP: return 0;
    case FAULT_DOUBLE: mirror_write(m->sink, message, len); break;
    case FAULT_ALTER: /* a bit of MASC's Origin Node Identifier, of BGP's NEXT_HOP */
        message[len - (m->plan.protocol == &protocol_masc ? 10 : 6)] ^= 1;
        break;
    case FAULT_ECHO: mirror_write(m->feeder, message, len); break;
    case FAULT_CLOSE: /* and be silent, so that nothing else is noticed first */
        shutdown(m->sink, SHUT_RDWR);
        pause();
        return 0;
    case FAULT_EXIT: exit(3);
    case FAULT_SHORT: /* the last octet is missing, and the length says so */
        message[m->plan.protocol == &protocol_masc ? 1 : 17]--;
        return len - 1;
    }
    return len;
}

static void mirror_pass(struct mirror *m, const uint8_t *message, size_t len, uint8_t *out,
                        size_t *used)
{
    size_t n;

    if (m->plan.protocol->kind(message) != MESSAGE_UPDATE)
        return;
    n = m->plan.protocol->pass(&m->plan, message, len, out + *used);
    if (n == 0) {
        fputs("mirror: UPDATE too full to pass on in one\n", stderr);
        exit(1);
    }
    if (++m->updates == MIRROR_FAULT_AT)
        n = mirror_fault(m, out + *used, n);
    *used += n;
}

/* Feeder to sink, until the feeder closes. What the sink sends is read and forgotten. */
static void mirror_relay(struct mirror *m)
{
    static uint8_t in[MIRROR_INBOX], out[2 * MIRROR_INBOX];
    struct pollfd p[2] = {{.fd = m->feeder, .events = POLLIN}, {.fd = m->sink, .events = POLLIN}};
    size_t have = 0;

    while (poll(p, 2, -1) > 0) {
        size_t at = 0, used = 0, len;
        ssize_t n;

        if (p[1].revents && recv(m->sink, out, sizeof out, MSG_DONTWAIT) == 0)
            p[1].fd = -1;
        if (!p[0].revents)
            continue;
        n = recv(m->feeder, in + have, sizeof in - have, 0);
        if (n <= 0)
            return;
        have += (size_t)n;
        while (have - at >= m->plan.protocol->header_octets &&
               (len = m->plan.protocol->length(in + at)) != 0 && have - at >= len) {
            mirror_pass(m, in + at, len, out, &used);
            at += len;
        }
        memmove(in, in + at, have - at);
        have -= at;
        mirror_write(m->sink, out, used);
    }
}

int main(int argc, char **argv)
{
    struct mirror m = {
        .feeder = -1,
        .sink = -1,
        .plan = {.domain = {[WHO_DUT] = 65100, [WHO_FEEDER] = 65101, [WHO_SINK] = 65102}}};
    static const char *const addresses[] = {
        [WHO_DUT] = "127.0.0.10", [WHO_FEEDER] = "127.0.0.11", [WHO_SINK] = "127.0.0.12"};

    if (argc < 3 || argc > 4 || !protocol_find(argv[1])) {
        fputs("usage: mirror bgp|masc PORT [FAULT]\n", stderr);
        return 2;
    }
    m.plan.protocol = protocol_find(argv[1]);
    m.plan.port = (uint16_t)strtoul(argv[2], NULL, 10);
    for (size_t i = 0; argc == 4 && i < sizeof fault_names / sizeof fault_names[0]; i++) {
        if (strcmp(argv[3], fault_names[i]) == 0)
            m.fault = (enum fault)i;
    }
    for (size_t i = 0; i < WHO_COUNT; i++)
        inet_pton(AF_INET, addresses[i], &m.plan.address[i]);
    mirror_accept(&m);
    mirror_relay(&m);
    return 0;
}
