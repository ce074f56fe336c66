/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn: TCP for the core: connections it asks for, connections accepted, octets both ways.
 *
 * One turn of the loop: conns_ready() notes what epoll reported; conns_next() is called until it
 * returns false and gives CONN_UP, CONN_DOWN and STREAM events; meanwhile conns_send() only queues;
 * conns_flush() hands the queues to the kernel, one writev() per connection; conns_next_sent() then
 * reports how much left. So the cost of a turn in system calls depends on the number of busy
 * connections, not of messages.
 *
 * Reading is fair: the ready connections take turns with one read() each, and none gets more than
 * CONN_READS of them in one turn; nor are more than CONN_ACCEPTS connections accepted in it.
 *
 * Closing: what is queued is sent, then our side is shut down and the other's octets are thrown
 * away until it closes too or CONN_LINGER_MS are over. Without that a NOTIFICATION could be lost:
 * close() with unread octets makes TCP send a RST, and a RST discards what the remote has not read.
 * A connection on which nothing was sent is closed at once (a refused stranger holds nothing:
 * RFC 2909 10.1 Idle). From the core's view the number is free as soon as it said CLOSE.
 *
 * Memory: at most connects + accepts + CONN_LINGERS connections; the core bounds what it queues.
 */
#ifndef HOST_CONN_H
#define HOST_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

#define CONN_READS 16
#define CONN_ACCEPTS 64
#define CONN_LINGER_MS 3000
#define CONN_LINGERS 64
#define CONN_LISTENERS_MAX 16

struct conns;

/* `connects`: connections the core may have asked for at once; `accepts`: accepted ones at once,
 * more are closed as they come. NULL: no memory. */
struct conns *conns_new(int epoll, unsigned connects, unsigned accepts);
/* Closes everything, at once. */
void conns_free(struct conns *cs);

struct conn_address {
    struct addr addr;
    uint16_t port;
    bool optional; /* that the address or its family is missing here is no error */
};

/* Listens on exactly these, n <= CONN_LISTENERS_MAX: new ones are opened first, then those no
 * longer named are closed. On failure nothing has changed: -errno, and *failed is the index. */
int conns_listen(struct conns *cs, const struct conn_address *a, size_t n, size_t *failed);
/* Stops listening; connections stay. */
void conns_listen_none(struct conns *cs);

/* The actions of event.h. A connect that fails is told by conns_next(). */
void conns_connect(struct conns *cs, const struct action *a);
void conns_send(struct conns *cs, conn_t id, const uint8_t *bytes, size_t len);
void conns_close(struct conns *cs, conn_t id, struct now now);

/* Notes an epoll event of kind WATCH_CONN or WATCH_LISTEN. */
void conns_ready(struct conns *cs, uint64_t watch, uint32_t events);
/* Begins a turn: every connection may read CONN_READS times again. */
void conns_turn(struct conns *cs);
/* Fills kind, conn, addr, bytes, len of *ev; bytes live until the next call. */
bool conns_next(struct conns *cs, struct event *ev);
void conns_flush(struct conns *cs, struct now now);
bool conns_next_sent(struct conns *cs, struct event *ev);

/* Something waits for conns_next(), conns_flush() or conns_next_sent() without epoll. */
bool conns_pending(const struct conns *cs);
/* When conns_expire() has something to do: the end of a linger. */
mono_t conns_deadline(const struct conns *cs);
void conns_expire(struct conns *cs, struct now now);

/* Connections that exist, lingering ones too. */
unsigned conns_open(const struct conns *cs);
/* Accepted connections closed at once because there were too many, since start. */
uint64_t conns_turned_away(const struct conns *cs);

#endif
