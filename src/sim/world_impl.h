/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world_impl: what the files of the world share. Not for watches, stories or reports.
 *
 * A stream has two sides; side 0 initiated it. What is under way to a side is a flow: a list in
 * order of arrival, of which only the first is in the heap. A stalled flow is parked: taken out of
 * the heap until its link is healed.
 */
#ifndef SIM_WORLD_IMPL_H
#define SIM_WORLD_IMPL_H

#include "sim/world.h"

#define CONN_UNKNOWN UINT32_MAX /* the acceptor has no number for the connection yet */
#define WINDOW_OCTETS 65536     /* that a kernel takes before the other side has read them */

enum item_kind { ITEM_UP, ITEM_BYTES, ITEM_DOWN };

/* Something that will come out of a stream. */
struct item {
    struct item *next;
    int64_t at;
    uint64_t order;
    enum item_kind kind;
    uint32_t len;
    uint8_t bytes[];
};

struct flow {
    struct item *first, *last;
    int64_t last_at;         /* nothing overtakes anything */
    int64_t armed_at;        /* of the entry in the heap; -1: none */
    bool parked;
    uint32_t link;
};

struct stream {
    unsigned node[2];
    uint32_t conn[2];
    bool open[2];            /* that side has it, and did not close it */
    bool telling[2];         /* a SENT to that side is in the heap */
    uint64_t in_flight[2];   /* written by that side and not yet read by the other */
    uint64_t unsent[2];      /* of them not yet told as SENT */
    struct flow flow[2];     /* to that side */
};

/* From one node to another. */
struct link {
    unsigned from, to;
    int64_t min_ms, max_ms;
    int64_t busy_until;      /* by what was written at `rate` */
    uint32_t rate;
    bool cut, stalled;
};

enum fate_kind { FATE_FLOW, FATE_SENT, FATE_DISK, FATE_ALARM };

/* An entry of the heap. `when`: its time, and then its order: one number, so that finding the
 * soonest of some is a few comparisons without a branch. `what`: a stream times 2 plus the side, or
 * a node. */
struct fate {
    u128 when;
    uint32_t what;
    uint32_t kind;
};

static inline int64_t fate_at(const struct fate *f)
{
    return (int64_t)u128_hi(f->when);
}

/* A record that was given to a disk. */
struct writing {
    struct writing *next;
    int64_t at;
    uint64_t ticket;
    uint32_t life;
    bool remove;
    struct kept *kept;
};

/* What belongs to a host and nobody else needs to see. */
struct inside {
    struct writing *first_write, *last_write;
    int64_t mono_base, base_at; /* the monotonic clock read mono_base then */
    int64_t busy_until;         /* a slow reader */
    uint32_t read_rate;
    int64_t moment;             /* time of the last step, and how many there were at it */
    uint32_t steps_at_moment;
    size_t octets;              /* of memory */
};

struct world {
    struct prng rng;
    int64_t now;
    uint64_t orders, steps, hash, octets;
    struct host **host;      /* by number; [0] is NULL */
    struct inside *inside;
    unsigned hosts, hosts_max;
    struct fate *fate;
    size_t fates, fates_max;
    struct stream *stream;
    size_t streams, streams_max;
    struct link *link;
    size_t links, links_max;
    struct out out;
    const struct watch *watch[WORLD_WATCHES];
    unsigned watches;
    struct twice *twice;     /* see twice.c; NULL: nothing is */
    bool rfc_times, plain, stuck;
    uint16_t hold_s;
};

/* world.c */
/* `array` of `n` with room for one more; aborts when there is no memory. */
void *world_grow(void *array, size_t n, size_t *max, size_t size);
/* `order` 0: the next one. */
void world_push(struct world *w, int64_t at, uint64_t order, struct fate f);
void world_step(struct world *w, unsigned n, struct event *ev, uint32_t stream);
void world_after(struct world *w, unsigned n, const struct event *ev, uint32_t stream);
void world_see(struct world *w, const struct happening *h);
void world_fault(struct world *w, const char *what, const unsigned node[2], bool ends);
#define SIDE_NONE UINT32_MAX

uint64_t world_hash_action(const struct world *w, uint64_t h, const struct action *a);

/* twice.c */
void twice_step(struct world *w, unsigned n, const struct event *ev); /* node_step(), or two */
/* For tests: called before the second step. After world_twice(). */
void twice_between(struct world *w, void (*between)(struct world *w, unsigned n));
void twice_free(struct world *w);

/* stream.c; a side is named by stream * 2 + side */
void stream_connect(struct world *w, unsigned n, const struct action *a);
void stream_write(struct world *w, unsigned n, const struct action *a);
void stream_close(struct world *w, unsigned n, const struct action *a);
void stream_flow(struct world *w, uint32_t side, const struct fate *f);
void stream_sent(struct world *w, uint32_t side);
void stream_died(struct world *w, unsigned n, bool silent);
void stream_free(struct world *w);

/* disk.c */
void disk_write(struct world *w, unsigned n, const struct action *a);
void disk_done(struct world *w, unsigned n);
void disk_died(struct world *w, unsigned n);
void disk_replay(struct world *w, unsigned n);
void disk_free(struct world *w, unsigned n);

/* build.c */
/* The number of the link, which is made if there is none yet. */
uint32_t link_between(struct world *w, unsigned from, unsigned to);

/* life.c */
int64_t life_time_of(const struct world *w, unsigned n, mono_t mono); /* when it reads so */
void life_free(struct world *w, unsigned n);

#endif
