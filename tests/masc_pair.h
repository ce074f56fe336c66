/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * masc_pair: two speakers joined by a pipe in memory.
 *
 * A link is one transport connection. Each side of it has a queue of what is under way to that
 * side: UP, octets, FIN; the order within a queue is kept, the order between queues is chosen by
 * the test. An acceptor may learn of a connection before or after the initiator, and octets may be
 * cut anywhere. CLOSE lets the octets before it arrive; what was under way to the closer is lost.
 */
#ifndef MASCOT_TESTS_MASC_PAIR_H
#define MASCOT_TESTS_MASC_PAIR_H

#include "tests/masc_rig.h"

#define PAIR_LINKS 512
#define PAIR_QUEUE 8192

struct pair_queue {
    bool up, fin;
    size_t len;
    uint8_t *at; /* PAIR_QUEUE octets */
};

struct pair_link {
    unsigned from;    /* the initiator */
    uint32_t conn[2]; /* its number at either side; 0 before UP of the acceptor */
    bool closed[2];
    struct pair_queue to[2];
};

struct pair {
    struct rig side[2];
    struct pair_link *link;
    uint8_t *bytes;
    unsigned links;
    unsigned dead; /* so many links at the front are closed at both sides */
    unsigned faults;
    bool taken; /* tells SENT for what is delivered */
};

static const uint32_t pair_address[2] = {0x0A000001, 0x0A000002};

static inline void pair_empty(struct pair_queue *q)
{
    *q = (struct pair_queue){.at = q->at};
}

/* Streams are not kept apart: messages say their own lengths. */
static inline size_t pair_first_message(const struct pair_queue *q)
{
    size_t len = q->len >= 4 ? (size_t)q->at[0] << 8 | q->at[1] : q->len;

    /* 0: a cut has left the middle of a message in front */
    return len > 0 && len < q->len ? len : q->len;
}

static inline struct pair_link *pair_find(struct pair *p, unsigned side, uint32_t conn)
{
    for (unsigned i = p->links; i-- > 0;)
        if (p->link[i].conn[side] == conn && !p->link[i].closed[side] &&
            (p->link[i].from == side || !p->link[i].to[side].up))
            return &p->link[i];
    return NULL;
}

static inline void pair_push(struct pair *p, struct pair_queue *q, const struct action *a)
{
    if (q->len + a->len > PAIR_QUEUE) {
        p->faults++;
        return;
    }
    memcpy(q->at + q->len, a->bytes, a->len);
    q->len += a->len;
}

/* Takes over the actions of the last step of `side`. */
static inline void pair_collect(struct pair *p, unsigned side)
{
    struct rig *r = &p->side[side];

    for (size_t i = 0; i < r->out.actions; i++) {
        const struct action *a = &r->out.action[i];
        struct pair_link *l;
        if (a->kind == ACTION_CONNECT) {
            if (p->links == PAIR_LINKS)
                abort();
            l = &p->link[p->links++];
            *l = (struct pair_link){.from = side};
            l->conn[side] = a->conn.id;
            for (unsigned s = 0; s < 2; s++)
                l->to[s] = (struct pair_queue){
                    .up = true, .at = p->bytes + (2 * (size_t)(l - p->link) + s) * PAIR_QUEUE};
        }
        if (a->kind != ACTION_STREAM && a->kind != ACTION_CLOSE)
            continue;
        l = pair_find(p, side, a->conn.id);
        if (!l) {
            p->faults++;
        } else if (a->kind == ACTION_STREAM) {
            if (!l->closed[1 - side])
                pair_push(p, &l->to[1 - side], a);
        } else {
            l->closed[side] = true;
            pair_empty(&l->to[side]);
            l->to[1 - side].fin = !l->closed[1 - side];
        }
    }
}

static inline bool pair_pending(const struct pair *p, unsigned link, unsigned side)
{
    const struct pair_queue *q = &p->link[link].to[side];

    return !p->link[link].closed[side] && (q->up || q->len > 0 || q->fin);
}

static inline void pair_deliver_up(struct pair *p, struct pair_link *l, unsigned side)
{
    struct rig *r = &p->side[side];

    l->to[side].up = false;
    if (l->from == side) {
        rig_up(r, l->conn[side], pair_address[1 - side]);
    } else {
        l->conn[side] = r->next_odd;
        rig_accept(r, pair_address[1 - side]);
    }
}

