/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl_impl: what the files behind ctl.h share: ctl.c (clients, asks, answers), ctl_socket.c (the
 * socket, accepting, permission, queues).
 */
#ifndef HOST_CTL_IMPL_H
#define HOST_CTL_IMPL_H

#include "host/ctl.h"

/* Room that is kept for one row of JSON. */
#define CTL_ROW_MAX ((size_t)128 << 10)

enum ctl_state {
    CTL_FREE,
    CTL_IDLE,   /* waits for a line */
    CTL_ASKING, /* waits for the END of what was asked */
    CTL_MORE,   /* the answer goes on when the queue is short */
    CTL_WATCHING,
    CTL_LEAVING, /* closed when the queue is empty */
};

struct ctl_client {
    enum ctl_state state;
    int fd;
    bool may_read, may_write;
    bool can_read, asked, blocked;
    uint64_t since;   /* order of coming, to find the oldest */
    uint64_t lost;    /* rows a watcher has not been told of */
    struct ask ask;
    uint8_t *queue;   /* octets [begin, end) wait */
    size_t begin, end, cap;
    size_t len;       /* octets in line[] */
    size_t line_len;  /* of the line being answered, with its LF; 0: none */
    char line[CTL_LINE_MAX];
};

struct ctl {
    int epoll, fd;
    char path[108];
    uid_t uid;
    gid_t group;
    uint32_t next_id;
    uint64_t arrivals;
    unsigned turn_at; /* client that ctl_next() looks at next; CTL_CLIENTS_MAX: all seen */
    bool accepting;
    u128 domain;
    char name[64];
    struct ctl_client client[CTL_CLIENTS_MAX];
};

void ctl_accept(struct ctl *c);
void ctl_close(struct ctl_client *k);
void ctl_watch_client(struct ctl *c, struct ctl_client *k);
/* Appends one line of JSON; drops a client that does not read. */
void ctl_put(struct ctl *c, struct ctl_client *k, const struct row *row);
void ctl_flush_client(struct ctl *c, struct ctl_client *k);

static inline size_t ctl_queued(const struct ctl_client *k)
{
    return k->end - k->begin;
}

#endif
