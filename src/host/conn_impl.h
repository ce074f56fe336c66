/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conn_impl: what the three files behind conn.h share: conn.c (life and reading), conn_tx.c
 * (queues, writing, closing), listen.c (listeners and accepting).
 *
 * A connection lives in a slot of a fixed array and is in up to four intrusive lists: the chain of
 * its hash bucket, `ready` (conns_next has something to do), `dirty` (octets to write) and `sent`
 * (octets to report). Lists hold slot numbers, NONE ends them.
 */
#ifndef HOST_CONN_IMPL_H
#define HOST_CONN_IMPL_H

#include "host/conn.h"

#define NONE UINT32_MAX
#define CONN_CHUNK_OCTETS ((size_t)64 << 10)
#define CONN_BUCKETS 1024
#define CONN_CHUNKS_KEPT 64

enum conn_phase {
    CONN_FREE,
    CONN_FAILED,     /* could not even begin to connect: CONN_DOWN is to be told */
    CONN_CONNECTING,
    CONN_ACCEPTED,   /* CONN_UP is to be told */
    CONN_OPEN,
    CONN_FLUSHING,   /* closed by the core: octets are left to send */
    CONN_DRAINING,   /* our side is shut down; waits for the other's end */
};

struct chunk {
    struct chunk *next;
    size_t begin, end; /* octets[begin..end) are queued */
    uint8_t octets[CONN_CHUNK_OCTETS];
};

struct conn {
    enum conn_phase phase;
    int fd; /* -1: none */
    conn_t id;
    struct addr remote;
    struct chunk *head, *tail;
    size_t queued;
    size_t unreported; /* octets sent and not yet told */
    bool sent_any;
    bool broken;       /* writing failed; what can still be read is read */
    bool can_read, can_write; /* epoll said so in this turn */
    bool blocked;      /* waits for EPOLLOUT */
    bool in_ready, in_dirty, in_sent;
    unsigned reads;    /* in turn number `turn` */
    unsigned turn;
    mono_t linger_until;
    uint32_t next_hash, next_ready, next_dirty, next_sent;
};

struct queue {
    uint32_t head, tail;
};

struct listener {
    int fd; /* -1: free */
    struct conn_address at;
    bool ready;
};

struct conns {
    int epoll;
    int spare; /* a descriptor to give up when there are no more */
    unsigned slots, used, accepts_max, accepted, lingering;
    unsigned turn, accepts_left;
    uint32_t next_odd;
    uint64_t turned_away;
    struct queue ready, dirty, sent;
    struct chunk *chunks; /* free ones */
    unsigned chunks_kept;
    struct listener listener[CONN_LISTENERS_MAX];
    uint32_t bucket[CONN_BUCKETS];
    uint8_t octets[EVENT_STREAM_MAX]; /* of the STREAM event being handled */
    struct conn conn[];
};

/* Slot lists: each connection is in a list at most once. */
void conn_ready_add(struct conns *cs, struct conn *c);
void conn_dirty_add(struct conns *cs, struct conn *c);

static inline uint32_t conn_slot(const struct conns *cs, const struct conn *c)
{
    return (uint32_t)(c - cs->conn);
}

/* A free slot made a connection with this number; NULL if there is none. `fd` may be -1. */
struct conn *conn_new(struct conns *cs, conn_t id, int fd, enum conn_phase phase);
/* Closes and frees the slot. */
void conn_end(struct conns *cs, struct conn *c);
struct conn *conn_find(struct conns *cs, conn_t id);
/* The number means nothing any more. */
void conn_forget_id(struct conns *cs, struct conn *c);
/* Tells epoll what we wait for. */
void conn_watch(struct conns *cs, struct conn *c, int operation);
/* Puts the connection into DRAINING when nothing is left to send. */
void conn_drain(struct conns *cs, struct conn *c);
void conn_drop_queue(struct conns *cs, struct conn *c);

/* Accepts one connection of a ready listener: true, and a CONN_UP waits. */
bool listen_accept(struct conns *cs);
bool listen_is_ready(const struct conns *cs);

#endif
