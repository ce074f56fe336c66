/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch: what an epoll event means: which part of the host asked for it and which of its things.
 *
 * The 64 bits of epoll_data are a kind and a number. The loop only notes what is ready; nothing is
 * closed or reused before a whole batch of events has been noted, so that numbers need no
 * generation.
 */
#ifndef HOST_WATCH_H
#define HOST_WATCH_H

#include <stdint.h>
#include <sys/epoll.h>

enum watch_kind {
    WATCH_SIGNAL,     /* signalfd */
    WATCH_CLOCK,      /* the wall clock was set */
    WATCH_LISTEN,     /* number: of the listener */
    WATCH_CONN,       /* number: slot of the connection */
    WATCH_CTL_LISTEN,
    WATCH_CTL,        /* number: slot of the client */
};

static inline uint64_t watch_make(enum watch_kind kind, uint32_t number)
{
    return (uint64_t)kind << 32 | number;
}

static inline enum watch_kind watch_kind(uint64_t data)
{
    return (enum watch_kind)(data >> 32);
}

static inline uint32_t watch_number(uint64_t data)
{
    return (uint32_t)data;
}

/* Registers (EPOLL_CTL_ADD) or changes (EPOLL_CTL_MOD) `fd`. 0 or -errno. */
int watch_set(int epoll, int operation, int fd, uint64_t data, uint32_t events);

#endif
