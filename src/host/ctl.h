/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl: the control socket, through which people and the command line speak to a running daemon.
 *
 * A Unix stream socket. The client sends a line of words separated by TAB (the first a full word of
 * asks.def); the answer is lines of JSON: a "mascot" row, rows, and an "end" row with status and
 * text. Then the next line is read. `watch` has no end: LOG rows follow as they happen.
 *
 * Permission: the daemon's own user and root may say every word; members of the control group (by
 * SO_PEERCRED and SO_PEERGROUPS) the words marked READ; nobody else any. The mode of the socket
 * keeps out whoever cannot be in either.
 *
 * Slow clients: while more than CTL_LOW octets wait for a client, the node is not asked for more of
 * its answer (ask.cursor); a watcher with more than CTL_WATCH_MAX waiting loses rows, and is told
 * how many as soon as it reads again. A client for which CTL_QUEUE_MAX octets wait is dropped.
 *
 * Asks are pulled: ctl_next() gives one, the caller steps the node, and the actions come back
 * through ctl_answer() and ctl_end().
 */
#ifndef HOST_CTL_H
#define HOST_CTL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/event.h"
#include "base/row.h"
#include "base/wr.h"

#define CTL_CLIENTS_MAX 32
#define CTL_LINE_MAX 4096
#define CTL_LOW ((size_t)64 << 10)
#define CTL_WATCH_MAX ((size_t)256 << 10)
#define CTL_QUEUE_MAX ((size_t)64 << 20)

struct ctl;

/* Makes the socket and listens. A socket at `path` that nobody answers is replaced. `uid`: who it
 * belongs to; `group`: the control group, (gid_t)-1 for none. NULL: *why says what is wrong. */
struct ctl *ctl_new(int epoll, const char *path, uid_t uid, gid_t group, struct wr *why);
/* Closes all, removes the socket. */
void ctl_free(struct ctl *c);

/* What the "mascot" row tells; `name` is copied. */
void ctl_identify(struct ctl *c, u128 domain, const char *name);

/* Notes an epoll event of kind WATCH_CTL or WATCH_CTL_LISTEN. */
void ctl_ready(struct ctl *c, uint64_t watch, uint32_t events);
/* Begins a turn: each client may ask once. */
void ctl_turn(struct ctl *c);
/* An ask: for the node, or (*host) for the daemon itself; borrowed until the next call. */
bool ctl_next(struct ctl *c, const struct ask **ask, bool *host);

/* Answers; those to clients that are gone are dropped. */
void ctl_answer(struct ctl *c, uint32_t ask_id, const struct row *row);
void ctl_end(struct ctl *c, uint32_t ask_id, enum end_status status, const char *text,
             uint64_t cursor);
/* A row for all watchers. */
void ctl_log(struct ctl *c, const struct row *row);
void ctl_flush(struct ctl *c);

/* Something waits for ctl_next() without epoll. */
bool ctl_pending(const struct ctl *c);

/* For tests: a client on a connected socket, with these rights. */
void ctl_adopt(struct ctl *c, int fd, bool may_read, bool may_write);

#endif