/* The next thing under way to `side` on this link: UP, one message (at most `cut` octets), FIN. */
static inline void pair_deliver(struct pair *p, unsigned link, unsigned side, size_t cut)
{
    struct pair_link *l = &p->link[link];
    struct pair_queue *q = &l->to[side];
    struct rig *r = &p->side[side];

    if (q->up) {
        pair_deliver_up(p, l, side);
    } else if (q->len > 0) {
        uint8_t bytes[PAIR_QUEUE];
        size_t n = cut ? cut : pair_first_message(q);
        if (n > q->len)
            n = q->len;
        memcpy(bytes, q->at, n);
        memmove(q->at, q->at + n, q->len - n);
        q->len -= n;
        rig_bytes(r, l->conn[side], bytes, n);
        if (p->taken && !l->closed[1 - side])
            rig_sent(&p->side[1 - side], l->conn[1 - side], n);
    } else {
        l->closed[side] = true;
        q->fin = false;
        rig_down(r, l->conn[side]);
    }
    pair_collect(p, side);
}

/* The transport dies under both. */
static inline void pair_cut(struct pair *p, unsigned link)
{
    struct pair_link *l = &p->link[link];

    for (unsigned s = 0; s < 2; s++)
        if (!l->closed[s]) {
            bool up = l->to[s].up;
            pair_empty(&l->to[s]);
            l->to[s].up = up && l->from != s;
            l->to[s].fin = true;
        }
}

static inline bool pair_any(struct pair *p)
{
    while (p->dead < p->links && p->link[p->dead].closed[0] && p->link[p->dead].closed[1])
        p->dead++;
    for (unsigned i = p->dead; i < p->links; i++)
        if (pair_pending(p, i, 0) || pair_pending(p, i, 1))
            return true;
    return false;
}

static inline void pair_settle(struct pair *p)
{
    while (pair_any(p))
        for (unsigned i = p->dead; i < p->links; i++)
            for (unsigned s = 0; s < 2; s++)
                if (pair_pending(p, i, s))
                    pair_deliver(p, i, s, 0);
}

/* TIME for `side`, if it is due. */
static inline void pair_time(struct pair *p, unsigned side)
{
    rig_time(&p->side[side]);
    pair_collect(p, side);
}

static inline void pair_pass(struct pair *p, int64_t ms)
{
    rig_pass(&p->side[0], ms);
    rig_pass(&p->side[1], ms);
}

/* Lets `ms` go by without delays on the links. */
static inline void pair_wait(struct pair *p, int64_t ms)
{
    int64_t until = p->side[0].now.mono.ms + ms;

    for (;;) {
        mono_t due;
        int64_t step;
        pair_settle(p);
        due = mono_min(masc_peers_deadline(p->side[0].ps), masc_peers_deadline(p->side[1].ps));
        step = due.ms - p->side[0].now.mono.ms;
        if (due.ms > until)
            break;
        pair_pass(p, step > 0 ? step : 0);
        pair_time(p, 0);
        pair_time(p, 1);
    }
    pair_pass(p, until - p->side[0].now.mono.ms);
    pair_settle(p);
}

/* The link on which the peering is Established, or -1. */
static inline int pair_link_of(const struct pair *p, unsigned side, unsigned peer)
{
    const struct masc_peers *ps = p->side[side].ps;
    uint16_t up = ps->peering[peer].up;

    if (up == MASC_NO_INDEX)
        return -1;
    for (unsigned i = 0; i < p->links; i++)
        if (p->link[i].conn[side] == ps->conn[up].id.id && !p->link[i].closed[side])
            return (int)i;
    return -1;
}

static inline void pair_start(struct pair *p, uint64_t seed)
{
    p->links = p->dead = 0;
    for (unsigned s = 0; s < 2; s++) {
        struct rig *r = &p->side[s];
        r->now = (struct now){.mono = {RIG_T0}, .wall = {1800000000}};
        r->signals_n = r->opens = 0;
        r->next_odd = 1;
        rig_boot_again(r, seed * 2 + s);
        pair_collect(p, s);
    }
}

/* Configurations are in side[].config; gives the memory. */
static inline void pair_new(struct pair *p)
{
    p->link = malloc(PAIR_LINKS * sizeof(*p->link));
    p->bytes = malloc((size_t)2 * PAIR_LINKS * PAIR_QUEUE);
    p->links = p->dead = p->faults = 0;
    p->taken = true;
    rig_boot(&p->side[0], 1);
    rig_boot(&p->side[1], 2);
}

static inline void pair_free(struct pair *p)
{
    EXPECT_UEQ(p->faults, 0);
    rig_free(&p->side[0]);
    rig_free(&p->side[1]);
    free(p->link);
    free(p->bytes);
}

#endif
